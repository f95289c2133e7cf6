"""What stands in the two lists of the queues screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.ages import age, duration
from tui.telling import shown_address, sparkline
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.views import ContactRow, QueueRow
    from core.views.arrivals import ArrivalsRow

QUEUE_COLUMNS = (
    Column("Queue", 12, grow=1),
    Column("Waiting", 9, right=True),
    Column("Oldest", 6, right=True),
    Column("In 5 min", 8, right=True, drop=3),
    Column("SL", 5, right=True),
    Column("aim", 8, drop=4),
    Column("Ready", 5, right=True, drop=2),
    Column("Busy", 4, right=True, drop=2),
    Column("last 12 h", 12, drop=1),
)

CONTACT_COLUMNS = (
    Column("Age", 6, right=True),
    Column("P", 3, right=True, drop=2),
    Column("From", 16),
    Column("Name", 11, drop=3, grow=1),
    Column("Says", 30, grow=5),
    Column("Class", 12, drop=5),
    Column("Account", 22, drop=6),
)
CONTACT_ORDERS = {0: "age", 1: "priority", 2: "address", 3: "name", 4: "text"}
"""Sortable columns, and what the view calls their order."""


def queue_cells(row: QueueRow, came: ArrivalsRow | None, oldest_seconds: float) -> Sequence[Cell | str]:
    """One queue. The service level carries a glyph: ● as aimed, ▲ under it."""
    if row.service_level is None:
        level = Cell("-", "off")
    else:
        good = row.service_level >= row.target_percent
        level = Cell(f"{'●' if good else '▲'}{f'{row.service_level:.0f}%':>4}", "well" if good else "look")
    late = row.waiting and oldest_seconds > row.target_seconds
    return (
        Cell(row.name, "strong"),
        Cell(f"{'◌ ' if row.waiting else ''}{row.waiting:,}", "waiting" if row.waiting else "off"),
        Cell(duration(oldest_seconds) if row.waiting else "", "look" if late else ""),
        f"{came.lately if came else 0:,}",
        level,
        Cell(f"{row.target_percent}/{duration(row.target_seconds)}".replace(" ", ""), "dim"),
        Cell(f"{row.ready}", "" if row.ready else "off"),
        f"{row.open}",
        Cell(sparkline(came.slots if came else [0]), "waiting") if came else Cell("", "off"),
    )


def contact_cells(row: ContactRow, now: datetime, region: str) -> Sequence[Cell | str]:
    """One contact that waits; one that waits no longer, and still stands under the cursor, says so."""
    said = f"{row.subject} · {row.text}" if row.channel == "email" and row.subject else row.text
    return (
        age(row.received_at, now),
        Cell(f"{row.priority}", "look" if row.priority > 0 else "dim"),
        shown_address(row.address, region),
        row.name,
        said,
        row.class_,
        Cell(row.account, "dim"),
    )
