"""Tortoise's client for PostgreSQL with transactions that end, and give their connection back, whatever happens.

Tortoise 1.1 loses a pooled connection when a task is cancelled while its transaction begins, and leaves the task with
a dead one when it is cancelled again while it ends. `client_class` is how Tortoise finds ours.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext, TransactionContextPooled
from tortoise.connection import get_connections

from core.store.busy import StoreBusy, translated
from core.store.translating import Translating, still_in

if TYPE_CHECKING:
    from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext

PATIENCE_SECONDS = 2.0
"""How long a cancelled task waits for the end of its transaction; a server that is there needs a moment."""

_numbers = count(1)


class _Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg does not say of what
    """One that is as it was: nothing of ours sets, locks or listens beyond its transaction, and to undo that each time
    would be as many questions again as are asked."""

    def get_reset_query(self) -> str:
        """Nothing; an open transaction is ended all the same."""
        return ""


class OnAsyncpg(Translating, AsyncpgDBClient):
    """The pool of this process."""

    connection_class = _Connection

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_InTransaction(self), self._pool_init_lock)


class _InTransaction(Translating, TransactionWrapper):
    """Says BEGIN and the rest itself: asyncpg's Transaction cannot be rolled back once its BEGIN was cancelled."""

    is_over = False

    def acquire_connection(self) -> ConnectionWrapper[asyncpg.Connection]:
        still_in(self)
        return super().acquire_connection()

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_InTransaction(self))

    async def begin(self) -> None:
        await self._say("BEGIN")

    async def commit(self) -> None:
        await self._say("COMMIT")

    async def rollback(self) -> None:
        await self._say("ROLLBACK")

    async def savepoint(self) -> None:
        self._name = f"postroom_{next(_numbers)}"
        await self._say(f"SAVEPOINT {self._name}")

    async def release_savepoint(self) -> None:
        await self._say(f"RELEASE SAVEPOINT {self._name}")

    async def savepoint_rollback(self) -> None:
        await self._say(f"ROLLBACK TO SAVEPOINT {self._name}")

    async def _say(self, word: str) -> None:
        with translated():
            await self._connection.execute(word)


class _Transaction(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        with translated():
            await self.ensure_connection()
            self.client._connection = await self.client._parent._pool.acquire()
        try:
            await self.client.begin()
        except BaseException:
            await self._end(commit=False)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        get_connections().reset(self.token)
        self.client.is_over = True  # type: ignore[attr-defined]
        await self._end(commit=exc_type is None)

    async def _end(self, *, commit: bool) -> None:
        # In a task of its own: a COMMIT that has begun is done, and the connection goes back, whoever is cancelled.
        ending = asyncio.create_task(self._finish(commit), name="end of a transaction")
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            # What the caller does next must find it ended, as on SQLite.
            await asyncio.wait([ending], timeout=PATIENCE_SECONDS)
            if ending.done() and not ending.cancelled():
                ending.exception()
            raise

    async def _finish(self, commit: bool) -> None:
        pool, connection = self.client._parent._pool, self.client._connection
        gone = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
        try:
            if commit:
                await self.client.commit()
            else:
                with suppress(StoreBusy, *gone):
                    await self.client.rollback()
        finally:
            # Of a connection that cannot be reset the pool is rid already; what was committed stays committed.
            with suppress(*gone):
                await pool.release(connection)


client_class = OnAsyncpg
