"""The send window: the hours in which a broadcast's messages leave, by the clock on the customer's wall."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from core.calendars import Calendar
from core.clock import zone_named
from core.consent.quiet import AGAIN, quiet_until
from core.errors import Wrong

LONGEST = 200
"""Characters of a window."""
_NEXT_LINE = re.compile(r"(?<=\d)\s*[,;]\s*(?=[^\W\d])")
"""Between hours and the days that follow; a comma between two days, or two hours, is the calendar's."""
_A_WEEK = tuple(date(2026, 1, 5) + timedelta(days=number) for number in range(7))
_MOST_TURNS = 40
"""Ends of quiet hours and openings that are looked at: they repeat themselves from week to week."""


@dataclass(frozen=True, slots=True)
class Held:
    """It may leave later."""

    until: datetime
    why: str
    """As `held until 08:00 Europe/London (quiet hours)`."""


def right_send_hours(written: str, quiet_hours: str = "") -> str:
    """`09:00-17:00` (daily) or `mon-fri 09:00-17:00, sat 10:00-12:00` as it is stored; empty = at any hour.

    Raises Wrong for what `core.calendars` does not read, and where `quiet_hours` leave it no hour at all.
    """
    text = " ".join(written.lower().replace("\u2013", "-").split())
    if not text:
        return ""
    lines = _lines(text)
    tidy = ", ".join(map(_tidy, lines))
    if len(tidy) > LONGEST:
        raise Wrong(f"the send window has more than {LONGEST} characters: name fewer hours")
    try:
        free = _has_an_hour(tidy, quiet_hours)
    except Wrong as error:
        why = f" ({error.__cause__})" if error.__cause__ is not None else ""
        example = "write 09:00-17:00, or mon-fri 09:00-17:00, sat 10:00-12:00"
        raise Wrong(f"the send window {written.strip()[:60]!r} cannot be read{why}: {example}") from error
    if not free:
        raise Wrong(
            f"the send window {tidy} lies wholly within the campaign's quiet hours {quiet_hours}:"
            " nobody would ever get it, so name other hours"
        )
    return tidy


def held(now: datetime, quiet_hours: str, send_hours: str, zone: str) -> Held | None:
    """Until when a message waits in a zone, and for which of the two; None = it may go. Either may be empty.

    The clock on the wall counts, also in a night in which it is set. Raises Wrong for hours that are none.
    """
    at, why = now, ""
    for _ in range(_MOST_TURNS):
        if (until := quiet_until(at, quiet_hours, zone)) is not None:
            at, why = until, "quiet hours"
            if not send_hours:
                break
        elif (until := _opens_at(at, send_hours, zone)) is not None:
            at, why = until, "send window"
        else:
            break
    else:
        return Held(now + AGAIN, f"held back: the quiet hours {quiet_hours} leave the send window {send_hours} no hour")
    if not why:
        return None
    there = zone_named(zone)
    local = at.astimezone(there)
    day = f"{local:%a} " if (local.date() - now.astimezone(there).date()).days > 1 else ""
    return Held(at, f"held until {day}{local:%H:%M} {zone} ({why})")


def free_until(at: datetime, quiet_hours: str, send_hours: str, zone: str) -> datetime | None:
    """When what may go at a moment has to wait again; None = never."""
    ends = [_window(zone, quiet_hours).next_opening(at)] if quiet_hours else []
    if send_hours:
        ends.append(_window(zone, send_hours).next_closing(at))
    return min((end for end in ends if end is not None), default=None)


def _opens_at(now: datetime, hours: str, zone: str) -> datetime | None:
    """When a window opens that is closed; None where it is open."""
    if not hours:
        return None
    calendar = _window(zone, hours)
    return None if calendar.is_open(now) else calendar.next_opening(now)


def _has_an_hour(window: str, quiet_hours: str) -> bool:
    """Whether there is a moment of the week that is in the window and in no quiet hours."""
    opens, quiet = _window("UTC", window), _window("UTC", quiet_hours) if quiet_hours else None
    for day in _A_WEEK:
        asleep = quiet.spans_on(day) if quiet is not None else ()
        for span in opens.spans_on(day):
            # Somewhere it is free, only if it is at the beginning or where quiet hours end.
            free = [span.start, *(one.end for one in asleep if span.start <= one.end < span.end)]
            if any(not any(one.start <= minute < one.end for one in asleep) for minute in free):
                return True
    return False


@lru_cache(maxsize=1_000)
def _window(zone: str, hours: str) -> Calendar:
    return Calendar.of(zone, _lines(hours))


def _tidy(line: str) -> str:
    """`9:00 - 12:00,13:00-17:00` as `09:00-12:00, 13:00-17:00`."""
    closed = re.sub(r"\s*([-,])\s*", r"\1", line.removeprefix("daily "))
    return re.sub(r"(?<=\d),(?=\d)", ", ", re.sub(r"(?<!\d)(\d):", r"0\1:", closed))


def _lines(hours: str) -> list[str]:
    """One for each group of days, as a calendar has them."""
    lines = _NEXT_LINE.split(hours)
    return [f"daily {line}" if line[:1].isdigit() else line for line in lines]
