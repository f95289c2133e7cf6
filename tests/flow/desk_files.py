"""desk.toml texts for the tests of apply, export and the command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.blueprint import apply, parse_blueprint

if TYPE_CHECKING:
    from core.blueprint import Change
    from core.office import Office

DESK = """
[desk]
name = "Acme"
region = "DE"
timezone = "Europe/Berlin"

[outgoing_server]
host = "smtp.example"
port = 587
security = "starttls"
user = "desk"
password = "geheim 1"
rate_per_minute = 600

[[gateway]]
name = "line"
recipient = "{number}@sms.example"
parts_allowed = 3
footer = ["Sent via ClickLine."]

[[gateway]]
name = "lines"
dialect = "body-lines"
recipient = "api@gw.example"
values = { api_id = "77", user = "acme" }
secrets = { password = "geheim 2" }

[[class]]
name = "Enquiry"

[[group]]
name = "day"

[[group]]
name = "night"

[[queue]]
name = "front"
groups = ["night", "day"]
service_level = { percent = 90, seconds = 60 }

[[queue]]
name = "billing"

[[user]]
login = "ann"
name = "Ann"
groups = ["day"]

[[user]]
login = "sue"
role = "supervisor"

[[outcome]]
name = "no answer"
contact = false

[[account]]
kind = "sms"
address = "Texts@Acme.Example"
gateway = "line"
queue = "front"
inbound_class = "Enquiry"
receipt_reply = "Thank you."
password = "geheim 3"
imap = { host = "imap.example", port = 993, security = "tls", after_fetch = "move:Done" }

[[account]]
kind = "email"
address = "help@acme.example"
description = "Acme help"
queue = "billing"
user = "help"
token_command = "oauth-token help"
imap = { host = "imap.example", port = 143, security = "starttls", folder = "Hilfe", poll_seconds = 30 }
"""

SECRETS = ("geheim 1", "geheim 2", "geheim 3")


async def apply_text(office: Office, text: str, *, dry_run: bool = False) -> list[Change]:
    """Apply this text as if it stood in desk.toml."""
    blueprint = parse_blueprint(text, source="desk.toml", folder=Path("/etc/postroom"))
    return await apply(office.database, office.vault, blueprint, actor="command", dry_run=dry_run)


def minimal_account(address: str, **keys: str) -> str:
    """An e-mail account with only what it needs, and these keys (as TOML) besides."""
    written = {"kind": '"email"', "queue": '"front"', "imap": '{ host = "h", port = 1, security = "none" }', **keys}
    lines = [f"{key} = {value}" for key, value in written.items()]
    return "\n".join(["[[account]]", f'address = "{address}"', *lines, ""])
