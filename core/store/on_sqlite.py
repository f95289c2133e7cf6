"""Tortoise's client for SQLite with transactions that begin IMMEDIATE and survive a cancel at any point.

Tortoise 1.1 begins deferred, so two processes that read and then write fail at once with "database is locked"
whatever the busy time-out. A task cancelled inside its `__aenter__` never gives the connection's lock back, and a
COMMIT that fails leaves the transaction open for whoever comes next. It has no option for any of this: the client is
ours (`client_class` is how Tortoise finds it), and that is why its version is pinned.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tortoise.backends.base.client import NestedTransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections

from core.store.busy import translated
from core.store.translating import Translating, still_in

if TYPE_CHECKING:
    import aiosqlite
    from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext


class OnSqlite(Translating, SqliteClient):
    """The one connection of this process."""

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_InTransaction(self), self._lock)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """All or nothing, also where it is cancelled."""
        async with self._in_transaction() as transaction:
            await transaction.execute_many(query, values)


class _InTransaction(Translating, SqliteTransactionWrapper):
    is_over = False

    def acquire_connection(self) -> ConnectionWrapper[aiosqlite.Connection]:
        still_in(self)
        return super().acquire_connection()

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_InTransaction(self))

    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")


class _Transaction(SqliteTransactionContext):
    """A cancelled call still runs in aiosqlite's thread, one after another in the order they were asked for.

    So a rollback asked for after a cancel undoes whatever of BEGIN or COMMIT has failed or has landed by then.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            with translated():
                await self.connection.begin()
        except BaseException:
            await self._undo()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        get_connections().reset(self.token)
        self.connection.is_over = True
        if exc_type is not None:
            await self._undo()
            return
        try:
            with translated():
                await self.connection.commit()
        except BaseException:
            await self._undo()
            raise
        self._trxlock.release()

    async def _undo(self) -> None:
        """Roll back, unless nothing is open, and let others have the connection."""
        try:
            if self.connection._connection is not None:
                with translated():
                    await asyncio.shield(self.connection._connection.rollback())
        finally:
            self._trxlock.release()


client_class = OnSqlite
