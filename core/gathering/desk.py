"""The desk around contacts, as scripts see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from core.calendars import Calendar
from core.clock import from_moment
from core.errors import Wrong
from core.routing.facts import CalendarFacts, DeskFacts, QueueFacts
from core.routing.names import DeskNames
from core.serving import SERVES

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database
    from core.store.database import Row

log = structlog.get_logger("gathering")


@dataclass(frozen=True, slots=True)
class DeskSeen:
    """The desk at one moment. One object serves all contacts of a batch."""

    name: str
    zone: str
    facts: DeskFacts
    names: DeskNames


async def read_desk(database: Database, now: datetime) -> DeskSeen:
    """Everything but the contacts. Raises Wrong when more variables stand there than scripts may read."""
    (desk,) = await database.read("SELECT name, timezone FROM desk WHERE id = 1")
    named = await database.read(
        "SELECT 'class' AS kind, name, '' AS value FROM call_class UNION ALL SELECT 'template', name, '' FROM template"
        " UNION ALL SELECT 'user', login, '' FROM person UNION ALL SELECT 'variable', name, value FROM variable"
    )
    queues = await database.read(
        "SELECT q.name, COUNT(c.id) AS waiting, MIN(c.received_at) AS oldest,"
        f" (SELECT COUNT(*) FROM agent a WHERE a.state = 'ready' AND {SERVES}) AS ready FROM queue q"
        " LEFT JOIN contact c ON c.queue_id = q.id AND c.state = 'queued' GROUP BY q.id, q.name"
    )
    calendars = await database.read("SELECT name, timezone, open, closed FROM calendar")
    variables = {row["name"]: json.loads(row["value"]) for row in named if row["kind"] == "variable"}
    facts = DeskFacts(
        {row["name"]: _queue(row, now) for row in queues},
        {row["name"]: CalendarFacts(_is_open(row, desk["timezone"], now)) for row in calendars},
        variables,
    )

    def of(kind: str) -> frozenset[str]:
        return frozenset(row["name"] for row in named if row["kind"] == kind)

    names = DeskNames(
        queues=frozenset(facts.queues),
        classes=of("class"),
        templates=of("template"),
        users=of("user"),
        calendars=frozenset(facts.calendars),
        variables=facts.variables,
    )
    return DeskSeen(desk["name"], desk["timezone"], facts, names)


def _queue(row: Row, now: datetime) -> QueueFacts:
    oldest = 0 if row["oldest"] is None else max(0, int((now - from_moment(row["oldest"])).total_seconds()))
    return QueueFacts(row["waiting"], row["ready"], oldest)


def _is_open(row: Row, zone: str, now: datetime) -> bool:
    try:
        return _calendar(row["timezone"] or zone, row["open"], row["closed"]).is_open(now)
    except (Wrong, ValueError) as error:  # a row that no verb of ours wrote
        log.warning("a calendar cannot be read and counts as closed", calendar=row["name"], error=str(error))
        return False


@lru_cache(maxsize=100)
def _calendar(zone: str, hours: str, closed: str) -> Calendar:
    return Calendar.of(zone, json.loads(hours), json.loads(closed))
