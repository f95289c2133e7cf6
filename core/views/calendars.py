"""What scripts read and send: calendars as they stand now, variables, templates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.calendars import Calendar
from core.clock import from_moment
from core.errors import NotFound, Wrong
from core.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar and how it stands now."""

    name: str
    timezone: str
    """Empty = the desk's."""
    zone: str
    """The one its hours are in."""
    open: tuple[str, ...]
    closed: tuple[str, ...]
    """Its exceptions."""
    is_open: bool
    next_change: datetime | None
    """When it closes, or opens; None where it never does."""
    error: str
    """Why its hours cannot be read; empty when they can."""


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A global variable."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template."""

    name: str
    channel: str
    subject: str
    body: str
    when_missing: str | None = None
    """What stands for a field that a customer has nothing for; None = that customer gets no letter."""
    html: str = ""
    """Of an e-mail, which then has both; empty = the body alone."""


@dataclass(frozen=True, slots=True)
class TemplateVersionRow:
    """What a template said from a moment on."""

    number: int
    subject: str
    body: str
    author: str
    at: datetime
    html: str = ""


async def calendars(database: Database, now: datetime) -> list[CalendarRow]:
    """All calendars by name."""
    (desk,) = await database.read("SELECT timezone FROM desk WHERE id = 1")
    found = await database.read("SELECT name, timezone, open, closed FROM calendar ORDER BY name")
    return [_calendar(row, row["timezone"] or desk["timezone"], now) for row in found]


def _calendar(row: dict[str, Any], zone: str, now: datetime) -> CalendarRow:
    hours, closed = tuple(json.loads(row["open"])), tuple(json.loads(row["closed"]))
    is_open, change, error = False, None, ""
    try:
        calendar = Calendar.of(zone, hours, closed)
        is_open = calendar.is_open(now)
        change = calendar.next_closing(now) if is_open else calendar.next_opening(now)
    except Wrong as wrong:
        error = str(wrong)
    return CalendarRow(row["name"], row["timezone"], zone, hours, closed, is_open, change, error)


async def variables(database: Database) -> list[VariableRow]:
    """All variables by name."""
    found = await database.read("SELECT name, value FROM variable ORDER BY name")
    return [VariableRow(row["name"], json.loads(row["value"])) for row in found]


async def templates(database: Database) -> list[TemplateRow]:
    """All templates by name."""
    found = await database.read("SELECT name, channel, subject, body, when_missing, html FROM template ORDER BY name")
    return [TemplateRow(**row) for row in found]


async def template_named(database: Database, name: str) -> TemplateRow:
    """One of them. Raises NotFound."""
    found = [row for row in await templates(database) if row.name == name]
    if not found:
        raise NotFound(f"there is no template {one_line(name, 100)}: 'postroom template list' shows them")
    return found[0]


async def template_versions(database: Database, name: str) -> list[TemplateVersionRow]:
    """What a template said, newest first. Raises NotFound."""
    if not await database.read("SELECT 1 FROM template WHERE name = ?", name):
        raise NotFound(f"there is no template {one_line(name, 100)}: 'postroom template list' shows them")
    found = await database.read(
        "SELECT v.number, v.subject, v.body, v.author, v.at, v.html FROM template_version v"
        " JOIN template t ON t.id = v.template_id WHERE t.name = ? ORDER BY v.number DESC",
        name,
    )
    return [TemplateVersionRow(**(row | {"at": from_moment(row["at"])})) for row in found]
