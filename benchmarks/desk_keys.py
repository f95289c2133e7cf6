"""The editor's keys at the desk of an agent who is signed in, while contacts arrive."""

from __future__ import annotations

import random
import sqlite3
import sys
from contextlib import closing
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, note
from benchmarks.places import ROOT
from benchmarks.screen_desk import ScreenDesk
from benchmarks.screen_keys import ALLOWED_MS, ARRIVALS, ENTER, SETTLING_SECONDS
from benchmarks.screen_terminal import PATIENCE_SECONDS, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.places import Sizes
    from tests.tui.screenful import Screenful

ANN = '\n[[user]]\nlogin = "ann"\nname = "Ann"\nrole = "agent"\n'
DESK, READY, BACK, LATER = "\x1b3", "\x1b[21~", "\x7f", "\x1b"
TYPED = "zzz"


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Percentiles over single letters at random moments, typed and taken back, at rest and under load in turn."""
    chance = random.Random(1)
    rest: list[float] = []
    busy: list[float] = []
    with ScreenDesk(folder, sizes.waiting, in_one=True, more=ANN) as desk:
        with closing(sqlite3.connect(desk.path)) as connection, connection:
            connection.execute("UPDATE person SET capacity_sms = 1, capacity_email = 0 WHERE login = 'ann'")
        desk.start_and_wait()
        environment = {**desk.environment, "POSTROOM_AS": "ann"}
        with Terminal([sys.executable, "-m", "cli"], ROOT, environment) as terminal:
            _accept(terminal)
            for number in range(sizes.rounds):
                rest += _letters(terminal, sizes.presses, chance)
                with desk.traffic(ARRIVALS, "a"):
                    terminal.watch(SETTLING_SECONDS)
                    spent, began = terminal.cpu_seconds, perf_counter()
                    busy += _letters(terminal, sizes.presses, chance)
                    percent = 100 * (terminal.cpu_seconds - spent) / (perf_counter() - began)
                note(f"  round {number + 1} of {sizes.rounds}: 95 % at rest {_at(rest, 95):.1f} ms, under load"
                     f" {_at(busy, 95):.1f} ms at {percent:.0f} % of a core")  # fmt: skip
        for engine in list(desk.engines):
            desk.stop(engine)
    what = f"letter to frame at the desk, {ARRIVALS:.0f} arrivals/s, {sizes.waiting:,} waiting"
    return [
        Comparison(f"{what}, 50 %", "ms", _at(busy, 50), "the same desk at rest", _at(rest, 50), None, "at most"),
        Comparison(f"{what}, 95 %", "ms", _at(busy, 95), "the same desk at rest", _at(rest, 95), None, "at most"),
        Comparison(f"{what}, 95 %", "ms", _at(busy, 95), "allowed", ALLOWED_MS, 1.0, "at most"),
    ]


def _accept(terminal: Terminal) -> None:
    """Ready, and what is offered is open with the cursor in the editor."""
    terminal.until(lambda screen: "Postroom" in screen.lines[0] and "F1 Help" in screen.lines[-1])
    deadline = perf_counter() + PATIENCE_SECONDS
    while not _shows("offered to you")(terminal.screen):
        if perf_counter() > deadline:
            raise RuntimeError("nothing is offered; the screen:\n" + "\n".join(terminal.screen.lines))
        # The steps of a new desk open by themselves, and not at once.
        later = "Esc Later" in terminal.screen.lines[-1]
        terminal.press(LATER if later else READY if _shows("F10 and contacts come")(terminal.screen) else DESK)
        terminal.watch(SETTLING_SECONDS / 2)
    terminal.press(ENTER)
    terminal.until(_shows("of 160"))
    terminal.press(TYPED)
    terminal.until(_shows(TYPED))
    terminal.watch(SETTLING_SECONDS)


def _letters(terminal: Terminal, count: int, chance: random.Random) -> list[float]:
    """Milliseconds from each key to the letter that is there, or gone."""
    found = []
    shows = _shows(f"{TYPED}q")
    for number in range(count):
        terminal.watch(chance.uniform(0.05, 0.25))
        pressed = perf_counter()
        if number % 2:
            terminal.press(BACK)
            there = terminal.until(lambda screen: not shows(screen))
        else:
            terminal.press("q")
            there = terminal.until(shows)
        found.append(1000 * (there - pressed))
    if count % 2:
        terminal.press(BACK)
    return found


def _shows(words: str) -> Callable[[Screenful], bool]:
    return lambda screen: any(words in line for line in screen.lines)


def _at(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
