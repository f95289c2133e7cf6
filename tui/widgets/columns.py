"""The columns of a list, and how wide each is on this terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a state: `well`, `look`, `broken`, `off`, `waiting`, `strong` or `dim`. The glyph is in the text."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list."""

    title: str
    width: int
    """Cells it needs at least."""
    right: bool = False
    """Numbers and ages stand on the right."""
    drop: int = 0
    """0 never goes; of the others the highest goes first where the terminal is narrow."""
    grow: int = 0
    """Its share of what is left over."""


def fit(columns: Sequence[Column], room: int) -> list[tuple[int, int]]:
    """Which columns stand in `room` cells, each as (its index, its width)."""
    kept = list(range(len(columns)))

    def needed() -> int:
        return sum(columns[i].width for i in kept) + GAP * (len(kept) - 1)

    while needed() > room and (going := [i for i in kept if columns[i].drop]):
        kept.remove(max(going, key=lambda i: columns[i].drop))
    widths = {i: columns[i].width for i in kept}
    left = max(0, room - needed())
    shares = sum(columns[i].grow for i in kept)
    for i in kept:
        if shares and columns[i].grow:
            share = left * columns[i].grow // shares
            widths[i] += share
            left -= share
            shares -= columns[i].grow
    return list(widths.items())


def placed(text: str, width: int, *, right: bool) -> str:
    """A text from anywhere, harmless, in exactly `width` cells; what is cut off shows as `…`."""
    text = one_line(text, width + 1)
    size = cell_len(text)
    if size > width:
        text = set_cell_size(text, max(0, width - 1)).rstrip() + "…" if width else ""
        size = cell_len(text)
    blank = " " * (width - size)
    return blank + text if right else text + blank
