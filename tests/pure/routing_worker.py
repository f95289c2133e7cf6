"""How the tests look at processes: their memory, whether they are there, and how long the event loop stood still."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


def peak_memory(pid: int | None) -> int:
    """Octets that a process (None: this one) had in memory at most."""
    for line in Path(f"/proc/{pid or 'self'}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmHWM")


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid: int, seconds: float = 5.0) -> bool:
    """Wait until a process is no longer there."""
    end = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.01)
    return True


def within(seconds: float) -> float:
    """So many seconds of a machine that does nothing else; more on one that has more to do than processors."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@asynccontextmanager
async def watched_loop() -> AsyncIterator[Callable[[], float]]:
    """Gives a function that says how many seconds the event loop worked at one thing at most."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            begun = time.thread_time()
            await asyncio.sleep(0.002)
            longest = max(longest, time.thread_time() - begun)

    # What all other tests left behind is not collected meanwhile: that is no part of what is measured.
    gc.collect()
    gc.disable()
    task = asyncio.ensure_future(watch())
    try:
        yield lambda: longest
    finally:
        gc.enable()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
