"""The wallboard: what one look costs with many that wait, many agents and a day's events folded."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, note
from benchmarks.places import Sizes, side
from tests.servers.postgres import Postgres
from tests.stories.running import RunningDesk

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED_MS = 20.0


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """On both databases."""
    with Postgres() as cluster:
        return [
            *_on("SQLite", folder / "sqlite", "", sizes),
            *_on("PostgreSQL", folder / "postgres", cluster.create_database(), sizes),
        ]


def _on(name: str, folder: Path, url: str, sizes: Sizes) -> list[Comparison]:
    folder.mkdir()
    desk = RunningDesk(folder, url)
    said = side(
        "wallboard", url=desk.url, key=str(desk.postgres_key) if url else "", waiting=sizes.waiting,
        agents=sizes.agents, contacts=2 * sizes.contacts, looks=sizes.presses,
    )  # fmt: skip
    ours, cpu, anchor = (median(said[key]) for key in ("wallboard", "cpu", "count"))
    what = f"wallboard, {name}, {sizes.waiting:,} waiting"
    note(f"  {what}: {ours:.1f} ms, of CPU here {cpu:.1f} ms; counting those that wait {anchor:.1f} ms")
    return [
        Comparison(what, "ms", ours, "allowed", ALLOWED_MS, 1.0, "at most"),
        Comparison(what, "ms", ours, "counting those that wait", anchor, None, "at most"),
    ]
