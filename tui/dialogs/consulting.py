"""Asking a colleague, and answering one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input, Label

from tui.dialogs.asking import ChoiceDialog, TextDialog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget


class AskDialog(ChoiceDialog):
    """Gives back a login; `asked` is the question."""

    BUTTONS = (("accept", "Ask", "primary"), ("cancel", "Cancel", "default"))

    def __init__(self, title: str, people: Sequence[tuple[str, str]]) -> None:
        super().__init__(title, people, "The contact stays with you. Your colleague sees its thread.")
        self._asked = Input(placeholder="what you want to know", id="asked")

    def body(self) -> Iterable[Widget]:
        """Whom, and what."""
        yield from super().body()
        yield Label("Question")
        yield self._asked

    @property
    def asked(self) -> str:
        """As typed."""
        return self._asked.value.strip()

    @on(Input.Changed, "#asked")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        event.prevent_default()  # the list stays as it was narrowed down
        self.mistake("")

    def accept(self) -> None:
        """Both, or on to the question."""
        if self.asked or self._list.highlighted is None:
            super().accept()
        else:
            if self._asked.has_focus:
                self.mistake("write the question first")
            self._asked.focus()


class AnswerDialog(TextDialog):
    """A line for a colleague; what was typed and not said is `typed`. The thread stays in sight above it."""

    BUTTONS = (("accept", "Answer", "primary"), ("cancel", "Later", "default"))
    LOW = True

    @property
    def typed(self) -> str:
        """As it stands."""
        return self._input.value

    def on_mount(self) -> None:
        """Behind what was typed before."""
        self._input.select_on_focus = False
