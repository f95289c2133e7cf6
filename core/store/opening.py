"""Opening a database: made when it is new, migrated when it is old, refused when it is newer than this program."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tortoise.exceptions import BaseORMException

from core.settings import shown_url
from core.store.busy import StoreBusy, translated
from core.store.connecting import connect, on_postgres, on_sqlite
from core.store.database import Database
from core.store.migrating import CannotOpen, settle_postgres, settle_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.settings import Settings

SQLITE_PRAGMAS: dict[str, object] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 15000,
    # A log that is not cut short each time costs an fsync of data only.
    "journal_size_limit": 67108864,
    "wal_autocheckpoint": 4000,
}


async def open_database(settings: Settings) -> Database:
    """Open, create or migrate the database. Raises NewerDatabase, InUse, CannotOpen, Wrong, StoreBusy."""
    if settings.sqlite_path is not None:
        return await _open_sqlite(settings, settings.sqlite_path)
    return await _open_postgres(settings)


async def _open_sqlite(settings: Settings, path: Path) -> Database:
    hold = await settle_sqlite(path)
    try:
        with translated():
            context = await connect(on_sqlite(path, **SQLITE_PRAGMAS), "sqlite", everywhere=True)
    except BaseException:
        hold.release()
        raise
    return Database(settings, context, "sqlite", hold)


async def _open_postgres(settings: Settings) -> Database:
    import asyncpg

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
    return Database(settings, context, "postgres", None)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database for the length of a block."""
    database = await open_database(settings)
    try:
        yield database
    finally:
        await database.close()
