"""The figures of a desk over a time: the one way in which reports and the wallboard count and add up."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from operator import add, attrgetter
from typing import TYPE_CHECKING

from core.clock import from_moment, to_moment, zone_named
from core.tallies import KEYS, MEASURES, QUARTER, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from core.store import Database

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened, summed up; times in microseconds."""

    arrived: int = 0
    entered: int = 0
    """Came into a queue, from outside or from another queue."""
    offered: int = 0
    missed: int = 0
    refused: int = 0
    taken: int = 0
    answered: int = 0
    """First answers of a person."""
    in_time: int = 0
    """Those within what the queue promised then."""
    replies: int = 0
    transferred: int = 0
    returned: int = 0
    """By a line that was lost."""
    handled: int = 0
    """Brought to an end by a person who had it."""
    closed: int = 0
    unserved: int = 0
    """Closed though nobody ever had it."""
    waited: int = 0
    """Until the first answer, over all `answered`."""
    longest: int = 0
    open_time: int = 0
    held_time: int = 0
    wrap_time: int = 0

    def __add__(self, other: Figures) -> Figures:
        sums = list(map(add, _all_of(self), _all_of(other)))
        sums[_LONGEST] = max(self.longest, other.longest)
        return Figures(*sums)

    @property
    def service_level(self) -> float | None:
        """Percent of first answers that came in time; None without any."""
        return 100.0 * self.in_time / self.answered if self.answered else None

    @property
    def average_wait(self) -> float | None:
        """Seconds until the first answer; None without any."""
        return self.waited / self.answered / SECOND if self.answered else None

    @property
    def longest_wait(self) -> float | None:
        """Seconds; None without a first answer."""
        return self.longest / SECOND if self.answered else None

    @property
    def average_handling(self) -> float | None:
        """Seconds open and in wrap-up for each that was handled; None without any."""
        return (self.open_time + self.wrap_time) / self.handled / SECOND if self.handled else None


NAMES = tuple(one.name for one in fields(Figures))
_LONGEST = NAMES.index("longest")
_all_of = attrgetter(*NAMES)
assert set(NAMES) == set(MEASURES)
NOTHING = Figures()


def added(figures: Iterable[Figures]) -> Figures:
    """All of them together."""
    total = NOTHING
    for one in figures:
        total += one
    return total


async def figures(
    database: Database,
    since: datetime,
    until: datetime,
    by: Sequence[str],
    *,
    measures: Sequence[str] = NAMES,
    where: str = "",
) -> dict[tuple[int, ...], Figures]:
    """The figures from the quarter that holds `since` to the one that ends at or after `until`, one reading for all.

    `by`: SQL over the columns `KEYS` of the tallies, each a whole number; the key of what is found has them in order.
    `measures`: those that are wanted; the others stay 0.
    """
    keys = ", ".join(f"{one} AS k{number}" for number, one in enumerate(by))
    sums = ", ".join(f"{'MAX' if name == 'longest' else 'SUM'}({name}) AS {name}" for name in measures)
    group = ", ".join(str(number) for number in range(1, len(by) + 1))
    sql = together(f"{keys}, {sums}", "AT >= ? AND AT < ?", names=("quarter", *KEYS[1:5], *measures))
    bounds = floored(since), ceiled(until)
    rows = await database.read(f"{sql}{f' WHERE {where}' if where else ''} GROUP BY {group}", *bounds, *bounds, *bounds)
    return {tuple(int(row[f"k{number}"]) for number in range(len(by))): _figures_of(row, measures) for row in rows}


async def figures_apart(
    database: Database, since: datetime, until: datetime, by: Sequence[str], *, measures: Sequence[str] = NAMES
) -> list[dict[int, Figures]]:
    """As `figures`, but for each of `by` by itself, in one statement: all of them are of one instant."""
    bounds = floored(since), ceiled(until)
    keys = ", ".join(f"{one} AS k{number}" for number, one in enumerate(by))
    sums = ", ".join(f"{'MAX' if name == 'longest' else 'SUM'}({name}) AS {name}" for name in measures)
    group = ", ".join(str(number) for number in range(1, len(by) + 1))
    both = together(f"{keys}, {sums}", "AT >= ? AND AT < ?", names=("quarter", *KEYS[1:5], *measures))
    each = [f"SELECT {number} AS which, k{number} AS thing, {sums} FROM b GROUP BY 2" for number in range(len(by))]
    rows = await database.read(
        f"WITH b AS ({both} GROUP BY {group}) {' UNION ALL '.join(each)}", *bounds, *bounds, *bounds
    )
    return [
        {int(row["thing"]): _figures_of(row, measures) for row in rows if row["which"] == number}
        for number in range(len(by))
    ]


def _figures_of(row: Mapping[str, int], measures: Sequence[str]) -> Figures:
    return Figures(**{name: int(row[name]) for name in measures})


def floored(at: datetime) -> int:
    """The moment at which the quarter of an hour began that this time is in."""
    moment = to_moment(at)
    return moment - moment % QUARTER


def ceiled(at: datetime) -> int:
    """The end of the quarter of an hour that this time is in, or this time itself where a quarter begins."""
    return -(-to_moment(at) // QUARTER) * QUARTER


async def desk_zone(database: Database) -> tzinfo:
    """The desk's time zone."""
    rows = await database.read("SELECT timezone FROM desk WHERE id = 1")
    return zone_named(rows[0]["timezone"] if rows else "UTC")


def midnight(now: datetime, zone: tzinfo, days: int = 0) -> datetime:
    """When the day began in this zone, or one so many days away; in UTC."""
    local = now.astimezone(zone)
    day = (local + timedelta(days=days)).date() if days else local.date()
    begins = local.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0,
                           fold=0)  # fmt: skip
    return from_moment(to_moment(begins))
