"""What scripts read and send: calendars as they stand now, variables, templates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.calendars import Calendar
from core.errors import Wrong

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
    found = await database.read("SELECT name, channel, subject, body FROM template ORDER BY name")
    return [TemplateRow(**row) for row in found]
