"""Quiet hours: until when nobody is to be woken, by the clock on the customer's wall."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from core.calendars import Calendar

AGAIN = timedelta(days=1)
"""Where no hour of the day is free, it is asked again after this."""


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
