"""When a customer is to be rung again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.dialogs.holding import HoldDialog

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


class CallBackDialog(HoldDialog):
    """Gives back words that `core.desk.waking.wake_time` understands."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        super().__init__("Call back", now, zone)
        self.question = "When is the customer to be rung again?"
        self._input.placeholder = "in how long, or when: 45 min, 14:30, tue 9:00"
