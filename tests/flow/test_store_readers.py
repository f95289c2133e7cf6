"""Reading beside the writer on SQLite: who closes what, and that nothing stays open."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from core.store import Database, opened
from core.store.readers import Readers

if TYPE_CHECKING:
    from pathlib import Path

    from core.settings import Settings

ONE = "SELECT 1 AS one"


class Watched(sqlite3.Connection):
    """A connection that knows which thread made it, and which has closed it."""

    made: list[Watched]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.made_on = threading.get_ident()
        self.closed_on: int | None = None
        self.made.append(self)

    def close(self) -> None:
        self.closed_on = threading.get_ident()
        super().close()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    """The connections that readers make from now on."""
    connect = sqlite3.connect
    monkeypatch.setattr(Watched, "made", [], raising=False)
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **options: connect(*given, factory=Watched, **options))
    return Watched.made


@pytest.fixture
def path(on_sqlite: Settings) -> Path:
    assert on_sqlite.sqlite_path is not None
    return on_sqlite.sqlite_path


async def test_the_loops_own_connection_is_closed_on_its_thread_and_not_made_again(
    on_sqlite: Settings, made: list[Watched]
) -> None:
    database = Database(on_sqlite, None)
    assert await database.look(ONE) == await database.read(ONE) == [{"one": 1}]
    looking, reading = made
    assert looking.made_on == threading.get_ident() != reading.made_on
    await database.close()
    assert (looking.closed_on, reading.closed_on) == (threading.get_ident(),) * 2
    assert await database.look(ONE) == [{"one": 1}]
    assert len(made) == 3 and made[-1].closed_on is not None, "who comes late opens one for itself, and closes it"


async def test_a_read_that_goes_on_while_they_are_closed_closes_its_own(path: Path, made: list[Watched]) -> None:
    readers = Readers(path)
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> list[dict[str, Any]]:
        with readers._reader() as connection:
            begun.set()
            assert go_on.wait(10)
            return [dict(row) for row in connection.execute(ONE).fetchall()]

    reading = asyncio.create_task(asyncio.to_thread(slowly))
    assert await asyncio.to_thread(begun.wait, 10)
    readers.close()
    assert made[0].closed_on is None
    go_on.set()
    assert await reading == [{"one": 1}]
    assert made[0].closed_on == made[0].made_on


async def test_many_reads_at_once_keep_as_many_connections_as_there_were(path: Path, made: list[Watched]) -> None:
    readers = Readers(path)
    for _ in range(3):
        await asyncio.to_thread(readers.read, ONE, ())
    assert len(made) == 1, "one after the other needs one"
    with readers._reader() as first, readers._reader() as second:
        assert first is not second
    assert len(made) == 2
    readers.close()
    assert all(one.closed_on is not None for one in made)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        readers.look(ONE, ())


async def test_on_any_database_what_looks_sees_what_is_committed(settings: Settings) -> None:
    async with opened(settings) as database:
        await database.rows("INSERT INTO bucket (name, tokens, at) VALUES ('a', 1, 0)")
        assert await database.look("SELECT name FROM bucket WHERE tokens = ?", 1) == [{"name": "a"}]
        await database.rows("DELETE FROM bucket")
        assert await database.look("SELECT name FROM bucket") == []
