"""Contacts that are not there: what a script would see of a typed text, or of a mail as intake would read it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import NotFound, Refused
from core.models.fields import from_moment
from core.models.states import Channel
from core.routing.facts import ContactFacts, PreviousFacts, Received
from core.sms import sender_address
from core.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from core.intake.reading import Reading
    from core.secrets import Vault
    from core.store import Database

SOMEBODY = {Channel.SMS: "+447700900123", Channel.EMAIL: "somebody@customer.example"}
"""Who writes where nobody is named: a number that Ofcom gives to nobody, an address that cannot be."""
_NO_CONTACT = {
    "CONSENT": "a word of consent (STOP or START)", "RECEIPT": "a delivery receipt", "BOUNCE": "a bounce",
    "AUTO_REPLY": "an automatic answer", "OWN_LOOP": "this desk's own mail", "UNREADABLE": "unreadable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as somebody types it to try a script."""

    text: str
    sender: str = ""
    """A number or an address; empty = somebody."""
    name: str = ""
    subject: str = ""
    """Of an e-mail."""
    received: datetime | None = None
    """Aware; None = now."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it came from a mailbox: the content of an .eml file."""

    raw: bytes
    received: datetime | None = None
    """Aware; None = now."""


@dataclass(frozen=True, slots=True)
class Home:
    """The account that a newcomer would write to."""

    id: int
    address: str
    channel: Channel
    class_: str | None
    settings: str
    region: str
    zone: str


async def read_home(database: Database, address: str) -> Home:
    """The account. Raises NotFound."""
    rows = await database.read(
        "SELECT a.id, a.address, a.kind, a.script_settings, k.name AS class_, d.region, d.timezone FROM account a"
        " JOIN desk d ON d.id = 1 LEFT JOIN call_class k ON k.id = a.inbound_class_id WHERE a.address = ?",
        address.lower(),
    )
    if not rows:
        raise NotFound(f"there is no account {address}: `postroom account list` names them")
    row = rows[0]
    return Home(
        row["id"], row["address"], Channel(row["kind"]), row["class_"], row["script_settings"], row["region"],
        row["timezone"],
    )  # fmt: skip


async def typed_facts(database: Database, home: Home, typed: Typed, now: datetime) -> ContactFacts:
    """What a script would see of it. Raises Wrong for a sender that no text can come from."""
    sender = typed.sender.strip() or SOMEBODY[home.channel]
    sender = sender_address(sender, home.region) if home.channel is Channel.SMS else sender.lower()
    return await _facts(
        database, home, sender=sender, name=typed.name, subject=typed.subject, text=typed.text,
        received=typed.received or now,
    )  # fmt: skip


async def letter_facts(
    database: Database, vault: Vault, home: Home, letter: Letter, now: datetime
) -> tuple[ContactFacts, tuple[str, ...]]:
    """What a script would see of the contact that intake would make of it, and what had to be mended to read it.

    Raises Refused for a mail that makes no contact, saying what it is.
    """
    from core.intake import FetchedMail, load_source
    from core.intake.reading import Kind, judge

    source = await load_source(home.id, vault)
    received = letter.received or now
    fetched = FetchedMail(0, letter.raw, len(letter.raw), received)
    reading: Reading = await asyncio.to_thread(judge, source, fetched)
    if reading.kind is not Kind.TEXT or reading.mail is None:
        why = f" ({reading.reason})" if reading.reason else ""
        raise Refused(f"that mail makes no contact: it is {_NO_CONTACT[reading.kind.name]}{why}")
    facts = await _facts(
        database, home, sender=reading.address, name=reading.name, subject=one_line(reading.mail.subject, 400),
        text=reading.text, received=received,
    )  # fmt: skip
    return facts, tuple(reading.mail.marks)


async def _facts(
    database: Database, home: Home, *, sender: str, name: str, subject: str, text: str, received: datetime
) -> ContactFacts:
    return ContactFacts(
        channel=home.channel.value,
        sender=sender,
        number=sender if sender.startswith("+") else None,
        name=name,
        to=home.address,
        subject=subject if home.channel is Channel.EMAIL else "",
        text=text,
        account=home.address,
        class_=home.class_,
        received=Received.at(received, home.zone),
        previous=await _previous(database, home.channel, sender, received),
    )


async def _previous(database: Database, channel: Channel, sender: str, received: datetime) -> PreviousFacts | None:
    rows: list[dict[str, Any]] = await database.read(
        "SELECT p.login, c.closed_at, c.outcome, k.name AS class_ FROM contact c"
        " LEFT JOIN person p ON p.id = c.agent_id LEFT JOIN call_class k ON k.id = c.call_class_id"
        " WHERE c.channel = ? AND c.address = ? AND c.state = 'closed' AND c.closed_at IS NOT NULL"
        " ORDER BY c.closed_at DESC, c.id DESC LIMIT 1",
        channel.value, sender,
    )  # fmt: skip
    for row in rows:
        ago = max(0, int((received - from_moment(row["closed_at"])).total_seconds()))
        return PreviousFacts(row["login"], ago, row["outcome"], row["class_"])
    return None
