"""How long an event loop stands still, beside another process on the same machine that only sleeps."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

_OTHER = """
import select, sys, time
worst, before = 0.0, time.perf_counter()
while not select.select([sys.stdin], [], [], 0.002)[0]:
    now = time.perf_counter()
    worst, before = max(worst, now - before - 0.002), now
print(worst)
"""


class Ticking:
    """Ticks every two milliseconds in an `async with`; afterwards it knows the worst stall."""

    def __init__(self) -> None:
        self.worst = 0.0
        """Seconds between two ticks, beyond what was asked for."""
        self.worst_busy = 0.0
        """The same, as far as the loop's thread was computing: what a busy machine takes from it does not count."""
        self.elsewhere = 0.0
        """The worst of the process that only sleeps."""
        self._task: asyncio.Task[None] | None = None
        self._other: subprocess.Popen[str] | None = None

    async def __aenter__(self) -> Self:
        self._other = subprocess.Popen(  # noqa: ASYNC220 - before the first tick
            [sys.executable, "-c", _OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None and self._other is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        said, _errors = self._other.communicate("end\n")
        self.elsewhere = float(said)

    async def _tick(self) -> None:
        while True:
            began, computed = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.002)
            stall, busy = time.perf_counter() - began - 0.002, time.thread_time() - computed
            self.worst = max(self.worst, stall)
            self.worst_busy = max(self.worst_busy, min(stall, busy))


def resident() -> int:
    """Octets of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
