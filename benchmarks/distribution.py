"""Distribution: from an agent who becomes ready to the contact that is offered to her, with many that wait."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, note
from benchmarks.places import Sizes, side
from tests.servers.postgres import Postgres
from tests.stories.running import RunningDesk, until

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED_MS = 100.0


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """On both databases; an engine in the same process, and one elsewhere."""
    with Postgres() as cluster:
        return [
            *_on("SQLite", folder / "sqlite", "", sizes),
            *_on("PostgreSQL", folder / "postgres", cluster.create_database(), sizes),
        ]


def _on(name: str, folder: Path, url: str, sizes: Sizes) -> list[Comparison]:
    folder.mkdir()
    with RunningDesk(folder, url) as desk:
        values = {
            "url": desk.url, "key": str(desk.postgres_key) if url else "", "waiting": sizes.waiting,
            "agents": sizes.agents, "presses": sizes.presses,
        }  # fmt: skip
        here = side("distribution", here=True, **values)
        engine = desk.start()
        until("the engine runs", lambda: desk.count("SELECT count(*) FROM engine"))
        elsewhere = side("distribution", here=False, **values)
        desk.stop(engine)
    found = []
    for where, said in (("the engine here", here), ("the engine elsewhere", elsewhere)):
        what, bare = f"ready to offered, {name}, {where}", median(said["bare"])
        at = quantiles(said["ready"], n=100, method="inclusive")
        note(f"  {what}: {at[49]:.1f} ms, 99 % {at[98]:.1f} ms; the bare statement {bare:.1f} ms")
        found += [
            Comparison(f"{what}, 50 %", "ms", at[49], "the bare statement", bare, None, "at most"),
            Comparison(f"{what}, 99 %", "ms", at[98], "allowed", ALLOWED_MS, 1.0, "at most"),
        ]
    return found
