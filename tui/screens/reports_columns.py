"""What stands in a report on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.views.agents import Presence
from tui.ages import duration
from tui.telling import shown_address
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.views.figures import Figures
    from core.views.reports import ContactReportRow, ReportRow

COLUMNS = (
    Column("From", 13),
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
)
AGENT_COLUMNS = (
    Column("From", 13),
    Column("Agent", 10, grow=1),
    Column("Offered", 7, right=True, drop=3),
    Column("Missed", 6, right=True, drop=4),
    Column("Answered", 8, right=True, drop=2),
    Column("SL", 5, right=True, drop=5),
    Column("Replies", 7, right=True, drop=6),
    Column("Wait", 6, right=True, drop=7),
    Column("Handled", 7, right=True),
    Column("Average", 7, right=True),
    Column("Ready", 6, right=True),
    Column("Not ready", 9, right=True),
    Column("Signed in", 9, right=True),
    Column("Not ready, why", 16, drop=8, grow=2),
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
AGENT_ORDERS: dict[int, Callable[[ReportRow], object]] = {
    1: lambda row: row.name,
    4: lambda row: row.figures.answered,
    8: lambda row: row.figures.handled,
    9: lambda row: row.figures.average_handling or 0,
    10: lambda row: row.presence.ready if row.presence else 0,
    12: lambda row: row.presence.signed_in if row.presence else 0,
}
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
    return (
        _when(row, step),
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
    )


def agent_cells(row: ReportRow, step: str) -> Sequence[Cell | str]:
    """One agent in one step."""
    one, here = row.figures, row.presence or Presence()
    away = sorted(here.not_ready.items(), key=lambda pair: -pair[1])
    return (
        _when(row, step),
        Cell(row.name, "strong"),
        f"{one.offered:,}",
        f"{one.missed + one.refused:,}",
        f"{one.answered:,}",
        f"{one.service_level:.0f}%" if one.service_level is not None else Cell("-", "off"),
        f"{one.replies:,}",
        _seconds(one.average_wait),
        f"{one.handled:,}",
        _seconds(one.average_handling),
        duration(here.ready),
        duration(here.signed_in - here.ready),
        duration(here.signed_in),
        ", ".join(f"{reason or 'no reason'} {duration(seconds)}" for reason, seconds in away),
    )


def _when(row: ReportRow, step: str) -> Cell:
    """The day, or the time: the second of two with one name, as in the night when clocks go back, has a mark."""
    if step in ("day", "total"):
        return Cell(f"{row.since:%d %b %Y}", "dim")
    return Cell(f"{row.since:%d %b %H:%M}{'↻' if row.since.fold else ''}", "dim")


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
        f"{one.arrived:,} arrived · {one.entered:,} queued · {one.taken:,} taken · {one.answered:,} answered,"
        f" {level} in time"
    )
    second = (
        f"{one.handled:,} handled · {one.closed:,} closed, {one.unserved:,} unserved · wait"
        f" {_seconds(one.average_wait) or '-'}, longest {_seconds(one.longest_wait) or '-'} ·"
        f" each {_seconds(one.average_handling) or '-'}"
    )
    return [Content.assemble(("Total  ", "bold"), first), Content(second)]
