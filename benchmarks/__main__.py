"""`python -m benchmarks [NAME ...] [--json] [--quick]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import (
    broadcast,
    cold,
    customers,
    desk_keys,
    distribution,
    idle,
    intake,
    latency,
    outbox,
    routing,
    screen_keys,
    screen_octets,
    screen_start,
    wallboard,
)
from benchmarks.measure import Comparison, note, table
from benchmarks.places import Sizes

BENCHMARKS = {
    "intake": intake.run,
    "outbox": outbox.run,
    "broadcast": broadcast.run,
    "broadcast-plan": broadcast.run_many,
    "routing": routing.run,
    "distribution": distribution.run,
    "wallboard": wallboard.run,
    "customers": customers.run,
    "latency": latency.run,
    "idle": idle.run,
    "cold": cold.run,
    "screen-start": screen_start.run,
    "screen-keys": screen_keys.run,
    "desk-keys": desk_keys.run,
    "screen-octets": screen_octets.run,
}


@dataclass
class Wanted:
    """What the command line asked for."""

    names: list[str]
    json: bool
    sizes: Sizes


def _wanted() -> Wanted:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=sys.modules["benchmarks"].__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(BENCHMARKS)}; all if none")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: to see that it runs")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured (3)")
    said = parser.parse_args()
    unknown = sorted(set(said.names) - BENCHMARKS.keys())
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: say {', '.join(BENCHMARKS)}")
    sizes = Sizes(rounds=said.rounds) if not said.quick else Sizes.quick()
    return Wanted(said.names or list(BENCHMARKS), said.json, sizes)


def main() -> None:
    """Measure, and print."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is measured is not how long Python compiles
    wanted = _wanted()
    found: list[Comparison] = []
    for name in wanted.names:
        note(f"{name} ...")
        with tempfile.TemporaryDirectory(prefix="postroom-bench-") as folder:
            found += BENCHMARKS[name](Path(folder), wanted.sizes)
    if wanted.json:
        machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
        print(json.dumps({"machine": machine, "results": [one.as_json() for one in found]}, indent=2))
    else:
        print(table(found))


if __name__ == "__main__":
    main()
