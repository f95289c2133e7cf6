"""The forms of an account and of the outgoing server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Select

from tui.dialogs.form import Field, FormDialog, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.blueprint import Stored

SECURITY = (("tls", "TLS from the start"), ("starttls", "STARTTLS"), ("none", "none: not encrypted"))
IMAP_PORTS = {"tls": "993", "starttls": "143", "none": "143"}
SMTP_PORTS = {"tls": "465", "starttls": "587", "none": "25"}
LOGIN = ("password", "password_command", "token_command")
NEW_QUEUE = "front"
"""The first queue of a desk, where it has none yet."""


class _WithLogin(FormDialog):
    """What both have: a login, and a port that follows the encryption while it is a usual one."""

    PORTS: Mapping[str, str]
    PREFIX = ""

    def entered(self) -> Values:
        """A login is said only where it was changed: one that is not said stays as it is."""
        values = self.typed()
        said = {key: values.pop(key) for key in LOGIN}
        if values["user"] == self.initial.get("user"):
            del values["user"]  # an empty one would become the address
        before = {key: self.initial.get(key, "") for key in LOGIN}
        if said != before:
            filled = {key: value for key, value in said.items() if value}
            values |= filled or {"password": ""}
        return values

    @on(Select.Changed)
    def _follow(self, event: Select.Changed) -> None:
        port = f"{self.PREFIX}port"
        if event.select.id == f"field-{self.PREFIX}security".replace(".", "-") and self._began:
            now = str(self.typed()[port])
            if not now or now in self.PORTS.values():
                self.set_text(port, self.PORTS[str(event.value)])


class AccountForm(_WithLogin):
    """General, Server, Inbound, Outbound."""

    PORTS = IMAP_PORTS
    PREFIX = "imap."

    def entered(self) -> Values:
        """An e-mail account has no gateway."""
        values = super().entered()
        if values["kind"] == "email":
            values["gateway"] = ""
        return values


class OutgoingForm(_WithLogin):
    """The one SMTP server that all accounts share."""

    PORTS = SMTP_PORTS


def account_form(stored: Stored, address: str, *, kind: str = "sms", draft: Values | None = None) -> AccountForm:
    """The form of a new account (no address) or of one there is; `draft`: what was typed before and was refused."""
    new = not address
    if new:
        values: Values = {
            "kind": kind, "enabled": True, "imap.port": 993, "imap.security": "tls", "imap.folder": "INBOX",
            "imap.after_fetch": "seen", "imap.poll_seconds": 60, "imap.size_limit": 25 * 2**20,
        }  # fmt: skip
        values |= {table: (stored.names(table) or [""])[0] for table in ("queue", "gateway")}
    else:
        values = {"address": address, **stored.values("account", address)}
    return AccountForm(
        "New account" if new else address,
        _account_pages(stored, new=new),
        values,
        lambda entered: stored.mistakes("account", entered, new=new),
        draft=draft,
    )


def outgoing_form(stored: Stored, draft: Values | None = None) -> OutgoingForm:
    """The form of the outgoing server, whether there is one yet or not."""
    values: Values = stored.values("outgoing_server") or {
        "port": 587, "security": "starttls", "connections": 4, "rate_per_minute": 0,
    }  # fmt: skip
    server = [
        Field("host", "Host", "The server's name, as your provider gives it: smtp.provider.example"),
        Field("port", "Port", "Usually 587 with STARTTLS, 465 with TLS.", "number"),
        Field("security", "Encryption", "Space or ↓ opens the list.", "choice", SECURITY),
        Field("user", "User", "Empty: no log in is made."),
        *_login_fields(known=bool(stored.names("outgoing_server"))),
    ]
    limits = [
        Field(
            "connections", "Connections", "How many sessions may be open at once, in all engines together.", "number"
        ),
        Field(
            "rate_per_minute", "Per minute", "The most messages a minute your provider allows; 0 = no limit.", "number"
        ),
        Field("ca_file", "CA file", "A file with the certificate of your own authority; usually empty."),
    ]
    return OutgoingForm(
        "Outgoing server",
        (("Server", server), ("Limits", limits)),
        values,
        lambda entered: stored.mistakes("outgoing_server", entered, new=False),
        draft=draft,
    )


def _account_pages(stored: Stored, *, new: bool) -> tuple[tuple[str, list[Field]], ...]:
    kinds = (("sms", "SMS: texts by a gateway"), ("email", "e-mail"))
    queues = tuple((name, name) for name in stored.names("queue")) or ((NEW_QUEUE, f"{NEW_QUEUE} (will be made)"),)
    classes = (("", "-"), *((name, name) for name in stored.names("class")))
    gateways = (("", "-"), *((name, name) for name in stored.names("gateway")))
    general = [
        Field("kind", "Kind", "Texts or e-mails; it cannot be changed later.", "choice" if new else "fixed", kinds),
        Field("address", "Address", "The e-mail address that is polled and sent as.", "text" if new else "fixed"),
        Field("description", "Name", "What customers see beside the address, and what the desk calls it."),
        Field("enabled", "Enabled", "Whether its mailbox is polled.", "flag"),
    ]
    server = [
        Field("imap.host", "Host", "The IMAP server's name, as your provider gives it: imap.provider.example"),
        Field("imap.port", "Port", "Usually 993 with TLS, 143 with STARTTLS.", "number"),
        Field("imap.security", "Encryption", "Space or ↓ opens the list.", "choice", SECURITY),
        Field("user", "User", "Empty: the address."),
        *_login_fields(known=not new),
        Field("imap.folder", "Folder", "The folder that is polled."),
        Field("imap.ca_file", "CA file", "A file with the certificate of your own authority; usually empty."),
    ]
    scripts = (("", "- all to the queue"), *((name, name) for name in stored.names("script")))
    routed = [Field("script", "Script", "What routes it; all to the queue without one.", "choice", scripts)]
    inbound = [
        Field("queue", "Queue", "Where its contacts wait.", "choice", queues),
        *(routed if len(scripts) > 1 else []),
        Field("inbound_class", "Class", "A label for reports.", "choice", classes),
        Field("imap.after_fetch", "After fetching", "keep, seen, delete, or move:FOLDER"),
        Field(
            "imap.poll_seconds", "Poll every", "Seconds; servers with IDLE tell of new mail by themselves.", "number"
        ),
        Field("imap.size_limit", "Size limit", "Octets; of a larger mail only the head is fetched.", "number"),
        Field("debug", "Debug", "A line in the journal for each mail that is taken.", "flag"),
        Field("receipt_reply", "Receipt reply", "Sent once to whoever begins a contact; empty = none.", "lines"),
    ]
    outbound = [
        Field("gateway", "Gateway", "For texts: the provider they leave through (g behind sets one up).",
              "choice", gateways),
        Field("outbound_class", "Class", "A label for reports.", "choice", classes),
    ]  # fmt: skip
    return ("General", general), ("Server", server), ("Inbound", inbound), ("Outbound", outbound)


def _login_fields(*, known: bool) -> list[Field]:
    stays = "Empty: the one that is stored stays." if known else "Kept encrypted."
    return [
        Field("password", "Password", stays, "secret"),
        Field("password_command", "or a command", "A command that says the password, instead of a stored one."),
        Field("token_command", "or for a token", "A command that says an OAuth token, instead of a password."),
    ]
