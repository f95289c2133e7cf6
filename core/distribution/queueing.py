"""The queues: what goes in, and what a person takes out by hand.

The order is: meant for this agent, then priority, then time of arrival.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import events
from core.clock import to_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database

MOST_SKILLS = 16
LONGEST_SKILL = 64


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


class Queueing:
    """Verbs on the queues."""

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
        step: tuple[str, int | None] = ("queued", None),
    ) -> int:
        """Put contacts in a queue, in the caller's transaction; how many of them were still in a state of `before`.

        A contact keeps the place its arrival gave it, however often it comes back. What an earlier queue was asked
        for (a timeout, an agent) ends with that queue. `step`: what the log calls it, and the id of who does it.
        """
        if not contact_ids:
            return 0
        ids = ", ".join("?" * len(contact_ids))
        states = ", ".join("?" * len(before))
        skills = [] if wish.skills is None else [skill_key(wish.skills)]
        now = self.clock.now()
        rows = await self.database.rows(
            "UPDATE contact SET state = 'queued', queue_id = ?, priority = ?, queued_at = ?, agent_id = NULL,"
            " held_until = NULL, held_after = NULL, offered_until = NULL, wrap_until = NULL, passed_by = NULL,"
            f" timeout_at = ?, for_agent_id = ?{', skills = ?' * len(skills)}"
            f" WHERE id IN ({ids}) AND state IN ({states}) RETURNING id",
            queue_id, priority, to_moment(now),
            None if wish.timeout_at is None else to_moment(wish.timeout_at), wish.for_agent_id, *skills,
            *contact_ids, *before,
        )  # fmt: skip
        verb, person_id = step
        await events.record(self.database, verb, [row["id"] for row in rows], now, person_id=person_id)
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
        now = self.clock.now()
        rows = await self.database.rows(
            f"{_TAKE} WHERE id = (SELECT id FROM contact"
            f" WHERE state = 'queued' AND queue_id = ?{which} ORDER BY priority DESC, received_at, id"
            f" LIMIT 1{self.database.skip_locked}) AND state = 'queued' RETURNING id",
            agent_id, to_moment(now), queue_id, *values,
        )  # fmt: skip
        await self._taken([row["id"] for row in rows], agent_id)
        return int(rows[0]["id"]) if rows else None

    async def take(self, contact_id: int, agent_id: int) -> bool:
        """Give an agent this contact, in the caller's transaction; False when it does not wait (any more)."""
        rows = await self.database.rows(
            f"{_TAKE} WHERE id = ? AND state = 'queued' RETURNING id",
            agent_id, to_moment(self.clock.now()), contact_id,
        )  # fmt: skip
        await self._taken([row["id"] for row in rows], agent_id)
        return bool(rows)

    async def _taken(self, contact_ids: Sequence[int], agent_id: int) -> None:
        if contact_ids:
            now = self.clock.now()
            await events.record(self.database, "taken", contact_ids, now)
            await self.idle_since(agent_id)

    async def idle_since(self, agent_id: int) -> None:
        """Something came to her or ended just now, in the caller's transaction, which has locked a contact.

        Agents are locked before contacts: one who is locked is being given something, and is not waited for.
        """
        await self.database.rows(
            "UPDATE agent SET idle_since = ? WHERE person_id ="
            f" (SELECT person_id FROM agent WHERE person_id = ?{self.database.skip_locked})",
            to_moment(self.clock.now()), agent_id,
        )  # fmt: skip


def skill_key(skills: Sequence[str]) -> str:
    """Skills as a contact keeps them: a JSON list, sorted, so that equal wishes are equal text; the first sixteen."""
    return json.dumps(sorted({skill[:LONGEST_SKILL] for skill in skills})[:MOST_SKILLS], ensure_ascii=False)


_TAKE = "UPDATE contact SET state = 'open', agent_id = ?, opened_at = ?, passed_by = NULL"
