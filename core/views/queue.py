"""Queues as they are now. All of it is read every second: each number comes from an index that holds no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import moment
from core.serving import IN_HAND, SERVES
from core.views.today import today

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue now."""

    id: int
    name: str
    waiting: int
    oldest_seconds: int
    """Age of the contact that waits longest; 0 when none waits."""
    service_level: float | None
    """Percent of today's first answers that came in time, as reports have it; None without any."""
    ready: int
    """Agents who are ready and serve it."""
    open: int
    """Contacts that agents have in hand."""
    target_percent: int
    target_seconds: int


async def queues(database: Database, now: datetime) -> list[QueueRow]:
    """All queues by name."""
    rows = await database.read(
        "SELECT q.id, q.name, q.service_percent, q.service_seconds,"
        f" (SELECT count(*) FROM agent a WHERE a.state = 'ready' AND {SERVES}) AS ready"
        " FROM queue q ORDER BY q.name"
    )
    waiting = await waiting_by_queue(database)
    # Whoever has a contact in hand is a person. CROSS JOIN and a sign are how SQLite is told which index to take.
    in_hand = await database.read(
        "SELECT c.queue_id, count(*) AS n FROM person p CROSS JOIN contact c"
        f" WHERE c.agent_id = p.id AND {IN_HAND.format(of='c')} AND c.state IN ('open', 'held', 'wrap-up')"
        " GROUP BY c.queue_id"
    )
    in_hand_by_queue = {row["queue_id"]: row["n"] for row in in_hand}
    sums = (await today(database, now)).by_queue
    found: list[QueueRow] = []
    for row in rows:
        number, first = waiting.get(row["id"], (0, None))
        oldest = moment(first)
        found.append(
            QueueRow(
                id=row["id"],
                name=row["name"],
                waiting=number,
                oldest_seconds=max(0, int((now - oldest).total_seconds())) if oldest is not None else 0,
                service_level=sums[row["id"]].service_level if row["id"] in sums else None,
                ready=row["ready"],
                open=in_hand_by_queue.get(row["id"], 0),
                target_percent=row["service_percent"],
                target_seconds=row["service_seconds"],
            )
        )
    return found


async def waiting_by_queue(database: Database) -> dict[int, tuple[int, int]]:
    """How many wait in each queue where some do, and the moment at which the first of them arrived.

    One walk along one index: counted queue by queue PostgreSQL would walk the table once for each. The first one is
    looked up, for to compare all of them takes as long as to count them.
    """
    rows = await database.read(
        "SELECT q.queue_id, q.n, (SELECT c.received_at FROM contact c WHERE c.state = 'queued'"
        " AND c.queue_id = q.queue_id ORDER BY c.received_at LIMIT 1) AS first FROM (SELECT queue_id, count(*) AS n"
        " FROM contact WHERE state = 'queued' AND queue_id IS NOT NULL GROUP BY queue_id) q"
    )
    return {row["queue_id"]: (row["n"], row["first"]) for row in rows}
