"""How many contacts came, over time: for sparklines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from core.clock import to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

SLOTS = 12
SLOT = timedelta(hours=1)
LATELY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ArrivalsRow:
    """Arrivals in one queue."""

    queue_id: int
    lately: int
    """In the last five minutes."""
    slots: tuple[int, ...]
    """In each of the last twelve hours, the oldest first; the last one is the hour up to now."""


async def arrivals(database: Database, now: datetime) -> dict[int, ArrivalsRow]:
    """By queue; a queue without any is left out."""
    end, size = to_moment(now), SLOT // timedelta(microseconds=1)
    start = end - SLOTS * size
    rows = await database.read(
        "SELECT queue_id, (received_at - ?) / ? AS slot, count(*) AS n,"
        " COUNT(CASE WHEN received_at > ? THEN 1 END) AS lately FROM contact"
        " WHERE received_at > ? AND received_at <= ? AND queue_id IS NOT NULL GROUP BY queue_id, slot",
        start, size, to_moment(now - LATELY), start, end,
    )  # fmt: skip
    slots: dict[int, list[int]] = {}
    lately: dict[int, int] = {}
    for row in rows:
        at = min(int(row["slot"]), SLOTS - 1)
        slots.setdefault(row["queue_id"], [0] * SLOTS)[at] += row["n"]
        lately[row["queue_id"]] = lately.get(row["queue_id"], 0) + row["lately"]
    return {queue: ArrivalsRow(queue, lately[queue], tuple(counts)) for queue, counts in slots.items()}
