"""Distribution: which contact waits where, and who gets it.

The order is: meant for this agent, then priority, then time of arrival.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.fields import to_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database


@dataclass(frozen=True, slots=True)
class Wish:
    """What a contact asks of the queue it is put in."""

    skills: tuple[str, ...] | None = None
    """None = those it asked for before."""
    timeout_at: datetime | None = None
    """When its script is asked again."""
    for_agent_id: int | None = None
    """Whom it is meant for; everybody else may take it all the same."""


NO_WISH = Wish()


class Distribution:
    """The queues."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def enqueue(
        self,
        contact_ids: Sequence[int],
        *,
        queue_id: int,
        priority: int,
        before: Sequence[str],
        wish: Wish = NO_WISH,
    ) -> int:
        """Put contacts in a queue, in the caller's transaction; how many of them were still in a state of `before`.

        A contact keeps the place its arrival gave it, however often it comes back. What an earlier queue was asked
        for (a timeout, an agent) ends with that queue.
        """
        if not contact_ids:
            return 0
        ids = ", ".join("?" * len(contact_ids))
        states = ", ".join("?" * len(before))
        skills = [] if wish.skills is None else [json.dumps(wish.skills)]
        rows = await self.database.rows(
            "UPDATE contact SET state = 'queued', queue_id = ?, priority = ?, queued_at = ?, agent_id = NULL,"
            f" held_until = NULL, held_after = NULL, timeout_at = ?, for_agent_id = ?{', skills = ?' * len(skills)}"
            f" WHERE id IN ({ids}) AND state IN ({states}) RETURNING id",
            queue_id, priority, to_moment(self.clock.now()),
            None if wish.timeout_at is None else to_moment(wish.timeout_at), wish.for_agent_id, *skills,
            *contact_ids, *before,
        )  # fmt: skip
        return len(rows)

    async def take_next(self, queue_id: int, agent_id: int) -> int | None:
        """Give an agent the first contact of a queue, in the caller's transaction; its id, None when none waits.

        Those that a routing script meant for her come first, and then all others; within each of the two the highest
        priority, and then who came first. One that is meant for somebody else is no exception: it waits for everybody.
        """
        return await self._first(queue_id, agent_id, " AND for_agent_id = ?", agent_id) or await self._first(
            queue_id, agent_id
        )

    async def _first(self, queue_id: int, agent_id: int, which: str = "", *values: int) -> int | None:
        rows = await self.database.rows(
            "UPDATE contact SET state = 'open', agent_id = ?, opened_at = ? WHERE id = (SELECT id FROM contact"
            f" WHERE state = 'queued' AND queue_id = ?{which} ORDER BY priority DESC, received_at, id"
            f" LIMIT 1{self.database.skip_locked}) AND state = 'queued' RETURNING id",
            agent_id, to_moment(self.clock.now()), queue_id, *values,
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
