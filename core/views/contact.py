"""Contacts: lists, threads, and why each is where it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core import journal
from core.clock import from_moment
from core.errors import NotFound
from core.views.contact_rows import SELECT_CONTACT, ContactRow, contact_row

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database
    from core.views.routed import RoutedRow


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts; an empty field does not filter."""

    state: str = ""
    """A state, or `unclosed`."""
    queue: str = ""
    agent: str = ""
    account: str = ""
    address: str = ""
    name: str = ""
    limit: int = 200


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of a thread."""

    id: int
    direction: str
    channel: str
    address: str
    name: str
    recipients: tuple[str, ...]
    """Of an e-mail: those in To and Cc besides the account; of one that goes out those in Cc."""
    subject: str
    text: str
    quoted: str
    at: datetime
    author: str
    automatic: bool
    marks: tuple[str, ...]
    files: tuple[dict[str, Any], ...]
    state: str
    """Of the outbox, for one that goes out; empty for one that came in."""
    delivery: str
    reply: str
    """The server's last words."""
    delivery_reason: str
    """What a receipt or a bounce said."""
    mail_id: int | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note beside a thread."""

    at: datetime
    author: str
    text: str
    kind: str = "note"
    """`note`, `question`, `answer` or `whisper`: nothing of it is ever seen by the customer."""
    whom: str = ""
    """Who is asked, answered or whispered to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation."""

    at: datetime
    who: str
    what: str
    run: RoutedRow | None = None
    """What a routing script saw, printed and decided; stands beside the first of its lines."""


TOLD_BY_RUNS = ("facts", "printed")
"""Lines of the journal that say of an account's debug what the run itself says."""
_COLUMN = {"queue": "q.name", "agent": "p.login", "account": "a.address", "address": "c.address",
           "name": "c.name"}  # fmt: skip


async def contacts(database: Database, which: ContactFilter) -> list[ContactRow]:
    """Those that wait first, in the order they will be given out; then the others, newest first."""
    where: list[str] = []
    values: list[object] = []
    if which.state == "unclosed":
        where.append("c.state <> 'closed'")
    elif which.state:
        where.append("c.state = ?")
        values.append(which.state)
    for field, column in _COLUMN.items():
        if wanted := getattr(which, field):
            where.append(f"{column} = ?")
            values.append(wanted)
    clause = f" WHERE {' AND '.join(where)}" if where else ""
    rows = await database.read(
        f"{SELECT_CONTACT}{clause} ORDER BY CASE WHEN c.state = 'queued' THEN 0 ELSE 1 END,"
        " CASE WHEN c.state = 'queued' THEN -c.priority END, CASE WHEN c.state = 'queued' THEN c.received_at END,"
        f" c.received_at DESC, c.id LIMIT {int(which.limit)}",
        *values,
    )
    return [contact_row(row) for row in rows]


async def contact(database: Database, contact_id: int) -> ContactRow:
    """One contact. Raises NotFound."""
    rows = await database.read(f"{SELECT_CONTACT} WHERE c.id = ?", contact_id)
    if not rows:
        raise NotFound(f"there is no contact {contact_id}: 'postroom contact list' shows them")
    return contact_row(rows[0])


async def thread(
    database: Database, contact_id: int, limit: int = 0
) -> tuple[ContactRow, list[MessageRow], list[NoteRow]]:
    """A contact with the messages between its account and its address, oldest first, and its notes. Raises NotFound.

    `limit`: only so many of the newest messages; 0 = all.
    """
    row = await contact(database, contact_id)
    newest = f" DESC, m.id DESC LIMIT {int(limit)}" if limit else ", m.id"
    said = await database.read(
        "SELECT m.*, p.login AS author, o.state AS out_state, o.delivery, o.reply, o.delivery_reason FROM message m"
        " LEFT JOIN person p ON p.id = m.author_id LEFT JOIN outbox o ON o.message_id = m.id"
        " WHERE m.id IN (SELECT s.id FROM contact c JOIN message s ON s.account_id = c.account_id"
        " AND s.address = c.address WHERE c.id = ? UNION SELECT s.id FROM message s WHERE s.contact_id = ?)"
        f" ORDER BY m.at{newest}",
        contact_id, contact_id,
    )  # fmt: skip
    noted = await database.read(
        "SELECT n.at, n.text, n.kind, p.login AS author, w.login AS whom FROM note n"
        " LEFT JOIN person p ON p.id = n.author_id LEFT JOIN person w ON w.id = n.for_person_id"
        " WHERE n.contact_id = ? ORDER BY n.at, n.id",
        contact_id,
    )
    notes = [NoteRow(from_moment(n["at"]), n["author"] or "", n["text"], n["kind"], n["whom"] or "") for n in noted]
    return row, [_message(one) for one in (reversed(said) if limit else said)], notes


async def explain_contact(database: Database, contact_id: int, now: datetime | None = None) -> list[Step]:
    """Why a contact is where it is: what happened to it, oldest first. Raises NotFound.

    With `now`, of one that waits also who could take it now, and why each other cannot.
    """
    row = await contact(database, contact_id)
    came = await database.read(
        "SELECT taken_at, outcome, reason, uid FROM mail WHERE contact_id = ? ORDER BY id", contact_id
    )
    steps = [
        Step(from_moment(one["taken_at"]), "intake",
             f"mail {one['uid']} of {row.account}: {one['outcome']}" + (f" ({one['reason']})" if one["reason"] else ""))
        for one in came
    ]  # fmt: skip
    steps += await _answers(database, contact_id)
    done = await journal.lines(database, "contact", contact_id)
    # Most commands do without it, and it takes a while to load.
    from core.views.routed import routed

    runs = await routed(database, contact_id)
    for run in runs:
        told = [Step(run.at, run.who, sentence) for sentence in run.sentences]
        steps += [replace(told[0], run=run), *told[1:]]
    if row.queued_at is not None and not runs:
        steps.append(await _first_queue(database, row, steps, done))
    for line in done:
        if runs and line["actor"] == "triage" and line["verb"] in TOLD_BY_RUNS:
            continue
        what = f"{line['verb']}: {line['text']}" if line["text"] else str(line["verb"])
        steps.append(Step(from_moment(int(str(line["at"]))), str(line["actor"]), what))
    if row.state == "queued":
        ahead = await database.read(
            "SELECT count(*) AS n FROM contact c JOIN contact me ON me.id = ? WHERE c.state = 'queued'"
            " AND c.queue_id = me.queue_id AND (c.priority > me.priority OR (c.priority = me.priority"
            " AND (c.received_at < me.received_at OR (c.received_at = me.received_at AND c.id < me.id))))",
            contact_id,
        )
        steps.append(Step(row.received_at, "now", f"{ahead[0]['n']} before it in {row.queue}"))
        steps += await _wishes(database, row)
        steps += await _who_could(database, row, now) if now is not None else []
    if row.state in ("offered", "wrap-up"):
        steps += await _timer(database, row)
    if row.state == "held" and row.held_until is not None:
        until = f"held until {row.held_until:%Y-%m-%d %H:%M} UTC, or until the customer writes"
        steps.append(Step(row.received_at, "now", until))
    if now is not None:
        steps = [replace(step, at=now) if step.who == "now" else step for step in steps]
    return sorted(steps, key=lambda step: (step.who == "now", step.at))


async def _answers(database: Database, contact_id: int) -> list[Step]:
    """That it answers a broadcast, where its address got one before it wrote."""
    from core.views.broadcasts import answered

    found = await answered(database, contact_id)
    return [Step(found.sent_at, "broadcast", f"{found.name} (#{found.id}) left for it")] if found is not None else []


async def _wishes(database: Database, row: ContactRow) -> list[Step]:
    """What a waiting contact asks of its queue."""
    (asked,) = await database.read(
        "SELECT c.skills, c.tags, c.timeout_at, p.login FROM contact c LEFT JOIN person p ON p.id = c.for_agent_id"
        " WHERE c.id = ?",
        row.id,
    )
    said = []
    if asked["login"]:
        said.append(f"meant for {asked['login']}")
    if skills := json.loads(asked["skills"]):
        said.append(f"asks for {', '.join(skills)}")
    if asked["timeout_at"] is not None:
        said.append(f"its script is asked again at {from_moment(asked['timeout_at']):%Y-%m-%d %H:%M:%S} UTC")
    if tags := json.loads(asked["tags"]):
        said.append(f"tagged {', '.join(tags)}")
    return [Step(row.received_at, "now", "; ".join(said))] if said else []


async def _who_could(database: Database, row: ContactRow, now: datetime) -> list[Step]:
    from core.views.agents_explained import told

    return [Step(row.received_at, "now", words) for words in await told(database, row.id, now)]


async def _timer(database: Database, row: ContactRow) -> list[Step]:
    """When an offer or a wrap-up ends by itself."""
    (ends,) = await database.read("SELECT offered_until, wrap_until FROM contact WHERE id = ?", row.id)
    until = ends["offered_until"] if row.state == "offered" else ends["wrap_until"]
    if until is None:
        return []
    doing = f"offered to {row.agent}" if row.state == "offered" else f"wrapped up by {row.agent}"
    return [Step(row.received_at, "now", f"{doing} until {from_moment(until):%Y-%m-%d %H:%M:%S} UTC")]


async def _first_queue(database: Database, row: ContactRow, came: list[Step], done: list[dict[str, object]]) -> Step:
    """Where triage put a contact; its row says so until it is transferred, and where it went then."""
    own = "the account's own queue"
    if row.queued_at is not None and not any(line["verb"] == "transferred" for line in done):
        return Step(row.queued_at, "triage", f"queued in {row.queue}, {own}, priority {row.priority}")
    names = await database.read(
        "SELECT q.name FROM queue q JOIN account a ON a.queue_id = q.id WHERE a.address = ?", row.account
    )
    return Step(came[0].at if came else row.received_at, "triage", f"queued in {names[0]['name']}, {own}")


def _message(row: dict[str, Any]) -> MessageRow:
    return MessageRow(
        id=row["id"],
        direction=row["direction"],
        channel=row["channel"],
        address=row["address"],
        name=row["name"],
        recipients=tuple(json.loads(row["recipients"])),
        subject=row["subject"],
        text=row["text"],
        quoted=row["quoted"],
        at=from_moment(row["at"]),
        author=row["author"] or "",
        automatic=bool(row["automatic"]),
        marks=tuple(json.loads(row["marks"])),
        files=tuple(json.loads(row["files"])),
        state=row["out_state"] or "",
        delivery=row["delivery"] or "",
        reply=row["reply"] or "",
        delivery_reason=row["delivery_reason"] or "",
        mail_id=row["mail_id"],
    )
