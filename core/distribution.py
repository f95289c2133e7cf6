"""Distribution: which contact waits where, and who gets it. The order is priority first, then time of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.fields import to_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.clock import Clock
    from core.store import Database


class Distribution:
    """The queues."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def enqueue(self, contact_ids: Sequence[int], *, queue_id: int, priority: int, before: Sequence[str]) -> int:
        """Put contacts in a queue, in the caller's transaction; how many of them were still in a state of `before`.

        A contact keeps the place its arrival gave it, however often it comes back.
        """
        if not contact_ids:
            return 0
        ids = ", ".join("?" * len(contact_ids))
        states = ", ".join("?" * len(before))
        rows = await self.database.rows(
            "UPDATE contact SET state = 'queued', queue_id = ?, priority = ?, queued_at = ?, agent_id = NULL,"
            f" held_until = NULL, held_after = NULL WHERE id IN ({ids}) AND state IN ({states}) RETURNING id",
            queue_id, priority, to_moment(self.clock.now()), *contact_ids, *before,
        )  # fmt: skip
        return len(rows)

    async def take_next(self, queue_id: int, agent_id: int) -> int | None:
        """Give an agent the first contact of a queue, in the caller's transaction; its id, None when none waits."""
        rows = await self.database.rows(
            "UPDATE contact SET state = 'open', agent_id = ?, opened_at = ? WHERE id = (SELECT id FROM contact"
            " WHERE state = 'queued' AND queue_id = ? ORDER BY priority DESC, received_at, id"
            f" LIMIT 1{self.database.skip_locked}) AND state = 'queued' RETURNING id",
            agent_id, to_moment(self.clock.now()), queue_id,
        )  # fmt: skip
        return int(rows[0]["id"]) if rows else None

    async def take(self, contact_id: int, agent_id: int) -> bool:
        """Give an agent this contact, in the caller's transaction; False when it does not wait (any more)."""
        rows = await self.database.rows(
            "UPDATE contact SET state = 'open', agent_id = ?, opened_at = ? WHERE id = ? AND state = 'queued'"
            " RETURNING id",
            agent_id, to_moment(self.clock.now()), contact_id,
        )  # fmt: skip
        return bool(rows)
