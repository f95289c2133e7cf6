"""Cold: the whole of `postroom status` in a new process, beside a process that only imports the ORM."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, interleaved
from benchmarks.places import ROOT, Sizes, desk_toml
from tests.stories.running import RunningDesk

if TYPE_CHECKING:
    from pathlib import Path


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Milliseconds from start to end of the process."""
    desk = RunningDesk(folder)
    desk.apply(desk_toml(users=["nobody"]))
    found = interleaved(
        sizes.starts,
        {
            "postroom status": lambda: _milliseconds(desk, "-m", "cli", "status"),
            "import tortoise": lambda: _milliseconds(desk, "-c", "import tortoise"),
        },
    )
    return [
        Comparison(
            "postroom status, cold",
            "ms",
            found["postroom status"],
            "python -c 'import tortoise'",
            found["import tortoise"],
            2.0,
            "at most",
        )
    ]


def _milliseconds(desk: RunningDesk, *arguments: str) -> float:
    began = perf_counter()
    subprocess.run(
        [sys.executable, *arguments], check=True, cwd=ROOT, env=desk.environment | {"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return 1000 * (perf_counter() - began)
