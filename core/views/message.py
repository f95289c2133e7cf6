"""Messages that leave, and mails as they came."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import journal
from core.clock import from_moment, moment
from core.errors import NotFound
from core.views.contact import Step

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages; an empty field does not filter."""

    state: str = ""
    account: str = ""
    address: str = ""
    limit: int = 200


@dataclass(frozen=True, slots=True)
class OutMessageRow:
    """One message that is to leave or has left."""

    id: int
    direction: str
    state: str
    channel: str
    account: str
    contact: int | None
    broadcast: int | None
    to: str
    subject: str
    text: str
    parts: int
    message_id: str
    """Message-ID of the letter."""
    purpose: str
    attempts: int
    reply: str
    due_at: datetime
    sent_at: datetime | None
    delivery: str
    delivery_reason: str


@dataclass(frozen=True, slots=True)
class MailRow:
    """One mail of the ledger."""

    id: int
    account: str
    uid: int
    outcome: str
    reason: str
    size: int
    arrived_at: datetime
    contact: int | None


_SELECT = (
    "SELECT m.id, m.direction, o.state, m.channel, a.address AS account, m.contact_id, m.address, m.subject, m.text,"
    " m.parts, m.letter_id, o.purpose, o.attempts, o.reply, o.due_at, o.sent_at, o.delivery, o.delivery_reason,"
    " (SELECT r.broadcast_id FROM recipient r WHERE r.message_id = m.id) AS broadcast_id"
    " FROM outbox o JOIN message m ON m.id = o.message_id JOIN account a ON a.id = o.account_id"
)


async def messages(database: Database, which: MessageFilter) -> list[OutMessageRow]:
    """Outgoing messages, newest first."""
    where: list[str] = []
    values: list[object] = []
    for column, wanted in (("o.state", which.state), ("a.address", which.account), ("o.address", which.address)):
        if wanted:
            where.append(f"{column} = ?")
            values.append(wanted)
    clause = f" WHERE {' AND '.join(where)}" if where else ""
    rows = await database.read(f"{_SELECT}{clause} ORDER BY o.id DESC LIMIT {int(which.limit)}", *values)
    return [_message(row) for row in rows]


async def explain_message(database: Database, message_id: int) -> tuple[OutMessageRow, list[Step]]:
    """What happened to an outgoing message, oldest first. Raises NotFound."""
    rows = await database.read(f"{_SELECT} WHERE m.id = ?", message_id)
    if not rows:
        raise NotFound(f"there is no outgoing message {message_id}: 'postroom message list' shows them")
    row = _message(rows[0])
    outbox = await database.read(
        "SELECT created_at, first_try_at, delivered_at FROM outbox WHERE message_id = ?", message_id
    )
    times = outbox[0]
    steps = [Step(from_moment(times["created_at"]), "outbox", f"put as {row.purpose}")]
    if times["first_try_at"] is not None:
        tries = "1 try" if row.attempts == 1 else f"{row.attempts} tries"
        steps.append(Step(from_moment(times["first_try_at"]), "outbox", f"first tried; {tries} so far"))
    if row.sent_at is not None:
        steps.append(Step(row.sent_at, "outgoing server", row.reply))
    elif gate_words(row.state, row.reply):
        steps.append(Step(row.due_at, "now", row.reply))
    elif row.reply:
        # Of tries that put it off only the words of the last are known, and not when they were said.
        steps.append(Step(row.due_at, "now", f"the outgoing server said last: {row.reply}"))
    if times["delivered_at"] is not None:
        said = f"{row.delivery}: {row.delivery_reason}" if row.delivery_reason else row.delivery
        steps.append(Step(from_moment(times["delivered_at"]), "report", said))
    steps += [
        Step(from_moment(int(str(line["at"]))), str(line["actor"]), f"{line['verb']}: {line['text']}")
        for line in await journal.lines(database, "message", message_id)
    ]
    if row.state == "queued":
        steps.append(Step(row.due_at, "now", f"due {row.due_at:%Y-%m-%d %H:%M:%S} UTC"))
    return row, sorted(steps, key=lambda step: (step.who == "now", step.at))


def gate_words(state: str, reply: str) -> str:
    """What our own gate says of a message that it holds or has stopped; empty where the last words are a server's."""
    if state == "suppressed":
        return reply.partition(" UTC: ")[2] or reply
    return reply if state == "queued" and reply.startswith("held ") else ""


async def mails(database: Database, *, outcome: str = "", account: str = "", limit: int = 200) -> list[MailRow]:
    """Mails as they came, newest first."""
    where: list[str] = []
    values: list[object] = []
    for column, wanted in (("l.outcome", outcome), ("a.address", account)):
        if wanted:
            where.append(f"{column} = ?")
            values.append(wanted)
    clause = f" WHERE {' AND '.join(where)}" if where else ""
    rows = await database.read(
        "SELECT l.id, a.address AS account, l.uid, l.outcome, l.reason, l.size, l.arrived_at, l.contact_id FROM mail l"
        f" JOIN account a ON a.id = l.account_id{clause} ORDER BY l.id DESC LIMIT {int(limit)}",
        *values,
    )
    return [
        MailRow(r["id"], r["account"], r["uid"], r["outcome"], r["reason"], r["size"], from_moment(r["arrived_at"]),
                r["contact_id"])
        for r in rows
    ]  # fmt: skip


async def raw_mail(database: Database, mail_id: int) -> bytes:
    """A mail's bytes as they came. Raises NotFound."""
    rows = await database.read("SELECT content FROM raw_mail WHERE mail_id = ?", mail_id)
    if not rows:
        raise NotFound(f"there are no bytes of mail {mail_id}: a duplicate's stand with the first one")
    return zlib.decompress(bytes(rows[0]["content"]))


def _message(row: dict[str, Any]) -> OutMessageRow:
    return OutMessageRow(
        id=row["id"],
        direction=row["direction"],
        state=row["state"],
        channel=row["channel"],
        account=row["account"],
        contact=row["contact_id"],
        broadcast=row["broadcast_id"],
        to=row["address"],
        subject=row["subject"],
        text=row["text"],
        parts=row["parts"],
        message_id=row["letter_id"],
        purpose=row["purpose"],
        attempts=row["attempts"],
        reply=row["reply"],
        due_at=from_moment(row["due_at"]),
        sent_at=moment(row["sent_at"]),
        delivery=row["delivery"],
        delivery_reason=row["delivery_reason"],
    )
