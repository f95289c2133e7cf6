"""How long an event loop stands still."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Self


class Ticking:
    """Ticks every two milliseconds in an `async with`, and knows the worst stall."""

    def __init__(self) -> None:
        self.worst_busy = 0.0
        """Seconds between two ticks, beyond what was asked for, as far as the loop's thread was computing."""
        self._worst = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    def worst_since(self) -> float:
        """The worst stall since this was last asked, in seconds; with what a busy machine has taken from us."""
        worst, self._worst = self._worst, 0.0
        return worst

    async def _tick(self) -> None:
        while True:
            began, computed = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.002)
            stall, busy = time.perf_counter() - began - 0.002, time.thread_time() - computed
            self._worst = max(self._worst, stall)
            self.worst_busy = max(self.worst_busy, min(stall, busy))


def resident() -> int:
    """Octets of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
