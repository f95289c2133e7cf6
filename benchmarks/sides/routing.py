"""Triage of many new contacts in a database of its own; or one script over many facts, in the sandbox or in process."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.sides import asked, say
from cli.logs import set_up_logs
from core.clock import FrozenClock
from core.models import Account, Calendar, Queue, Script, ScriptVersion, Template
from core.models.fields import to_moment
from core.office import open_office
from core.routing.facts import CalendarFacts, ContactFacts, DeskFacts, Facts, QueueFacts, Received, contact_json
from core.routing.names import DeskNames
from core.routing.program import Program
from core.routing.ready_made import ready_made
from core.routing.sandbox import Sandbox
from core.settings import find_settings
from core.triage import Triage

if TYPE_CHECKING:
    from core.store import Database

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday: the office is open, where it has hours at all."""
WORDS = "Where is my order {n}? It should have come on Monday, and nobody could tell me. Thank you, Ada Lovelace"
SCRIPT = next(one.source for one in ready_made() if one.name == "office-hours")


async def _furnish(database: Database, count: int, *, scripted: bool, is_open: bool) -> None:
    for name in ("morning", "billing"):
        await Queue.create(name=name)
    hours = ["mon-fri 09:00-17:30"] if is_open else []
    await Calendar.create(name="office", open=json.dumps(hours))
    await Template.create(
        name="closed", channel="sms", body="We are closed, {{ contact.name|default('dear customer') }}."
    )
    if scripted:
        script = await Script.create(name="office-hours", active=1, created_at=NOON)
        await ScriptVersion.create(script_id=script.id, number=1, source=SCRIPT, at=NOON)
        await Account.all().update(script_id=script.id)
    account, at = await Account.all().first(), to_moment(NOON)
    assert account is not None
    numbers = [f"+4477{n:08}" for n in range(count)]
    async with database.transaction():
        await database.many(
            "INSERT INTO contact (account_id, channel, address, name, state, priority, subject, preview, message_count,"
            " received_at, outcome) VALUES (?, 'sms', ?, '', 'new', 0, '', ?, 1, ?, '')",
            [(account.id, number, WORDS.format(n=n), at) for n, number in enumerate(numbers)],
        )
        await database.many(
            "INSERT INTO message (contact_id, account_id, direction, channel, address, name, recipients, subject, text,"
            " quoted, parts, letter_id, in_reply_to, reference_ids, automatic, marks, files, at) VALUES"
            " (?, ?, 'in', 'sms', ?, '', '[]', '', ?, '', 1, ?, '', '', FALSE, '[]', '[]', ?)",
            [
                (n + 1, account.id, number, WORDS.format(n=n), f"<{n}@x.example>", at)
                for n, number in enumerate(numbers)
            ],
        )


async def _triage(path: str, count: int, scripted: bool, is_open: bool) -> float:
    async with open_office(find_settings(f"sqlite:///{path}"), FrozenClock(NOON)) as office:
        await _furnish(office.database, count, scripted=scripted, is_open=is_open)
        triage = Triage(office.database, office.clock, office.distribution, office.outbox)
        decided, began = 0, perf_counter()
        while decided < count:
            decided += await triage.step()
        seconds = perf_counter() - began
        await triage.close()
        runs = await office.database.rows("SELECT count(*) AS n FROM script_run WHERE error = ''")
        if runs[0]["n"] != (count if scripted else 0):
            raise RuntimeError(f"{runs[0]['n']} of {count} contacts were decided by the script")
        return seconds


def _facts(count: int) -> list[Facts]:
    desk = DeskFacts({"front": QueueFacts(), "morning": QueueFacts()}, {"office": CalendarFacts(True)})
    received = Received.at(NOON, "Europe/London")
    return [
        Facts(
            ContactFacts(
                channel="sms", sender=f"+4477{n:08}", number=f"+4477{n:08}", name="", to="texts@desk.example",
                subject="", text=WORDS.format(n=n), account="texts@desk.example", class_=None, received=received,
            ),
            desk,
        )
        for n in range(count)
    ]  # fmt: skip


NAMES = DeskNames(
    queues=frozenset({"front", "morning"}), calendars=frozenset({"office"}), templates=frozenset({"closed"})
)


async def _sandbox(count: int) -> float:
    """From facts to decisions, the worker being ready."""
    facts, program = _facts(count), Program("office-hours", {"office-hours": SCRIPT})
    async with Sandbox() as sandbox:
        await sandbox.run(program, facts[:10], NAMES)
        began = perf_counter()
        runs = await sandbox.run(program, facts, NAMES)
        seconds = perf_counter() - began
    if any(run.decision is None for run in runs):
        raise RuntimeError("not every run came to a decision")
    return seconds


def _in_process(count: int) -> float:
    """The same function called here, compiled once, its answers read: what the sandbox costs more is its price."""
    from core.routing import answers
    from core.routing.facts import desk_json
    from core.routing.language import Compiled, Deadline, Language

    facts, program = _facts(count), Program("office-hours", {"office-hours": SCRIPT})
    deadline = Deadline()
    deadline.begin(600)
    compiled = Compiled(Language(deadline), program, json.loads(desk_json(facts[0].desk)), {})
    at = compiled.begins("route")
    began = perf_counter()
    for one in facts:
        answers.read(compiled.call("route", contact_json(one.contact)), event="route", names=NAMES, at=at)
    return perf_counter() - began


def _run(what: str, count: int, **more: str | bool) -> float:
    if what == "triage":
        return asyncio.run(_triage(str(more["path"]), count, bool(more["scripted"]), bool(more["is_open"])))
    return asyncio.run(_sandbox(count)) if what == "sandbox" else _in_process(count)


if __name__ == "__main__":
    set_up_logs()
    say(seconds=_run(**asked()))
