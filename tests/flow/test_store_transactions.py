"""Transactions: whole or not at all, whoever is cancelled, and StoreBusy for what passes by itself."""

from __future__ import annotations

import asyncio
import random
import resource
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from tortoise.exceptions import BaseORMException

from core.models import Bucket, Journal
from core.settings import Settings
from core.store import StoreBusy, opened
from core.store.busy import is_passing
from core.store.connecting import CONNECTIONS
from tests.flow.another_process import AnotherProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
    from pathlib import Path

    from core.store import Database
    from tests.servers.postgres import Postgres

ADD = "INSERT INTO bucket (name, tokens, at) VALUES (?, ?, 0)"
GIVE_UP = 5.0


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with opened(settings) as database:
        yield database


async def names(database: Database) -> list[str]:
    return sorted(row["name"] for row in await database.read("SELECT name FROM bucket"))


# -- whole or not at all ---------------------------------------------------------------------------------------------


async def test_what_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(KeyError):
        async with database.transaction():
            await database.rows(ADD, "raw", 1)
            await Bucket.create(name="orm", tokens=1, at=0)
            await database.many(ADD, [("many", 1)])
            raise KeyError
    assert await names(database) == []


async def test_a_transaction_in_a_transaction_is_undone_alone_or_with_it(database: Database) -> None:
    async with database.transaction():
        await database.rows(ADD, "outer", 1)
        with suppress(KeyError):
            async with database.transaction():
                await database.rows(ADD, "undone", 1)
                raise KeyError
        async with database.transaction():
            await Bucket.create(name="inner", tokens=1, at=0)
    assert await names(database) == ["inner", "outer"]


async def test_a_task_that_outlives_the_transaction_it_was_started_in_is_a_loud_mistake(database: Database) -> None:
    async with database.transaction():
        joined = asyncio.create_task(database.rows(ADD, "joined", 1))
        await joined
        go_on = asyncio.Event()

        async def late() -> None:
            await go_on.wait()
            await database.rows(ADD, "late", 1)

        outlives = asyncio.create_task(late())
    go_on.set()
    with pytest.raises(RuntimeError, match="outlived it"):
        await outlives
    assert await names(database) == ["joined"]


async def test_many_rows_are_all_written_or_none(database: Database) -> None:
    with pytest.raises(BaseORMException):
        await database.many(ADD, [("a", 1), ("b", 1), ("a", 1)])
    assert await names(database) == []
    found = await database.insert_many(
        "bucket", ("name", "tokens", "at"), [(f"{n}", n, 0) for n in range(25_000)], "name"
    )
    assert len(found) == 25_000 and len(await names(database)) == 25_000
    await database.many(ADD, [])
    assert await database.insert_many("bucket", ("name",), [], "name") == []


async def test_what_is_committed_together_is_committed_whole_or_not_at_all(database: Database) -> None:
    found = await database.commit_together([(ADD, [("a", 1), ("b", 2)])], (ADD + " RETURNING name", ("c", 3)))
    assert (found, await names(database)) == ([{"name": "c"}], ["a", "b", "c"])
    with pytest.raises((BaseORMException, sqlite3.IntegrityError)):
        await database.commit_together([(ADD, [("d", 1)])], (ADD + " RETURNING name", ("a", 3)))
    await database.rows(ADD, "e", 1)
    assert await names(database) == ["a", "b", "c", "e"]


async def test_readers_see_what_was_committed_and_only_that(database: Database) -> None:
    async with database.transaction():
        await database.rows(ADD, "mine", 1)
        assert len(await database.rows("SELECT * FROM bucket")) == 1
        if database.is_sqlite:
            assert await database.read("SELECT * FROM bucket") == []
    assert len(await database.read("SELECT * FROM bucket")) == 1


async def test_a_transaction_on_sqlite_has_the_right_to_write_from_its_beginning(on_sqlite: Settings) -> None:
    assert on_sqlite.sqlite_path is not None
    async with opened(on_sqlite) as database:
        with closing(sqlite3.connect(on_sqlite.sqlite_path, timeout=0, isolation_level=None)) as other:
            async with database.transaction():
                with pytest.raises(sqlite3.OperationalError, match="locked"):
                    other.execute("BEGIN IMMEDIATE")
            other.execute("BEGIN IMMEDIATE")


async def test_two_processes_that_read_and_then_write_lose_nothing(on_sqlite: Settings) -> None:
    """On PostgreSQL whoever reads to write locks the row; on SQLite it is the transaction that does."""
    step = """
    for _ in range(60):
        async with database.transaction():
            value = (await database.rows("SELECT tokens FROM bucket"))[0]["tokens"]
            await asyncio.sleep(0)
            await database.rows("UPDATE bucket SET tokens = ?", value + 1)
    """
    async with opened(on_sqlite) as database, AnotherProcess(on_sqlite) as other:
        await database.rows(ADD, "count", 0)
        other.begin(step)
        for _ in range(60):
            async with database.transaction():
                value = (await database.rows("SELECT tokens FROM bucket"))[0]["tokens"]
                await asyncio.sleep(0)
                await database.rows("UPDATE bucket SET tokens = ?", value + 1)
        await other.answer()
        assert (await database.read("SELECT tokens FROM bucket"))[0]["tokens"] == 120


# -- cancelled -------------------------------------------------------------------------------------------------------


async def pair_in_a_transaction(database: Database, n: int) -> None:
    async with database.transaction():
        await database.rows(ADD, f"{n}-one", n)
        await Bucket.create(name=f"{n}-two", tokens=n, at=0)


async def pair_committed_together(database: Database, n: int) -> None:
    await database.commit_together([(ADD, [(f"{n}-one", n)])], (ADD + " RETURNING name", (f"{n}-two", n)))


async def pair_of_many(database: Database, n: int) -> None:
    await database.many(ADD, [(f"{n}-one", n), (f"{n}-two", n)])


@pytest.mark.parametrize("write", [pair_in_a_transaction, pair_committed_together, pair_of_many])
async def test_200_cancels_leave_no_lock_no_open_transaction_and_no_half_pair(
    database: Database, write: Callable[[Database, int], Coroutine[Any, Any, None]]
) -> None:
    choose = random.Random(2026)

    async def survivor(n: int) -> None:
        """A long-lived task that is cancelled in its work and goes on: its connection must be a live one."""
        with suppress(asyncio.CancelledError):
            await write(database, n)
        async with asyncio.timeout(GIVE_UP):
            assert await database.rows("SELECT 1 AS one")
            assert await Journal.all().count() == 0

    for n in range(0, 200, 4):
        tasks = [asyncio.create_task(survivor(n + k)) for k in range(4)]
        for task in tasks:
            for _ in range(choose.randrange(12)):
                await asyncio.sleep(choose.choice((0, 0, 0, 0.0005, 0.002)))
            task.cancel()
            if choose.random() < 0.3:
                task.cancel()
        for done in await asyncio.gather(*tasks, return_exceptions=True):
            assert done is None or isinstance(done, asyncio.CancelledError), done
    async with asyncio.timeout(GIVE_UP):
        async with database.transaction():
            await database.rows(ADD, "last", 0)
        found = await names(database)
    assert found[-1] == "last"
    assert [name for name in found if name.endswith("one")] == [
        name.replace("two", "one") for name in found if name.endswith("two")
    ]
    assert len(found) > 1, "nothing was ever written: the cancels came too soon to test anything"
    await nothing_is_open(database)


async def nothing_is_open(database: Database) -> None:
    if database.is_sqlite:
        assert database.settings.sqlite_path is not None
        with closing(sqlite3.connect(database.settings.sqlite_path, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
        return
    open_ones = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    assert await database.rows(open_ones) == []
    # Every connection of the pool can be had: none was lost.
    async with asyncio.timeout(GIVE_UP):
        await asyncio.gather(*(database.rows("SELECT pg_sleep(0.05)") for _ in range(20)))


async def test_a_read_may_be_cancelled_and_the_database_closed_at_once(settings: Settings) -> None:
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) AS m FROM n"
    async with opened(settings) as database:
        reading = asyncio.create_task(database.read(slow))
        await asyncio.sleep(0.01)
        reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading


# -- busy ------------------------------------------------------------------------------------------------------------


async def test_a_full_database_is_busy_and_recovers(on_sqlite: Settings) -> None:
    async with opened(on_sqlite) as database:
        pages = (await database.rows("PRAGMA page_count"))[0]["page_count"]
        await database.rows(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreBusy, match="full"):
            async with database.transaction():
                await database.rows(ADD, "raw", 1)
                await database.many(ADD, [(f"{n}" * 15, n) for n in range(2000)])
        with pytest.raises(StoreBusy, match="full"):
            await Journal.create(at=0, actor="a", verb="b", kind="c", text="x" * 100_000)
        assert await names(database) == []
        await database.rows("PRAGMA max_page_count = 1000000")
        await pair_in_a_transaction(database, 1)
        assert len(await names(database)) == 2


@contextmanager
def no_file_may_grow(size: int) -> Iterator[None]:
    """As on a full disk, but for files: the system refuses to write past this many octets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("write", [pair_in_a_transaction, pair_committed_together, pair_of_many])
async def test_a_commit_that_finds_no_room_is_undone(
    on_sqlite: Settings, write: Callable[[Database, int], Coroutine[Any, Any, None]]
) -> None:
    assert on_sqlite.sqlite_path is not None
    log = on_sqlite.sqlite_path.with_name("desk.sqlite3-wal")
    async with opened(on_sqlite) as database:
        await write(database, 1)
        with no_file_may_grow(log.stat().st_size):
            for n in range(2, 5):
                with pytest.raises(StoreBusy):
                    await write(database, n)
                assert await names(database) == ["1-one", "1-two"]
        await nothing_is_open(database)
        await write(database, 9)
        assert await names(database) == ["1-one", "1-two", "9-one", "9-two"]


async def test_a_locked_database_is_busy(on_sqlite: Settings) -> None:
    assert on_sqlite.sqlite_path is not None
    async with opened(on_sqlite) as database:
        await database.rows("PRAGMA busy_timeout = 50")
        with closing(sqlite3.connect(on_sqlite.sqlite_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy, match="locked"):
                async with database.transaction():
                    pass
            with pytest.raises(StoreBusy, match="locked"):
                await Bucket.create(name="orm", tokens=1, at=0)
        await pair_in_a_transaction(database, 1)


async def test_a_killed_backend_is_busy_and_another_takes_its_place(
    postgres: Postgres, postgres_template: str, folder: Path
) -> None:
    url = postgres.create_database(template=postgres_template)
    kill = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        f" WHERE datname = '{url.rpartition('/')[2]}' AND pid <> pg_backend_pid()"
    )
    async with opened(Settings(url, folder / "key")) as database:
        with pytest.raises(StoreBusy):
            async with database.transaction():
                await database.rows(ADD, "undone", 1)
                await asyncio.to_thread(postgres.execute, kill)
                await database.rows(ADD, "never", 1)
        await pair_in_a_transaction(database, 1)
        asks: list[Callable[[], Awaitable[object]]] = [
            lambda: database.rows("SELECT 1"),
            lambda: Journal.all().count(),
            lambda: pair_of_many(database, 2),
            lambda: database.commit_together([(ADD, [("together", 1)])], None),
        ]
        for ask in asks:
            await asyncio.to_thread(postgres.execute, kill)
            for _ in range(CONNECTIONS):  # each of the pool's may have to be found out; often asyncpg has noticed
                with suppress(StoreBusy):
                    await ask()
                    break
        assert await names(database) == ["1-one", "1-two", "2-one", "2-two", "together"]
    postgres.drop_database(url)


async def test_a_server_that_is_started_anew_is_busy_meanwhile(
    postgres: Postgres, postgres_template: str, folder: Path
) -> None:
    url = postgres.create_database(template=postgres_template)
    async with opened(Settings(url, folder / "key")) as database:
        await asyncio.to_thread(postgres.stop)
        try:
            for _ in range(2):
                with pytest.raises(StoreBusy):
                    await pair_in_a_transaction(database, 1)
                with pytest.raises(StoreBusy):
                    await Journal.all().count()
        finally:
            await asyncio.to_thread(postgres.start)
        await pair_in_a_transaction(database, 2)
        assert await names(database) == ["2-one", "2-two"]
    postgres.drop_database(url)


@pytest.mark.parametrize("wrong", [("\ud800", 1), (None, 1), (object(), 1)])
async def test_a_mistake_of_ours_is_loud_and_never_tried_again(
    database: Database, wrong: tuple[object, object]
) -> None:
    with pytest.raises(Exception) as error:
        async with database.transaction():
            await database.rows("INSERT INTO bucket (name, tokens, at) VALUES (?, ?, 'never')", *wrong)
    assert not isinstance(error.value, StoreBusy)
    with pytest.raises(BaseORMException) as broken:
        await database.rows("SELECT nothing FROM nowhere")
    assert not isinstance(broken.value, StoreBusy) and not is_passing(broken.value)
    await pair_in_a_transaction(database, 1)
