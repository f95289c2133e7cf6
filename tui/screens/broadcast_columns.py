"""What stands in the list of broadcasts, and on the screen of one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.broadcasts import hours_in_words
from core.text import one_line
from tui.ages import age, time_left
from tui.screens.campaign_columns import moment_words
from tui.telling import sparkline
from tui.widgets.columns import Cell, Column
from tui.widgets.plate import COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from core.views.broadcasts import BroadcastRow, LedgerRow, LiveRow

BROADCAST_COLUMNS = (
    Column("Broadcast", 12, grow=2),
    Column("State", 12),
    Column("Planned", 9, right=True),
    Column("Sent", 9, right=True),
    Column("Failed", 7, right=True),
    Column("Left", 9, right=True),
    Column("When", 8, right=True),
    Column("Audience", 20, drop=1, grow=3),
    Column("As", 16, drop=2, grow=1),
)
LEDGER_COLUMNS = (
    Column("Reference", 10, grow=1),
    Column("Name", 12, drop=2, grow=1),
    Column("To", 14, grow=1),
    Column("State", 13),
    Column("Why", 24, grow=4),
)
RECIPIENT_COLUMNS = (*LEDGER_COLUMNS[:4], Column("When", 12, right=True), LEDGER_COLUMNS[4])
STATES = {
    "planned": ("▲", "to approve", "look"),
    "scheduled": ("◌", "scheduled", "waiting"),
    "running": ("●", "running", "well"),
    "paused": ("▲", "paused", "look"),
    "done": ("●", "done", "well"),
    "cancelled": ("○", "cancelled", "off"),
}
RECIPIENTS = {
    "waiting": ("◌", "waiting"), "queued": ("◌", "waiting"), "sent": ("●", "well"), "failed": ("✖", "broken"),
    "unknown": ("▲", "look"), "suppressed": ("○", "off"), "cancelled": ("○", "off"),
}  # fmt: skip
PAUSABLE = ("running", "paused", "scheduled")
ENDED = ("done", "cancelled")


def state_cell(state: str) -> Cell:
    """`● running`."""
    glyph, words, style = STATES.get(state, ("▲", state, "look"))
    return Cell(f"{glyph} {words}", style)


def state_content(state: str) -> Content:
    """The same for a line of text."""
    cell = state_cell(state)
    return Content.styled(cell.text, COLOURS[cell.style])


def broadcast_cells(row: BroadcastRow, now: datetime, zone: tzinfo) -> Sequence[Cell | str]:
    """One broadcast of the list."""
    left = row.waiting + row.queued
    when = age(row.ended_at or row.started_at or row.created_at, now)
    if row.state == "scheduled" and row.starts_at is not None:
        local = row.starts_at.astimezone(zone)
        today = local.date() == now.astimezone(zone).date()
        when = f"{local:%H:%M}" if today else f"{local.day} {local:%b}"
    return (
        Cell(row.name, "strong"), state_cell(row.state), f"{row.planned:,}", f"{row.sent:,}",
        Cell(f"{row.failed:,}", "broken" if row.failed else "off"), Cell(f"{left:,}", "" if left else "off"), when,
        row.audience, Cell(row.account, "dim"),
    )  # fmt: skip


def ledger_cells(row: LedgerRow) -> Sequence[Cell | str]:
    """One recipient."""
    glyph, style = RECIPIENTS.get(row.state, ("▲", "look"))
    return (row.reference, row.name, row.address, Cell(f"{glyph} {row.state}", style), row.reason)


def recipient_cells(row: LedgerRow, now: datetime, zone: tzinfo) -> Sequence[Cell | str]:
    """One recipient, with when it left, or is due."""
    at = row.sent_at or row.due_at
    *first, why = ledger_cells(row)
    return (*first, moment_words(at, now, zone) if at is not None else "", why)


def bar_line(row: BroadcastRow, seconds_left: float | None, width: int) -> Content:
    """`████░░  62 %   7,350 of 11,856   19 min left`: the words are all there is without colours."""
    # Whoever was cancelled got nothing, and fills nothing.
    settled, planned = row.settled - row.cancelled + row.unknown, max(1, row.planned)
    share = min(1.0, settled / planned)
    left = ""
    if row.state == "running" and settled < row.planned:
        left = f"   {time_left(seconds_left)} left" if seconds_left is not None else ""
    words = f"  {int(share * 100):>3} %   {settled:,} of {row.planned:,}{left}"
    room = max(10, width - len(words))
    full = int(room * share)
    return Content.assemble(("█" * full, "$primary"), ("░" * (room - full), "$text-muted"), words)


def numbers_line(live: LiveRow) -> Content:
    """The states with their counts; together they are all that was planned."""
    row = live.row
    waiting = row.waiting + row.queued
    parts: list[tuple[str, int, str]] = [
        ("● sent", row.sent, "well"), ("✖ failed", row.failed, "broken"), ("▲ unknown", row.unknown, "look"),
        ("◌ waiting", waiting, "waiting"),
    ]  # fmt: skip
    if row.suppressed:
        parts.append(("○ not allowed", row.suppressed, "off"))
    if row.cancelled:
        parts.append(("○ cancelled", row.cancelled, "off"))
    return Content("   ").join(
        Content.styled(f"{words} {number:,}", COLOURS[style] if number else "$text-muted")
        for words, number, style in parts
    )


def answers_line(live: LiveRow, now: datetime, zone: tzinfo) -> Content:
    """Who wrote back, who wants no more, who must wait for the morning."""
    words = f"replies {live.replies:,}   opt-outs {live.opt_outs:,}"
    if live.held:
        until = f" until {moment_words(live.held_until, now, zone)}" if live.held_until is not None else ""
        words += f"   held {live.held:,}{until}"
    return Content(words)


def hours_line(row: BroadcastRow) -> Content:
    """In which hours it leaves, where it has some of its own."""
    return Content.styled(one_line(hours_in_words(row.send_hours), 300), "$text-muted")


def rate_line(live: LiveRow) -> Content:
    """How many leave a minute, and what they are held to."""
    of = f" of {live.row.rate_per_minute:,}" if live.row.rate_per_minute else ""
    return Content.assemble(
        ("rate ", "$text-muted"), (sparkline(live.by_minute), "$primary"), f" {live.per_minute:,.0f}/min{of}"
    )


def failure_lines(live: LiveRow, most: int) -> list[Content]:
    """The server's words with their counts, the most frequent first."""
    if not live.failures:
        return [Content.styled("nothing failed", "$text-muted")]
    shown = live.failures[:most]
    lines = [Content.assemble((f"{number:>7,} × ", COLOURS["broken"]), one_line(words, 200)) for words, number in shown]
    if len(live.failures) > most:
        lines.append(Content.styled(f"        and {len(live.failures) - most} other sentences", "$text-muted"))
    return lines


def head_line(row: BroadcastRow, now: datetime, zone: tzinfo) -> Content:
    """`● running   started Today 14:20 by ann`, or why it stands."""
    words = f"confirmed {moment_words(row.created_at, now, zone)} by {row.by}"
    if row.state == "scheduled":
        words = f"begins {moment_words(row.starts_at, now, zone)}, {words}"
    elif row.state in ENDED:
        words = f"ended {moment_words(row.ended_at, now, zone)}"
    elif row.started_at is not None:
        words = f"started {moment_words(row.started_at, now, zone)} by {row.by}"
    if row.approved_by:
        words += f", approved by {row.approved_by}"
    reason = f"   {one_line(row.reason, 200)}" if row.reason and row.state in ("paused", "planned", "scheduled") else ""
    return Content.assemble(state_content(row.state), f"   {words}", (reason, "$warning"))


def about_line(row: BroadcastRow) -> Content:
    """To whom, as whom, what."""
    left_out = sum(row.excluded.values())
    out = f"{left_out:,} were left out · " if left_out else ""
    return Content.styled(one_line(f"{out}{row.template} as {row.account} to {row.audience}", 300), "$text-muted")
