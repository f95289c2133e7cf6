"""The bell between processes, and the leases that one holder has at a time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from core.store import Leases, StoreBusy, heard, opened
from core.store.leases import LEASE_SECONDS, is_dead, new_holder
from tests.flow.another_process import AnotherProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.clock import FrozenClock
    from core.store import Database
    from tests.servers.postgres import Postgres

ADD = "INSERT INTO bucket (name, tokens, at) VALUES ('{}', 1, 0)"
THEY_COMMIT = """
async with database.transaction():
    await database.rows("INSERT INTO bucket (name, tokens, at) VALUES ('{}', 1, 0)")
"""
THEY_LISTEN = """
global passing, ring
passing = asyncio.create_task(database.pass_the_bell_on())
await asyncio.sleep(0.5)
ring = database.bell.listen()
"""
DID_THEY_HEAR = """
from core.store import heard
return await heard(ring, 5)
"""


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[Database]:
    async with opened(settings) as database:
        passing = asyncio.create_task(database.pass_the_bell_on())
        try:
            yield database
        finally:
            passing.cancel()
            await asyncio.gather(passing, return_exceptions=True)


async def ring_within_a_second(database: Database, ring: asyncio.Event) -> bool:
    return await heard(ring, 1.0)


async def test_a_commit_in_another_process_is_heard_within_a_second(settings: Settings) -> None:
    async with AnotherProcess(settings) as other, listening(settings) as database:
        await other.do(THEY_LISTEN)
        while await heard(database.bell.listen(), 0.3):  # until what was before is heard
            pass
        for n in range(3):
            ring = database.bell.listen()
            await other.do(THEY_COMMIT.format(n))
            assert await ring_within_a_second(database, ring)
        await other.do("global ring; ring = database.bell.listen()")
        async with database.transaction():
            await database.rows(ADD.format("ours"))
        assert await other.do(DID_THEY_HEAR)


async def test_a_command_that_commits_and_goes_is_heard(settings: Settings) -> None:
    async with listening(settings) as database:
        async with AnotherProcess(settings) as command:
            while await heard(database.bell.listen(), 0.3):
                pass
            ring = database.bell.listen()
            await command.do(THEY_COMMIT.format("theirs"))
        assert await ring_within_a_second(database, ring)


async def test_what_was_undone_rings_no_bell(settings: Settings) -> None:
    async with opened(settings) as database:
        ring = database.bell.listen()
        with pytest.raises(KeyError):
            async with database.transaction():
                raise KeyError
        assert not ring.is_set() and not database.bell.rung_here.is_set()


async def test_a_ring_while_one_looks_for_work_is_heard(settings: Settings) -> None:
    async with opened(settings) as database:
        first, second = database.bell.listen(), database.bell.listen()
        database.bell.ring()
        assert await heard(first, 0) and await heard(second, 0)
        assert not await heard(database.bell.listen(), 0.01)


async def test_the_bell_is_heard_again_after_the_server_was_started_anew(
    postgres: Postgres, postgres_template: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.passing.AGAIN_SECONDS", 0.05)
    url = postgres.create_database(template=postgres_template)
    settings = Settings(url, folder / "key")
    async with listening(settings) as database:
        await asyncio.to_thread(postgres.restart)
        for _ in range(100):
            ring = database.bell.listen()
            await asyncio.to_thread(postgres.execute, "NOTIFY postroom", url.rpartition("/")[2])
            if await heard(ring, 0.1):
                break
        else:
            pytest.fail("the bell is not heard any more")
    postgres.drop_database(url)


async def test_the_bell_survives_a_database_that_is_busy_for_a_while(
    on_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.passing.AGAIN_SECONDS", 0.01)
    async with AnotherProcess(on_sqlite) as other, listening(on_sqlite) as database:
        answers = iter([StoreBusy(), StoreBusy()])
        really = database.changed_elsewhere

        async def sometimes() -> int:
            for error in answers:
                raise error
            return await really()

        monkeypatch.setattr(database, "changed_elsewhere", sometimes)
        await asyncio.sleep(0.3)
        ring = database.bell.listen()
        await other.do(THEY_COMMIT.format("theirs"))
        assert await ring_within_a_second(database, ring)


# -- leases ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with opened(settings) as database:
        yield database


async def test_a_lease_has_one_holder_until_it_runs_out(database: Database, clock: FrozenClock) -> None:
    ann, bob = Leases(database, clock, "ann"), Leases(database, clock, "bob")
    assert await ann.take("mailbox:1") and not await bob.take("mailbox:1")
    assert await ann.take("mailbox:1"), "whoever has it may take it again"
    assert await ann.holds("mailbox:1") and not await bob.holds("mailbox:1")
    clock.advance(seconds=LEASE_SECONDS)
    assert await ann.holds("mailbox:1") and not await bob.take("mailbox:1"), "to the last moment"
    clock.advance(seconds=0.001)
    assert not await ann.holds("mailbox:1")
    assert await bob.take("mailbox:1") and not await ann.take("mailbox:1")


async def test_a_lease_that_is_renewed_does_not_run_out(database: Database, clock: FrozenClock) -> None:
    ann, bob = Leases(database, clock, "ann"), Leases(database, clock, "bob")
    await ann.take("mailbox:1")
    await ann.take("mailbox:2")
    await bob.take("mailbox:3")
    for _ in range(5):
        clock.advance(seconds=LEASE_SECONDS * 0.7)
        assert await ann.renew() == {"mailbox:1", "mailbox:2"}
    assert not await bob.take("mailbox:1")
    assert await ann.take("mailbox:3")
    assert await bob.renew() == set(), "what was taken from it is not its own any more"


async def test_a_lease_given_back_may_be_taken_at_once(database: Database, clock: FrozenClock) -> None:
    ann, bob = Leases(database, clock, "ann"), Leases(database, clock, "bob")
    await ann.take("one")
    await ann.take("two")
    await bob.release("one")
    assert await ann.holds("one"), "another's cannot be given back"
    await ann.release("one")
    assert await bob.take("one") and not await bob.take("two")
    await ann.release_all()
    assert await bob.take("two") and await bob.holds("one")


async def test_twenty_that_want_a_lease_at_once_get_it_once(database: Database, clock: FrozenClock) -> None:
    wanting = [Leases(database, clock, f"holder {n}") for n in range(20)]
    got = await asyncio.gather(*(leases.take("one") for leases in wanting))
    assert got.count(True) == 1


async def test_a_lease_fences_what_is_written_under_it(database: Database, clock: FrozenClock) -> None:
    """Whoever takes it over waits for the transaction that has seen it as its own."""
    ann, bob = Leases(database, clock, "ann"), Leases(database, clock, "bob")
    await ann.take("one")
    happened: list[str] = []

    async def take_over() -> None:
        assert await bob.take("one")
        happened.append("taken over")

    taking: asyncio.Task[None] | None = None
    inside = asyncio.Event()

    async def work() -> None:
        async with database.transaction():
            assert await ann.holds("one")
            clock.advance(seconds=LEASE_SECONDS + 1)
            inside.set()
            await asyncio.sleep(0.2)
            happened.append("written")

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        await inside.wait()
        taking = group.create_task(take_over())
    assert taking.done() and happened == ["written", "taken over"]
    async with database.transaction():
        assert not await ann.holds("one")


async def test_leases_of_processes_that_are_gone_are_void_at_once(database: Database, clock: FrozenClock) -> None:
    ours = new_holder()
    host, machine, _, rest = ours.split("-")
    gone = f"{host}-{machine}-{2**22 - 3}-{rest}"
    elsewhere = f"{host}-000000000000-{2**22 - 3}-{rest}"
    assert (is_dead(ours), is_dead(gone), is_dead(elsewhere), is_dead("ann")) == (False, True, False, False)
    for n, holder in enumerate((ours, gone, elsewhere, "ann")):
        await Leases(database, clock, holder).take(f"lease {n}")
    bob = Leases(database, clock, "bob")
    await bob.void_those_of_the_dead()
    assert [await bob.take(f"lease {n}") for n in range(4)] == [False, True, False, False]
