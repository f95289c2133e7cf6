"""The one clock. Times are aware UTC datetimes; tests put another clock in its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_moment(at: datetime) -> int:
    """An aware datetime as whole microseconds since 1970 in UTC: one form on every database, right in raw SQL."""
    return (at - _EPOCH) // _MICROSECOND


def from_moment(microseconds: int) -> datetime:
    """The aware UTC datetime that `to_moment` was given."""
    return _EPOCH + timedelta(microseconds=microseconds)


def moment(microseconds: int | None) -> datetime | None:
    """A stored time, None where there is none."""
    return from_moment(microseconds) if microseconds is not None else None


class Clock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Aware UTC time, microsecond precision."""
        return datetime.now(UTC)


class FrozenClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        """The time it was last set to."""
        return self._now

    def advance(self, **by: float) -> None:
        """Move on by a `timedelta` given in its own words, as in `advance(minutes=5)`."""
        self._now += timedelta(**by)


def zone_named(name: str) -> tzinfo:
    """The desk's zone; UTC where the machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
