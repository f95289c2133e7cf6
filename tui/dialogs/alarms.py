"""All alarms of the desk, and the way to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.dialogs.asking import ChoiceDialog
from tui.telling import alarm_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.views.alarms import Alarm


class AlarmsDialog(ChoiceDialog):
    """Gives back the place of an alarm in the list."""

    BUTTONS = (("accept", "Go there", "primary"), ("cancel", "Close", "default"))

    def __init__(self, found: Sequence[Alarm], now: datetime) -> None:
        choices = [(str(number), alarm_line(one, now)) for number, one in enumerate(found)]
        super().__init__("Alarms", choices, "Enter goes to where it can be mended.")
