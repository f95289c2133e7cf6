"""Giving a contact to somebody else: to whom, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input, Label, TextArea

from tui.dialogs.asking import ChoiceDialog
from tui.dialogs.dialog import Dialog
from tui.dialogs.form import Tick

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget


class TransferDialog(ChoiceDialog):
    """Gives back the choice; `note` is the line that goes with it."""

    def __init__(self, title: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(title, choices)
        self._note = Input(placeholder="a note for whoever gets it; it may be nothing", id="note")

    def body(self) -> Iterable[Widget]:
        """To whom, and a note."""
        yield from super().body()
        yield Label("Note")
        yield self._note

    @property
    def note(self) -> str:
        """As typed."""
        return self._note.value.strip()

    @on(Input.Changed, "#note")
    def _noted(self, event: Input.Changed) -> None:
        event.stop()
        event.prevent_default()  # the list stays as it was narrowed down


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What is forwarded to whom."""

    to: str
    text: str
    files: bool


class ForwardDialog(Dialog[Forwarding]):
    """An address, some words, and whether the files go with it."""

    BUTTONS = (("accept", "Forward", "primary"), ("cancel", "Cancel", "default"))

    def __init__(self, question: str, files: str) -> None:
        """`files`: which there are, as words; empty = none."""
        super().__init__("Forward", question)
        self._to = Input(placeholder="name@example.org", id="to")
        self._text = TextArea(id="words", show_line_numbers=False, soft_wrap=True)
        self._files = Tick("files", True, f"with {files}", f"without {files}") if files else None

    def body(self) -> Iterable[Widget]:
        """Three fields."""
        yield Label("To which e-mail address")
        yield self._to
        yield Label("What you say above it; it may be nothing")
        yield self._text
        if self._files is not None:
            yield self._files

    def on_mount(self) -> None:
        """Type at once."""
        self._to.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.mistake(address_wrong(event.value) if "@" in event.value else "")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if wrong := address_wrong(self._to.value):
            self.mistake(wrong)
        else:
            self._text.focus()

    def accept(self) -> None:
        """All of it, unless the address is none."""
        wrong = address_wrong(self._to.value)
        self.mistake(wrong)
        if wrong:
            self._to.focus()
        else:
            self.dismiss(Forwarding(self._to.value.strip(), self._text.text, bool(self._files and self._files.value)))


def address_wrong(text: str) -> str:
    """What is wrong with an e-mail address; empty when nothing is."""
    text = text.strip()
    name, at, domain = text.rpartition("@")
    fine = at and name and domain and not any(char.isspace() or char in ",;<>" for char in text)
    return "" if fine else "one e-mail address, as in name@example.org"
