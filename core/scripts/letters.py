"""A template as real customers of a list would read it: for one of them, or the worst of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.campaign_fields import COLUMNS, DESK_COLUMNS, customer_fields, write
from core.errors import NotFound, Wrong
from core.models.states import Channel
from core.scripts.names import missing
from core.scripts.templates import KIND, Preview
from core.sms import count_parts
from core.templates import TemplateText, TemplateWrong, fields_of
from core.text import one_line

if TYPE_CHECKING:
    from core.store import Database
    from core.store.database import Row

MOST = 1_000
"""Customers of a survey."""
SHOWN = 20


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


async def surveyed(database: Database, name: str, *, list_name: str) -> Survey:
    """A stored template as the first thousand customers of a list would read it. Raises NotFound, TemplateWrong."""
    template, channel = await _stored(database, name)
    if not await database.read("SELECT 1 FROM customer_list WHERE name = ?", list_name):
        lists = await database.read("SELECT name FROM customer_list ORDER BY name LIMIT 1000")
        raise missing("list", list_name, [row["name"] for row in lists])
    rows = await _customers(database, "? = ''", "", list_name, MOST)
    (desk,) = await database.read(f"SELECT {', '.join(DESK_COLUMNS)} FROM desk WHERE id = 1")
    used = fields_of(template)
    written = ucs2 = left_out_count = 0
    worst: Preview | None = None
    worst_for = ""
    left_out: list[tuple[str, str]] = []
    for row in rows:
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
        ucs2 += found.encoding == "UCS-2"
        if worst is None or (found.parts, found.characters) > (worst.parts, worst.characters):
            worst, worst_for = found, row["reference"]
    return Survey(len(rows), written, worst, worst_for, ucs2, tuple(left_out), left_out_count)


async def _stored(database: Database, name: str) -> tuple[TemplateText, str]:
    rows = await database.read("SELECT name, channel, subject, body, when_missing FROM template")
    by_name = {row["name"]: row for row in rows}
    if name not in by_name:
        raise missing(KIND, name, sorted(by_name))
    row = by_name[name]
    return TemplateText(name, row["body"], row["subject"], row["when_missing"]), row["channel"]


async def _customers(database: Database, condition: str, value: str, list_name: str, most: int) -> list[Row]:
    clause, values = (" AND l.name = ?", [list_name]) if list_name else ("", [])
    return await database.read(
        f"SELECT {', '.join(f'c.{column}' for column in COLUMNS)}, l.own_fields AS list_fields,"
        " COALESCE(k.name, '') AS campaign FROM customer c JOIN customer_list l ON l.id = c.list_id"
        f" LEFT JOIN campaign k ON k.id = l.campaign_id WHERE {condition}{clause} ORDER BY c.id LIMIT {int(most)}",
        value, *values,
    )  # fmt: skip


def _as_read(template: TemplateText, channel: str, row: Row, desk: Row, used: frozenset[str] | None = None) -> Preview:
    said = write(template, customer_fields(row, row["campaign"], desk, used=used))
    if channel != Channel.SMS:
        return Preview(channel, said.subject, said.text, "", len(said.text), 0)
    count = count_parts(said.text)
    return Preview(channel, "", said.text, count.encoding, len(said.text), count.parts)
