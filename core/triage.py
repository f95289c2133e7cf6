"""Triage: new contacts go where they belong. Without a routing script that is their account's own queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import journal
from core.models.states import ContactState

if TYPE_CHECKING:
    from core.clock import Clock
    from core.distribution import Distribution
    from core.store import Database

BATCH = 500


class Triage:
    """Reads contacts `new`, writes them `queued`."""

    def __init__(self, database: Database, clock: Clock, distribution: Distribution) -> None:
        self.database = database
        self.clock = clock
        self.distribution = distribution

    async def step(self) -> int:
        """Decide one batch of new contacts in one transaction; how many there were."""
        waiting = await self.database.read("SELECT 1 FROM contact WHERE state = 'new' LIMIT 1")
        if not waiting:
            return 0
        async with self.database.transaction():
            rows = await self.database.rows(
                "SELECT contact.id, account.queue_id FROM contact JOIN account ON account.id = contact.account_id"
                f" WHERE contact.state = 'new' ORDER BY contact.id LIMIT {BATCH}"
                + ("" if self.database.is_sqlite else " FOR UPDATE OF contact SKIP LOCKED")
            )
            by_queue: dict[int, list[int]] = {}
            for row in rows:
                by_queue.setdefault(row["queue_id"], []).append(row["id"])
            for queue_id, ids in by_queue.items():
                await self.distribution.enqueue(ids, queue_id=queue_id, priority=0, before=[ContactState.NEW])
            if rows:
                await journal.append(
                    actor="triage",
                    verb="queued",
                    kind="desk",
                    text=f"{len(rows)} new contacts, each into its account's own queue",
                    at=self.clock.now(),
                )
        return len(rows)
