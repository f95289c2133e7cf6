"""The bell of alarms: once for each new one, and what somebody knows of is left alone until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.views.alarms import Alarm

LOOK_SECONDS = 5.0
"""Between two looks at all alarms."""


class AlarmBell:
    """Remembers which alarms there are."""

    def __init__(self) -> None:
        self.acknowledged: set[str] = set()
        """Keys of those that somebody knows of."""
        self._known: set[str] | None = None

    def new(self, found: Sequence[Alarm]) -> list[Alarm]:
        """Those that were not there before; none the first time. What has ended is forgotten."""
        keys = {one.key for one in found}
        fresh = [] if self._known is None else [one for one in found if one.key not in self._known]
        self._known = keys
        self.acknowledged &= keys
        return fresh
