"""The rows an engine has in hand: claimed, and next for its sessions."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.outbox.claiming import Claimed

ENOUGH = 200
"""With fewer rows than this in hand more are claimed, up to twice as many."""


class Hand:
    """A heap by lane and time that several sessions take from. No row is in it twice, or while a seat has it."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, Claimed]] = []
        self._ids: set[int] = set()
        self.out: set[int] = set()
        """The rows that seats have taken and not begun yet."""
        self.filled = asyncio.Event()
        """Set while there is anything."""
        self.low = asyncio.Event()
        """Set while there is not enough."""
        self.low.set()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def last_lane(self) -> int:
        """The lane of the rows that go last, 0 when there are none."""
        return max((lane for lane, *_ in self._rows), default=0)

    def add(self, rows: Iterable[Claimed]) -> None:
        """Put rows in their places."""
        for row in rows:
            if row.id not in self._ids and row.id not in self.out:
                self._ids.add(row.id)
                heapq.heappush(self._rows, (row.lane, row.due, row.id, row))
        self._tell()

    def take(self, most: int) -> list[Claimed]:
        """The rows that are next, at most so many; `done_with` says when they have begun or are not wanted."""
        rows = [heapq.heappop(self._rows)[-1] for _ in range(min(most, len(self._rows)))]
        self._ids.difference_update(row.id for row in rows)
        self.out.update(row.id for row in rows)
        self._tell()
        return rows

    def done_with(self, rows: Iterable[Claimed]) -> None:
        """A seat has begun these, or given them up."""
        self.out.difference_update(row.id for row in rows)

    def drop(self) -> None:
        """Forget all that no seat has."""
        self._rows.clear()
        self._ids.clear()
        self._tell()

    def _tell(self) -> None:
        for event, is_so in ((self.filled, bool(self._rows)), (self.low, len(self._rows) < ENOUGH)):
            if is_so:
                event.set()
            else:
                event.clear()


async def any_of(events: Iterable[asyncio.Event], seconds: float) -> bool:
    """Wait until one of them is set or the time is over; True if one was."""
    events = tuple(events)
    if any(event.is_set() for event in events):
        await asyncio.sleep(0)
        return True
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return bool(done)
