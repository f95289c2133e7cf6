"""Output: what queues and wallboard write to an 80x24 terminal while the desk changes, and what at rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison
from benchmarks.screen_desk import QUEUES, ScreenDesk, has_rows

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.places import Sizes

CHANGES = 10.0
"""A second: six arrivals, two contacts taken, two closed."""
WAITING = 400
MOST_PER_SECOND = 2048.0
MORE_QUEUES = 6
WALLBOARD = "\x1b9"
SETTLING_SECONDS = 3.0


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Octets a second, with an engine elsewhere."""
    (folder / "busy").mkdir()
    (folder / "quiet").mkdir()
    (folder / "wallboard").mkdir()
    with ScreenDesk(folder / "busy", WAITING) as desk:
        desk.start_and_wait()
        with desk.screen() as terminal, desk.traffic(CHANGES, "aatacaatac"):
            terminal.until(has_rows)
            terminal.watch(SETTLING_SECONDS)
            busy = terminal.watch(sizes.watch_seconds) / sizes.watch_seconds
    with ScreenDesk(folder / "quiet", 0) as desk:
        desk.start_and_wait()
        with desk.screen() as terminal:
            terminal.until(lambda screen: QUEUES[0] in screen.lines[4] and "all well" in screen.lines[0])
            _in_one_minute(sizes.watch_seconds + 2 * SETTLING_SECONDS)
            terminal.watch(SETTLING_SECONDS)
            quiet = terminal.watch(sizes.watch_seconds)
    wallboard = _wallboard(folder / "wallboard", sizes)
    at_rest = f"output at rest, {sizes.watch_seconds:.0f} s"
    return [
        Comparison(
            f"output at {CHANGES:.0f} changes/s, 80x24", "octets/s", busy, "allowed", MOST_PER_SECOND, 1.0, "at most"
        ),
        Comparison(
            f"output of the wallboard at {CHANGES:.0f} changes/s, 80x24, 10 queues",
            "octets/s",
            wallboard,
            "allowed",
            MOST_PER_SECOND,
            1.0,
            "at most",
        ),
        Comparison(at_rest, "octets", quiet, "nothing", 0.0, 0.0, "at most", "difference"),
    ]


def _wallboard(folder: Path, sizes: Sizes) -> float:
    """Octets a second of the wallboard."""
    more = "".join(f'\n[[queue]]\nname = "team {number}"\n' for number in range(MORE_QUEUES))
    with ScreenDesk(folder, WAITING, more=more) as desk:
        desk.start_and_wait()
        with desk.screen() as terminal, desk.traffic(CHANGES, "aatacaatac"):
            terminal.until(lambda screen: QUEUES[0] in screen.lines[4])
            terminal.press(WALLBOARD)
            terminal.until(lambda screen: any("team 5" in line for line in screen.lines))
            terminal.watch(SETTLING_SECONDS)
            return terminal.watch(sizes.watch_seconds) / sizes.watch_seconds


def _in_one_minute(seconds: float) -> None:
    """Wait until so many seconds pass before the clock on the screen moves."""
    if (left := 60 - time.time() % 60) < seconds < 60:
        time.sleep(left)
