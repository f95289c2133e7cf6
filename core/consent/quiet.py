"""Quiet hours: until when nobody is to be woken, by the clock on the customer's wall."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

from core.calendars import Calendar
from core.errors import Wrong

_HOURS = re.compile(r"\d{1,2}:\d\d ?[-\u2013] ?\d{1,2}:\d\d")
AGAIN = timedelta(days=1)
"""Where no hour of the day is free, it is asked again after this."""


def right_quiet_hours(written: str) -> str:
    """`20:00-08:00` as it is stored; empty = none. Raises Wrong for what is no span of a day."""
    text = "".join(written.split()).replace("\u2013", "-")
    if not text:
        return ""
    if not _HOURS.fullmatch(text):
        raise Wrong(f"quiet hours are written 20:00-08:00, not {written[:40]!r}")
    _calendar("UTC", text)
    return text


def quiet_until(now: datetime, hours: str, zone: str) -> datetime | None:
    """When quiet hours such as `20:00-08:00` end in a zone, in UTC; None when it is not quiet there now.

    The clock on the wall counts, also in a night in which it is set. Raises Wrong for hours that are none.
    """
    if not hours:
        return None
    calendar = _calendar(zone, hours)
    if not calendar.is_open(now):
        return None
    return calendar.next_closing(now) or now + AGAIN


@lru_cache(maxsize=1_000)
def _calendar(zone: str, hours: str) -> Calendar:
    """Open while it is quiet."""
    return Calendar.of(zone, [f"daily {hours}"])
