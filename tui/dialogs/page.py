"""A text to be read: an explanation, help, a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.text import clip, harmless
from tui.actions import READING, bindings_of
from tui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.widget import Widget

LIMIT = 100_000
"""Characters that a page shows; what is longer says how much is left out."""


WIDEST, SHARE, FRAME = 100, 0.96, 6
"""Cells of a page at most, its share of the screen (as dialog.tcss has both), and those beside its text."""


def room_of(width: int) -> int:
    """Cells in a line of a page, on a screen of this width."""
    return min(WIDEST, int(width * SHARE)) - FRAME


class Reading(VerticalScroll, inherit_bindings=False):
    """Scrolls with the keys of the registry."""

    BINDINGS: ClassVar = bindings_of(READING)


class PageDialog(Dialog[bool]):
    """A text from anywhere, harmless, with one button."""

    BUTTONS = (("cancel", "Close", "primary"),)

    def __init__(self, title: str, text: str | Content) -> None:
        super().__init__(title)
        self.text = text if isinstance(text, Content) else Content(clip(harmless(text), LIMIT))

    def body(self) -> Iterable[Widget]:
        """The text."""
        yield Reading(Static(self.text))

    def on_mount(self) -> None:
        """Scroll at once."""
        self.query_one(Reading).focus()

    def key_enter(self, event: events.Key) -> None:
        """Read."""
        if isinstance(self.focused, Reading):
            event.stop()
            self.accept()

    def accept(self) -> None:
        """Close it."""
        self.dismiss(None)
