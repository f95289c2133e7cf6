"""Offers: taken, refused, or run out. One that is not taken goes back to its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import events, journal
from core.clock import to_moment
from core.serving import MISSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.clock import Clock
    from core.store import Database

PART = 200
_BACK = "UPDATE contact SET state = 'queued', agent_id = NULL, offered_until = NULL, passed_by = agent_id"


class Offers:
    """Verbs on contacts that are offered."""

    database: Database
    clock: Clock

    async def accept(self, contact_id: int, agent_id: int) -> bool:
        """Open what is offered to this agent, in the caller's transaction; False when it is not (any more)."""
        now = self.clock.now()
        await self.lock_agents([agent_id])
        rows = await self.database.rows(
            "UPDATE contact SET state = 'open', opened_at = ?, offered_until = NULL, passed_by = NULL"
            " WHERE id = ? AND state = 'offered' AND agent_id = ? RETURNING id",
            to_moment(now), contact_id, agent_id,
        )  # fmt: skip
        if not rows:
            return False
        # Who takes one of several is there: that the others run out meanwhile makes nobody not ready.
        await self.database.rows(
            "UPDATE agent SET missed = -(SELECT COUNT(*) FROM contact WHERE agent_id = ? AND state = 'offered')"
            " WHERE person_id = ?",
            agent_id, agent_id,
        )  # fmt: skip
        await events.record(self.database, "accepted", [contact_id], now)
        return True

    async def refuse(self, contact_id: int, agent_id: int) -> bool:
        """Put back what is offered to this agent, in the caller's transaction; False when it is not (any more)."""
        await self.lock_agents([agent_id])
        rows = await self.database.rows(
            f"{_BACK} WHERE id = ? AND state = 'offered' AND agent_id = ? RETURNING id", contact_id, agent_id
        )
        if rows:
            now = self.clock.now()
            await events.record(self.database, "refused", [contact_id], now, person_id=agent_id)
            await self._missed(agent_id, 1)
        return bool(rows)

    async def expire(self) -> int:
        """Put back offers whose time is over; how many. One transaction."""
        now = self.clock.now()
        due = await self.database.look(
            f"SELECT id, agent_id FROM contact WHERE state = 'offered' AND offered_until <= ? LIMIT {PART}",
            to_moment(now),
        )
        if not due:
            return 0
        ids = [row["id"] for row in due]
        async with self.database.transaction():
            await self.lock_agents({row["agent_id"] for row in due})
            rows = await self.database.rows(
                f"{_BACK} WHERE id IN ({', '.join('?' * len(ids))}) AND state = 'offered' AND offered_until <= ?"
                " RETURNING id, passed_by",
                *ids, to_moment(now),
            )  # fmt: skip
            by_agent: dict[int, list[int]] = {}
            for row in rows:
                by_agent.setdefault(row["passed_by"], []).append(row["id"])
            for agent_id, missed in sorted(by_agent.items()):
                await events.record(self.database, "expired", missed, now, person_id=agent_id)
                for contact_id in missed:
                    await journal.append(
                        actor="distribution", verb="returned", kind="contact", thing_id=contact_id,
                        text="nobody took the offer in its time; it keeps its place", at=now,
                    )  # fmt: skip
                await self._missed(agent_id, len(missed))
        return len(rows)

    async def put_back_offers(self, agent_id: int, why: str) -> int:
        """What is offered to this agent waits again at its place, in the caller's transaction; how many. Not a miss."""
        rows = await self.database.rows(
            "UPDATE contact SET state = 'queued', agent_id = NULL, offered_until = NULL"
            " WHERE agent_id = ? AND state = 'offered' RETURNING id",
            agent_id,
        )
        if rows:
            await self.database.rows("UPDATE agent SET missed = 0 WHERE person_id = ? AND missed < 0", agent_id)
        ids = [row["id"] for row in rows]
        now = self.clock.now()
        await events.record(self.database, "put back", ids, now, person_id=agent_id)
        for contact_id in ids:
            await journal.append(
                actor="distribution", verb="returned", kind="contact", thing_id=contact_id,
                text=f"to its place: {why}", at=now,
            )  # fmt: skip
        return len(ids)

    async def lock_agents(self, agent_ids: Iterable[int]) -> None:
        """Lock agents, in the caller's transaction and before any contact, as every turn does: else two could block."""
        if not self.database.is_sqlite:
            ids = sorted(agent_ids)
            marks = ", ".join("?" * len(ids))
            await self.database.rows(
                f"SELECT person_id FROM agent WHERE person_id IN ({marks}) ORDER BY person_id FOR UPDATE", *ids
            )

    async def _missed(self, agent_id: int, count: int) -> None:
        """Count offers that were not taken; too many in a row, and no more are made to her."""
        now = self.clock.now()
        await self.database.rows("UPDATE agent SET missed = missed + ? WHERE person_id = ?", count, agent_id)
        rows = await self.database.rows(
            "UPDATE agent SET state = 'not ready', reason = ?, since = ?, missed = 0 WHERE person_id = ?"
            " AND state = 'ready' AND missed >= (SELECT missed_offers FROM desk WHERE id = 1) RETURNING person_id",
            MISSED, to_moment(now), agent_id,
        )  # fmt: skip
        if rows:
            await events.record_agent(self.database, "not ready", agent_id, "not ready", now, MISSED)
            await journal.append(
                actor="distribution", verb="not ready", kind="person", thing_id=agent_id, text=MISSED, at=now
            )
            await self.put_back_offers(agent_id, MISSED)
