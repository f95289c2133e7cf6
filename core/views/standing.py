"""What the head of every screen says: whose desk it is, who works at it, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """The desk at a glance, cheap enough to be read every second."""

    desk: str
    timezone: str
    region: str
    people: int
    """How many work at it; none before it is founded."""
    engines: int
    """Engines that run now, in any process."""
    accounts: int
    broken: int
    """Enabled accounts whose mailbox the last try did not reach."""
    unknown: int
    """Outgoing messages in doubt: somebody must settle them."""
    late: int
    """Queues in which somebody waits longer than is promised."""
    server: str
    """Health of the outgoing server; empty when there is none yet."""
    server_error: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who works at the desk."""

    login: str
    name: str
    role: str


async def standing(database: Database, now: datetime) -> Standing:
    """The desk at a glance."""
    rows = await database.read(
        "SELECT d.name, d.timezone, d.region, (SELECT count(*) FROM person) AS people,"
        " (SELECT count(*) FROM engine e JOIN lease l ON l.name = 'engine:' || e.holder AND l.until >= ?) AS engines,"
        " (SELECT count(*) FROM account) AS accounts,"
        " (SELECT count(*) FROM mailbox m JOIN account a ON a.id = m.account_id AND a.enabled = TRUE"
        " WHERE m.health = 'broken') AS broken,"
        " (SELECT count(*) FROM outbox WHERE state <> 'sent' AND state = 'unknown') AS unknown,"
        " (SELECT count(*) FROM queue q WHERE (SELECT MIN(c.received_at) FROM contact c WHERE c.queue_id = q.id"
        " AND c.state = 'queued') + q.service_seconds * CAST(1000000 AS BIGINT) < ?) AS late,"
        " s.health, s.error FROM desk d LEFT JOIN outgoing_server s ON s.id = 1 WHERE d.id = 1",
        to_moment(now), to_moment(now),
    )  # fmt: skip
    row = rows[0]
    return Standing(
        desk=row["name"],
        timezone=row["timezone"],
        region=row["region"],
        people=row["people"],
        engines=row["engines"],
        accounts=row["accounts"],
        broken=row["broken"],
        unknown=row["unknown"],
        late=row["late"],
        server=row["health"] or "",
        server_error=row["error"] or "",
    )


async def people(database: Database) -> list[PersonRow]:
    """All who work at the desk, by login."""
    rows = await database.read("SELECT login, name, role FROM person ORDER BY login")
    return [PersonRow(row["login"], row["name"], row["role"]) for row in rows]


async def outcomes(database: Database) -> list[str]:
    """How a contact may end, by name; empty where the desk names none and any word will do."""
    return [row["name"] for row in await database.read("SELECT name FROM outcome ORDER BY name")]
