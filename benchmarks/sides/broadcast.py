"""Our engine with a broadcast: from its confirmation until a connection of its own sees it done.

In its middle an agent's reply is put, and it is seen how long that takes to leave.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from time import perf_counter

from benchmarks.sides import asked, say
from cli.logs import set_up_logs
from core.broadcasts import Channel, Request
from core.models.states import Purpose
from core.office import Office, open_office
from core.outbox import Draft
from core.roles import COMMAND
from core.settings import find_settings

LOOK_SECONDS = 0.02


async def _until(connection: sqlite3.Connection, done: str) -> float:
    began = perf_counter()
    while not connection.execute(done).fetchone()[0]:  # noqa: ASYNC110 - it looks as another process would
        await asyncio.sleep(LOOK_SECONDS)
    return perf_counter() - began


async def _reply(office: Office, connection: sqlite3.Connection, count: int) -> float:
    """Seconds from an agent's reply, put when half has left, until it has left."""
    half = f"SELECT 1 FROM recipient WHERE id = {count // 2} AND state = 'sent'"
    await _until(connection, f"SELECT EXISTS ({half})")
    async with office.database.transaction():
        message = await office.outbox.put(Draft(1, "+447700900123", "Here is your answer.", Purpose.REPLY))
    return await _until(connection, f"SELECT state = 'sent' FROM outbox WHERE message_id = {message}")


async def _run(path: str, count: int) -> dict[str, float]:
    async with open_office(find_settings(f"sqlite:///{path}")) as office:
        engine = office.engine()
        task = asyncio.create_task(engine.run())
        plan = await office.broadcasts.plan(Request(Channel.SMS, "texts0@desk.example", "parcel", campaign="spring"))
        assert plan.recipients == count, plan
        began = perf_counter()
        await office.broadcasts.confirm(plan, count=count, actor=COMMAND)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            replying = asyncio.create_task(_reply(office, connection, count))
            await _until(connection, "SELECT state = 'done' FROM broadcast")
            seconds = perf_counter() - began
            reply_seconds = await replying
        engine.stop()
        await task
        return {"seconds": seconds, "reply_seconds": reply_seconds}


if __name__ == "__main__":
    set_up_logs()
    say(**asyncio.run(_run(**asked())))
