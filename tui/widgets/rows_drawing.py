"""How a virtual list is drawn: only the lines that are seen, and of those only the ones that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.columns import GAP, Cell, Column, fit, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from textual.geometry import Size

STATES = ("well", "look", "broken", "off", "waiting", "strong", "dim")


class DrawnRows(Widget):
    """A heading and a row a line. `Rows` says which rows there are, and moves the cursor."""

    COMPONENT_CLASSES: ClassVar = {
        "rows--heading", "rows--cursor", "rows--cursor-away", "rows--selected", *(f"rows--{name}" for name in STATES)
    }  # fmt: skip
    DEFAULT_CSS = """
    DrawnRows {
        height: 1fr;
        & .rows--heading { color: $secondary; text-style: bold; }
        & .rows--cursor { background: $primary-muted; text-style: bold; }
        & .rows--cursor-away { background: $panel; }
        & .rows--selected { color: $accent; }
        & .rows--well { color: $success; }
        & .rows--look { color: $warning; }
        & .rows--broken { color: $error; }
        & .rows--off { color: $secondary; }
        & .rows--waiting { color: $primary; }
        & .rows--strong { text-style: bold; }
        & .rows--dim { color: $secondary; }
        &:ansi .rows--heading { text-style: bold underline; color: ansi_default; }
        &:ansi .rows--cursor { text-style: reverse; background: ansi_default; }
        &:ansi .rows--cursor-away { text-style: underline; background: ansi_default; }
        &:ansi .rows--dim { color: ansi_default; text-style: dim; }
        &:ansi .rows--off { color: ansi_default; text-style: dim; }
    }
    """

    def __init__(self, columns: Sequence[Column], cells: Callable[[Any], Sequence[Cell | str]], *, name: str) -> None:
        """`name` is its id; `cells` turns a row into what stands in each column, every time it is drawn."""
        super().__init__(id=name)
        self.columns = columns
        self.cells = cells
        self.keys: list[Hashable] = []
        self.selected: set[Hashable] = set()
        self.sorted_by: int | None = None
        self.descending = False
        self._found: dict[Hashable, Any] = {}
        self._cursor = 0
        self._top = 0
        self._gone: Hashable | None = None
        self._seen: dict[int, Strip] = {}
        self._ground: Style | None = None
        self._fitted: tuple[int, list[tuple[int, int]]] = -1, []

    @property
    def page(self) -> int:
        """Rows that are seen at once."""
        return max(1, self.size.height - 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All rows and the heading, for a list whose height is `auto`; the owner asks for layout when that grows."""
        return len(self.keys) + 1

    def repaint(self) -> None:
        """Draw again the lines that differ from what is on the screen; ages count up by this."""
        self._ground = self.rich_style  # dear, and the same for all lines
        for y, strip in list(self._seen.items()):
            if self._line(y) != strip:
                self.refresh(Region(0, y, self.size.width, 1))
        self._ground = None
        self._ask()

    def _ask(self) -> None:
        """Ask for rows that are seen and not known."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """One line, as Textual asks for it."""
        strip = self._seen[y] = self._line(y)
        return strip

    def _line(self, y: int) -> Strip:
        ground = self._ground or self.rich_style
        width = self.size.width
        if y == 0:
            return self._heading(ground, width)
        place = self._top + y - 1
        if place >= len(self.keys):
            return Strip([Segment(" " * width, ground)], width)
        return self._row(place, ground, width)

    def _heading(self, ground: Style, width: int) -> Strip:
        style = ground + self.get_component_rich_style("rows--heading", partial=True)
        parts = []
        for i, size in self._fit(width):
            mark = ("↓" if self.descending else "↑") if i == self.sorted_by else ""
            parts.append(placed(self.columns[i].title + mark, size, right=self.columns[i].right))
        text = (
            placed("  " + (" " * GAP).join(parts), width, right=False) if not parts else "  " + (" " * GAP).join(parts)
        )
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def _fit(self, width: int) -> list[tuple[int, int]]:
        if self._fitted[0] != width:
            self._fitted = width, fit(self.columns, width - 2)
        return self._fitted[1]

    def _row(self, place: int, ground: Style, width: int) -> Strip:
        key = self.keys[place]
        selected = key in self.selected
        style = ground
        if selected:
            style += self.get_component_rich_style("rows--selected", partial=True)
        if place == self._cursor:
            name = "rows--cursor" if self.has_focus else "rows--cursor-away"
            style += self.get_component_rich_style(name, partial=True)
        mark = ("▸" if place == self._cursor else " ") + ("+" if selected else " ")
        segments = [Segment(mark, style)]
        row = self._found.get(key)
        if row is None:
            segments.append(Segment("…", style))
            return Strip(segments).adjust_cell_length(width, style)
        cells = self.cells(row)
        for number, (i, size) in enumerate(self._fit(width)):
            cell = cells[i] if isinstance(cells[i], Cell) else Cell(str(cells[i]))
            assert isinstance(cell, Cell)
            kind = "dim" if key == self._gone else cell.style
            look = style
            if kind:
                look = (
                    style + self.get_component_rich_style(f"rows--{kind}", partial=True).without_color
                    if (place == self._cursor and self.has_focus and self.app.native_ansi_color)
                    else style + _front(self.get_component_rich_style(f"rows--{kind}", partial=True))
                )
            if number:
                segments.append(Segment(" " * GAP, style))
            segments.append(Segment(placed(cell.text, size, right=self.columns[i].right), look))
        return Strip(segments).adjust_cell_length(width, style)


def _front(style: Style) -> Style:
    """Its colour and attributes, never its background: that is the cursor's."""
    return Style(color=style.color, bold=style.bold, dim=style.dim, italic=style.italic, underline=style.underline)
