"""Today's figures for whoever looks again after every change: what is over is added up once and kept in memory.

The log of events is append-only: the sums of a quarter of an hour that ended a while ago do not change any more, and
may be dropped at any time. The rest is read anew each time, in one statement and so of one instant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from core.clock import from_moment, to_moment
from core.tallies import QUARTER
from core.views.figures import Figures, desk_zone, figures, figures_apart, floored, midnight

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.store import Database

Key = TypeVar("Key")

SLOTS = 48
"""Quarters of an hour that a chart has: twelve hours."""
MEASURES = ("arrived", "entered", "answered", "in_time", "handled", "open_time", "wrap_time")
SETTLED = QUARTER
"""How long a quarter must be over: no transaction takes that long to commit what happened in it."""


@dataclass(slots=True)
class Today:
    """Sums since the desk's midnight, and those of each quarter of the last twelve hours."""

    by_queue: dict[int, Figures] = field(default_factory=dict)
    by_person: dict[int, Figures] = field(default_factory=dict)
    quarters: dict[tuple[int, int], Figures] = field(default_factory=dict)
    """By queue and the quarter's beginning in microseconds: `entered` and `answered`."""


@dataclass(slots=True)
class _Kept:
    begins: int
    """Midnight."""
    until: int
    """Quarters before this are in it."""
    sums: Today


_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()


async def today(database: Database, now: datetime) -> Today:
    """Read them. The figures from the quarter before last on are of one instant, and those before are settled."""
    zone = await desk_zone(database)
    begins, ends = to_moment(midnight(now, zone)), to_moment(midnight(now, zone, days=1))
    first = floored(now) - (SLOTS - 1) * QUARTER
    settled = floored(now) - SETTLED
    kept = _kept.get(database)
    if kept is None or kept.begins != begins or kept.until > settled:
        kept = _Kept(begins, min(begins, first), Today())
    if kept.until < settled:
        more = await _read(database, begins, kept.until, settled)
        kept = _Kept(begins, settled, _added(kept.sums, more))
    kept.sums.quarters = {key: one for key, one in kept.sums.quarters.items() if key[1] >= first}
    _kept[database] = kept
    fresh = await _read(database, begins, settled, max(ends, floored(now) + QUARTER))
    return _added(kept.sums, fresh)


async def _read(database: Database, begins: int, since: int, until: int) -> Today:
    """The figures of the quarters from `since` to before `until`; of those before midnight only the quarters."""
    found = Today()
    since_midnight = max(since, begins)
    if since_midnight < until:
        found.by_queue, found.by_person = await figures_apart(
            database, from_moment(since_midnight), from_moment(until), ("queue_id", "person_id"), measures=MEASURES
        )
    found.quarters = {
        (queue_id, quarter): one
        for (queue_id, quarter), one in (
            await figures(
                database, from_moment(since), from_moment(until), ("queue_id", "quarter"),
                measures=("entered", "answered"), where="t.entered > 0 OR t.answered > 0",
            )
        ).items()
    }  # fmt: skip
    return found


def _added(one: Today, other: Today) -> Today:
    return Today(
        _both(one.by_queue, other.by_queue), _both(one.by_person, other.by_person), _both(one.quarters, other.quarters)
    )


def _both(one: Mapping[Key, Figures], other: Mapping[Key, Figures]) -> dict[Key, Figures]:
    found = dict(one)
    for key, figures_there in other.items():
        found[key] = found[key] + figures_there if key in found else figures_there
    return found
