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


_IN_BETWEEN = "(SELECT count(*) FROM contact c WHERE c.queue_id = q.id AND c.received_at >= ? AND c.received_at < ?)"
_IN_EACH = ", ".join(f"{_IN_BETWEEN} AS n{i}" for i in range(SLOTS))
_ARRIVALS = f"SELECT q.id, {_IN_EACH}, {_IN_BETWEEN} AS lately FROM queue q"


async def arrivals(database: Database, now: datetime) -> dict[int, ArrivalsRow]:
    """By queue; a queue without any is left out."""
    edges = [to_moment(now - SLOT * (SLOTS - i)) for i in range(SLOTS)] + [to_moment(now) + 1]
    values = [edge for i in range(SLOTS) for edge in edges[i : i + 2]]
    found = {}
    for row in await database.read(_ARRIVALS, *values, to_moment(now - LATELY) + 1, edges[-1]):
        slots = tuple(row[f"n{i}"] for i in range(SLOTS))
        if any(slots):
            found[row["id"]] = ArrivalsRow(row["id"], row["lately"], slots)
    return found
