"""Passing the bell on between processes: LISTEN/NOTIFY on PostgreSQL, data_version on SQLite."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.store.busy import StoreBusy

if TYPE_CHECKING:
    from core.store.database import Database

LOOK_SECONDS = 0.05
"""How often SQLite is asked whether another process has committed: somebody who became ready waits for half of it."""
SELDOM_SECONDS = 0.2
"""The same where nothing has happened for `QUIET_SECONDS`: to look costs more than to wait where nobody works."""
QUIET_SECONDS = 3.0
GATHER_SECONDS = 0.02
"""Rings within this time go out as one notification."""
AGAIN_SECONDS = 2.0
CHANNEL = "postroom"


async def watch_sqlite(database: Database) -> None:
    """Ring when another connection has committed; until cancelled."""
    version: int | None = None
    time = asyncio.get_running_loop().time
    ring, busy_until = database.bell.listen(), time() + QUIET_SECONDS
    while True:
        try:
            found = await database.changed_elsewhere()
        except StoreBusy:
            await asyncio.sleep(AGAIN_SECONDS)  # the slow polls go on meanwhile
            continue
        if version is None:
            version = found
        if found != version:
            version = found
            database.bell.ring(from_outside=True)
        if ring.is_set():
            ring, busy_until = database.bell.listen(), time() + QUIET_SECONDS
        await asyncio.sleep(LOOK_SECONDS if time() < busy_until else SELDOM_SECONDS)


async def watch_postgres(database: Database, url: str) -> None:
    """Ring when another process has notified, and notify when we have rung; until cancelled."""
    import asyncpg

    while True:
        try:
            connection = await asyncpg.connect(url)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        try:
            await _listen(database, connection)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(AGAIN_SECONDS)
        finally:
            await _close(connection)


async def _listen(database: Database, connection: object) -> None:
    import asyncpg

    assert isinstance(connection, asyncpg.Connection)
    ours = connection.get_server_pid()

    def notified(_connection: object, pid: int, _channel: str, _payload: str) -> None:
        if pid != ours:
            database.bell.ring(from_outside=True)

    def ended(_connection: object) -> None:
        database.bell.rung_here.set()  # wakes the loop below, which then finds that it cannot notify

    connection.add_termination_listener(ended)
    await connection.add_listener(CHANNEL, notified)
    database.bell.ring(from_outside=True)  # whatever was rung while nobody listened
    while True:
        await database.bell.rung_here.wait()
        # Cleared before and not after: a ring while it is passed on is one more.
        database.bell.rung_here.clear()
        try:
            await connection.execute(f"NOTIFY {CHANNEL}")
        except BaseException:
            database.bell.rung_here.set()
            raise
        await asyncio.sleep(GATHER_SECONDS)


async def _close(connection: object) -> None:
    import asyncpg

    assert isinstance(connection, asyncpg.Connection)
    try:
        await connection.close(timeout=1)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
