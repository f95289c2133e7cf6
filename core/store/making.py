"""Making: a new database takes its tables from the statements that our migrations run, written down once.

The migrations themselves cost seconds: Tortoise copies all that it knows for every one of their operations.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from core.store import orm

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


def written_down(label: str) -> Path:
    """Where the statements for `sqlite` or `postgres` stand, beside the migrations; `recording` writes them."""
    (folder,) = import_module(orm.MIGRATIONS).__path__
    return Path(folder) / f"whole_{label}.sql"


def _statements(label: str) -> str:
    """All of them, or nothing where nobody has written them down: then the migrations do it."""
    path = written_down(label)
    return path.read_text("utf-8") if path.exists() else ""


def make_sqlite(path: Path) -> None:
    """Make the tables in an empty file, all or none. Raises sqlite3.Error, OSError."""
    if statements := _statements("sqlite"):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(f"BEGIN IMMEDIATE;\n{statements}COMMIT;")


async def make_postgres(transaction: BaseDBAsyncClient) -> None:
    """Make the tables in an empty database, as part of this transaction. Raises StoreBusy and Tortoise's errors."""
    if statements := _statements("postgres"):
        await transaction.execute_script(statements)
