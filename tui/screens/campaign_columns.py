"""What stands in the two lists of the campaigns screen, and on a customer's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from core.views.customers import CampaignRow, ListRow
from tui.ages import day, duration
from tui.telling import shown_address
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from core.views.customers import CustomerRecord

SHELF_COLUMNS = (
    Column("Campaign, list", 14, grow=1),
    Column("Customers", 9, right=True),
    Column("Unused", 9, right=True),
    Column("Call-back", 9, right=True),
    Column("Progress", 8, right=True),
    Column("Contacted", 9, right=True),
    Column("Ended", 8, right=True),
)
CUSTOMER_COLUMNS = (
    Column("Reference", 10, grow=1),
    Column("Name", 12, grow=4),
    Column("Number", 14, grow=1),
    Column("Status", 13),
    Column("Call-back", 10),
    Column("Tries", 5, right=True, drop=2),
    Column("E-mail", 20, drop=6, grow=2),
    Column("Outcome", 12, drop=4, grow=1),
    Column("Owner", 8, drop=5),
    Column("List", 10, drop=3, grow=1),
)
CUSTOMER_ORDERS = {0: "reference", 1: "name", 2: "number", 3: "status", 4: "callback", 5: "tries"}
"""Sortable columns, and what the view calls their order."""
STATUSES = {
    "unused": ("◌", "unused", "waiting"),
    "callback": ("▲", "call-back", "look"),
    "in progress": ("◌", "in progress", "waiting"),
    "contacted": ("●", "contacted", "well"),
    "terminated": ("○", "terminated", "off"),
}


def status_words(status: str) -> str:
    """`▲ call-back`."""
    glyph, words, _ = STATUSES.get(status, ("▲", status, "look"))
    return f"{glyph} {words}"


def shelf_cells(row: CampaignRow | ListRow) -> Sequence[Cell | str]:
    """A campaign, or a list below it."""
    if isinstance(row, CampaignRow):
        name = Cell(row.name, "strong")
    else:
        name = Cell(f"└ {row.name}" if row.campaign else row.name)
    counts = [Cell(f"{row.statuses[one]:,}", "" if row.statuses[one] else "off") for one in STATUSES]
    return (name, Cell(f"{row.customers:,}", "strong" if row.customers else "off"), *counts)


def customer_cells(row: CustomerRecord, now: datetime, zone: tzinfo, region: str) -> Sequence[Cell | str]:
    """A customer. A number that cannot be read stands there as it was written, with a mark."""
    number: Cell | str = shown_address(row.number, region)
    if not row.number:
        number = Cell(f"✖ {row.number_as_written}", "broken") if row.number_as_written else Cell("-", "off")
    status = Cell(status_words(row.status), STATUSES.get(row.status, ("", "", "look"))[2])
    if row.handed_to and row.handed_until is not None and row.handed_until > now:
        status = Cell(f"● {row.handed_to}", "well")
    return (
        row.reference, Cell(row.name, "strong"), number, status, callback_cell(row, now, zone), str(row.tries or ""),
        row.email, row.outcome, row.owner, Cell(row.list, "dim"),
    )  # fmt: skip


def callback_cell(row: CustomerRecord, now: datetime, zone: tzinfo) -> Cell:
    """When to ring: `due 4 min`, `14:30`, `24 Nov`."""
    at = row.callback_at
    if at is None or row.status != "callback":
        return Cell("")
    if at <= now:
        return Cell(f"due {duration((now - at).total_seconds())}", "look")
    local = at.astimezone(zone)
    return Cell(f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local.day} {local:%b %H:%M}")


def moment_words(at: datetime | None, now: datetime, zone: tzinfo) -> str:
    """`Today 14:30`; empty for none."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{day(local, now.astimezone(zone))} {local:%H:%M}"


def customer_page(row: CustomerRecord, now: datetime, zone: tzinfo, region: str) -> Content:
    """All that is known of a customer, a line each."""
    number = shown_address(row.number, region) if row.number else row.number_as_written
    wrong = " (no number that can be read)" if row.number_as_written and not row.number else ""
    facts = [
        ("status", status_words(row.status)),
        ("number", f"{number}{wrong}"),
        ("e-mail", row.email),
        ("no texts", _since(row.no_texts_since, now, zone)),
        ("no e-mails", _since(row.no_mails_since, now, zone)),
        ("barred", _since(row.barred_since, now, zone)),
        ("list", f"{row.list}, campaign {row.campaign}" if row.campaign else row.list),
        ("reference", row.reference),
        ("owner", row.owner),
        ("zone", row.zone),
        ("call-back", _callback(row, now, zone)),
        ("in hand", row.handed_to if row.handed_until is not None and row.handed_until > now else ""),
        ("tries", f"{row.tries}, last {moment_words(row.tried_at, now, zone)}: {row.outcome}" if row.tries else ""),
        ("came", moment_words(row.created_at, now, zone)),
        ("changed", moment_words(row.changed_at, now, zone)),
    ]
    width = max([10, *(min(20, len(name)) for name in row.fields)])
    lines = [_fact(name, value, width) for name, value in facts if value]
    if row.fields:
        lines += [Content(""), *(_fact(name, value, width) for name, value in row.fields.items())]
    return Content("\n").join([Content.styled(one_line(row.name, 100) or "no name", "bold $primary"), *lines])


def _since(at: datetime | None, now: datetime, zone: tzinfo) -> str:
    return f"since {moment_words(at, now, zone)}" if at is not None else ""


def _fact(name: str, value: str, width: int) -> Content:
    return Content.assemble((f"{one_line(name, width):<{width}}  ", "$secondary"), one_line(value, 400))


def _callback(row: CustomerRecord, now: datetime, zone: tzinfo) -> str:
    if row.callback_at is None:
        return ""
    return f"{moment_words(row.callback_at, now, zone)}, by {row.callback_for or 'anybody'}"
