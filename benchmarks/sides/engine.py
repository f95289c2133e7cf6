"""Our engine, from `run` until a (cheap) query on a connection of its own says that all is done."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from time import perf_counter

from benchmarks.sides import asked, say
from cli.logs import set_up_logs
from core.office import open_office
from core.settings import find_settings

LOOK_SECONDS = 0.02


async def _until(path: str, done: str) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        while not connection.execute(done).fetchone()[0]:  # noqa: ASYNC110 - it looks as another process would
            await asyncio.sleep(LOOK_SECONDS)


async def _run(path: str, done: str) -> float:
    async with open_office(find_settings(f"sqlite:///{path}")) as office:
        engine = office.engine()
        began = perf_counter()
        task = asyncio.create_task(engine.run())
        waiting = asyncio.create_task(_until(path, done))
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            await task  # raises what ended it
        seconds = perf_counter() - began
        engine.stop()
        await task
        return seconds


if __name__ == "__main__":
    set_up_logs()
    say(seconds=asyncio.run(_run(**asked())))
