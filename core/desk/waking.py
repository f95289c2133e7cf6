"""What people mean by a time to come back at: `45 min`, `2 h`, `14:30`, `tomorrow`, `tue 9:00`, `2026-03-05 9:00`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.errors import Wrong
from core.text import one_line

MORNING = time(9, 0)
"""When a day begins that is named without a time."""
WORDS = "45 min, 2 h, 14:30, tomorrow, tue 9:00 or 2026-03-05 9:00"
_UNITS = {"m": 1, "min": 1, "mins": 1, "minute": 1, "minutes": 1, "h": 60, "hr": 60, "hrs": 60, "hour": 60, "hours": 60,
          "d": 1440, "day": 1440, "days": 1440, "w": 10080, "week": 10080, "weeks": 10080}  # fmt: skip
_SPAN = re.compile(r"(\d{1,5})\s*(" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")\b\.?(?:\s*(?:and|,)?\s*)")
_SHORT = re.compile(r"(\d{1,3})h(\d{2})")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def wake_time(said: str, now: datetime, zone: tzinfo) -> datetime:
    """The time, aware and in UTC, always after `now`; clock times and days are the zone's. Raises Wrong."""
    words = " ".join(said.casefold().split())
    try:
        minutes = span(words)
        if minutes is not None:
            return now + timedelta(minutes=minutes)
        local = now.astimezone(zone)
        day, rest = _day(words, local.date())
        clock = _clock(rest.removeprefix("at ").strip(), alone=day is None)
        at = datetime.combine(day or local.date(), clock, zone).astimezone(UTC)
        if at <= now and (day is None or _names_weekday(words)):
            later = (day or local.date()) + timedelta(days=1 if day is None else 7)
            at = datetime.combine(later, clock, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(f"“{one_line(said, 40)}” is no time to come back at: say {WORDS}") from None
    if at <= now:
        raise Wrong(f"{at.astimezone(zone):%a %d %b %Y %H:%M} is past: say {WORDS}")
    return at


def span(words: str) -> int | None:
    """Minutes of `90 min`, `1 h 30 min`, `1h30`, `3 days`; None when it is none. Raises ValueError for 0 min."""
    words = words.casefold().removeprefix("in ").strip()
    if short := _SHORT.fullmatch(words):
        return _some(int(short[1]) * 60 + int(short[2]))
    total, at = 0, 0
    while found := _SPAN.match(words, at):
        total += int(found[1]) * _UNITS[found[2]]
        at = found.end()
    return _some(total) if at and at == len(words) else None


def _some(minutes: int) -> int:
    if minutes < 1:
        raise ValueError
    return minutes


def _day(words: str, today: date) -> tuple[date | None, str]:
    """The day that the words begin with, None for none, and what is left of them."""
    first, _, rest = words.replace("t", " ", 1).partition(" ") if re.match(r"\d{4}-\d\d-\d\dt\d", words) else (
        words.partition(" ")
    )  # fmt: skip
    first = first.rstrip(",")
    if first == "today":
        return today, rest
    if first in ("tomorrow", "tmw"):
        return today + timedelta(days=1), rest
    if _names_weekday(first):
        number = _LONG_DAYS.index(first) if first in _LONG_DAYS else _WEEKDAYS.index(first)
        ahead = (number - today.weekday()) % 7
        return today + timedelta(days=ahead), rest
    if re.fullmatch(r"\d{4}-\d\d-\d\d", first):
        return date.fromisoformat(first), rest
    second, _, after = rest.partition(" ")
    if re.fullmatch(r"\d{1,2}", first) and second[:3] in _MONTHS:
        day = date(today.year, _MONTHS.index(second[:3]) + 1, int(first))
        return (day if day >= today else day.replace(year=today.year + 1)), after
    return None, words


def _names_weekday(words: str) -> bool:
    first = words.partition(" ")[0].rstrip(",")
    return first in _WEEKDAYS or first in _LONG_DAYS


def _clock(words: str, *, alone: bool) -> time:
    if not words and not alone:
        return MORNING
    found = _CLOCK.fullmatch(words)
    if not found or (alone and found[2] is None and found[3] is None):
        raise ValueError
    hour, half = int(found[1]), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(found[2] or 0))
