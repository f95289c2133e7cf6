"""The first frame: `postroom` in a new process until rows of a full desk are on the screen, beside an empty app."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, interleaved
from benchmarks.places import ROOT, Sizes
from benchmarks.screen_desk import ScreenDesk, has_rows
from benchmarks.screen_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = "from textual.app import App; App().run()"


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Milliseconds from the start of the process."""
    desk = ScreenDesk(folder, sizes.waiting)

    def ours() -> float:
        with desk.screen() as terminal:
            return 1000 * (terminal.until(has_rows) - terminal.began)

    def empty() -> float:
        with Terminal([sys.executable, "-c", EMPTY], ROOT, os.environ) as terminal:
            painted = terminal.until(lambda screen: screen.cells[-1][0][1])  # the ground of the last line
            return 1000 * (painted - terminal.began)

    found = interleaved(sizes.starts, {"postroom": ours, "empty app": empty})
    return [
        Comparison(
            f"first frame with rows, {sizes.waiting:,} waiting",
            "ms",
            found["postroom"],
            "first paint of an empty Textual app",
            found["empty app"],
            1.5,
            "at most",
        )
    ]
