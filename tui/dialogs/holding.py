"""Until when a contact is laid aside: one of the usual times, or any that is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from core.desk.waking import wake_time
from core.errors import Wrong
from tui.ages import day
from tui.dialogs.asking import ChoiceDialog

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from textual.widget import Widget

USUAL = ("15 min", "30 min", "1 h", "2 h", "4 h", "tomorrow 9:00", "monday 9:00")


class HoldDialog(ChoiceDialog):
    """Gives back words that `core.desk.waking.wake_time` understands."""

    def __init__(self, title: str, now: datetime, zone: tzinfo) -> None:
        super().__init__(
            title, [(one, one) for one in USUAL],
            "It comes back to you by itself then, or as soon as the customer writes.", free=True,
        )  # fmt: skip
        self.now, self.zone = now, zone
        self._input.placeholder = "how long, or until when: 45 min, 14:30, tue 9:00"
        self._told = Static("", classes="told")

    def body(self) -> Iterable[Widget]:
        """The line, the usual times, and when it will come back."""
        yield from super().body()
        yield self._told

    @property
    def meant(self) -> str:
        """What was typed where that is a time, else what stands out in the list."""
        typed = self._input.value.strip()
        at = self._list.highlighted
        if self._when(typed) is None and at is not None:
            return USUAL[int(self._list.get_option_at_index(at).id or 0)]
        return typed

    def _when(self, words: str) -> datetime | None:
        try:
            return wake_time(words, self.now, self.zone)
        except Wrong:
            return None

    @on(Input.Changed)
    @on(OptionList.OptionHighlighted)
    def _tell(self) -> None:
        at = self._when(self.meant)
        words = ""
        if at is not None:
            local = at.astimezone(self.zone)
            words = f"back {day(local, self.now.astimezone(self.zone))} {local:%H:%M %Z}"
        self._told.update(Content(words))
        self.mistake("")

    def accept(self) -> None:
        """The words, unless they mean no time to come."""
        try:
            wake_time(self.meant, self.now, self.zone)
        except Wrong as error:
            self.mistake(str(error))
        else:
            self.dismiss(self.meant)
