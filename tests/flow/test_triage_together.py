"""Triage beside others: two engines, a version published meanwhile, a worker that is killed, a contact that changes."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Contact, Message, ScriptRun
from core.models.fields import to_moment
from tests.flow.another_process import AnotherProcess
from tests.flow.arriving import take_in
from tests.flow.conftest import NOW, ONLY_SQLITE
from tests.flow.mails import text_mail
from tests.flow.routed import FRONT, ScriptedDesk, new_number, route
from tests.flow.test_triage_hostile import until, working_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from core.clock import FrozenClock
    from core.office import Office
    from core.settings import Settings

ANSWERING = route('return [reply_text("Thank you."), tag("seen"), note("n"), queue("billing", priority = 2)]')


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[ScriptedDesk]:
    async with ScriptedDesk(office) as desk:
        yield desk


async def come(desk: ScriptedDesk, how_many: int) -> None:
    """New contacts, written straight into the tables."""
    database, at = desk.office.database, to_moment(NOW)
    columns = ("contact_id", "account_id", "direction", "channel", "address", "text", "automatic", "at")
    async with database.transaction():
        rows = await database.insert_many(
            "contact",
            ("account_id", "channel", "address", "name", "state", "priority", "subject", "preview", "message_count",
             "received_at", "outcome"),
            [(1, "sms", new_number(), "", "new", 0, "", "hello", 1, at, "") for _ in range(how_many)],
            "id, address",
        )  # fmt: skip
        await database.many(
            f"INSERT INTO message ({', '.join(columns)}, name, recipients, subject, quoted, parts, letter_id,"
            f" in_reply_to, reference_ids, marks, files) VALUES ({', '.join('?' * len(columns))},"
            " '', '[]', '', '', 0, '', '', '', '[]', '[]')",
            [(row["id"], 1, "in", "sms", row["address"], "hello", False, at) for row in rows],
        )


def during_the_run(desk: ScriptedDesk, does: Callable[[], Awaitable[Any]]) -> None:
    """Do something each time after the scripts have run and before anything is written."""
    run = desk.triage._sandbox.run

    async def and_do(*given: Any) -> Any:
        found = await run(*given)
        await does()
        return found

    desk.triage._sandbox.run = and_do  # type: ignore[assignment]


async def test_two_engines_decide_each_contact_once(desk: ScriptedDesk, settings: Settings) -> None:
    await desk.script(ANSWERING)
    await come(desk, 400)
    async with AnotherProcess(settings) as other:
        other.begin("""
            from core.triage import Triage
            triage = Triage(office.database, office.clock, office.distribution, office.outbox)
            decided = 0
            try:
                for _ in range(200):
                    decided += await triage.step()
                    if not await database.read("SELECT 1 FROM contact WHERE state = 'new' LIMIT 1"):
                        break
            finally:
                await triage.close()
            return decided
        """)
        ours = 0
        for _ in range(200):
            ours += await desk.triage.step()
            if not await Contact.filter(state="new").exists():
                break
        theirs = await other.answer()
    assert ours + theirs == 400
    assert await Contact.filter(state="queued", queue_id=2, priority=2, tags='["seen"]', message_count=2).count() == 400
    assert Counter(await ScriptRun.all().values_list("contact_id", flat=True)).most_common(1)[0][1] == 1
    assert await ScriptRun.all().count() == await Message.filter(direction="out").count() == 400


async def test_several_at_once_in_one_process_decide_each_contact_once(desk: ScriptedDesk) -> None:
    await desk.script(ANSWERING)
    await come(desk, 200)
    async with ScriptedDesk.beside(desk.office) as second, ScriptedDesk.beside(desk.office) as third:
        decided = 0
        while await Contact.filter(state="new").exists():
            decided += sum(await asyncio.gather(*(one.triage.step() for one in (desk, second, third))))
    assert decided == 200
    assert await ScriptRun.all().count() == await Message.filter(direction="out").count() == 200


@pytest.mark.timeout(300)
async def test_each_contact_is_decided_by_one_version_while_others_are_published(
    settings: Settings, clock: FrozenClock
) -> None:
    """5,000 contacts come while the active version changes again and again: the rows say which one decided.

    The next one is published as soon as a contact has been decided by the one before, while the others still wait.
    PostgreSQL has a fifth of them: there are ten versions and a batch for each all the same.
    """
    batch = 100 if settings.sqlite_path is not None else 20
    async with working_desk(settings, clock) as (desk, _):
        first = await ScriptRun.all().count()
        versions: dict[int, str] = {}
        for number in range(50):
            if number % 5 == 0:
                await until(partial(_has_decided, max(versions, default=0)), 60)
                queue = ("front", "billing", "overflow")[len(versions) % 3]
                versions[await desk.script(FRONT.replace("front", queue))] = queue
            await come(desk, batch)
            await asyncio.sleep(0)
        await until(_none_is_new, 120)
        rows = await desk.office.database.rows(
            "SELECT c.id, q.name, r.version_id, r.error FROM contact c JOIN queue q ON q.id = c.queue_id"
            " LEFT JOIN script_run r ON r.contact_id = c.id WHERE c.id > ? ORDER BY c.id",
            first,
        )
        assert len(rows) == len({row["id"] for row in rows}) == 50 * batch
        assert all(row["error"] == "" and versions[row["version_id"]] == row["name"] for row in rows)
        assert {row["version_id"] for row in rows} == set(versions) and len(versions) == 10


async def _has_decided(version: int) -> bool:
    return version == 0 or await ScriptRun.filter(version_id=version).exists()


async def _none_is_new() -> bool:
    return not await Contact.filter(state="new").exists()


async def test_a_worker_that_is_killed_again_and_again_costs_no_contact_its_place(desk: ScriptedDesk) -> None:
    await desk.script(ANSWERING.replace("billing", "front"))
    await come(desk, 300)
    killed = 0
    stepping = asyncio.create_task(desk.triage.step())
    while not stepping.done():
        pid = desk.triage._sandbox.pid
        if pid is not None and killed < 4:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        await asyncio.sleep(0.02)
    assert await stepping == 300 and killed == 4
    assert await Contact.filter(state="queued", queue_id=1).count() == 300
    assert await ScriptRun.all().count() == 300
    failed = await Contact.exclude(routing_error="").count()
    assert await Message.filter(direction="out").count() == 300 - failed
    assert failed <= killed


async def test_no_worker_is_left_behind_by_an_engine(settings: Settings, clock: FrozenClock) -> None:
    async with working_desk(settings, clock) as (_, engine):
        pid = engine.triage._sandbox.pid
        assert pid is not None and _lives(pid)
    assert not _lives(pid)


async def test_no_worker_outlives_an_engine_that_is_killed(desk: ScriptedDesk, settings: Settings) -> None:
    await desk.script(FRONT)
    await come(desk, 1)
    async with AnotherProcess(settings) as other:
        pid = await other.do("""
            from core.triage import Triage
            names = globals()
            names["triage"] = Triage(office.database, office.clock, office.distribution, office.outbox)
            assert await names["triage"].step() == 1
            return names["triage"]._sandbox.pid
        """)
        assert _lives(pid)
        other.kill()
        await until(lambda: _gone(pid), 5)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _gone(pid: int) -> bool:
    return not _lives(pid)


async def test_no_worker_is_started_where_no_account_has_a_script(desk: ScriptedDesk) -> None:
    await come(desk, 3)
    assert await desk.triage.step() == 3
    assert desk.triage._sandbox.pid is None


# -- what changes while a script runs ---------------------------------------------------------------------------------


async def test_a_contact_that_somebody_else_has_decided_meanwhile_is_left_alone(desk: ScriptedDesk) -> None:
    await desk.script(route('return [reply_text("Thank you."), note("n"), opt_out(), close("x")]'))
    taken, other = await desk.text(), await desk.text()

    async def take() -> None:
        await Contact.filter(id=taken).update(state="queued", queue_id=2)

    during_the_run(desk, take)
    assert await desk.triage.step() == 1
    assert (await desk.stands(taken)).queue == "billing"
    assert (await desk.stands(other)).state == "closed"
    assert [run.contact_id for run in await ScriptRun.all()] == [other]
    assert await desk.said(taken) == []


async def test_a_timeout_that_somebody_else_has_asked_about_is_left_alone(
    desk: ScriptedDesk, clock: FrozenClock
) -> None:
    await desk.script(route('return queue("front", timeout = 60)') + '\ndef waited(contact):\n    return close("x")\n')
    contact = await desk.text()
    await desk.triage.step()
    clock.advance(minutes=2)

    async def ask_first() -> None:
        await Contact.filter(id=contact).update(timeout_at=NOW.replace(hour=23))

    during_the_run(desk, ask_first)
    assert await desk.triage.step() == 0
    assert (await desk.stands(contact)).state == "queued"
    assert await ScriptRun.all().count() == 1


async def test_what_came_while_its_script_ran_is_seen_before_a_contact_is_closed(desk: ScriptedDesk) -> None:
    await desk.script(route('return queue("billing") if len(contact.lines) > 1 else close("said nothing")'))
    number = new_number()
    contact = await desk.text("hm", number)
    came: list[bool] = []

    async def more_comes() -> None:
        if not came:
            came.append(True)
            await take_in(desk.office, 1, text_mail(number, "where is my order?"))

    during_the_run(desk, more_comes)
    assert await desk.triage.step() == 0
    assert await desk.triage.step() == 1
    assert (await desk.stands(contact)).queue == "billing"
    assert await ScriptRun.filter(contact_id=contact).count() == 1


async def test_a_version_that_is_deleted_while_it_runs_leaves_its_decision(desk: ScriptedDesk) -> None:
    version = await desk.script(FRONT.replace("front", "billing"))
    contact = await desk.text()

    async def publish_and_delete() -> None:
        await desk.script(FRONT)
        await desk.office.database.rows("DELETE FROM script_version WHERE id = ?", version)

    during_the_run(desk, publish_and_delete)
    assert (await desk.ask(contact)).queue == "billing"
    assert (await desk.run_of(contact))["version"] is None


async def test_others_write_while_a_script_runs(desk: ScriptedDesk, settings: Settings) -> None:
    """No transaction is open meanwhile: another process gets its own at once."""
    await desk.script(FRONT)
    await come(desk, 5)
    wrote = []

    async def write() -> None:
        if settings.sqlite_path is None:
            import asyncpg

            line = await asyncpg.connect(settings.db)
            try:
                idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now()"
                wrote.append(await line.fetchval(idle) == 0)
            finally:
                await line.close()
        else:
            with closing(sqlite3.connect(settings.sqlite_path, timeout=0)) as other:
                other.execute("UPDATE desk SET name = 'Acme'")
                other.commit()
            wrote.append(True)

    during_the_run(desk, write)
    assert await desk.triage.step() == 5
    assert wrote == [True]


@ONLY_SQLITE
async def test_many_contacts_with_long_texts_come_in_several_batches(desk: ScriptedDesk) -> None:
    await desk.script(route('return queue("front" if len(contact.text) == 65536 else "billing")'))
    for _ in range(70):
        await desk.text("x" * 66_000)
    steps = []
    while decided := await desk.triage.step():
        steps.append(decided)
    assert len(steps) > 1 and sum(steps) == 70
    assert await Contact.filter(queue_id=1).count() == 70
