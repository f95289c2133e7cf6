"""Read-only connections of one SQLite file, beside the one that writes: no reader waits for a writer."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PATIENCE_SECONDS = 15.0
"""How long `read` waits where the file is locked whole, as while it is recovered after a crash."""


class Readers:
    """One connection for each thread that reads at the same time, and one of the event loop's own thread.

    Both raise sqlite3.Error. Once they are closed none is kept open: a read that was cancelled goes on in its thread,
    and the last to use a connection closes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._looking: sqlite3.Connection | None = None
        self._is_closed = False

    def read(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """The rows of one statement, in a thread that may wait."""
        with self._reader() as connection:
            return _rows(connection, sql, values)

    def look(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """The same in the loop's thread, which never waits. Raises sqlite3.Error also once they are closed."""
        if self._is_closed:
            raise sqlite3.ProgrammingError("the readers are closed")
        if self._looking is None:
            self._looking = self._connected(timeout=0.0)
        return _rows(self._looking, sql, values)

    def close(self) -> None:
        """In the loop's thread, so that none closes what another one looks through."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        if self._looking is not None:
            self._looking.close()
            self._looking = None

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for one thread: a long look holds up no short one. There are as many as there were at once."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connected(PATIENCE_SECONDS)
        try:
            yield connection
        finally:
            with self._lock:
                is_kept = not self._is_closed
                if is_kept:
                    self._idle.append(connection)
            if not is_kept:
                connection.close()

    def _connected(self, timeout: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None, timeout=timeout
        )
        connection.row_factory = sqlite3.Row
        return connection


def _rows(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sql, values).fetchall()]
