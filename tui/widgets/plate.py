"""A plate: a few lines that are drawn again only where a word of them differs."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


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
