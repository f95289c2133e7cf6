"""The wallboard's query with a day behind it, beside counting those that wait, in turn."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time

from benchmarks.sides import asked, say
from benchmarks.sides.crowd import a_day, all_at_work, fill, settings_of
from core.clock import FrozenClock
from core.office import open_office
from core.views.wallboard import wallboard

OPENED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOURS = 10
_COUNT = "SELECT count(*) FROM contact WHERE state = 'queued'"


async def _measure(url: str, key: str, waiting: int, agents: int, contacts: int, looks: int) -> dict[str, list[float]]:
    now = OPENED + timedelta(hours=HOURS)
    async with open_office(settings_of(url, key), FrozenClock(now)) as office:
        await fill(office, waiting, agents)
        await all_at_work(office, agents)
        await a_day(office, contacts, agents, OPENED, HOURS)
        if not office.database.is_sqlite:
            await office.database.rows("VACUUM ANALYZE")  # as the server itself does within a minute of so many changes
        found: dict[str, list[float]] = {"wallboard": [], "cpu": [], "count": []}
        for number in range(looks + 1):
            began, spent = perf_counter(), process_time()
            board = await wallboard(office.database, now)
            took, cpu = 1000 * (perf_counter() - began), 1000 * (process_time() - spent)
            began = perf_counter()
            await office.database.read(_COUNT)
            counted = 1000 * (perf_counter() - began)
            if number:  # the first one finds nothing in any cache
                found["wallboard"].append(took)
                found["cpu"].append(cpu)
                found["count"].append(counted)
        if board.total.arrived != contacts or len(board.agents) != agents:
            raise RuntimeError(f"the wallboard says {board.total.arrived} of {contacts} arrivals")
        return found


if __name__ == "__main__":
    say(**asyncio.run(_measure(**asked())))
