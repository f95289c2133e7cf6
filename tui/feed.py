"""The feed: hears the bell, and says that what is shown may be stale. It carries no data: whoever hears it reads."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from core.store import heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.store.bell import Bell

SLOW_POLL = 5.0
"""Seconds after which all is read again even where no ring was heard."""
GATHER_SECONDS = 0.1
"""Rings within this time are one."""
APART_SECONDS = 0.5
"""Where it rings on and on: nothing is shown later than a second after its change, and not much more often."""


async def follow(bell: Bell, changed: Callable[[], None]) -> None:
    """Call `changed` now, after every ring and after every slow poll; until cancelled."""
    while True:
        ring, began = bell.listen(), monotonic()
        changed()
        await heard(ring, SLOW_POLL)
        await asyncio.sleep(max(GATHER_SECONDS, APART_SECONDS - (monotonic() - began)))
