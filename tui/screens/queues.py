"""Queues: what waits where, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.views import QueueRow, queues
from tui.ages import duration
from tui.screens.work import WorkScreen
from tui.widgets.columns import Cell, Column
from tui.widgets.listing import Listing, has_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

COLUMNS = (
    Column("Queue", 14, grow=1),
    Column("Waiting", 7, right=True),
    Column("Oldest", 7, right=True),
    Column("Service level", 20, right=True, drop=2),
    Column("Ready", 5, right=True, drop=3),
    Column("Busy", 5, right=True, drop=4),
)


def service_level(row: QueueRow) -> Cell:
    """`▲ 71 % of 80/120 s`: how many of today's contacts were answered in time, and what is aimed at."""
    aim = f"{row.target_percent}/{row.target_seconds} s"
    if row.service_level is None:
        return Cell(f"- of {aim}", "off")
    good = row.service_level >= row.target_percent
    return Cell(f"{'●' if good else '▲'} {row.service_level:.0f} % of {aim}", "well" if good else "look")


class QueuesScreen(WorkScreen[list[QueueRow]]):
    """All queues."""

    AREA = "queues"
    CSS_PATH = "queues.tcss"

    def compose_work(self) -> Iterable[Widget]:
        """The list of queues."""
        self.listing = Listing("Queues", COLUMNS, self._cells, name="queues")
        yield self.listing

    async def read(self) -> list[QueueRow]:
        """All queues."""
        return await queues(self.office.database, self.house.now())

    def paint(self, found: list[QueueRow]) -> None:
        """Those that the filter leaves."""
        known = {row.id: row for row in found if has_words(self.listing.words, row.name)}
        self.listing.rows.show(list(known), known)
        self.listing.entitle(f"Queues · {sum(row.waiting for row in found):,} waiting")

    def on_listing_reordered(self) -> None:
        """Another filter."""
        self.refresh_soon()

    def _cells(self, row: QueueRow) -> Sequence[Cell | str]:
        waits = "waiting" if row.waiting else "off"
        return (
            Cell(row.name, "strong"),
            Cell(f"{row.waiting:,}", waits),
            duration(row.oldest_seconds) if row.waiting else "",
            service_level(row),
            f"{row.ready}",
            f"{row.open}",
        )
