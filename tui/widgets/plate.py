"""A plate: a few lines that are drawn again only where a word of them differs."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

COLOURS = {"well": "$success", "look": "$warning", "broken": "$error", "waiting": "$primary", "off": "$text-muted"}
"""The colour of each state of a `Cell`, where it stands in a text."""


class Plate(Static):
    """Lines of fixed height; what they say changes, the layout never does."""

    DEFAULT_CSS = "Plate { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, name: str) -> None:
        """`name`: its id."""
        super().__init__(id=name)
        self._said = ""

    def say(self, *lines: Content) -> None:
        """Say this."""
        said = repr([(line.plain, line.spans) for line in lines])
        if said != self._said:
            self._said = said
            self.update(Content("\n").join(lines), layout=False)


class Pane(Plate):
    """The right pane: as many lines as fit, wrapped, about the row under the cursor. Only where there is room."""

    DEFAULT_CSS = """
    Pane { width: 32%; height: 1fr; padding: 0 1; text-wrap: wrap; border-left: solid $panel; display: none; }
    Pane:ansi { border-left: solid ansi_default; }
    """

    class Sized(Message):
        """It has a width, or another one: what is wrapped to it must be said again."""

    @property
    def room(self) -> int:
        """Cells in a line of it."""
        return max(20, self.content_size.width)

    def say(self, *lines: Content) -> None:
        """Say this, once it has its width."""
        if self.content_size.width:
            super().say(*lines)

    def on_resize(self) -> None:
        """Whoever says something wraps it anew."""
        self.post_message(self.Sized())


def heading(words: str) -> Content:
    """A heading in a pane, with a blank line before it."""
    return Content.assemble("\n", (words, "bold $primary"))
