"""Opening a database: made when it is new, migrated when it is old, refused when it is newer than this program."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import asynccontextmanager, closing
from importlib import resources
from typing import TYPE_CHECKING, Any

from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from core.errors import Permanent
from core.settings import shown_url
from core.store import immediate
from core.store.database import Database, orm_config, translated
from core.store.hold import Hold

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.settings import Settings

SQLITE_OPTIONS = (
    "journal_mode=WAL&synchronous=FULL&foreign_keys=ON&busy_timeout=15000"
    # A log that is not cut short each time costs an fsync of data only.
    "&journal_size_limit=67108864&wal_autocheckpoint=4000"
)
MIGRATING_OPTIONS = "journal_mode=DELETE&synchronous=FULL&foreign_keys=OFF"  # a rebuilt table must not cascade
MIGRATION_LOCK = 0x706F7374  # any number, the same in every Postroom: PostgreSQL's advisory lock
PATIENCE_SECONDS = 15.0


class NewerDatabase(Permanent):
    """The database was made by a newer Postroom."""


class InUse(Permanent):
    """The database must be migrated and another process is using it."""


class CannotOpen(Permanent):
    """The database cannot be opened."""


def our_migrations() -> list[str]:
    """The names of the migrations this program knows, in order."""
    files = (item.name for item in resources.files("core.migrations").iterdir())
    return sorted(name.removesuffix(".py") for name in files if name[:1].isdigit())


async def open_database(settings: Settings) -> Database:
    """Open, create or migrate the database. Raises NewerDatabase, InUse, CannotOpen, StoreBusy."""
    immediate.install()
    if settings.sqlite_path is not None:
        hold = await _settle_sqlite(settings.sqlite_path)
        context = await _connect(f"sqlite://{settings.sqlite_path}?{SQLITE_OPTIONS}", "sqlite", everywhere=True)
        return Database(settings, context, "sqlite", hold)
    url = "asyncpg" + settings.db[settings.db.index("://") :]
    try:
        context = await _connect(url, "postgres", everywhere=True)
    except Exception as error:
        raise CannotOpen(f"{shown_url(settings.db)} cannot be opened: {error}") from error
    try:
        with translated():
            await _settle_postgres(context, settings)
    except BaseException:
        await context.close_connections()
        raise
    return Database(settings, context, "postgres", None)


async def _connect(url: str, label: str, *, everywhere: bool) -> TortoiseContext:
    context = TortoiseContext()
    with context:
        await context.init(config=orm_config(url, label), _enable_global_fallback=everywhere)
    try:
        await context.connections.get(label).execute_query("SELECT 1")
    except BaseException:
        await context.close_connections()
        raise
    return context


def _pending(applied: list[str], where: str) -> list[str]:
    ours = our_migrations()
    unknown = sorted(set(applied) - set(ours))
    if unknown:
        raise NewerDatabase(
            f"{where} was made by a newer Postroom (it has {unknown[-1]}, this one knows up to {ours[-1]}):"
            " start that version, or restore the copy it made before it migrated"
        )
    return [name for name in ours if name not in applied]


async def _settle_sqlite(path: Path) -> Hold:
    """A shared hold on a database file that exists and is up to date."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        hold = Hold(path.with_name(path.name + ".lock"))
    except OSError as error:
        raise CannotOpen(f"{path} cannot be opened: {error.strerror}; choose another place with --db") from error
    try:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            if hold.try_shared() and not _pending(_applied_sqlite(path), str(path)):
                return hold
            if hold.try_exclusive():
                if _pending(_applied_sqlite(path), str(path)):
                    await _migrate_sqlite(path)
            elif asyncio.get_running_loop().time() > deadline:
                raise InUse(f"{path} must be migrated and another Postroom uses it: stop that one first")
            else:
                await asyncio.sleep(0.05)
    except BaseException:
        hold.release()
        raise


def _applied_sqlite(path: Path) -> list[str]:
    if not path.exists() or path.stat().st_size == 0:
        return []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE_SECONDS)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "tortoise_migrations" not in tables:
                if tables:
                    raise CannotOpen(f"{path} is a database, but not one of Postroom's: choose another file with --db")
                return []
            return [name for (name,) in connection.execute("SELECT name FROM tortoise_migrations")]
    except sqlite3.DatabaseError as error:
        raise CannotOpen(
            f"{path} cannot be opened: {error}; choose another file with --db, or restore a copy"
        ) from error


async def _migrate_sqlite(path: Path) -> None:
    """Migrate a copy and put it in the old one's place, which is kept: a crash at any point leaves one good file."""
    copy = path.with_name(path.name + ".migrating")
    for leftover in (copy, copy.with_name(copy.name + "-journal")):
        leftover.unlink(missing_ok=True)
    applied = _applied_sqlite(path)
    if applied:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
    else:
        os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    context = await _connect(f"sqlite://{copy}?{MIGRATING_OPTIONS}", "sqlite", everywhere=False)
    try:
        with context:
            await _run_migrations(context, "sqlite")
    finally:
        await context.close_connections()
    with closing(sqlite3.connect(copy)) as connection:
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise CannotOpen(f"{path} was not migrated: {len(broken)} rows would lose what they belong to")
    if applied:
        shutil.copy2(path, path.with_name(f"{path.name}.before-{our_migrations()[-1]}"))
    os.replace(copy, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _settle_postgres(context: TortoiseContext, settings: Settings) -> None:
    where = shown_url(settings.db)
    if not _pending(await _applied_postgres(context), where):
        return
    with context:
        async with in_transaction("postgres") as connection:
            await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK])
            if _pending(await _applied_postgres(context), where):
                await _run_migrations(context, "postgres")


async def _applied_postgres(context: TortoiseContext) -> list[str]:
    connection = context.connections.get("postgres")
    exists = await connection.execute_query_dict("SELECT to_regclass('tortoise_migrations') IS NOT NULL AS there")
    if not exists[0]["there"]:
        return []
    return [row["name"] for row in await connection.execute_query_dict("SELECT name FROM tortoise_migrations")]


async def _run_migrations(context: TortoiseContext, label: str) -> None:
    # Imported here: only an old database needs it, and a cold start counts.
    from tortoise.migrations.executor import MigrationExecutor

    apps: dict[str, Any] = orm_config("", label)["apps"]
    executor = MigrationExecutor(context.connections.get(label), apps)
    # Asked for before it is there, the table of applied migrations would spoil PostgreSQL's transaction.
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    await executor.migrate()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database for the length of a block."""
    database = await open_database(settings)
    try:
        yield database
    finally:
        await database.close()
