"""What supervisors do with contacts that wait, one or ten thousand at a time: priority, another queue, an end to it.

Each verb is one transaction and skips what no longer waits; it says how many it changed. Every contact gets its line in
the journal, in one statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import events
from core.errors import NotFound, Refused, Wrong
from core.models.fields import to_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.clock import Clock
    from core.store import Database

STEP = 500
LIMIT = 99
"""Priorities run from -99 to 99."""


class Waiting:
    """Verbs on contacts in the queues; each names who does it by login."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def prioritise(self, priorities: Mapping[int, int], *, login: str) -> int:
        """Give waiting contacts these priorities, each its own; how many. Raises Wrong, Refused, NotFound."""
        if any(abs(priority) > LIMIT for priority in priorities.values()):
            raise Wrong(f"a priority is a whole number from -{LIMIT} to {LIMIT}")
        by = await self._supervisor(login)
        by_priority: dict[int, list[int]] = {}
        for contact_id, priority in priorities.items():
            by_priority.setdefault(priority, []).append(contact_id)
        changed = 0
        async with self.database.transaction():
            for priority, ids in by_priority.items():
                changed += await self._change("priority = ?", [priority], ids, "prioritised", str(priority), login, by)
        return changed

    async def move(self, contact_ids: Sequence[int], *, queue: str, login: str) -> int:
        """Give waiting contacts to another queue, where each keeps the place of its arrival; how many."""
        by = await self._supervisor(login)
        rows = await self.database.read("SELECT id FROM queue WHERE name = ?", queue)
        if not rows:
            names = [row["name"] for row in await self.database.read("SELECT name FROM queue ORDER BY name")]
            raise NotFound(f"there is no queue {queue}; there are: {', '.join(names) or 'none yet'}")
        values = [rows[0]["id"], to_moment(self.clock.now())]
        async with self.database.transaction():
            return await self._change(
                "queue_id = ?, queued_at = ?, timeout_at = NULL, for_agent_id = NULL",
                values, contact_ids, "transferred", f"to {queue}", login, by,
            )  # fmt: skip

    async def close(self, contact_ids: Sequence[int], outcome: str, *, login: str) -> int:
        """Close waiting contacts with one outcome; how many. Raises Wrong for an outcome the desk does not know."""
        person_id = await self._supervisor(login)
        known = [row["name"] for row in await self.database.read("SELECT name FROM outcome ORDER BY name")]
        if known and outcome not in known:
            raise Wrong(f"there is no outcome {outcome}; there are: {', '.join(known)}")
        values = [outcome[:100], to_moment(self.clock.now()), person_id]
        async with self.database.transaction():
            return await self._change(
                "state = 'closed', outcome = ?, closed_at = ?, agent_id = ?",
                values, contact_ids, "closed", outcome, login, person_id,
            )  # fmt: skip

    async def put_back(self, contact_ids: Sequence[int], *, login: str) -> int:
        """Let closed contacts wait again where they waited, unless the customer has a newer one; how many."""
        by = await self._supervisor(login)
        async with self.database.transaction():
            return await self._change(
                "state = 'queued', outcome = '', closed_at = NULL, agent_id = NULL, timeout_at = NULL",
                [], contact_ids, "put back", "into its queue", login, by,
                before="state = 'closed' AND queue_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contact newer WHERE"
                " newer.account_id = contact.account_id AND newer.address = contact.address"
                " AND newer.state <> 'closed')",
            )  # fmt: skip

    async def _change(
        self,
        setting: str,
        values: Sequence[object],
        contact_ids: Sequence[int],
        verb: str,
        text: str,
        login: str,
        person_id: int,
        before: str = "state = 'queued'",
    ) -> int:
        changed: list[int] = []
        for start in range(0, len(contact_ids), STEP):
            part = contact_ids[start : start + STEP]
            rows = await self.database.rows(
                f"UPDATE contact SET {setting} WHERE id IN ({', '.join('?' * len(part))}) AND {before} RETURNING id",
                *values, *part,
            )  # fmt: skip
            changed += [row["id"] for row in rows]
        if verb in events.STEPS:
            await events.record(self.database, verb, changed, self.clock.now(), person_id=person_id, text=text)
        now = to_moment(self.clock.now())
        await self.database.many(
            "INSERT INTO journal (at, actor, verb, kind, thing_id, text) VALUES (?, ?, ?, 'contact', ?, ?)",
            [(now, login, verb, contact_id, text) for contact_id in changed],
        )
        return len(changed)

    async def _supervisor(self, login: str) -> int:
        rows = await self.database.read("SELECT id, role FROM person WHERE login = ?", login)
        if not rows:
            raise NotFound(f"there is no user {login}: 'postroom user list' shows them")
        if rows[0]["role"] == "agent":
            raise Refused(f"{login} is an agent: contacts that wait are changed by a supervisor; take it first")
        return int(rows[0]["id"])
