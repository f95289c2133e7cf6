"""`export`: a desk.toml without secrets that makes an equal desk."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from pathlib import Path

import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.blueprint import export
from core.blueprint.picture import Picture, picture_of_database
from core.office import Office, open_office
from core.settings import Settings
from tests.flow.desk_files import DESK, SECRETS, apply_text


async def desk_of(text: str, folder: Path, template: Path) -> tuple[Picture, str]:
    """What applying this on an empty desk in that folder makes of it, and its export."""
    folder.mkdir(exist_ok=True)
    shutil.copy(template, folder / "desk.sqlite3")
    async with open_office(Settings(f"sqlite:///{folder / 'desk.sqlite3'}", folder / "desk.key")) as office:
        await apply_text(office, text)
        return await picture_of_database(None), await export(office.database)


async def test_an_export_has_every_thing_and_no_secret(office: Office) -> None:
    await apply_text(office, DESK)
    text = await export(office.database)
    exported = tomllib.loads(text)
    assert not any(secret in text for secret in SECRETS)
    assert [account["address"] for account in exported["account"]] == ["texts@acme.example", "help@acme.example"]
    assert exported["account"][-1]["token_command"] == "oauth-token help"
    assert exported["gateway"][-1]["secrets"] == {"password": ""}
    assert "password" not in str(exported["outgoing_server"])


async def test_applying_an_export_where_it_was_made_changes_nothing(office: Office) -> None:
    await apply_text(office, DESK)
    assert await apply_text(office, await export(office.database)) == []


async def test_an_empty_desk_has_an_export_too(office: Office) -> None:
    assert await apply_text(office, await export(office.database)) == []


async def test_an_export_reads_like_the_file_people_write(folder: Path, sqlite_template: Path) -> None:
    _, text = await desk_of(DESK, folder, sqlite_template)
    assert (
        """
[[queue]]
name = "front"
groups = ["day", "night"]
service_level = {percent = 90, seconds = 60}
offer_seconds = 30
"""
        in text
    )
    assert '\nimap = {host = "imap.example", port = 993, security = "tls", folder = "INBOX", after_fetch' in text


# -- any desk ------------------------------------------------------------------------------------------------------

words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
lines = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
texts = st.text(st.characters(codec="utf-8", categories=["L", "P", "Zs"], include_characters="\n\t"))
logins = st.from_regex(r"[a-z0-9][a-z0-9._+@-]{0,5}", fullmatch=True)
KEPT = str.maketrans("+@", "__")
bodies = texts.filter(lambda text: text.strip()).map(lambda text: text.replace("{", "(").replace("}", ")"))
roles = st.sampled_from(["agent", "supervisor", "administrator"])
hosts = st.from_regex(r"[a-z][a-z0-9.]{0,9}", fullmatch=True)
ports = st.integers(1, 65535)
securities = st.sampled_from(["none", "starttls", "tls"])


@st.composite
def desks(draw: st.DrawFn) -> str:
    """The text of a desk.toml that is right, with any names and values."""
    names = {
        table: draw(st.lists(words, min_size=least, max_size=3, unique=True))
        for table, least in (("class", 0), ("group", 0), ("outcome", 0), ("gateway", 1), ("queue", 1))
    }

    def some(table: str) -> object:
        return draw(st.lists(st.sampled_from(names[table]), unique=True)) if names[table] else []

    desk: dict[str, object] = {
        "desk": {
            "name": draw(lines), "region": draw(st.sampled_from(["GB", "DE", "US"])), "timezone": "Asia/Tokyo",
            "grace_seconds": draw(st.integers(0, 999)), "missed_offers": draw(st.integers(1, 9)),
        },
        "reason": [{"name": name} for name in draw(st.lists(words, max_size=2, unique=True))],
        "canned": [
            {"word": word, "channel": draw(st.sampled_from(["", "sms", "email"])), "text": draw(bodies)}
            for word in draw(st.lists(logins.map(lambda one: one.translate(KEPT)), max_size=2, unique=True))
        ],
        "class": [{"name": name} for name in names["class"]],
        "group": [{"name": name} for name in names["group"]],
        "outcome": [{"name": name, "contact": draw(st.booleans())} for name in names["outcome"]],
        "gateway": [
            {
                "name": name,
                "dialect": draw(st.sampled_from(["plain", "smpp-receipts", "body-lines"])),
                "recipient": draw(st.sampled_from(["", "{number}@sms.example", "@x.example"])),
                "price_per_part": draw(st.floats(0, 9, allow_subnormal=False)),
                "currency": "EUR",
                "footer": draw(st.lists(words, max_size=3)),
                "headers": {"X-Odd": draw(lines).replace("{", "").replace("}", "")},
                "secrets": {"pin": draw(words)},
                "receipt": {"when": [{"place": "subject", "regex": draw(st.sampled_from(["^a'\"b", "\\bx"]))}, "body"]},
            }
            for name in names["gateway"]
        ],
        "queue": [
            {
                "name": name,
                "groups": some("group"),
                "service_level": {"percent": draw(st.integers(0, 100)), "seconds": draw(st.integers(0, 9999))},
                "offer_seconds": draw(st.integers(1, 99)),
                "wrap_up_seconds": draw(st.integers(0, 99)),
                "sharing": draw(st.sampled_from(["longest idle", "fewest open", "best skill"])),
                "last_agent_seconds": draw(st.integers(0, 99)),
            }
            for name in names["queue"]
        ],
        "user": [
            {
                "login": login, "name": draw(lines), "role": draw(roles), "groups": some("group"),
                "skills": draw(st.dictionaries(words, st.integers(1, 9), max_size=2)),
                "capacity": {"sms": draw(st.integers(0, 99)), "email": draw(st.integers(0, 99))},
                "auto_accept": draw(st.booleans()),
            }
            for login in draw(st.lists(logins, max_size=3, unique=True))
        ],
        "account": [
            {
                "address": f"{number}@desk.example",
                "kind": draw(st.just("email")) if number % 2 else "sms",
                "queue": draw(st.sampled_from(names["queue"])),
                **({} if number % 2 else {"gateway": draw(st.sampled_from(names["gateway"]))}),
                "inbound_class": draw(st.sampled_from(["", *names["class"]])),
                "description": draw(lines),
                "receipt_reply": draw(texts),
                "enabled": draw(st.booleans()),
                "debug": draw(st.booleans()),
                "user": draw(lines),
                "password_command": draw(st.sampled_from(["", "pass 'a b' \\\"c"])),
                "imap": {
                    "host": draw(hosts), "port": draw(ports), "security": draw(securities), "folder": draw(words),
                    "after_fetch": draw(st.sampled_from(["keep", "seen", "delete"]) | words.map("move:{}".format)),
                    "poll_seconds": draw(st.integers(1, 999)), "size_limit": draw(st.integers(10_000, 2**30)),
                },
            }
            for number in range(draw(st.integers(0, 3)))
        ],
    }  # fmt: skip
    if draw(st.booleans()):
        desk["outgoing_server"] = {
            "host": draw(hosts), "port": draw(ports), "security": draw(securities), "user": draw(lines),
            "connections": draw(st.integers(1, 64)), "rate_per_minute": draw(st.integers(0, 9999)),
        }  # fmt: skip
    return tomlkit.dumps(desk)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(desks())
async def test_an_export_applied_to_an_empty_desk_makes_the_same_desk(sqlite_template: Path, text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        first, exported = await desk_of(text, Path(name, "1"), sqlite_template)
        second, again = await desk_of(exported, Path(name, "2"), sqlite_template)
    assert second == first
    assert again == exported
    assert tomllib.loads(exported)
