"""Migrating: a database is brought up to date before anybody uses it, and whatever happens one good one remains.

A new one is made in the same way, from statements written down (`making`); what they do not hold yet is migrated.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from core.errors import Permanent
from core.store.busy import StoreBusy, translated
from core.store.connecting import application_name, connect, on_sqlite, our_migrations
from core.store.hold import Hold
from core.store.making import make_postgres, make_sqlite
from core.store.orm import apps

if TYPE_CHECKING:
    from pathlib import Path

    from tortoise.context import TortoiseContext

MIGRATION_LOCK = 0x706F7374  # any number, the same in every Postroom: PostgreSQL's advisory lock
PATIENCE_SECONDS = 15.0
LOOK_SECONDS = 0.05


class NewerDatabase(Permanent):
    """The database was made by a newer Postroom."""


class InUse(Permanent):
    """The database must be migrated and another process is using it."""


class CannotOpen(Permanent):
    """The database cannot be opened."""


class _Broken(Exception):
    """What Tortoise said of a migration that failed. A new file needs no Tortoise, nor its errors."""


def _pending(applied: list[str], where: str) -> list[str]:
    ours = our_migrations()
    unknown = sorted(set(applied) - set(ours))
    if unknown:
        raise NewerDatabase(
            f"{where} was made by a newer Postroom (it has {unknown[-1]}, this one knows up to {ours[-1]}):"
            " start that version, or restore the copy it made before it migrated"
        )
    return [name for name in ours if name not in applied]


def _in_use(where: str) -> InUse:
    return InUse(f"{where} must be migrated and another Postroom uses it: stop that one first")


# -- SQLite: a copy is migrated and takes the place of the old file, which is kept -----------------------------------


async def settle_sqlite(path: Path) -> Hold:
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
                raise _in_use(str(path))
            else:
                await asyncio.sleep(LOOK_SECONDS)
    except BaseException:
        hold.release()
        raise


def _applied_sqlite(path: Path) -> list[str]:
    if path.is_dir():
        raise CannotOpen(f"{path} is a folder and not a database: name a file in it with --db")
    if not path.exists() or path.stat().st_size == 0:
        return []
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE_SECONDS)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "tortoise_migrations" in tables:
                rows = connection.execute("SELECT name FROM tortoise_migrations WHERE app = 'postroom'")
                applied = [str(name) for (name,) in rows]
            else:
                applied = []
    except sqlite3.DatabaseError as error:
        raise CannotOpen(
            f"{path} cannot be opened: {error}; choose another file with --db, or restore a copy"
        ) from error
    if tables and not applied:
        raise CannotOpen(f"{path} is a database, but not one of Postroom's: choose another file with --db")
    return applied


async def _migrate_sqlite(path: Path) -> None:
    """Migrate a copy and put it in the old one's place, which is kept: a crash at any point leaves one good file."""
    copy = path.with_name(path.name + ".migrating")
    try:
        _copy(path, copy)
        if not _applied_sqlite(copy):
            make_sqlite(copy)
        if _pending(_applied_sqlite(copy), str(path)):
            await _bring_up_to_date(copy)
        _check_parents(copy)
        if path.exists():
            _keep(path)
        os.replace(copy, path)
        _sync_folder(path.parent)
    except (StoreBusy, _Broken, sqlite3.Error, OSError) as error:
        raise CannotOpen(f"{path} could not be migrated and is as it was: {error}") from error
    finally:
        _remove(copy)


def _copy(path: Path, copy: Path) -> None:
    """A whole copy of what the file and its log hold, as private as the file is; empty where there is none."""
    _remove(copy)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    if not path.exists() or path.stat().st_size == 0:
        return
    with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with closing(sqlite3.connect(copy)) as target:
            connection.backup(target)
    # The last to close removes the log; one that stays is in use, and must not meet the new file.
    if path.with_name(path.name + "-wal").exists():
        raise InUse(f"{path} must be migrated and another program has it open: close that one first")


async def _bring_up_to_date(copy: Path) -> None:
    from tortoise.exceptions import BaseORMException

    # Without foreign keys: Tortoise rebuilds a table to alter it, and must not cascade while it does.
    pragmas = {"journal_mode": "DELETE", "synchronous": "FULL", "foreign_keys": "OFF"}
    try:
        context = await connect(on_sqlite(copy, **pragmas), "sqlite", everywhere=False)
        try:
            with context:
                await _run_migrations(context, "sqlite")
        finally:
            await context.close_connections()
    except BaseORMException as error:
        raise _Broken(str(error)) from error


def _check_parents(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise sqlite3.IntegrityError(f"{len(broken)} rows would lose what they belong to")


def _keep(path: Path) -> None:
    """The old file stays under another name: as a second name for it where that can be, else as a copy."""
    kept = path.with_name(f"{path.name}.before-{our_migrations()[-1]}")
    kept.unlink(missing_ok=True)
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _remove(copy: Path) -> None:
    for leftover in (copy, copy.with_name(copy.name + "-journal")):
        leftover.unlink(missing_ok=True)


# -- PostgreSQL: all in one transaction ------------------------------------------------------------------------------


async def settle_postgres(context: TortoiseContext, where: str) -> None:
    """Bring it up to date, once nobody is connected who was made for an older schema."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    with context:
        while not await _settled_postgres(context, where):
            if asyncio.get_running_loop().time() > deadline:
                raise _in_use(where)
            await asyncio.sleep(LOOK_SECONDS)


async def _settled_postgres(context: TortoiseContext, where: str) -> bool:
    """False while others use what must be migrated."""
    import asyncpg
    from tortoise.exceptions import BaseORMException
    from tortoise.transactions import in_transaction

    async with in_transaction("postgres") as connection:
        # Shared while we look: nobody can migrate between our look and our name being seen among those connected.
        await connection.execute_query("SELECT pg_advisory_xact_lock_shared($1)", [MIGRATION_LOCK])
        if not _pending(await _applied_postgres(context), where):
            return True
    async with in_transaction("postgres") as connection:
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK])
        # Between two statements a slow machine thinks for longer than any other transaction of ours may idle.
        await connection.execute_query("SET LOCAL idle_in_transaction_session_timeout = 0")
        applied = await _applied_postgres(context)
        if not _pending(applied, where):
            return True
        if applied and await _others(context):
            return False
        try:
            if not applied:
                await make_postgres(connection)
            if _pending(await _applied_postgres(context), where):
                await _run_migrations(context, "postgres")
        except (StoreBusy, BaseORMException, asyncpg.PostgresError) as error:
            raise CannotOpen(f"{where} could not be migrated and is as it was: {error}") from error
    return True


async def _applied_postgres(context: TortoiseContext) -> list[str]:
    connection = context.connections.get("postgres")
    exists = await connection.execute_query_dict("SELECT to_regclass('tortoise_migrations') IS NOT NULL AS there")
    if not exists[0]["there"]:
        return []
    rows = await connection.execute_query_dict("SELECT name FROM tortoise_migrations WHERE app = 'postroom'")
    return [row["name"] for row in rows]


async def _others(context: TortoiseContext) -> bool:
    """Whether a Postroom is connected that was made for another schema than ours."""
    rows = await context.connections.get("postgres").execute_query_dict(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'postroom/%'"
        " AND application_name <> $1",
        [application_name()],
    )
    return bool(rows)


async def _run_migrations(context: TortoiseContext, label: str) -> None:
    # Imported here: only an old database needs it, and a cold start counts.
    from tortoise.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(context.connections.get(label), apps(label))
    with translated():
        # Asked for before it is there, the table of applied migrations would spoil PostgreSQL's transaction.
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        await executor.migrate()
