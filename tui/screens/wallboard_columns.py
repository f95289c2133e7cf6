"""What stands on the wallboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from tui.ages import age, duration
from tui.telling import sparkline
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.views.wallboard import AgentNow, QueueNow

QUEUE_COLUMNS = (
    Column("Queue", 12, grow=1),
    Column("Waiting", 9, right=True),
    Column("Oldest", 6, right=True),
    Column("Offered", 7, right=True, drop=3),
    Column("SL", 6, right=True),
    Column("aim", 8, drop=4),
    Column("In", 6, right=True),
    Column("Answered", 8, right=True),
    Column("Ready", 5, right=True),
    Column("Full", 4, right=True, drop=1),
    Column("Wrap-up", 7, right=True, drop=2),
)
AGENT_COLUMNS = (
    Column("Agent", 10, grow=1),
    Column("State", 12),
    Column("Reason", 10, drop=1, grow=1),
    Column("Since", 6, right=True),
    Column("Offered", 7, right=True, drop=3),
    Column("Texts", 5, right=True),
    Column("E-mails", 7, right=True),
    Column("Held", 4, right=True, drop=2),
    Column("Handled", 7, right=True),
    Column("Average", 7, right=True),
)
STATES = {
    "ready": ("●", "well"), "busy": ("●", "waiting"), "wrap-up": ("▲", "look"), "not ready": ("○", "look"),
    "signed out": ("○", "off"),
}  # fmt: skip


def state_cell(state: str) -> Cell:
    """`● ready`."""
    glyph, style = STATES.get(state, ("▲", "look"))
    return Cell(f"{glyph} {state}", style)


def queue_cells(row: QueueNow, now: datetime) -> Sequence[Cell | str]:
    """One queue. The service level carries a glyph: ● as aimed, ▲ under it."""
    level = Cell("-", "off")
    reached = row.today.service_level
    if reached is not None:
        good = reached >= row.target_percent
        level = Cell(f"{'●' if good else '▲'} {reached:.0f}%", "well" if good else "look")
    waits = (now - row.oldest).total_seconds() if row.oldest else 0
    ready = row.agents.get("ready", 0)
    return (
        Cell(row.name, "strong"),
        Cell(f"{'◌ ' if row.waiting else ''}{row.waiting:,}", "waiting" if row.waiting else "off"),
        Cell(duration(waits) if row.oldest else "", "look" if waits > row.target_seconds else ""),
        f"{row.offered or ''}",
        level,
        Cell(f"{row.target_percent}/{duration(row.target_seconds)}".replace(" ", ""), "dim"),
        f"{row.today.entered:,}",
        f"{row.today.answered:,}",
        Cell(f"{ready}", "" if ready else "off"),
        f"{row.agents.get('busy', 0)}",
        f"{row.agents.get('wrap-up', 0)}",
    )


def agent_cells(row: AgentNow, now: datetime) -> Sequence[Cell | str]:
    """One agent. `2/3`: open, and room for."""
    average = row.today.average_handling
    return (
        Cell(row.login, "strong"),
        state_cell(row.state),
        row.reason,
        age(row.since, now),
        f"{row.offered or ''}",
        f"{row.open['sms']}/{row.capacity['sms']}",
        f"{row.open['email']}/{row.capacity['email']}",
        f"{sum(row.held.values()) or ''}",
        f"{row.today.handled:,}",
        duration(average) if average is not None else "",
    )


def chart_lines(row: QueueNow | None) -> list[Content]:
    """Two lines: what came into a queue and what was answered, by quarter of an hour, on one scale."""
    if row is None:
        return [Content(""), Content("")]
    top = max((*row.came, *row.answered))

    def bars(counts: Sequence[int]) -> str:
        return sparkline((*counts, top))[:-1]

    name = one_line(row.name, 10)
    return [
        Content.assemble(f"{name:<10} in       ", (bars(row.came), "$primary"), f" {sum(row.came):>5,}"),
        Content.assemble(f"{'last 12 h':<10} answered ", (bars(row.answered), "$success"), f" {sum(row.answered):>5,}"),
    ]


def agents_title(agents: Mapping[str, int]) -> str:
    """`Agents · ● 3 ready · ○ 2 not ready`."""
    said = [f"{STATES[state][0]} {number} {state}" for state, number in agents.items() if number]
    return " · ".join(["Agents", *said])
