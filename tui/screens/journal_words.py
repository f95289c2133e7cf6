"""What the journal shows of a line, and what it says of its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.views.journal import EXPLAINED
from tui.telling import shown_address
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from core.views.journal import JournalFilter, JournalRow

COLUMNS = (
    Column("When", 8),
    Column("Who", 8, grow=1),
    Column("What", 12),
    Column("About", 22),
    Column("Why", 20, grow=4),
    Column("Account", 18, drop=1),
)


def journal_cells(row: JournalRow, now: datetime, zone: tzinfo, region: str) -> Sequence[Cell | str]:
    """One line in the columns."""
    return (
        Cell(when(row.at.astimezone(zone), now.astimezone(zone)), "dim"),
        Cell(row.actor, "strong"),
        row.verb,
        about(row, region),
        row.text,
        row.account,
    )


def when(at: datetime, now: datetime) -> str:
    """A time of today, a day of before; both in one zone."""
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at.day} {at:%b}"


def about(row: JournalRow, region: str) -> str:
    """`contact 12 07700 900123`; empty for what has no explanation."""
    if row.thing is None or row.kind not in EXPLAINED:
        return ""
    if row.kind == "account":
        return f"account {row.thing}"
    return f"{row.kind} {row.thing} {shown_address(row.address, region)}".strip()


def filters(which: JournalFilter) -> list[str]:
    """What stands in the caption of the list."""
    found = [which.account, f"by {which.actor}" if which.actor else "", f"about a {which.kind}" if which.kind else ""]
    found.append(f"contact {which.contact}" if which.contact is not None else "")
    return [one for one in found if one] or ["every line"]


def number_wrong(text: str) -> str:
    """What is wrong with what was typed for a contact's number; empty when nothing is."""
    text = text.strip()
    return "" if not text or (text.isascii() and text.isdigit() and len(text) < 19) else "a contact's number, as in 12"
