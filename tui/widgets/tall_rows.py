"""A list whose rows have two lines: who, and what was said last. For the narrow pane beside a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.widgets.columns import Cell, placed
from tui.widgets.listing import Listing
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.geometry import Size

MARK = "▸"


@dataclass(frozen=True, slots=True)
class TwoLines:
    """What a row shows."""

    glyph: Cell
    title: str
    right: str
    """At the end of the first line: an age, how it ended."""
    below: Cell


class TallRows(Rows):
    """Two lines for each row, and no heading."""

    def __init__(self, lines_of: Callable[[Any], TwoLines], *, name: str) -> None:
        """`lines_of` turns a row into its two lines, every time it is drawn."""
        super().__init__((), lambda row: (), name=name)
        self.lines_of = lines_of

    @property
    def page(self) -> int:
        """Rows that are seen at once."""
        return max(1, self.size.height // 2)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All rows."""
        return 2 * len(self.keys)

    def _line(self, y: int) -> Strip:
        ground, width = self.rich_style, self.size.width
        place = self._top + y // 2
        if place >= len(self.keys):
            return Strip([Segment(" " * width, ground)], width)
        style = ground
        if place == self._cursor:
            name = "rows--cursor" if self.has_focus else "rows--cursor-away"
            style += self.get_component_rich_style(name, partial=True)
        row = self._found.get(self.keys[place])
        if row is None:
            return Strip([Segment("…", style)]).adjust_cell_length(width, style)
        lines = self.lines_of(row)
        if y % 2:
            return Strip([self._piece(lines.below, width - 4, place, style, before="    ")], width)
        right = placed(lines.right, min(cell_len(lines.right), width // 2), right=True)
        mark = MARK if place == self._cursor else " "
        room = max(0, width - 4 - cell_len(right) - 1)
        return Strip(
            [
                Segment(f"{mark} ", style),
                self._piece(lines.glyph, 1, place, style),
                self._piece(Cell(lines.title, "strong"), room, place, style, before=" "),
                self._piece(Cell(right, "dim"), cell_len(right), place, style, before=" "),
            ]
        ).adjust_cell_length(width, style)

    def _piece(self, cell: Cell, width: int, place: int, style: Style, *, before: str = "") -> Segment:
        kind = "dim" if self.keys[place] == self._gone else cell.style
        look = style
        if kind:
            extra = self.get_component_rich_style(f"rows--{kind}", partial=True)
            # Never its background, which is the cursor's; and none of its colours where the cursor is a reversed line.
            bare = place == self._cursor and self.has_focus and self.app.native_ansi_color
            look = style + Style(color=None if bare else extra.color, bold=extra.bold, dim=extra.dim)
        return Segment(before + placed(cell.text, max(0, width), right=False), look)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor there; a second one opens."""
        place = self._top + event.y // 2
        if place < len(self.keys):
            if place == self._cursor and event.chain > 1:
                self.action_open()
            else:
                self._to(place)


class TallListing(Listing):
    """Caption, tall rows, filter."""

    def __init__(self, title: str, lines_of: Callable[[Any], TwoLines], *, name: str) -> None:
        super().__init__(title, (), lambda row: (), name=name)
        self.rows = TallRows(lines_of, name=f"{name}-rows")
