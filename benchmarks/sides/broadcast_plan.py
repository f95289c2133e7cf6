"""A broadcast to all customers is planned and frozen; seconds, CPU and memory."""

from __future__ import annotations

import asyncio
import resource
from time import perf_counter, process_time

from benchmarks.sides import asked, say
from benchmarks.sides.crowd import settings_of
from core.broadcasts import Channel, Request
from core.office import open_office
from core.roles import COMMAND


async def _run(url: str, key: str, count: int) -> dict[str, float]:
    async with open_office(settings_of(url, key)) as office:
        request = Request(Channel.SMS, "texts0@desk.example", "parcel", campaign="spring")
        began, cpu = perf_counter(), process_time()
        plan = await office.broadcasts.plan(request)
        assert plan.recipients == count, plan
        planned, cpu_planned = perf_counter(), process_time()
        await office.broadcasts.confirm(plan, count=count, actor=COMMAND)
        return {
            "plan": planned - began,
            "plan_cpu": cpu_planned - cpu,
            "freeze": perf_counter() - planned,
            "freeze_cpu": process_time() - cpu_planned,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


if __name__ == "__main__":
    say(**asyncio.run(_run(**asked())))
