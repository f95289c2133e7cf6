"""What may pass by itself (locked, full, server gone) is StoreBusy; a mistake of ours stays what it is, and is loud."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSING_SQLITE = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    )
)
# By name: asyncpg is not imported where the database is SQLite, nor Tortoise where it is only read. The classes of
# SQLSTATE 08, 40, 53, 55P03, 57, 25006.
_PASSING_POSTGRES = frozenset(
    (
        "PostgresConnectionError",
        "TransactionRollbackError",
        "InsufficientResourcesError",
        "LockNotAvailableError",
        "OperatorInterventionError",
        "ReadOnlySQLTransactionError",
        "InternalClientError",  # asyncpg, asked between the last words of a backend that was ended and its end
    )
)


class StoreBusy(Transient):
    """The database did not answer in time, has no room or went away; what was asked for was not done.

    One doubt remains on PostgreSQL: a server that goes away while it commits may have committed.
    """


@contextmanager
def translated() -> Iterator[None]:
    """Turns what may pass by itself into StoreBusy. Only round a library's call: an OSError here is the database's."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) or "DBConnectionError" in _kinds(error):
            raise StoreBusy(f"the database cannot be reached: {error}; it is tried again") from error
        if is_passing(error):
            raise StoreBusy(f"the database: {error}; it is tried again") from error
        raise


def is_passing(error: BaseException) -> bool:
    """Whether the same call may go right later with nothing changed by a person."""
    if "BaseORMException" in _kinds(error) and error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]  # what Tortoise has wrapped
    if isinstance(error, sqlite3.Error):
        # The low octet is the primary code; what Python's module says itself has none.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    names = _kinds(error)
    if names & _PASSING_POSTGRES:
        return True
    # An InterfaceError is asyncpg's word for our mistakes too: for a query's wrong value, say. A connection that died
    # is closed, or the pool has it back already.
    return "InterfaceError" in names and any(word in str(error) for word in ("closed", "released back to the pool"))


def _kinds(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}
