"""The desk that the screen is measured on: four queues, so many contacts in them, an engine elsewhere, and traffic."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.measure import note
from benchmarks.places import ROOT, desk_toml, side
from benchmarks.screen_terminal import Terminal
from tests.stories.running import RunningDesk, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tui.screenful import Screenful

QUEUES = ("billing", "front", "orders", "returns")
MORE = "".join(f'\n[[queue]]\nname = "{name}"\n' for name in QUEUES if name != "front") + (
    '\n[[user]]\nlogin = "sue"\nname = "Sue"\nrole = "supervisor"\n'
)
CAPTION = 2
"""The line below the head; it says how many wait."""
LIST = 2 + 1 + 1 + len(QUEUES) + 1 + 1
"""Lines above the first contact at 80x24: head, caption, columns, queues, caption, columns."""


class ScreenDesk(RunningDesk):
    """A desk on SQLite with `waiting` contacts in its queues; with `in_one` nearly all are in the first.

    `more`: of its desk.toml.
    """

    def __init__(self, folder: Path, waiting: int, *, in_one: bool = False, more: str = "") -> None:
        super().__init__(folder)
        self.apply(desk_toml(users=["nobody"]) + MORE + more)
        if waiting:
            note(f"  {waiting:,} contacts come to wait")
            side("screen_contacts", path=str(self.path), count=waiting, in_one=in_one)

    @property
    def path(self) -> Path:
        """The database."""
        return self.folder / "desk.sqlite3"

    def start_and_wait(self) -> None:
        """An engine elsewhere."""
        self.start()
        self.wait_for_an_engine()

    def wait_for_an_engine(self) -> None:
        """Until one says that it runs."""
        until("the engine runs", lambda: self.count("SELECT count(*) FROM lease WHERE name LIKE 'engine:%'"))

    def screen(self) -> Terminal:
        """`postroom` on a terminal, for sue."""
        return Terminal([sys.executable, "-m", "cli"], ROOT, {**self.environment, "POSTROOM_AS": "sue"})

    @contextmanager
    def traffic(self, per_second: float, kinds: str) -> Iterator[None]:
        """Changes at that rate, each of one kind in turn: `a` somebody writes, `t` the oldest is taken, `c` closed."""
        asked = json.dumps({"path": str(self.path), "per_second": per_second, "kinds": kinds})
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.sides.screen_traffic", asked], cwd=ROOT)
        try:
            yield
            if process.poll() is not None:
                raise RuntimeError("the traffic has ended")
        finally:
            process.kill()
            process.wait()


def has_rows(screen: Screenful) -> bool:
    """Whether all is there: head, queues, contacts of the first of them down to the last line, keys."""
    lines = screen.lines
    whole = "Postroom" in lines[0] and "waiting" in lines[CAPTION] and "F1 Help" in lines[-1]
    contacts = ("+44770" in line or "07700" in line for line in (lines[LIST], lines[-2]))
    return whole and all(name in lines[4 + i] for i, name in enumerate(QUEUES)) and all(contacts)


def cursor_line(screen: Screenful) -> int | None:
    """Where the cursor of the lower list stands."""
    return next((y for y in range(LIST, len(screen.lines)) if screen.lines[y].startswith("▸")), None)
