"""Subject and copies of an e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Button, Input, Label, Static

from core.text import one_line
from tui.dialogs.dialog import Dialog
from tui.dialogs.passing_on import address_wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget


def copies(text: str) -> tuple[str, ...]:
    """The addresses of a line, separated by commas, each once."""
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


def with_all(cc: str, others: Sequence[str]) -> str:
    """Copies as typed, and those of `others` that are not among them."""
    known = {one.lower() for one in copies(cc)}
    return ", ".join((*copies(cc), *(one for one in others if one.lower() not in known)))


def without(cc: str, others: Sequence[str]) -> str:
    """Copies as typed, without `others`."""
    unwanted = {one.lower() for one in others}
    return ", ".join(one for one in copies(cc) if one.lower() not in unwanted)


class HeadingDialog(Dialog[tuple[str, str]]):
    """Gives back subject and cc as typed."""

    BUTTONS = (("accept", "OK", "primary"), ("all", "To all", "default"), ("cancel", "Cancel", "default"))

    def __init__(self, subject: str, cc: str, usual: str, others: Sequence[str] = ()) -> None:
        """`others`: who else got the customer's e-mail."""
        super().__init__("Subject and copies")
        self.others = tuple(others)
        self._subject = Input(subject, placeholder=one_line(usual, 200), id="subject")
        self._cc = Input(cc, placeholder="more recipients, separated by commas", id="cc")

    def body(self) -> Iterable[Widget]:
        """Two lines, and who else was written to."""
        yield Label("Subject")
        yield self._subject
        yield Label("Copies to")
        yield self._cc
        if self.others:
            yield Static(Content(f"The customer wrote to {one_line(', '.join(self.others), 300)} too."), classes="told")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#all", Button).display = bool(self.others)
        self._subject.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.accept()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """To all puts them in."""
        if event.button.id == "all":
            event.stop()
            self._cc.value = with_all(self._cc.value, self.others)
            self._cc.focus()
        else:
            super().on_button_pressed(event)

    def accept(self) -> None:
        """Both, unless a copy goes to what is no address."""
        wrong = [one for one in copies(self._cc.value) if address_wrong(one)]
        if wrong:
            self.mistake(f"{wrong[0]} is not an e-mail address, as in name@example.org")
        else:
            self.dismiss((self._subject.value.strip(), ", ".join(copies(self._cc.value))))
