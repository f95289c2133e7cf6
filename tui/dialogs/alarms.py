"""All alarms of the desk, and the way to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import OptionList, Static

from core.text import harmless
from tui.actions import ALARMS, bindings_of
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
    BINDINGS: ClassVar = bindings_of(ALARMS)

    def __init__(self, found: Sequence[Alarm], now: datetime, acknowledged: set[str]) -> None:
        """`acknowledged`: keys of alarms that somebody knows of; one that is acknowledged here is added."""
        self.found = found
        self.now = now
        self.acknowledged = acknowledged
        super().__init__("Alarms", self._lines(), "Enter goes to where it can be mended.")
        self.whole = Static("", classes="whole")

    def body(self) -> Iterable[Widget]:
        """The list, and one of it whole."""
        yield from super().body()
        yield self.whole

    def _lines(self) -> list[tuple[str, str]]:
        known = ["✓ known" if one.key in self.acknowledged else "" for one in self.found]
        return [(str(number), f"{alarm_line(one, self.now)}  {known[number]}") for number, one in enumerate(self.found)]

    def action_acknowledge(self) -> None:
        """Somebody knows of it, until it ends; once more takes that back."""
        at = self._list.highlighted
        if at is not None:
            option = self._list.get_option_at_index(at)
            self.acknowledged ^= {self.found[int(option.id or 0)].key}
            self.choices = self._lines()
            self._narrow()
            self._list.highlighted = at

    @on(OptionList.OptionHighlighted)
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        self.whole.update(Content(harmless(self.found[int(event.option_id or 0)].words, lines=False)))
