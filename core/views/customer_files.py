"""Customers as CSV that an import reads back, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.views.customers import customers, lists
from core.views.report_files import csv_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from core.campaigns.audience import Audience
    from core.store import Database
    from core.views.customers import CustomerRecord

PART = 2000
COLUMNS = (
    "reference", "name", "number", "email", "zone", "owner", "status", "callback", "list", "tries", "tried_at",
    "outcome",
)  # fmt: skip
"""Before the lists' own fields."""


async def export_lines(database: Database, which: Audience) -> AsyncIterator[str]:
    """Lines of CSV (RFC 4180) with their ends, the names first; no cell can become a formula: a quote stands before."""
    of_lists = await lists(database, campaign=which.campaign)
    chosen = [one for one in of_lists if not which.list or one.name == which.list]
    own = tuple(dict.fromkeys(name for one in chosen for name in one.own_fields))
    yield csv_line([*COLUMNS, *own])
    after = 0
    while rows := await customers(database, which, after=after, limit=PART):
        for row in rows:
            yield csv_line(_cells(row, own))
        after = rows[-1].id


def _cells(row: CustomerRecord, own: tuple[str, ...]) -> list[str]:
    return [
        row.reference, row.name, row.number or row.number_as_written, row.email, row.zone, row.owner, row.status,
        _time(row.callback_at), row.list, str(row.tries), _time(row.tried_at), row.outcome,
        *(row.fields.get(name, "") for name in own),
    ]  # fmt: skip


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at else ""
