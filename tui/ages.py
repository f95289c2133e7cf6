"""Times for people: ages that count up, clock times in the desk's zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from math import ceil

from core.clock import zone_named


def age(since: datetime | None, now: datetime) -> str:
    """`12 s`, `4 min`, `3 h`, `2 d`; empty for none."""
    return duration((now - since).total_seconds()) if since is not None else ""


def duration(seconds: float) -> str:
    """The same of a number of seconds."""
    seconds = max(0.0, seconds)
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "min"), (48 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 86400)} d"


def time_left(seconds: float) -> str:
    """How long something still lasts, rounded up, so that it is over when it says so: `40 s`, `45 min`, `2 h`, `3 d`.

    From 100 minutes on it is rounded to the nearest hour, from 48 hours on to the nearest day.
    """
    whole = ceil(max(0.0, seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = ceil(whole / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(minutes / 1440)} d"


def zone(name: str) -> tzinfo:
    """The desk's zone; UTC where the machine does not know it."""
    return zone_named(name)


def day(at: datetime, now: datetime) -> str:
    """`Today`, `Yesterday`, `Thu 19 Nov`, and with the year when it is another one; both times in one zone."""
    if at.date() == now.date():
        return "Today"
    if at.date() == now.date() - timedelta(days=1):
        return "Yesterday"
    return f"{at:%a} {at.day} {at:%b}" + (f" {at.year}" if at.year != now.year else "")
