"""Keys: from a key to its frame while contacts arrive, beside the same app at rest; and the memory of the screen."""

from __future__ import annotations

import random
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, note
from benchmarks.screen_desk import CAPTION, LIST, ScreenDesk, cursor_line, has_rows
from benchmarks.screen_terminal import HEIGHT, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.places import Sizes

ARRIVALS = 50.0
"""A second."""
ALLOWED_MS = 50.0
MOST_MB = 120.0
SETTLING_SECONDS = 2.0
UP, DOWN, ENTER, PAGE_DOWN, END, HOME = "\x1b[A", "\x1b[B", "\r", "\x1b[6~", "\x1b[F", "\x1b[H"


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Percentiles over single presses at random moments, at rest and under load in turn."""
    chance = random.Random(1)
    rest: list[float] = []
    busy: list[float] = []
    with ScreenDesk(folder, sizes.waiting, in_one=True) as desk:
        desk.start_and_wait()
        with desk.screen() as terminal:
            terminal.until(has_rows)
            terminal.watch(SETTLING_SECONDS)
            terminal.press(ENTER)
            _use(terminal)
            for number in range(sizes.rounds):
                rest += _presses(terminal, sizes.presses, chance)
                with desk.traffic(ARRIVALS, "a"):
                    terminal.watch(SETTLING_SECONDS)
                    spent, began = terminal.cpu_seconds, perf_counter()
                    before = terminal.screen.lines[CAPTION]
                    busy += _presses(terminal, sizes.presses, chance)
                    if terminal.screen.lines[CAPTION] == before:
                        raise RuntimeError("contacts arrive, and the screen does not say so")
                    percent = 100 * (terminal.cpu_seconds - spent) / (perf_counter() - began)
                note(f"  round {number + 1} of {sizes.rounds}: 95 % at rest {_at(rest, 95):.1f} ms, under load"
                     f" {_at(busy, 95):.1f} ms at {percent:.0f} % of a core")  # fmt: skip
            _use(terminal)
            alone = terminal.megabytes
        for engine in list(desk.engines):
            desk.stop(engine)
        with desk.screen() as terminal:
            terminal.until(has_rows)
            desk.wait_for_an_engine()
            terminal.watch(SETTLING_SECONDS)
            _use(terminal)
            both = terminal.megabytes
    what = f"key to frame, {ARRIVALS:.0f} arrivals/s, {sizes.waiting:,} waiting"
    return [
        Comparison(f"{what}, 50 %", "ms", _at(busy, 50), "the same app at rest", _at(rest, 50), None, "at most"),
        Comparison(f"{what}, 95 %", "ms", _at(busy, 95), "the same app at rest", _at(rest, 95), 2.0, "at most"),
        Comparison(f"{what}, 95 %", "ms", _at(busy, 95), "allowed", ALLOWED_MS, 1.0, "at most"),
        Comparison("memory (RSS) of the screen after that", "MB", alone, "allowed", MOST_MB, 1.0, "at most"),
        Comparison("memory (RSS) of screen and engine in one process", "MB", both, "the screen alone", alone),
    ]


def _use(terminal: Terminal) -> None:
    """Down the list, to its end and back."""
    for keys in (PAGE_DOWN, PAGE_DOWN, END, HOME):
        terminal.press(keys)
        terminal.watch(SETTLING_SECONDS / 4)


def _presses(terminal: Terminal, count: int, chance: random.Random) -> list[float]:
    """Milliseconds from each press of an arrow to the cursor's next line."""
    found = []
    step = 1
    for _ in range(count):
        terminal.watch(chance.uniform(0.05, 0.25))
        line = cursor_line(terminal.screen)
        if line is None:
            raise RuntimeError("the cursor is nowhere")
        step = -1 if line >= HEIGHT - 3 else 1 if line <= LIST else step
        pressed = perf_counter()
        terminal.press(DOWN if step > 0 else UP)
        found.append(1000 * (terminal.until(lambda screen, y=line + step: cursor_line(screen) == y) - pressed))  # type: ignore[misc]
    return found


def _at(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
