"""One database, SQLite or PostgreSQL, behind the same few verbs."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from core.store.bell import Bell
from core.store.bulk import MOST_VALUES, in_one_row, unpacked
from core.store.busy import StoreBusy, translated
from core.store.connecting import connect_sqlite, load_orm
from core.store.passing import CHANNEL, watch_postgres, watch_sqlite
from core.store.readers import Readers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tortoise.backends.base.client import BaseDBAsyncClient
    from tortoise.context import TortoiseContext

    from core.settings import Settings
    from core.store.hold import Hold

Row = dict[str, Any]
Statement = tuple[str, "Sequence[Sequence[object]]"]
"""One statement, and the rows of values it is run for."""


class Database:
    """An open database. Its label differs by backend, since Tortoise caches SQL by label.

    Without a context nothing but `read` and the bell work, until `connect`.
    """

    def __init__(self, settings: Settings, hold: Hold | None, context: TortoiseContext | None = None) -> None:
        self.settings = settings
        self.bell = Bell()
        self._context = context
        self.label = "sqlite" if self.is_sqlite else "postgres"
        self._readers = None if settings.sqlite_path is None else Readers(settings.sqlite_path)
        self._hold = hold

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite, for the few places where the two differ."""
        return self.settings.sqlite_path is not None

    @property
    def skip_locked(self) -> str:
        """The clause that lets two engines claim different rows; SQLite needs none, since it has one writer."""
        return "" if self.is_sqlite else " FOR UPDATE SKIP LOCKED"

    @property
    def for_share(self) -> str:
        """The clause that keeps a row as it is until this transaction ends."""
        return "" if self.is_sqlite else " FOR SHARE"

    async def connect(self) -> None:
        """Let it be written to, where it could only be read. The ORM comes now, in a thread: it takes a while."""
        if self._context is None:
            path = self.settings.sqlite_path
            assert path is not None
            await asyncio.to_thread(load_orm)
            with translated():
                self._context = await connect_sqlite(path)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """The only way to write more than one row. Rings the bell after the commit. No I/O and no task inside.

        Raises StoreBusy when the database has no room, is locked for too long or went away.
        """
        from tortoise.transactions import in_transaction

        async with in_transaction(self.label):
            yield
        self.bell.ring()

    @asynccontextmanager
    async def between_writes(self) -> AsyncIterator[None]:
        """A block in which this process has no transaction open: nobody can take a lock from one that stands still.

        Only SQLite needs it; PostgreSQL breaks such a transaction off. Nothing of ours may write inside.
        """
        if self.is_sqlite and self._context is not None:
            async with self._connection().acquire_connection():
                yield
        else:
            yield

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """Run one statement with `?` placeholders in the current transaction, or alone; the rows it returns."""
        return await self._connection().execute_query_dict(self._placed(sql), list(values))

    async def rows_at_once(self, columns: Sequence[str], rest: str, *values: object) -> list[Row]:
        """`SELECT columns rest` in the current transaction, for hundreds of rows of whole numbers and texts.

        On SQLite they come as one row of JSON: its thread and ours take the interpreter's lock from each other at
        every row, and to wait for it takes ten times as long as the row.
        """
        if not self.is_sqlite:
            return await self.rows(f"SELECT {', '.join(columns)} {rest}", *values)
        (packed,) = await self.rows(in_one_row(columns, rest), *values)
        return unpacked(columns, packed)

    async def many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """Run one statement for each row of values, in the current transaction or in one of their own."""
        if values:
            await self._connection().execute_many(self._placed(sql), [list(row) for row in values])

    async def insert_many(
        self, table: str, columns: Sequence[str], values: Sequence[Sequence[object]], returning: str = ""
    ) -> list[Row]:
        """Insert rows in one statement; what they return, in no promised order.

        With ids of `new_ids` nothing need be returned: SQLite hands over the rows of an answer one by one, and each
        costs as much as it took to write.
        """
        if not values:
            return []
        place = "(" + ", ".join("?" * len(columns)) + ")"
        found: list[Row] = []
        step = max(1, MOST_VALUES // len(columns))
        answer = f" RETURNING {returning}" if returning else ""
        for start in range(0, len(values), step):
            part = values[start : start + step]
            places = ", ".join([place] * len(part))
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}{answer}"
            found += await self.rows(sql, *chain.from_iterable(part))
        return found

    async def new_ids(self, table: str, count: int) -> Sequence[int]:
        """Ids for rows that this transaction is about to insert with them, in ascending order."""
        if self.is_sqlite:
            rows = await self.rows("SELECT max(seq) AS last FROM sqlite_sequence WHERE name = ?", table)
            first = (rows[0]["last"] or 0) + 1
            return range(first, first + count)
        sql = "SELECT nextval(pg_get_serial_sequence(?, 'id')) AS id FROM generate_series(1, ?)"
        return sorted(row["id"] for row in await self.rows(sql, table, count))

    async def commit_together(
        self,
        changes: Sequence[Statement],
        last: tuple[str, Sequence[object]] | None,
        after: Sequence[Statement] = (),
    ) -> list[Row]:
        """Run changes (each statement for each of its rows), then one statement that returns rows, in one transaction.

        `after`: more changes, behind that.

        On SQLite it is one trip to the database's thread, and so atomic even where the caller is cancelled: this is
        the outbox's hot path. Rings the bell.
        """
        if self.is_sqlite:
            found = await self._commit_on_thread(changes, last, after)
        else:
            from tortoise.transactions import in_transaction

            found = []
            async with in_transaction(self.label):
                for sql, values in changes:
                    await self.many(sql, values)
                if last:
                    found = await self.rows(last[0], *last[1])
                for sql, values in after:
                    await self.many(sql, values)
        self.bell.ring()
        return found

    async def _commit_on_thread(
        self, changes: Sequence[Statement], last: tuple[str, Sequence[object]] | None, after: Sequence[Statement]
    ) -> list[Row]:
        def work(connection: sqlite3.Connection) -> list[Row]:
            connection.execute("BEGIN IMMEDIATE")
            try:
                for sql, values in changes:
                    connection.executemany(sql, values)
                found = [dict(row) for row in connection.execute(*last).fetchall()] if last else []
                for sql, values in after:
                    connection.executemany(sql, values)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return found

        with translated():
            async with self._connection().acquire_connection() as connection:
                return await connection._execute(work, connection._conn)  # type: ignore[no-any-return]

    async def read(self, sql: str, *values: object) -> list[Row]:
        """Read outside any transaction: on SQLite through read-only connections that no writer holds up."""
        if self._readers is None:
            return await self.rows(sql, *values)
        with translated():
            return await asyncio.to_thread(self._readers.read, sql, values)

    async def look(self, sql: str, *values: object) -> list[Row]:
        """As `read`, in the loop's own thread: for a few rows that an index finds, when it is asked again and again.

        To hand such a question to a thread and its rows back costs several times what they cost, and holds up all else
        meanwhile: the two take the interpreter's lock from each other at every row.
        """
        if self._readers is None:
            return await self.rows(sql, *values)
        try:
            return self._readers.look(sql, values)
        except sqlite3.Error:
            return await self.read(sql, *values)  # it would have to wait, or cannot be had: said by who may wait

    async def changed_elsewhere(self) -> int:
        """SQLite's data_version: another number when another connection has committed. Raises StoreBusy."""
        return int((await self.rows("PRAGMA data_version"))[0]["data_version"])

    async def pass_the_bell_on(self) -> None:
        """Hear the rings of other processes and let them hear ours; until cancelled."""
        if self.is_sqlite:
            await watch_sqlite(self)
        else:
            await watch_postgres(self, self.settings.db)

    async def close(self) -> None:
        """Close every connection; an SQLite thread left open would keep the process alive."""
        try:
            if self.bell.rung_here.is_set() and not self.is_sqlite:
                with suppress(StoreBusy):
                    await self.rows(f"NOTIFY {CHANNEL}")
        finally:
            await asyncio.shield(self._close())

    async def _close(self) -> None:
        try:
            if self._readers is not None:
                self._readers.close()
            if self._context is not None:
                await self._context.close_connections()
        finally:
            if self._hold is not None:
                self._hold.release()

    def _connection(self) -> BaseDBAsyncClient:
        if self._context is None:
            raise RuntimeError("the database was opened for reading and is not connected yet")
        return self._context.connections.get(self.label)

    def _placed(self, sql: str) -> str:
        return sql if self.is_sqlite else _numbered(sql)


@lru_cache(maxsize=500)
def _numbered(sql: str) -> str:
    pieces = sql.split("?")
    return pieces[0] + "".join(f"${n}{piece}" for n, piece in enumerate(pieces[1:], 1))
