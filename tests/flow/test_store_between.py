"""A process that is about to stand still has no transaction open, and others may write while it does."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from core.store import opened

if TYPE_CHECKING:
    from core.settings import Settings

ADD = "INSERT INTO bucket (name, tokens, at) VALUES (?, 1, 0)"


async def test_between_writes_waits_for_an_open_transaction_and_keeps_new_ones_out(on_sqlite: Settings) -> None:
    order: list[str] = []
    begun, may_end = asyncio.Event(), asyncio.Event()

    async with opened(on_sqlite) as database:

        async def writes(name: str) -> None:
            async with database.transaction():
                begun.set()
                await database.rows(ADD, name)
                await may_end.wait()
                order.append(name)

        async def stands_still() -> None:
            async with database.between_writes():
                order.append("still")
                path = on_sqlite.sqlite_path
                assert path is not None
                with closing(sqlite3.connect(path, timeout=0)) as another, another:
                    another.execute(ADD, ("another",))
                await asyncio.sleep(0)

        first = asyncio.ensure_future(writes("first"))
        await begun.wait()
        still = asyncio.ensure_future(stands_still())
        second = asyncio.ensure_future(writes("second"))
        await asyncio.sleep(0)
        assert order == []
        may_end.set()
        await asyncio.gather(first, still, second)
    assert order == ["first", "still", "second"]


async def test_on_any_database_it_lets_go_again(settings: Settings) -> None:
    async with opened(settings) as database:
        async with database.between_writes():
            pass
        await database.rows(ADD, "after")
        assert [row["name"] for row in await database.read("SELECT name FROM bucket")] == ["after"]
