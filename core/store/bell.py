"""The bell: wakes whoever waits for work. A missed ring costs one slow poll, never a letter."""

from __future__ import annotations

import asyncio


class Bell:
    """An event that is replaced each time it rings: who listens hears every ring after it began to listen."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self.rung_here = asyncio.Event()
        """Set by a ring of this process, until it has been passed on to the others."""

    def ring(self, *, from_outside: bool = False) -> None:
        """Wake all listeners; a ring of our own is also due to be passed on to other processes."""
        self._next.set()
        self._next = asyncio.Event()
        if not from_outside:
            self.rung_here.set()

    def listen(self) -> asyncio.Event:
        """Take this before looking for work, so that a ring while looking is heard."""
        return self._next


async def heard(ring: asyncio.Event, seconds: float) -> bool:
    """Wait for the ring or the time; True if it rang."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await ring.wait()
    except TimeoutError:
        return False
    return True
