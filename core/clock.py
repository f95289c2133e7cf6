"""The one clock. Times are aware UTC datetimes; tests put another clock in its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


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
