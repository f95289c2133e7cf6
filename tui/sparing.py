"""What stands on the terminal, and the least that must be written to change it: over SSH every byte counts.

Textual 8.2 writes a changed line from the left edge of its widget on, and each piece of it with its whole style. Here
only the cells that differ are written. A line with anything on it that some terminals draw wider or narrower than
others (CJK, emoji, combining marks) is always written whole, so that nothing of what they drew is left behind.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from textual.geometry import Size

BRIDGE = 6
"""So many cells that do not differ are written again, where to move over them would cost as much."""

Line = tuple[str, list[str]]
"""A character and its style (the parameters of SGR, ECMA-48) for each cell."""


class Written(CompositorUpdate):
    """An update that is written already."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render_segments(self, console: Console) -> str:
        """It."""
        return self.text


class Sparing:
    """One terminal. Whatever is written past it must be followed by `forget`."""

    def __init__(self) -> None:
        self._lines: list[Line | None] = []
        """None: not known, or not plain."""
        self._size: Size | None = None

    def forget(self) -> None:
        """Nothing is known of the terminal."""
        self._size = None

    def least(self, update: CompositorUpdate, size: Size, console: Console) -> CompositorUpdate | None:
        """The same in less; None where nothing differs. What it gives must be written."""
        if size != self._size:
            self._size = size
            self._lines = [None] * size.height
        if isinstance(update, LayoutUpdate):
            return self._all(update, console)
        if isinstance(update, ChopsUpdate):
            text = self._some(update, console)
            return Written(text) if text else None
        self.forget()
        return update

    def _all(self, update: LayoutUpdate, console: Console) -> LayoutUpdate:
        """A whole screen is written as Textual does it: the terminal may show anything."""
        for y, strips in enumerate(update.strips, update.region.y):
            if y < len(self._lines):
                line = _plain(strips, console)
                whole = update.region.x == 0 and line is not None and self._size and len(line[0]) == self._size.width
                self._lines[y] = line if whole else None
        return update

    def _some(self, update: ChopsUpdate, console: Console) -> str:
        pen = _Pen()
        for y, x, strip in _pieces(update):
            piece = _plain([strip], console)
            known = self._lines[y] if y < len(self._lines) else None
            if piece is None or known is None:
                pen.write_whole(x, y, strip.render(console))
                if y < len(self._lines):
                    self._lines[y] = self._known_now(piece, x)
            else:
                pen.write_changes(x, y, piece, known)
                self._lines[y] = _replaced(known, x, piece)
        return pen.end()

    def _known_now(self, piece: Line | None, x: int) -> Line | None:
        return piece if piece is not None and x == 0 and self._size and len(piece[0]) == self._size.width else None


class _Pen:
    """Collects what is to be written; a style lasts until another one is needed."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._style = ""

    def write_whole(self, x: int, y: int, rendered: str) -> None:
        """A piece as Textual renders it: it begins and ends without a style."""
        self._lift()
        self._pieces.append(f"\x1b[{y + 1};{x + 1}H{rendered}")

    def write_changes(self, x: int, y: int, piece: Line, known: Line) -> None:
        """The cells of a piece that are not as they were."""
        text, styles = piece
        old_text, old_styles = known
        size = len(text)
        if text == old_text[x : x + size] and styles == old_styles[x : x + size]:
            return
        differ = [i for i in range(size) if text[i] != old_text[x + i] or styles[i] != old_styles[x + i]]
        for first, end in _runs(differ, styles):
            self._pieces.append(f"\x1b[{y + 1};{x + first + 1}H")
            begin = first
            while begin < end:
                stop = begin + 1
                while stop < end and styles[stop] == styles[begin]:
                    stop += 1
                self._take(styles[begin])
                self._pieces.append(text[begin:stop])
                begin = stop

    def end(self) -> str:
        """All of it, and no style."""
        self._lift()
        return "".join(self._pieces)

    def _take(self, style: str) -> None:
        if style != self._style:
            self._pieces.append(f"\x1b[0;{style}m" if self._style and style else f"\x1b[{style or 0}m")
            self._style = style

    def _lift(self) -> None:
        self._take("")


def _pieces(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """What an update shows: line, column, strip; as in Textual's ChopsUpdate.render_segments."""
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > last or end <= first:
                continue
            yield y, x, strip if x >= first and end <= last else strip.crop(0, min(end, last) - x)


def _runs(differ: list[int], styles: list[str]) -> Iterator[tuple[int, int]]:
    """Cells that are written in one go, as first and end; short gaps in one style are bridged."""
    first = end = differ[0]
    for i in differ:
        if i > end and (i - end > BRIDGE or any(styles[k] != styles[end - 1] for k in range(end, i))):
            yield first, end
            first = i
        end = i + 1
    yield first, end


def _plain(strips: Iterable[Strip | None], console: Console) -> Line | None:
    """Strips side by side as a line of cells; None where a cell is not one character, or a link stands there."""
    colours = console._color_system or ColorSystem.TRUECOLOR
    texts: list[str] = []
    styles: list[str] = []
    for strip in strips:
        if strip is None:
            return None
        for text, style, _ in strip:
            if not _narrow(text) or (style is not None and style.link):
                return None
            texts.append(text)
            styles += [Strip.render_ansi(style, colours) if style is not None else ""] * len(text)
    return "".join(texts), styles


@lru_cache(maxsize=4096)
def _narrow(text: str) -> bool:
    return text.isascii() or all(get_character_cell_size(character) == 1 for character in text)


def _replaced(line: Line, x: int, piece: Line) -> Line:
    end = x + len(piece[0])
    return line[0][:x] + piece[0] + line[0][end:], line[1][:x] + piece[1] + line[1][end:]
