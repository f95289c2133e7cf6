"""SQLite transactions that begin IMMEDIATE and survive a cancel while they begin.

Tortoise 1.1 begins deferred, so two processes that read and then write fail at once with "database is locked"
whatever the busy time-out; and a task that is cancelled inside `__aenter__` never gives the connection's lock back.
Tortoise has no option for either, so its SQLite context is replaced here; that is why its version is pinned.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

from tortoise.backends.sqlite import client as sqlite
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

if TYPE_CHECKING:
    from tortoise.backends.base.client import TransactionalDBClient


async def _begin(self: sqlite.SqliteTransactionWrapper) -> None:
    try:
        await self._connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise OperationalError(error) from error


async def _enter(self: sqlite.SqliteTransactionContext) -> TransactionalDBClient:
    await self._trxlock.acquire()
    try:
        await self.ensure_connection()
        await self.connection.begin()
    except BaseException:
        # A cancelled call still runs in aiosqlite's thread: undo a BEGIN that may land after we have gone.
        try:
            await asyncio.shield(self.connection._connection.rollback())
        finally:
            self._trxlock.release()
        raise
    self.token = get_connections().set(self.connection_name, self.connection)
    return self.connection  # type: ignore[no-any-return]


def install() -> None:
    """Put both in place; harmless when done twice."""
    sqlite.SqliteTransactionWrapper.begin = _begin  # type: ignore[method-assign]
    sqlite.SqliteTransactionContext.__aenter__ = _enter  # type: ignore[method-assign]
