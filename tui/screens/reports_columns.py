"""What stands in a report on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.ages import duration
from tui.telling import shown_address
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.views.figures import Figures
    from core.views.reports import ContactReportRow, ReportRow

COLUMNS = (
    Column("From", 16),
    Column("Name", 10, grow=1),
    Column("Arrived", 7, right=True, drop=8),
    Column("Entered", 7, right=True, drop=2),
    Column("Offered", 7, right=True, drop=9),
    Column("Missed", 6, right=True, drop=10),
    Column("Taken", 6, right=True, drop=7),
    Column("Answered", 8, right=True),
    Column("SL", 5, right=True),
    Column("Replies", 7, right=True, drop=6),
    Column("Handled", 7, right=True),
    Column("Closed", 6, right=True, drop=3),
    Column("Unserved", 8, right=True, drop=5),
    Column("Wait", 6, right=True),
    Column("Longest", 7, right=True, drop=4),
    Column("Average", 7, right=True, drop=1),
    Column("Ready", 6, right=True, drop=11),
    Column("Signed in", 9, right=True, drop=12),
)
CONTACT_COLUMNS = (
    Column("Arrived", 16),
    Column("Contact", 7, right=True, drop=4),
    Column("Customer", 14, grow=1),
    Column("Queue", 10, grow=1),
    Column("Agent", 8, grow=1),
    Column("Class", 10, drop=2, grow=1),
    Column("Outcome", 12, drop=1, grow=1),
    Column("Waited", 6, right=True),
    Column("Handled", 7, right=True, drop=3),
    Column("Replies", 7, right=True, drop=5),
)


def _seconds(value: float | None) -> str:
    return "" if value is None else duration(value)


def _sort_keys() -> dict[int, Callable[[ReportRow], object]]:
    def of(name: str) -> Callable[[ReportRow], object]:
        return lambda row: getattr(row.figures, name) or 0

    names = {2: "arrived", 3: "entered", 4: "offered", 5: "missed", 6: "taken", 7: "answered", 8: "service_level",
             9: "replies", 10: "handled", 11: "closed", 12: "unserved", 13: "average_wait", 14: "longest_wait",
             15: "average_handling"}  # fmt: skip
    return {1: lambda row: row.name} | {column: of(name) for column, name in names.items()}


ORDERS = _sort_keys()
CONTACT_ORDERS: dict[int, Callable[[ContactReportRow], object]] = {
    2: lambda row: row.address,
    3: lambda row: row.queue,
    4: lambda row: row.agent,
    6: lambda row: row.outcome,
    7: lambda row: row.waited or 0,
    8: lambda row: row.handled,
}


def report_cells(row: ReportRow, step: str) -> Sequence[Cell | str]:
    """One line of a report."""
    one = row.figures
    here = row.presence
    return (
        Cell(f"{row.since:%d %b %Y}" if step in ("day", "total") else f"{row.since:%d %b %H:%M %Z}", "dim"),
        Cell(row.name, "strong"),
        f"{one.arrived:,}",
        f"{one.entered:,}",
        f"{one.offered:,}",
        f"{one.missed + one.refused:,}",
        f"{one.taken:,}",
        f"{one.answered:,}",
        f"{one.service_level:.0f}%" if one.service_level is not None else Cell("-", "off"),
        f"{one.replies:,}",
        f"{one.handled:,}",
        f"{one.closed:,}",
        f"{one.unserved:,}",
        _seconds(one.average_wait),
        _seconds(one.longest_wait),
        _seconds(one.average_handling),
        duration(here.ready) if here else "",
        duration(here.signed_in) if here else "",
    )


def contact_cells(row: ContactReportRow, region: str) -> Sequence[Cell | str]:
    """One contact."""
    return (
        Cell(f"{row.arrived:%d %b %H:%M %Z}", "dim"),
        f"{row.contact}",
        Cell(shown_address(row.address, region), "strong"),
        row.queue,
        row.agent,
        row.class_,
        row.outcome or (row.state if row.state != "closed" else ""),
        _seconds(row.waited),
        duration(row.handled) if row.handled else "",
        f"{row.replies or ''}",
    )


def total_lines(one: Figures) -> list[Content]:
    """All rows together, on two lines."""
    level = f"{one.service_level:.0f}%" if one.service_level is not None else "-"
    first = (
        f"{one.arrived:,} arrived · {one.entered:,} into queues · {one.taken:,} taken · {one.answered:,} answered,"
        f" {level} in time · {one.replies:,} replies"
    )
    second = (
        f"{one.handled:,} handled · {one.closed:,} closed, {one.unserved:,} unserved ·"
        f" wait {_seconds(one.average_wait) or '-'}, at most {_seconds(one.longest_wait) or '-'} ·"
        f" handling {_seconds(one.average_handling) or '-'}"
    )
    return [Content.assemble(("Total  ", "bold"), first), Content(f"       {second}")]
