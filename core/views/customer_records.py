"""One customer of a list with all that was done: attempts, messages, who changed what; and whose an address is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import journal
from core.clock import from_moment
from core.text import one_line
from core.views.contact import Step
from core.views.customers import SELECT_CUSTOMER, CustomerRecord, customer_record, customer_record_by_id

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

MOST = 200
"""Of each kind; the newest."""
MOST_RECORDS = 20


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try to reach a customer."""

    id: int
    at: datetime
    campaign: str
    outcome: str
    contact: bool
    """Whether the customer was reached."""
    terminated: bool
    person: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """One message from or to a customer."""

    id: int
    at: datetime
    direction: str
    channel: str
    account: str
    text: str
    """On one line; of an e-mail its subject."""
    state: str
    """Of the outbox, for one that goes out; empty for one that came in."""
    why: str
    """`broadcast Sale`, `first try`, `no contact`; empty for the others."""
    contact: int | None


@dataclass(frozen=True, slots=True)
class CustomerStory:
    """A customer's record with attempts, messages and changes by hand, each newest first."""

    record: CustomerRecord
    attempts: tuple[AttemptRow, ...]
    messages: tuple[CustomerMessage, ...]
    history: tuple[Step, ...]


async def customer_story(database: Database, customer_id: int) -> CustomerStory:
    """All of one customer. Raises NotFound."""
    record = await customer_record_by_id(database, customer_id)
    tried = await database.read(
        "SELECT a.id, a.at, a.outcome, a.contact, a.terminated, a.source, a.note, k.name AS campaign,"
        " p.login AS person FROM attempt a JOIN campaign k ON k.id = a.campaign_id"
        f" LEFT JOIN person p ON p.id = a.person_id WHERE a.customer_id = ? ORDER BY a.id DESC LIMIT {MOST}",
        customer_id,
    )
    done = await journal.lines(database, "customer", customer_id)
    history = [
        Step(from_moment(int(str(line["at"]))), str(line["actor"]), f"{line['verb']}: {line['text']}")
        for line in reversed(done[-MOST:])
    ]
    return CustomerStory(
        record=record,
        attempts=tuple(
            AttemptRow(
                row["id"], from_moment(row["at"]), row["campaign"], row["outcome"], bool(row["contact"]),
                bool(row["terminated"]), row["person"] or "", row["source"], row["note"],
            )
            for row in tried
        ),
        messages=tuple(await _messages(database, record)),
        history=tuple(history),
    )  # fmt: skip


async def _messages(database: Database, record: CustomerRecord) -> list[CustomerMessage]:
    addresses = [address for address in (record.number, record.email) if address]
    if not addresses:
        return []
    # From the accounts, which are few: CROSS JOIN keeps SQLite from looking through all messages.
    rows = await database.read(
        "SELECT m.id, m.at, m.direction, m.channel, a.address AS account, m.subject, m.text, m.contact_id, o.state,"
        " b.name AS broadcast, e.event FROM account a CROSS JOIN message m LEFT JOIN outbox o ON o.message_id = m.id"
        " LEFT JOIN recipient r ON r.message_id = m.id LEFT JOIN broadcast b ON b.id = r.broadcast_id"
        " LEFT JOIN event_letter e ON e.message_id = m.id WHERE m.account_id = a.id"
        f" AND m.address IN ({', '.join('?' * len(addresses))}) ORDER BY m.at DESC, m.id DESC LIMIT {MOST}",
        *addresses,
    )
    return [
        CustomerMessage(
            id=row["id"],
            at=from_moment(row["at"]),
            direction=row["direction"],
            channel=row["channel"],
            account=row["account"],
            text=one_line((row["channel"] == "email" and row["subject"]) or row["text"], 300),
            state=row["state"] or "",
            why=f"broadcast {row['broadcast']}" if row["broadcast"] else row["event"] or "",
            contact=row["contact_id"],
        )
        for row in rows
    ]


async def records_of_address(database: Database, channel: str, address: str) -> list[CustomerRecord]:
    """Customers who are known by this number or e-mail address: those of campaigns first, then the newest changed."""
    column, wanted = ("number", address) if channel == "sms" else ("email", address.lower())
    rows = await database.read(
        f"{SELECT_CUSTOMER} WHERE c.{column} = ? AND c.{column} <> ''"
        " ORDER BY CASE WHEN l.campaign_id IS NULL THEN 1 ELSE 0 END, c.changed_at DESC, c.id DESC"
        f" LIMIT {MOST_RECORDS}",
        wanted,
    )
    return [customer_record(row) for row in rows]
