"""What may pass by itself (locked, full, server gone) is StoreBusy; a mistake of ours stays what it is, and is loud."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import BaseORMException, DBConnectionError

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
# By name: asyncpg is not imported where the database is SQLite. The classes of SQLSTATE 08, 40, 53, 55P03, 57, 25006.
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
    except (DBConnectionError, OSError) as error:
        raise StoreBusy(f"the database cannot be reached: {error}; it is tried again") from error
    except Exception as error:
        if is_passing(error):
            raise StoreBusy(f"the database: {error}; it is tried again") from error
        raise


def is_passing(error: BaseException) -> bool:
    """Whether the same call may go right later with nothing changed by a person."""
    if isinstance(error, BaseORMException) and error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]  # what Tortoise has wrapped
    if isinstance(error, sqlite3.Error):
        # The low octet is the primary code; what Python's module says itself has none.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & _PASSING_POSTGRES:
        return True
    # An InterfaceError is asyncpg's word for our mistakes too: for a query's wrong value, say. A connection that died
    # is closed, or the pool has it back already.
    return "InterfaceError" in names and any(word in str(error) for word in ("closed", "released back to the pool"))


def still_in(transaction: Any) -> None:
    """Raises RuntimeError for a task that was started inside a transaction and has outlived it."""
    while transaction is not None:
        if getattr(transaction, "is_over", False):
            raise RuntimeError("a task was started inside a transaction and has outlived it: start it outside")
        transaction = getattr(transaction, "_parent", None)


class Translating(BaseDBAsyncClient):
    """A client of Tortoise whose errors are translated at this one edge, for raw SQL and the ORM alike."""

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            return await super().execute_insert(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Any]:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            return await super().execute_query_dict(query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            await super().execute_many(query, values)

    async def execute_script(self, query: str) -> None:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            await super().execute_script(query)
