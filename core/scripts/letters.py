"""A template as real customers of a list or campaign would read it: for one of them, or the worst of many."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.campaign_fields import COLUMNS, DESK_COLUMNS, customer_fields, write
from core.errors import NotFound, Wrong
from core.scripts.names import missing
from core.scripts.templates import KIND, preview_of
from core.templates import TemplateText, TemplateWrong, fields_of
from core.text import one_line

if TYPE_CHECKING:
    from core.scripts.templates import Preview
    from core.store import Database
    from core.store.database import Row

MOST_SURVEYED = 1_000
"""Customers of a survey."""
SHOWN = 20
TURN = 50
"""So many are written before others have their turn."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What many customers would read."""

    customers: int
    """Those that were looked at."""
    written: int
    worst: Preview | None
    """The one that takes most parts, or is longest; None where none could be written."""
    worst_for: str
    """Whose: a reference."""
    ucs2: int
    """Texts with a character that GSM-7 lacks."""
    left_out: tuple[tuple[str, str], ...]
    """Reference and reason of those it cannot be written to; the first 20."""
    left_out_count: int
    worst_number: int = 0
    """Its place among those that were looked at, which is the order in which they came in; 1 = the first."""
    ucs2_number: int = 0
    """The place of the first that needs UCS-2; 0 where none does."""
    by_parts: dict[int, int] = field(default_factory=dict)
    """Parts -> texts, fewest first; empty for e-mails."""


async def previewed_for(database: Database, name: str, reference: str, *, list_name: str = "") -> Preview:
    """A stored template as one customer would read it. Raises NotFound, TemplateWrong; Wrong for one of two."""
    template, channel = await _stored(database, name)
    rows = await _customers(database, "c.reference = ?", reference, list_name, 2)
    if not rows:
        on = f" on list {one_line(list_name, 60)}" if list_name else ""
        raise NotFound(f"there is no customer {one_line(reference, 60)}{on}: 'postroom customer list' shows them")
    if len(rows) > 1:
        raise Wrong(f"customer {one_line(reference, 60)} stands on several lists: say which with --list")
    (desk,) = await database.read(f"SELECT {', '.join(DESK_COLUMNS)} FROM desk WHERE id = 1")
    return _as_read(template, channel, rows[0], desk)


async def previewed_of(database: Database, name: str, customer_id: int) -> Preview:
    """A stored template as the customer of that id would read it. Raises NotFound, TemplateWrong."""
    template, channel = await _stored(database, name)
    rows = await _customers(database, "c.id = ?", customer_id, "", 1)
    if not rows:
        raise NotFound(f"customer {customer_id} is not there any more: it was deleted")
    (desk,) = await database.read(f"SELECT {', '.join(DESK_COLUMNS)} FROM desk WHERE id = 1")
    return _as_read(template, channel, rows[0], desk)


async def surveyed(database: Database, name: str, *, list_name: str = "", campaign: str = "") -> Survey:
    """A stored template as the first thousand customers of a list, or of all lists of a campaign, would read it.

    Raises NotFound, TemplateWrong.
    """
    template, channel = await _stored(database, name)
    await _must_be_there(database, "list", "customer_list", list_name)
    await _must_be_there(database, "campaign", "campaign", campaign)
    rows = await _customers(database, "? IN ('', k.name)", campaign, list_name, MOST_SURVEYED)
    (desk,) = await database.read(f"SELECT {', '.join(DESK_COLUMNS)} FROM desk WHERE id = 1")
    used = fields_of(template)
    written = ucs2 = left_out_count = 0
    worst: Preview | None = None
    worst_for = ""
    left_out: list[tuple[str, str]] = []
    worst_number = ucs2_number = 0
    by_parts: dict[int, int] = {}
    for number, row in enumerate(rows, 1):
        if number % TURN == 0:
            await asyncio.sleep(0)  # whoever types meanwhile is not kept waiting
        try:
            found = _as_read(template, channel, row, desk, used)
        except TemplateWrong as error:
            if error.field and not error.blank:
                raise  # no customer has that field: the template itself is wrong
            left_out_count += 1
            if len(left_out) < SHOWN:
                left_out.append((row["reference"], str(error)))
            continue
        written += 1
        if found.encoding == "UCS-2":
            ucs2, ucs2_number = ucs2 + 1, ucs2_number or number
        if found.parts:
            by_parts[found.parts] = by_parts.get(found.parts, 0) + 1
        if worst is None or (found.parts, found.characters) > (worst.parts, worst.characters):
            worst, worst_for, worst_number = found, row["reference"], number
    return Survey(
        len(rows), written, worst, worst_for, ucs2, tuple(left_out), left_out_count, worst_number, ucs2_number,
        dict(sorted(by_parts.items())),
    )  # fmt: skip


async def fields_of_lists(database: Database) -> list[str]:
    """The own fields of each list, as stored: what `nobody_has_words` wants to know."""
    return [row["own_fields"] for row in await database.read("SELECT own_fields FROM customer_list")]


async def _must_be_there(database: Database, what: str, table: str, name: str) -> None:
    if name and not await database.read(f"SELECT 1 FROM {table} WHERE name = ?", name):
        known = await database.read(f"SELECT name FROM {table} ORDER BY name LIMIT 1000")
        raise missing(what, name, [row["name"] for row in known])


async def _stored(database: Database, name: str) -> tuple[TemplateText, str]:
    rows = await database.read("SELECT name, channel, subject, body, html, when_missing FROM template")
    by_name = {row["name"]: row for row in rows}
    if name not in by_name:
        raise missing(KIND, name, sorted(by_name))
    row = by_name[name]
    return TemplateText(name, row["body"], row["subject"], row["when_missing"], row["html"]), row["channel"]


async def _customers(database: Database, condition: str, value: str | int, list_name: str, most: int) -> list[Row]:
    clause, values = (" AND l.name = ?", [list_name]) if list_name else ("", [])
    return await database.read(
        f"SELECT {', '.join(f'c.{column}' for column in COLUMNS)}, l.own_fields AS list_fields,"
        " COALESCE(k.name, '') AS campaign FROM customer c JOIN customer_list l ON l.id = c.list_id"
        f" LEFT JOIN campaign k ON k.id = l.campaign_id WHERE {condition}{clause} ORDER BY c.id LIMIT {int(most)}",
        value, *values,
    )  # fmt: skip


def _as_read(template: TemplateText, channel: str, row: Row, desk: Row, used: frozenset[str] | None = None) -> Preview:
    return preview_of(channel, write(template, customer_fields(row, row["campaign"], desk, used=used)))
