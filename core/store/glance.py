"""One short look into an SQLite file by one thread, before anything dear is imported."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

Result = TypeVar("Result")
PATIENCE_SECONDS = 0.5


class Glance:
    """What `core.views` need of a Database, for `at_once`. Raises sqlite3.Error, as nobody waits or tries again."""

    is_sqlite = True

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE_SECONDS)
        self._connection.row_factory = sqlite3.Row

    async def read(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """The rows of one statement, without ever waiting."""
        return [dict(row) for row in self._connection.execute(sql, values).fetchall()]

    def close(self) -> None:
        """The file is let go."""
        self._connection.close()


def at_once(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns that never waits, without an event loop. Raises RuntimeError for one that does."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        result: Result = ended.value
        return result
    coroutine.close()
    raise RuntimeError("it waits")
