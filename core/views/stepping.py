"""Time cut into steps of a desk's own day: quarters, hours, days; right through the nights when clocks are changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from core.clock import from_moment, to_moment
from core.errors import Wrong
from core.tallies import QUARTER
from core.views.figures import floored, midnight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

STEPS = ("quarter", "hour", "day", "total")
RANGES = ("today", "yesterday", "this week", "last 7 days", "last 30 days")
LENGTHS = {"quarter": QUARTER, "hour": 4 * QUARTER, "day": 96 * QUARTER}
MOST_DAYS = 1100


@dataclass(frozen=True, slots=True)
class Range:
    """From a time up to another one that is not in it; both aware, and on quarters of an hour."""

    since: datetime
    until: datetime


def range_of(words: str, now: datetime, zone: tzinfo) -> Range:
    """One of `RANGES`, a day (`2026-11-22`), or two with `to` or `..` between them, both in it. Raises Wrong."""
    said = " ".join(words.lower().split())
    if said in RANGES:
        first, last = _named(said, now.astimezone(zone).date())
    else:
        pieces = said.replace("..", " to ").split(" to ")
        try:
            days = [date.fromisoformat(piece.strip()) for piece in pieces]
            first, last = (days[0], days[-1]) if len(days) <= 2 else (days[0], days[0] - timedelta(days=1))
            if not (0 <= (last - first).days < MOST_DAYS and first.year > 1970 and last.year < 9999):
                raise ValueError
        except (ValueError, IndexError):
            raise Wrong(
                f"{words[:60] or 'nothing'} is no range: write {', '.join(RANGES)}, a day as in 2026-11-22, or two days"
                f" as in 2026-11-01 to 2026-11-22, at most {MOST_DAYS} days"
            ) from None
    return Range(day_begins(first, zone), day_begins(last + timedelta(days=1), zone))


def _named(name: str, today: date) -> tuple[date, date]:
    if name == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    back = {"today": 0, "this week": today.weekday(), "last 7 days": 6, "last 30 days": 29}[name]
    return today - timedelta(days=back), today


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day in a zone, in UTC."""
    return midnight(datetime(day.year, day.month, day.day, 12, tzinfo=zone), zone)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a range in which the zone keeps one distance from UTC, in microseconds."""

    since: int
    until: int
    offset: int


class Steps:
    """The steps of a range: SQL that says in which step a tally is, and the step's own beginning and end."""

    def __init__(self, step: str, within: Range, zone: tzinfo) -> None:
        """Raises Wrong for a step that is none of `STEPS`."""
        if step not in STEPS:
            raise Wrong(f"there is no step {step[:40]}; there are: {', '.join(STEPS)}")
        self.step = step
        self.within = within
        self.zone = zone
        self.stretches = _stretches(floored(within.since), to_moment(within.until), zone)

    @property
    def sql(self) -> str:
        """Over the column `quarter`: a whole number for each step, growing with time."""
        if self.step == "total":
            return "0"
        length = LENGTHS[self.step]
        *cases, last = [
            (
                stretch.until,
                f"(quarter + {stretch.offset}) / {length}"
                if self.step == "day"  # a day is one however long
                else f"(quarter - (quarter + {stretch.offset % length}) % {length})",
            )
            for stretch in self.stretches
        ]
        if not cases:
            return last[1]
        return f"CASE {' '.join(f'WHEN quarter < {until} THEN {sql}' for until, sql in cases)} ELSE {last[1]} END"

    def bounds(self, key: int) -> Range:
        """What a value of `sql` stands for, within the range."""
        if self.step == "total":
            return self.within
        if self.step == "day":
            day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=key)).date()
            begins, ends = day_begins(day, self.zone), day_begins(day + timedelta(days=1), self.zone)
            return Range(max(begins, self.within.since), min(ends, self.within.until))
        length = LENGTHS[self.step]
        # Where clocks go on by half an hour, an hour of theirs ends before it is full.
        mine = [
            one
            for one in self.stretches
            if not (key + one.offset) % length and key < one.until and key + length > one.since
        ]
        first = max(key, min((one.since for one in mine), default=key))
        last = min(key + length, max((one.until for one in mine), default=key + length))
        return Range(from_moment(first), from_moment(last))

    def all(self, until: datetime) -> list[tuple[int, Range]]:
        """Every step that has begun by then, with its key."""
        if self.step == "total":
            return [(0, self.within)]
        found = []
        at = self.within.since
        while at < min(until, self.within.until):
            key = self.key(to_moment(at))
            bounds = self.bounds(key)
            found.append((key, bounds))
            at = bounds.until
        return found

    def key(self, moment: int) -> int:
        """What `sql` says of a moment."""
        if self.step == "total":
            return 0
        length = LENGTHS[self.step]
        quarter = moment - moment % QUARTER
        offset = next((one.offset for one in self.stretches if moment < one.until), self.stretches[-1].offset)
        if self.step == "day":
            return (quarter + offset) // length
        return quarter - (quarter + offset % length) % length


def _stretches(since: int, until: int, zone: tzinfo) -> Sequence[_Stretch]:
    def offset(moment: int) -> int:
        found = from_moment(moment).astimezone(zone).utcoffset() or timedelta()
        return found // timedelta(microseconds=1)

    found: list[_Stretch] = []
    begins, at = since, since
    while at < until:
        step = min(at + 96 * QUARTER, until)
        if offset(step - 1) != offset(at):
            low, high = at, step - 1  # clocks change once in a day at most
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offset(at) else (low, middle)
            found.append(_Stretch(begins, high, offset(begins)))
            begins = high
        at = step
    found.append(_Stretch(begins, max(until, begins + 1), offset(begins)))
    return found
