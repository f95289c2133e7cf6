"""Opening a database: made when it is new, migrated when it is old, refused when it is newer than this program."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from core.settings import shown_url
from core.store.busy import StoreBusy
from core.store.database import Database
from core.store.migrating import CannotOpen, settle_postgres, settle_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.settings import Settings


async def open_database(settings: Settings) -> Database:
    """Open, create or migrate the database. Raises NewerDatabase, InUse, CannotOpen, Wrong, StoreBusy."""
    database = await open_to_read(settings)
    try:
        await database.connect()
    except BaseException:
        await database.close()
        raise
    return database


async def open_to_read(settings: Settings) -> Database:
    """As `open_database`; an SQLite file that is up to date is opened in no time, and for `read` alone."""
    if settings.sqlite_path is not None:
        return Database(settings, await settle_sqlite(settings.sqlite_path))
    return await _open_postgres(settings)


async def _open_postgres(settings: Settings) -> Database:
    import asyncpg
    from tortoise.exceptions import BaseORMException

    from core.store.connecting import connect, on_postgres

    connection = on_postgres(settings.db)
    try:
        context = await connect(connection, "postgres", everywhere=True)
    except (StoreBusy, BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        reason = error.__cause__ or error
        raise CannotOpen(f"{shown_url(settings.db)} cannot be opened: {reason}; check --db and the server") from error
    try:
        await settle_postgres(context, shown_url(settings.db))
    except BaseException:
        await context.close_connections()
        raise
    return Database(settings, None, context)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database for the length of a block."""
    database = await open_database(settings)
    try:
        yield database
    finally:
        await database.close()
