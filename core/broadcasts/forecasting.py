"""Forecasting: who waits at the beginning, and when the last has left, by the clocks on the customers' walls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from core import consent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.broadcasts.plans import Plan, Timing

FARTHEST = timedelta(days=31)
"""What takes longer is not reckoned out: each day of each zone costs some tenths of a millisecond."""
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What hours mean for a plan."""

    begins_at: datetime
    waiting: int
    """Recipients who are not written to at the beginning: it is quiet there, or outside the send window."""
    outside: int
    """Those of them who are outside the send window."""
    waits_until: datetime | None
    """When the last of them may be written to."""
    ends_at: datetime | None
    """When the last has left, at the rate; None without one, or where it takes longer than `FARTHEST`."""

    @property
    def waits_for(self) -> str:
        """What those who wait do wait for, in words."""
        if not self.outside:
            return "the end of quiet hours"
        return "the send window" if self.outside == self.waiting else "the send window or the end of quiet hours"


def forecast(plan: Plan, timing: Timing, now: datetime) -> Forecast:
    """For a plan that begins now, or as its timing says.

    Raises Wrong for a send window that cannot be read, or that the campaign's quiet hours leave no hour.
    """
    begins, hours = (
        (timing.starts_at or now).astimezone(UTC),
        consent.right_send_hours(timing.send_hours, plan.quiet_hours),
    )
    waiting, outside, until = held_at(begins, plan.zones, plan.quiet_hours, hours)
    ends, takes = None, plan.takes(timing.rate_per_minute)
    if takes is not None and takes <= FARTHEST:
        if plan.quiet_hours or hours:
            per_minute = plan.recipients / max(takes / timedelta(minutes=1), 1e-9)
            since = begins.replace(second=0, microsecond=0)
            takes = _lasts(since, tuple(plan.zones.items()), per_minute, plan.quiet_hours, hours)
        ends = begins + takes if takes is not None else None
    return Forecast(begins, waiting, outside, until, ends)


def held_at(
    at: datetime, zones: Mapping[str, int], quiet_hours: str, send_hours: str
) -> tuple[int, int, datetime | None]:
    """Of people by their zones: how many wait at a moment, how many for the send window, until when the last."""
    waiting, outside, until = 0, 0, None
    for zone, people in zones.items():
        one = consent.held(at, quiet_hours, send_hours, zone)
        if one is not None:
            waiting += people
            outside += people if consent.held(at, "", send_hours, zone) is not None else 0
            until = max(until or one.until, one.until)
    return waiting, outside, until


@lru_cache(maxsize=100)
def _lasts(
    begins: datetime, zones: tuple[tuple[str, int], ...], per_minute: float, quiet_hours: str, send_hours: str
) -> timedelta | None:
    """One after the other, as they may be written to: who has waited longest, then whose hours end first."""
    stretches = {zone: _stretches(begins, quiet_hours, send_hours, zone) for zone, _ in zones}
    turns = [(*next(stretches[zone]), zone, float(people)) for zone, people in zones]
    heapify(turns)
    at = begins
    while turns:
        start, end, zone, left = heappop(turns)
        at = max(at, start)
        if at - begins > FARTHEST:
            return None
        needs = timedelta(minutes=left / per_minute)
        if at < end and at + needs <= end:
            at += needs
            continue
        if at < end:
            left -= (end - at) / timedelta(minutes=1) * per_minute
            at = end
        heappush(turns, (*next(stretches[zone]), zone, left))
    return at - begins


def _stretches(at: datetime, quiet_hours: str, send_hours: str, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """From when to when messages may leave to a zone, without end."""
    while True:
        one = consent.held(at, quiet_hours, send_hours, zone)
        start = at if one is None else one.until
        at = consent.free_until(start, quiet_hours, send_hours, zone) or _FOR_EVER
        yield start, at
