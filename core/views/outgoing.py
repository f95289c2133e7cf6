"""The outbox as a screen shows it: rows by state, by pages, and how the outgoing server does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.clock import from_moment, moment, to_moment
from core.models.states import OutboxState
from core.views.stretch import Stretch, all_of, with_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database

SHOWN_TEXT = 400
"""Characters of a text that a list reads."""
STATES = tuple(state.value for state in (
    OutboxState.UNKNOWN, OutboxState.FAILED, OutboxState.QUEUED, OutboxState.SENDING, OutboxState.SENT,
    OutboxState.CANCELLED, OutboxState.SUPPRESSED,
))  # fmt: skip
"""What wants a person first comes first."""


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """Which messages; an empty field does not filter."""

    state: str = ""
    words: str = ""
    """Each of them stands in the text, the subject, the address or the account's address."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message that is to leave or has left."""

    id: int
    """The message's, which every verb takes."""
    state: str
    channel: str
    account: str
    address: str
    subject: str
    text: str
    """Its beginning."""
    parts: int
    """0 for an e-mail."""
    purpose: str
    attempts: int
    reply: str
    """The server's last words."""
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    delivery: str
    delivery_reason: str
    contact: int | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The outgoing server and its work now; `host` is empty where none is set up."""

    host: str
    port: int
    security: str
    health: str
    error: str
    error_at: datetime | None
    connections: int
    """Sessions that one engine may open."""
    rate_per_minute: int
    """What it is held to; 0 = no limit."""
    engines: int
    sessions: int
    """Open now, over all engines, as far as they say."""
    due: int
    """Messages that could leave now."""
    oldest_due: datetime | None
    counts: dict[str, int]
    """State -> messages; a state without any is left out."""


async def outbox_ids(database: Database, which: OutboxFilter, stretch: Stretch) -> list[int]:
    """Ids of the messages, newest first."""
    where: list[str] = []
    values: list[object] = []
    if which.state:
        # Both, so that the index of those that are not yet sent is used.
        where += ["o.state <> 'sent'"] * (which.state != OutboxState.SENT) + ["o.state = ?"]
        values.append(which.state)
    source = " FROM outbox o"
    if which.words:
        source += " JOIN message m ON m.id = o.message_id JOIN account a ON a.id = o.account_id"
        with_words(which.words, "o.address || ' ' || a.address || ' ' || m.subject || ' ' || m.text", where, values)
    stretch.narrow("o.message_id", where, values)
    rows = await database.read(
        f"SELECT o.message_id{source}{all_of(where)} ORDER BY o.message_id DESC LIMIT {int(stretch.limit)}", *values
    )
    return [row["message_id"] for row in rows]


async def outbox_rows(database: Database, ids: Sequence[int]) -> dict[int, OutboxRow]:
    """These messages, by id."""
    found: dict[int, OutboxRow] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = await database.read(
            "SELECT m.id, o.state, m.channel, a.address AS account, o.address, m.subject,"
            f" SUBSTR(m.text, 1, {SHOWN_TEXT}) AS text, m.parts, o.purpose, o.attempts, o.reply, o.created_at,"
            " o.due_at, o.sent_at, o.delivery, o.delivery_reason, m.contact_id AS contact FROM outbox o"
            " JOIN message m ON m.id = o.message_id JOIN account a ON a.id = o.account_id"
            f" WHERE o.message_id IN ({', '.join('?' * len(part))})",
            *part,
        )
        found |= {row["id"]: _row(row) for row in rows}
    return found


async def sent_by_minute(database: Database, now: datetime, minutes: int) -> tuple[int, ...]:
    """How many messages left in each of the last minutes, the oldest first.

    It looks at every row: for once in a while, not for every second.
    """
    start = to_moment(now - timedelta(minutes=minutes))
    rows = await database.read(
        "SELECT (sent_at - ?) / 60000000 AS slot, count(*) AS n FROM outbox WHERE sent_at > ? GROUP BY slot",
        start, start,
    )  # fmt: skip
    slots = [0] * minutes
    for row in rows:
        slots[min(int(row["slot"]), minutes - 1)] += row["n"]
    return tuple(slots)


async def outgoing(database: Database, now: datetime) -> Outgoing:
    """The outgoing server, the engines, and how many messages are in which state."""
    at = to_moment(now)
    rows = await database.read(
        "SELECT state, count(*) AS n, MIN(CASE WHEN state = 'queued' AND due_at <= ? THEN due_at END) AS oldest,"
        " COUNT(CASE WHEN state = 'queued' AND due_at <= ? THEN 1 END) AS due"
        " FROM outbox WHERE state <> 'sent' GROUP BY state",
        at, at,
    )  # fmt: skip
    counts = {row["state"]: int(row["n"]) for row in rows}
    every = (await database.read("SELECT count(*) AS n FROM outbox"))[0]["n"]
    if every > sum(counts.values()):
        counts[OutboxState.SENT.value] = every - sum(counts.values())
    engines = await database.read(
        "SELECT e.sessions FROM engine e JOIN lease l ON l.name = 'engine:' || e.holder AND l.until >= ?", at
    )
    servers = await database.read(
        "SELECT host, port, security, health, error, error_at, connections, rate_per_minute FROM outgoing_server"
        " WHERE id = 1"
    )
    server = servers[0] if servers else {}
    # A session has one message on its way at most, so these are sessions too.
    sessions = max(sum(row["sessions"] for row in engines), counts.get(OutboxState.SENDING.value, 0))
    return Outgoing(
        host=server.get("host", ""),
        port=server.get("port", 0),
        security=server.get("security", ""),
        health=server.get("health", ""),
        error=server.get("error", ""),
        error_at=moment(server.get("error_at")),
        connections=server.get("connections", 0),
        rate_per_minute=server.get("rate_per_minute", 0),
        engines=len(engines),
        sessions=sessions,
        due=sum(row["due"] for row in rows),
        oldest_due=moment(next((row["oldest"] for row in rows if row["oldest"] is not None), None)),
        counts=counts,
    )


def _row(row: dict[str, Any]) -> OutboxRow:
    return OutboxRow(
        id=row["id"],
        state=row["state"],
        channel=row["channel"],
        account=row["account"],
        address=row["address"],
        subject=row["subject"],
        text=row["text"],
        parts=row["parts"],
        purpose=row["purpose"],
        attempts=row["attempts"],
        reply=row["reply"],
        created_at=from_moment(row["created_at"]),
        due_at=from_moment(row["due_at"]),
        sent_at=moment(row["sent_at"]),
        delivery=row["delivery"],
        delivery_reason=row["delivery_reason"],
        contact=row["contact"],
    )
