"""When a row that did not get through is tried again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

GIVE_UP_AFTER = timedelta(hours=48)
"""A row that was put off for this long since its first try has failed."""
LONGEST = timedelta(hours=2)


def retry_at(now: datetime, attempts: int, first: timedelta) -> datetime:
    """The next try after so many attempts: doubling from `first` up to two hours, with a quarter of jitter."""
    wait = min(LONGEST, first * 2 ** min(attempts - 1, 16)) if attempts > 0 else first
    return now + wait * random.uniform(0.75, 1.25)
