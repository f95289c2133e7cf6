"""The first frame: `postroom` in a new process until rows of a full desk are on the screen, beside an empty app."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, note
from benchmarks.places import ROOT, Sizes
from benchmarks.screen_desk import ScreenDesk, has_rows
from benchmarks.screen_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.tui.screenful import Screenful

EMPTY = "from textual.app import App; App().run()"
MOST = 1.5


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds from the start of a process to its frame, and of CPU in all its threads up to then."""

    passed: float
    spent: float


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Both in turn, since the cores may be shared: medians, the quickest of each, and CPU, which others cannot take."""
    desk = ScreenDesk(folder, sizes.waiting)
    sides: list[tuple[list[Start], Callable[[], Start]]] = [
        ([], lambda: _start(desk.screen(), has_rows)),
        ([], lambda: _start(Terminal([sys.executable, "-c", EMPTY], ROOT, os.environ), _is_painted)),
    ]
    for _, start in sides:
        start()  # compiles what was not, and reads the files into memory
    for number in range(sizes.starts):
        for found, start in sides:
            found.append(start())
        note(f"  round {number + 1} of {sizes.starts}: postroom {sides[0][0][-1].passed:.0f} ms,"
             f" empty app {sides[1][0][-1].passed:.0f} ms")  # fmt: skip
    return _compared(f"first frame with rows, {sizes.waiting:,} waiting", sides[0][0], sides[1][0])


def _start(terminal: Terminal, seen: Callable[[Screenful], object]) -> Start:
    with terminal:
        passed = terminal.until(seen) - terminal.began
    return Start(1000 * passed, 1000 * terminal.spent)


def _is_painted(screen: Screenful) -> object:
    return screen.cells[-1][0][1]  # the ground of the last line


def _compared(what: str, ours: Sequence[Start], empty: Sequence[Start]) -> list[Comparison]:
    def line(how: str, of: Callable[[Sequence[float]], float], values: Callable[[Start], float]) -> Comparison:
        mine, theirs = (of([values(start) for start in starts]) for starts in (ours, empty))
        return Comparison(
            f"{what}, {how}", "ms", mine, "first paint of an empty Textual app", theirs, MOST, "at most"
        )  # fmt: skip

    return [
        line("median", median, lambda start: start.passed),
        line("quickest", min, lambda start: start.passed),
        line("CPU", median, lambda start: start.spent),
    ]
