"""The journal, newest first, by pages; and one explanation for whatever a line of it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import journal
from core.clock import from_moment
from core.errors import NotFound
from core.views.broadcasts import STATES, broadcast
from core.views.contact import Step, contact, explain_contact
from core.views.desk import accounts
from core.views.message import explain_message, gate_words
from core.views.panel import explain_account
from core.views.stretch import Stretch, all_of, with_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database

LATELY = 5_000
"""Lines that are looked at for the names of actors and kinds."""
LINES_OF_AN_ACCOUNT = 200
EXPLAINED = ("contact", "message", "account", "broadcast")
"""Kinds of things that `explain` knows."""


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which lines; an empty field does not filter."""

    account: str = ""
    """Address: lines about the account, its contacts and its messages."""
    actor: str = ""
    contact: int | None = None
    """Lines about the contact and its messages."""
    kind: str = ""
    words: str = ""
    """Each of them stands in who, what, the sentence, the customer's address or the account's."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One line."""

    id: int
    at: datetime
    actor: str
    verb: str
    kind: str
    thing: int | None
    """Number of the contact, message, account, ... that it is about."""
    text: str
    account: str
    contact: int | None
    address: str
    """The customer's, where it is about a customer."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of one thing, and what happened to it."""

    title: str
    facts: tuple[tuple[str, str], ...]
    """Name and value of each; none is empty."""
    text: str
    """The whole text of a message."""
    steps: list[Step]
    """Oldest first; what is so now comes last."""


_FROM = (
    " FROM journal j LEFT JOIN contact c ON j.kind = 'contact' AND c.id = j.thing_id"
    " LEFT JOIN message m ON j.kind = 'message' AND m.id = j.thing_id LEFT JOIN account a"
    " ON a.id = COALESCE(c.account_id, m.account_id, CASE WHEN j.kind = 'account' THEN j.thing_id END)"
)
_WORDS = (
    "j.actor || ' ' || j.verb || ' ' || j.kind || ' ' || COALESCE(CAST(j.thing_id AS TEXT), '') || ' ' || j.text"
    " || ' ' || COALESCE(c.address, m.address, '') || ' ' || COALESCE(a.address, '')"
)


async def journal_ids(database: Database, which: JournalFilter, stretch: Stretch) -> list[int]:
    """Ids of the lines, newest first."""
    where: list[str] = []
    values: list[object] = []
    for column, wanted in (("a.address", which.account), ("j.actor", which.actor), ("j.kind", which.kind)):
        if wanted:
            where.append(f"{column} = ?")
            values.append(wanted)
    if which.contact is not None:
        where.append(
            "((j.kind = 'contact' AND j.thing_id = ?) OR (j.kind = 'message'"
            " AND j.thing_id IN (SELECT id FROM message WHERE contact_id = ?)))"
        )
        values += [which.contact, which.contact]
    with_words(which.words, _WORDS, where, values)
    stretch.narrow("j.id", where, values)
    source = _FROM if which.account or which.words else " FROM journal j"
    rows = await database.read(
        f"SELECT j.id{source}{all_of(where)} ORDER BY j.id DESC LIMIT {int(stretch.limit)}", *values
    )
    return [row["id"] for row in rows]


async def journal_rows(database: Database, ids: Sequence[int]) -> dict[int, JournalRow]:
    """These lines, by id."""
    found: dict[int, JournalRow] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = await database.read(
            "SELECT j.id, j.at, j.actor, j.verb, j.kind, j.thing_id, j.text, a.address AS account,"
            f" COALESCE(c.id, m.contact_id) AS contact, COALESCE(c.address, m.address) AS address{_FROM}"
            f" WHERE j.id IN ({', '.join('?' * len(part))})",
            *part,
        )
        found |= {row["id"]: _line(row) for row in rows}
    return found


async def journal_actors(database: Database) -> list[str]:
    """All people, and whoever else has written lately."""
    rows = await database.read(
        "SELECT login AS actor FROM person UNION SELECT actor FROM (SELECT actor FROM journal ORDER BY id DESC"
        f" LIMIT {LATELY}) AS newest ORDER BY actor"
    )
    return [row["actor"] for row in rows]


async def journal_kinds(database: Database) -> list[str]:
    """What lines can be explained of, and whatever else they were about lately."""
    rows = await database.read(
        f"SELECT DISTINCT kind FROM (SELECT kind FROM journal ORDER BY id DESC LIMIT {LATELY}) AS newest"
    )
    return sorted({*EXPLAINED, *(row["kind"] for row in rows)})


async def explain(
    database: Database, kind: str, thing_id: int, now: datetime, *, who_could: bool = False
) -> Explanation:
    """Any contact, message, account or broadcast, explained. Raises NotFound.

    `who_could`: of a contact that waits also who could take it now, and why each other cannot; that reads every agent.
    """
    if kind == "contact":
        return await _contact(database, thing_id, now if who_could else None)
    if kind == "message":
        return await _message(database, thing_id)
    if kind == "account":
        return await _account(database, thing_id, now)
    if kind == "broadcast":
        return await _broadcast(database, thing_id)
    raise NotFound(f"a {kind} has no explanation: {', '.join(EXPLAINED)} have one")


async def _contact(database: Database, contact_id: int, now: datetime | None) -> Explanation:
    row = await contact(database, contact_id)
    facts = _facts(
        state=row.state, customer=f"{row.address}  {row.name}", account=row.account, queue=row.queue,
        priority=str(row.priority), agent=row.agent, class_=row.class_, outcome=row.outcome, subject=row.subject,
        messages=str(row.messages),
    )  # fmt: skip
    return Explanation(f"contact {contact_id}", facts, "", await explain_contact(database, contact_id, now))


async def _message(database: Database, message_id: int) -> Explanation:
    rows = await database.read(
        "SELECT m.direction, m.address, m.name, m.subject, m.text, m.at, m.contact_id, a.address AS account,"
        " l.uid, l.outcome, l.reason, l.taken_at FROM message m JOIN account a ON a.id = m.account_id"
        " LEFT JOIN mail l ON l.id = m.mail_id WHERE m.id = ?",
        message_id,
    )
    if not rows:
        raise NotFound(f"there is no message {message_id}")
    if rows[0]["direction"] == "in":
        return await _came(database, message_id, rows[0])
    row, steps = await explain_message(database, message_id)
    report = f"{row.delivery}: {row.delivery_reason}" if row.delivery_reason else row.delivery
    gate = gate_words(row.state, row.reply)
    last_words = {"why": f"not sent: {gate}" if row.state == "suppressed" else gate} if gate else {"server": row.reply}
    facts = _facts(
        state=row.state, to=row.to, account=row.account, subject=row.subject, purpose=row.purpose,
        parts=str(row.parts or ""), tries=str(row.attempts), **last_words, report=report,
        contact=str(row.contact or ""), letter=row.message_id,
    )  # fmt: skip
    return Explanation(f"message {message_id}", facts, row.text, steps)


async def _came(database: Database, message_id: int, row: dict[str, Any]) -> Explanation:
    steps = []
    if row["outcome"] is not None:
        what = f"mail {row['uid']}: {row['outcome']}" + (f" ({row['reason']})" if row["reason"] else "")
        steps.append(Step(from_moment(row["taken_at"]), "intake", what))
    steps += _steps(await journal.lines(database, "message", message_id))
    facts = _facts(
        state="came in", from_=f"{row['address']}  {row['name']}", account=row["account"], subject=row["subject"],
        contact=str(row["contact_id"] or ""),
    )  # fmt: skip
    return Explanation(f"message {message_id}", facts, row["text"], steps)


async def _account(database: Database, account_id: int, now: datetime) -> Explanation:
    row = next((one for one in await accounts(database, now) if one.id == account_id), None)
    if row is None:
        raise NotFound(f"there is no account {account_id} any more")
    facts = _facts(
        state=row.status, error=row.error, address=row.address, kind=row.kind, gateway=row.gateway, queue=row.queue,
        today=f"{row.today_in:,} in, {row.today_out:,} out, {row.waiting:,} waiting",
        server=f"{row.on_server:,} mails = {row.contacts:,} kept + {row.receipts:,} receipts"
        f" + {row.duplicates:,} duplicates + {row.quarantined:,} set aside",
        unfetched=f"{row.unfetched:,}" if row.unfetched else "",
    )  # fmt: skip
    steps = (await explain_account(database, account_id, row.address))[-LINES_OF_AN_ACCOUNT:]
    if row.retry_at is not None and row.retry_at > now:
        steps.append(Step(row.retry_at, "mailbox", "to be tried again"))
    return Explanation(f"account {row.address}", facts, "", sorted(steps, key=lambda step: step.at))


async def _broadcast(database: Database, broadcast_id: int) -> Explanation:
    row = await broadcast(database, broadcast_id)
    left_out = ", ".join(f"{number:,} {reason}" for reason, number in row.excluded.items())
    became = ", ".join(f"{getattr(row, state):,} {state}" for state in STATES if getattr(row, state))
    facts = _facts(
        state=row.state, why=row.reason, name=row.name, to=row.audience, account=row.account, template=row.template,
        planned=f"{row.planned:,}", became=became, left=f"left out: {left_out}" if left_out else "",
        rate=f"{row.rate_per_minute:,} a minute" if row.rate_per_minute else "",
        brake=f"{row.brake_percent} %" if row.brake_percent else "",
        leaves=f"{row.send_hours} by the customer's clock" if row.send_hours else "", by=row.by,
        approved=row.approved_by,
    )  # fmt: skip
    steps = _steps(await journal.lines(database, "broadcast", broadcast_id))
    return Explanation(f"broadcast {broadcast_id}", facts, "", steps)


def _facts(**facts: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.rstrip("_"), value.strip()) for name, value in facts.items() if value.strip())


def _steps(lines: list[dict[str, Any]]) -> list[Step]:
    return [
        Step(
            from_moment(line["at"]), line["actor"], f"{line['verb']}: {line['text']}" if line["text"] else line["verb"]
        )
        for line in lines
    ]


def _line(row: dict[str, Any]) -> JournalRow:
    return JournalRow(
        id=row["id"],
        at=from_moment(row["at"]),
        actor=row["actor"],
        verb=row["verb"],
        kind=row["kind"],
        thing=row["thing_id"],
        text=row["text"],
        account=row["account"] or "",
        contact=row["contact"],
        address=row["address"] or "",
    )
