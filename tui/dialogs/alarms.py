"""All alarms of the desk, and the way to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import OptionList, Static

from core.text import harmless
from tui.dialogs.asking import ChoiceDialog
from tui.telling import alarm_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from textual.widget import Widget

    from core.views.alarms import Alarm


class AlarmsDialog(ChoiceDialog):
    """Gives back the place of an alarm in the list; below it stands the whole of the one that stands out."""

    BUTTONS = (("accept", "Go there", "primary"), ("cancel", "Close", "default"))

    def __init__(self, found: Sequence[Alarm], now: datetime) -> None:
        choices = [(str(number), alarm_line(one, now)) for number, one in enumerate(found)]
        super().__init__("Alarms", choices, "Enter goes to where it can be mended.")
        self.found = found
        self.whole = Static("", classes="whole")

    def body(self) -> Iterable[Widget]:
        """The list, and one of it whole."""
        yield from super().body()
        yield self.whole

    @on(OptionList.OptionHighlighted)
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        self.whole.update(Content(harmless(self.found[int(event.option_id or 0)].words, lines=False)))
