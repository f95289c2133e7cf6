"""Opening hours: a week of them, exceptions by date, in any zone.

Hours are what the clock on the wall says, so a change to summer time neither opens nor closes anybody: a wall time that
comes twice is open twice, one that does not come is not open. Hours that run over midnight belong to the day they begin
on. An exception says all there is about its dates: it replaces the hours that begin on them and cuts short what runs
over from the day before. A moment is open from its first instant to just before its last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from core.errors import Wrong
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_ENTRIES = 2_000
"""Lines of hours, and of exceptions, in one calendar."""
LONGEST_EXCEPTION = timedelta(days=366)
EARLIEST, LATEST = 1970, 2200
"""Years in which there are exceptions."""

_DAY = 24 * 60
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_AHEAD = timedelta(days=15)
"""Days beyond the last exception after which a week has said all it can."""
_FARTHEST = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `start` to just before `end`, in minutes from the midnight the day begins with; 1440 is the next."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours on some days of the week, Monday being 0."""

    days: frozenset[int]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Dates, both included, on which other hours apply than the week says; none where they are closed."""

    first: date
    last: date
    spans: tuple[Span, ...] = ()
    label: str = ""
    """What it is for, as `Christmas Day`; may be empty."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours in one zone."""

    zone: str
    hours: tuple[Hours, ...]
    exceptions: tuple[Exceptional, ...] = ()

    @classmethod
    def of(cls, zone: str, hours: Iterable[str], closed: Iterable[str] = ()) -> Self:
        """From lines as `parse_hours` and `parse_closed` read them. Raises Wrong naming the line that is not right."""
        lines, exceptions = list(hours), list(closed)
        if len(lines) > MOST_ENTRIES or len(exceptions) > MOST_ENTRIES:
            raise Wrong(f"A calendar has at most {MOST_ENTRIES:,} lines of hours and as many exceptions.")
        in_zone(zone)
        return cls(zone, tuple(map(parse_hours, lines)), tuple(map(parse_closed, exceptions)))

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at a moment (aware)."""
        local = at.astimezone(in_zone(self.zone))
        now = local.hour * 60 + local.minute
        return any(span.start <= now < span.end for span in self.spans_on(local.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment after `at`, in UTC, at which it opens; None where it never does again."""
        return self._next(at, opens=True)

    def next_closing(self, at: datetime) -> datetime | None:
        """The first moment after `at`, in UTC, at which it closes; None where it never does again."""
        return self._next(at, opens=False)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """When it is open between one midnight and the next, in order, none touching another."""
        own = self._begun_on(day)
        found = [Span(span.start, min(span.end, _DAY)) for span in own]
        if not self.exceptions_on(day):
            before = self._begun_on(day - timedelta(days=1)) if day > date.min else ()
            found += [Span(0, span.end - _DAY) for span in before if span.end > _DAY]
        joined: list[Span] = []
        for span in sorted(found):
            if joined and span.start <= joined[-1].end:
                joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
            else:
                joined.append(span)
        return tuple(joined)

    def exceptions_on(self, day: date) -> tuple[Exceptional, ...]:
        """The exceptions that speak of a date. Where two do, what one opens is open."""
        return tuple(one for one in self.exceptions if one.first <= day <= one.last)

    def _begun_on(self, day: date) -> tuple[Span, ...]:
        exceptions = self.exceptions_on(day)
        if exceptions:
            return tuple(span for one in exceptions for span in one.spans)
        weekday = day.weekday()
        return tuple(span for hours in self.hours if weekday in hours.days for span in hours.spans)

    def _next(self, at: datetime, *, opens: bool) -> datetime | None:
        for moment in self._changes(at):
            if self.is_open(moment) is opens and self.is_open(moment - timedelta(microseconds=1)) is not opens:
                return moment
        return None

    def _changes(self, at: datetime) -> Iterator[datetime]:
        """Every moment after `at`, in order, at which it may open or close."""
        zone = in_zone(self.zone)
        today = at.astimezone(zone).date()
        last = max([today, *(one.last for one in self.exceptions)]) + _AHEAD
        for number in range(min(last - today, _FARTHEST).days):
            day = today + timedelta(days=number)
            walls = {minute for span in self.spans_on(day) for minute in (span.start, span.end)}
            moments = {_instant(day, minute, zone, fold) for minute in walls for fold in (0, 1)}
            moments |= set(_clock_changes(day, zone))
            yield from sorted(moment for moment in moments if moment > at)


def parse_hours(line: str) -> Hours:
    """`mon-fri 09:00-17:30`, `sat,sun 10:00-12:00, 13:00-16:00`, `daily 22:00-06:00`. Raises Wrong naming the line."""
    days, _, spans = " ".join(line.lower().split()).replace(", ", ",").partition(" ")
    try:
        found = frozenset(number for part in days.split(",") for number in _days(part))
        return Hours(found, _spans(spans))
    except ValueError as err:
        raise Wrong(f"The opening hours {line[:100]!r} cannot be read ({err}): write mon-fri 09:00-17:30.") from err


def parse_closed(line: str) -> Exceptional:
    """`2026-12-25 Christmas Day`, `2026-12-24..2027-01-02`, `2026-12-24 09:00-12:00 Christmas Eve`.

    A date or two, then the hours of these days (none is closed), then words. Raises Wrong naming the line.
    """
    words = " ".join(line.split())
    dates, _, rest = words.partition(" ")
    try:
        first, last = _dates(dates)
        spans: list[str] = []
        while found := _SPAN.match(rest):
            spans.append(found.group())
            rest = rest[found.end() :].lstrip(", ")
        return Exceptional(first, last, _spans(",".join(spans)) if spans else (), rest)
    except ValueError as err:
        example = "2026-12-25 Christmas Day, or 2026-12-24 09:00-12:00 for other hours"
        raise Wrong(f"The exception {line[:100]!r} cannot be read ({err}): write {example}.") from err


def days_off(content: bytes, first: date, last: date) -> dict[date, str]:
    """The days between two dates, both included, on which all-day events of an iCalendar file lie, with their names.

    RFC 5545, by the libraries icalendar and recurring-ical-events. Cancelled events and those with a time of day are
    left out. Raises Wrong naming the entry that cannot be read. A file from outside can repeat itself without end: call
    it in a process that may be ended.
    """
    from icalendar import Calendar as Component

    try:
        calendars = Component.from_ical(content, multiple=True)
    except ValueError as err:
        raise Wrong(
            f"This is no iCalendar file ({' '.join(str(err).split())[:100]}): export it as .ics again."
        ) from err
    found: dict[date, str] = {}
    for calendar in calendars:
        by_entry: dict[str, list[Any]] = {}
        for number, event in enumerate(calendar.walk("VEVENT")):
            by_entry.setdefault(str(event.get("UID") or number), []).append(event)
        for events in by_entry.values():
            name = one_line(str(events[0].get("SUMMARY") or events[0].get("UID") or "without a name"), 100)
            try:
                days = _days_of(events, first, last)
            except Exception as err:
                why = one_line(str(err) or type(err).__name__, 150)
                raise Wrong(f'The entry "{name}" cannot be read ({why}): mend or remove it.') from err
            for day in days:
                found.setdefault(day, name)
    return dict(sorted(found.items()))


def _days_of(events: list[Any], first: date, last: date) -> list[date]:
    """The days of one entry, which is an event and those that change single repetitions of it. Raises anything."""
    from icalendar import Calendar as Component
    from recurring_ical_events import of

    one = Component()
    for event in events:
        for name, why in event.errors:
            raise ValueError(f"{name}: {why}")
        if "DTSTART" not in event:
            raise ValueError("it does not say when it begins, DTSTART")
        if "RRULE" in event and set(event["RRULE"].get("FREQ", [])) & {"SECONDLY", "MINUTELY", "HOURLY"}:
            raise ValueError("it repeats within a day")
        if not isinstance(event["DTSTART"].dt, datetime) and str(event.get("STATUS", "")).upper() != "CANCELLED":
            one.add_component(event)
    found: list[date] = []
    for event in of(one, skip_bad_series=False).between(first, last + timedelta(days=1)) if one.subcomponents else ():
        # The end of an event is the first day that is not of it (3.6.1).
        length = max((event.end - event.start).days, 1)
        if length > LONGEST_EXCEPTION.days:
            raise ValueError("it lasts longer than a year")
        days = [event.start + timedelta(days=number) for number in range(length)]
        found += [day for day in days if first <= day <= last]
    return found


def in_zone(name: str) -> ZoneInfo:
    """The zone of a name such as `Europe/London`. Raises Wrong for one that is unknown."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as err:
        raise Wrong(f"There is no time zone {name!r}: write one such as Europe/London.") from err


def _days(part: str) -> list[int]:
    if part == "daily":
        return list(range(7))
    first, separator, last = part.replace("–", "-").partition("-")
    begin = _weekday(first)
    end = _weekday(last) if separator else begin
    return [(begin + number) % 7 for number in range((end - begin) % 7 + 1)]


def _weekday(word: str) -> int:
    for number, full in enumerate(_FULL):
        if word in (full, DAYS[number]):
            return number
    raise ValueError(f"{word or 'nothing'!r} is no day of the week")


def _spans(text: str) -> tuple[Span, ...]:
    return tuple(_span(part.strip()) for part in text.split(","))


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text or 'nothing'!r} is not from one time to another")
    hour, minute, to_hour, to_minute = map(int, found.groups())
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if minute > 59 or to_minute > 59 or start >= _DAY or end > _DAY:
        raise ValueError(f"{text!r} is beyond the clock")
    if start == end:
        raise ValueError(f"{text!r} has no length, a whole day is 00:00-24:00")
    return Span(start, end if end > start else end + _DAY)


def _dates(text: str) -> tuple[date, date]:
    ends = text.split("..")
    if len(ends) > 2 or not all(_DATE.fullmatch(one) for one in ends):
        raise ValueError(f"{text or 'nothing'!r} is no date")
    first, last = date.fromisoformat(ends[0]), date.fromisoformat(ends[-1])
    if last < first or last - first > LONGEST_EXCEPTION:
        raise ValueError("it must run from one date to a later one, at most a year on")
    if not EARLIEST <= first.year <= last.year <= LATEST:
        raise ValueError(f"its year must be from {EARLIEST} to {LATEST}")
    return first, last


def _instant(day: date, minute: int, zone: ZoneInfo, fold: int) -> datetime:
    """A wall time as a moment in UTC: the first or second time it comes."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _clock_changes(day: date, zone: ZoneInfo) -> list[datetime]:
    """The moments of a local day at which the zone's clock is set, to the second."""
    hours = [_instant(day, 0, zone, 0) + timedelta(hours=number) for number in range(-1, 27)]
    found: list[datetime] = []
    if hours[0].astimezone(zone).utcoffset() == hours[-1].astimezone(zone).utcoffset():
        return found
    for low, high in pairwise(hours):
        offset = low.astimezone(zone).utcoffset()
        if high.astimezone(zone).utcoffset() == offset:
            continue
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
        found.append(high.replace(microsecond=0))
    return found
