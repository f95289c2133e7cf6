"""Routing: new contacts through the office-hours script into their queues, committed; and what the sandbox costs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, interleaved
from benchmarks.places import Sizes, desk_toml, side
from tests.stories.running import RunningDesk

if TYPE_CHECKING:
    from pathlib import Path

WANTED = 1_500.0
"""Contacts a second."""


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Contacts a second through triage; runs a second in the sandbox and without it."""
    found = interleaved(
        sizes.rounds,
        {
            "office hours, open": lambda: _triage(folder, sizes.contacts, scripted=True, is_open=True),
            "office hours, closed": lambda: _triage(folder, sizes.contacts // 10, scripted=True, is_open=False),
            "no script": lambda: _triage(folder, sizes.contacts, scripted=False, is_open=True),
            "sandbox": lambda: sizes.contacts / float(side("routing", what="sandbox", count=sizes.contacts)["seconds"]),
            "in process": lambda: (
                sizes.contacts / float(side("routing", what="in process", count=sizes.contacts)["seconds"])
            ),
        },
    )
    ours = found["office hours, open"]
    return [
        Comparison("triage, office hours", "contacts/s", ours, "what is wanted", WANTED, 1.0),
        Comparison("triage, office hours", "contacts/s", ours, "without a script", found["no script"]),
        Comparison("triage, all answered", "contacts/s", found["office hours, closed"], "none answered", ours),
        Comparison("sandbox", "runs/s", found["sandbox"], "the same in process", found["in process"]),
    ]


def _triage(folder: Path, count: int, *, scripted: bool, is_open: bool) -> float:
    home = folder / "triage"
    home.mkdir()
    desk = RunningDesk(home)
    desk.apply(desk_toml(users=["nobody"]))
    path = desk.url.removeprefix("sqlite:///")
    said = side("routing", what="triage", path=path, count=count, scripted=scripted, is_open=is_open)
    shutil.rmtree(home)
    return count / float(said["seconds"])
