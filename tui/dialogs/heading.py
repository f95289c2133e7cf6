"""Subject and copies of an e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input, Label

from tui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


def copies(text: str) -> tuple[str, ...]:
    """The addresses of a line, separated by commas."""
    return tuple(one.strip() for one in text.split(",") if one.strip())


class HeadingDialog(Dialog[tuple[str, str]]):
    """Gives back subject and cc as typed."""

    def __init__(self, subject: str, cc: str, usual: str) -> None:
        super().__init__("Subject and copies")
        self._subject = Input(subject, placeholder=usual, id="subject")
        self._cc = Input(cc, placeholder="more recipients, separated by commas", id="cc")

    def body(self) -> Iterable[Widget]:
        """Two lines."""
        yield Label("Subject")
        yield self._subject
        yield Label("Copies to")
        yield self._cc

    def on_mount(self) -> None:
        """Type at once."""
        self._subject.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.accept()

    def accept(self) -> None:
        """Both, unless a copy goes to what is no address."""
        wrong = [one for one in copies(self._cc.value) if "@" not in one or any(c.isspace() for c in one)]
        if wrong:
            self.mistake(f"{wrong[0]} is not an e-mail address, as in name@example.org")
        else:
            self.dismiss((self._subject.value.strip(), self._cc.value.strip()))
