"""Customers: a file of a million onto a list, and what a screen reads of them then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, note
from benchmarks.places import Sizes, side
from tests.servers.postgres import Postgres
from tests.stories.running import RunningDesk

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED_SECONDS = 120.0
"""For a million."""
ALLOWED_MB = 250.0


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """On both databases."""
    with Postgres() as cluster:
        return [
            *_on("SQLite", folder / "sqlite", "", sizes.customers),
            *_on("PostgreSQL", folder / "postgres", cluster.create_database(), sizes.customers),
        ]


def _on(name: str, folder: Path, url: str, customers: int) -> list[Comparison]:
    folder.mkdir()
    desk = RunningDesk(folder, url)
    said = side(
        "customers", url=desk.url, key=str(desk.postgres_key) if url else "", file=str(folder / "customers.csv"),
        customers=customers,
    )  # fmt: skip
    rate, allowed = customers / said["seconds"], 1_000_000 / ALLOWED_SECONDS
    what = f"import of {customers:,} customers, {name}"
    note(f"  {what}: {said['seconds']:.1f} s, {rate:,.0f} rows/s, {said['mb']:.0f} MB; again {said['again']:.1f} s")
    note(f"  first page {said['page']:.0f} ms, all ids {said['ids']:.0f} ms, sums {said['sums']:.0f} ms,")
    note(f"  a word that nobody has {said['words']:.0f} ms, export {said['export']:.1f} s")
    return [
        Comparison(what, "rows/s", rate, "1,000,000 in 120 s", allowed, 1.0),
        Comparison(f"{what}, once more", "rows/s", customers / said["again"], "the first time", rate),
        Comparison(f"{what}, memory", "MB", said["mb"], "allowed", ALLOWED_MB, 1.0, "at most"),
        Comparison(f"all ids of {customers:,} customers, {name}", "ms", said["ids"], "the first page", said["page"]),
    ]
