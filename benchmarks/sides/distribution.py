"""From `ready`, committed, to the contact that is offered: with an engine in this process, or with one elsewhere.

Beside it the bare statement that takes the first of a queue, in the same database and in turn with it.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.sides import asked, say
from benchmarks.sides.crowd import QUEUES, all_at_work, fill, settings_of
from core.office import open_office
from core.store import heard

if TYPE_CHECKING:
    from core.office import Office

LOOK_SECONDS = 0.002
PATIENCE_SECONDS = 10.0
_OFFERED = (
    "SELECT 1 FROM contact WHERE state = 'offered' AND agent_id = (SELECT id FROM person WHERE login = ?) LIMIT 1"
)
_BARE = (
    "UPDATE contact SET state = 'closed' WHERE id = (SELECT id FROM contact WHERE state = 'queued' AND queue_id = ?"
    " ORDER BY priority DESC, received_at, id LIMIT 1) AND state = 'queued' RETURNING id"
)


async def _offered(office: Office, login: str, *, here: bool) -> float:
    """Milliseconds from the commit of `ready` to the offer that everybody sees."""
    ring = office.database.bell.listen()
    await office.presence.ready(login)
    began = perf_counter()
    while not await office.database.read(_OFFERED, login):
        if perf_counter() - began > PATIENCE_SECONDS:
            raise RuntimeError(f"nothing is offered to {login}")
        if here:
            await heard(ring, 1.0)
            ring = office.database.bell.listen()
        else:
            await asyncio.sleep(LOOK_SECONDS)
    return 1000 * (perf_counter() - began)


async def _bare(office: Office, number: int) -> float:
    began = perf_counter()
    if not await office.database.rows(_BARE, 1 + number % QUEUES):
        raise RuntimeError("the queue is empty")
    return 1000 * (perf_counter() - began)


async def _measure(url: str, key: str, waiting: int, agents: int, presses: int, here: bool) -> dict[str, list[float]]:
    """`presses`: how often somebody becomes ready."""
    async with open_office(settings_of(url, key)) as office:
        if not await office.database.read("SELECT 1 FROM contact LIMIT 1"):
            await fill(office, waiting, agents)
            await all_at_work(office, agents)
        engine = office.engine()
        task = asyncio.create_task(engine.run() if here else office.database.pass_the_bell_on())
        found: dict[str, list[float]] = {"ready": [], "bare": []}
        for number in range(presses):
            login = f"agent{number * 7 % agents}"
            await office.presence.not_ready(login)
            await asyncio.sleep(0.05)  # what rings for that has been looked into
            found["ready"].append(await _offered(office, login, here=here))
            found["bare"].append(await _bare(office, number))
        engine.stop()
        if not here:
            task.cancel()
        await asyncio.wait([task])
        return found


if __name__ == "__main__":
    say(**asyncio.run(_measure(**asked())))
