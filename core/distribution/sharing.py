"""Sharing out: what waits is offered to agents who are ready, able and have room, in one short turn.

A turn reads without a lock, matches, and writes by compare-and-set: what changed meanwhile is left to the next turn.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core import events
from core.clock import to_moment
from core.distribution.matching import Able, Lane, Waiter, match
from core.models.states import Channel
from core.models.states import Sharing as Rule
from core.serving import IN_HAND, IN_THE_WAY, LAST_AGENT, SILENT_SECONDS, served_queues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row

MOST = 50
"""Contacts given out in one turn."""
LANES_AT_ONCE = 60
LOCK = 4_716_250
"""PostgreSQL's advisory lock of a turn: two engines share out one after the other."""

Pair = tuple[Lane, Waiter, int]


class Sharing:
    """Verbs by which contacts come to those who are ready."""

    database: Database
    clock: Clock

    async def share(self) -> int:
        """Offer what waits to whoever is ready for it; how many contacts. One transaction."""
        agents = await self._able()
        if not agents:
            return 0
        lanes = await self._lanes(agents)
        meant = await self._meant(agents)
        pairs = match(lanes, agents, meant, MOST)
        return await self._offer(pairs) if pairs else 0

    async def _able(self) -> list[Able]:
        """Those who are ready and have room, with all that decides what they get."""
        silent = to_moment(self.clock.now()) - SILENT_SECONDS * 1_000_000
        rows = await self.database.look(
            "SELECT a.person_id AS id, a.idle_since, p.capacity_sms, p.capacity_email, c.channel, COUNT(c.id) AS n,"
            " COUNT(CASE WHEN c.state = 'wrap-up' THEN 1 END) AS wraps FROM agent a"
            " JOIN person p ON p.id = a.person_id"
            f" LEFT JOIN contact c ON c.agent_id = p.id AND {IN_HAND.format(of='c')} AND c.state IN {IN_THE_WAY}"
            " WHERE a.state = 'ready' AND (a.seen_at IS NULL OR a.seen_at >= ?)"
            " GROUP BY a.person_id, a.idle_since, p.capacity_sms, p.capacity_email, c.channel",
            silent,
        )
        if not rows:
            return []
        found: dict[int, Able] = {}
        wrapping: set[int] = set()
        for row in rows:
            agent = found.get(row["id"])
            if agent is None:
                room = {Channel.SMS: row["capacity_sms"], Channel.EMAIL: row["capacity_email"]}
                agent = found[row["id"]] = Able(row["id"], frozenset(), {}, room, row["idle_since"])
            if row["n"]:
                agent.room[Channel(row["channel"])] -= row["n"]
                agent.open += row["n"]
            if row["wraps"]:
                wrapping.add(agent.id)
        able = [a for a in found.values() if a.id not in wrapping and any(room > 0 for room in a.room.values())]
        await self._know(able)
        return able

    async def _know(self, agents: Sequence[Able]) -> None:
        """What they can do and which queues they serve."""
        if not agents:
            return
        served = await served_queues(self.database)
        skilled = await self.database.read("SELECT person_id, skill, level FROM person_skill")
        skills: dict[int, dict[str, int]] = {agent.id: {} for agent in agents}
        for row in skilled:
            if row["person_id"] in skills:
                skills[row["person_id"]][row["skill"]] = row["level"]
        for agent in agents:
            agent.queues = served.by(agent.id)
            agent.skills = skills[agent.id]

    async def _lanes(self, agents: Sequence[Able]) -> dict[Lane, list[Waiter]]:
        """The first contacts of every lane that somebody is able for, as many as could be given."""
        found: dict[Lane, list[Waiter]] = {}
        wanted: list[tuple[Row, Lane, int]] = []
        for row in await self.database.read(_EVERY_LANE):
            lane = Lane(row["queue_id"], Channel(row["channel"]), _skills(row["skills"]), Rule(row["sharing"]))
            room = sum(agent.room[lane.channel] for agent in agents if agent.can(lane))
            if room:
                wanted.append((row, lane, min(room, MOST)))
        for start in range(0, len(wanted), LANES_AT_ONCE):
            part = wanted[start : start + LANES_AT_ONCE]
            now = to_moment(self.clock.now())
            values: list[object] = []
            for row, _, room in part:
                since = now - row["last_agent_seconds"] * 1_000_000
                values += [since, row["queue_id"], row["channel"], row["skills"], room]
            rows = await self.database.read(
                " UNION ALL ".join(_HEAD.format(place=place) for place in range(len(part))), *values
            )
            for row in rows:
                found.setdefault(part[row["lane"]][1], []).append(_waiter(row))
        return found

    async def _meant(self, agents: Sequence[Able]) -> list[tuple[Lane, Waiter]]:
        marks = ", ".join("?" * len(agents))
        rows = await self.database.read(
            "SELECT c.id, c.priority, c.received_at, c.for_agent_id, NULL AS last_agent, c.passed_by, c.queue_id,"
            f" c.channel, c.skills FROM contact c WHERE c.state = 'queued' AND c.for_agent_id IN ({marks})"
            f" AND c.for_agent_id IS NOT NULL ORDER BY c.priority DESC, c.received_at, c.id LIMIT {MOST}",
            *(agent.id for agent in agents),
        )
        return [(Lane(r["queue_id"], Channel(r["channel"]), _skills(r["skills"])), _waiter(r)) for r in rows]

    async def _offer(self, found: Sequence[Pair]) -> int:
        now = self.clock.now()
        moment = to_moment(now)
        async with self.database.transaction():
            people = await self._still_ready({agent for _, _, agent in found})
            waiting = await self._still_waiting([waiter.id for _, waiter, _ in found])
            pairs = [pair for pair in found if pair[1].id in waiting and pair[2] in people]
            queues = await self.database.rows("SELECT id, offer_seconds FROM queue")
            seconds = {row["id"]: row["offer_seconds"] for row in queues}
            changes: list[tuple[object, ...]] = []
            for lane, waiter, agent in pairs:
                by_itself = bool(people[agent]["auto_accept"])
                capacity = people[agent]["capacity_sms" if lane.channel is Channel.SMS else "capacity_email"]
                until = moment + seconds.get(lane.queue_id, 30) * 1_000_000
                changes.append(
                    ("open" if by_itself else "offered", agent, None if by_itself else until,
                     moment if by_itself else None, waiter.id, lane.queue_id, agent, lane.channel.value, capacity,
                     agent)
                )  # fmt: skip
            await self.database.many(_GIVE, changes)
            return await self._tell(pairs, moment) if pairs else 0

    async def _still_ready(self, agent_ids: set[int]) -> dict[int, Row]:
        """Those who are ready even now, locked until the end of the turn."""
        if not self.database.is_sqlite:
            await self.database.rows("SELECT pg_advisory_xact_lock(CAST(? AS BIGINT))", LOCK)
        ids = sorted(agent_ids)
        rows = await self.database.rows(
            "SELECT a.person_id AS id, p.auto_accept, p.capacity_sms, p.capacity_email, p.login FROM agent a"
            f" JOIN person p ON p.id = a.person_id WHERE a.state = 'ready' AND a.person_id IN"
            f" ({', '.join('?' * len(ids))}) ORDER BY a.person_id"
            + ("" if self.database.is_sqlite else " FOR UPDATE OF a"),
            *ids,
        )
        return {row["id"]: row for row in rows}

    async def _still_waiting(self, contact_ids: Sequence[int]) -> set[int]:
        """Those that wait even now, locked: one that another engine gave to the same agent is not given again.

        Who has a contact locked may wait for an agent of ours: that contact is left to the next turn.
        """
        marks = ", ".join("?" * len(contact_ids))
        rows = await self.database.rows(
            f"SELECT id FROM contact WHERE id IN ({marks}) AND state = 'queued'{self.database.skip_locked}",
            *contact_ids,
        )
        return {row["id"] for row in rows}

    async def _tell(self, pairs: Sequence[Pair], moment: int) -> int:
        """Log and journal what was given, and make those who got something the least idle; how many were."""
        wanted = {waiter.id: agent for _, waiter, agent in pairs}
        marks = ", ".join("?" * len(wanted))
        rows = await self.database.rows(
            "SELECT c.id, c.agent_id, c.state, p.login FROM contact c JOIN person p ON p.id = c.agent_id"
            f" WHERE c.id IN ({marks}) AND c.state IN ('offered', 'open')",
            *wanted,
        )
        given = [row for row in rows if wanted[row["id"]] == row["agent_id"]]
        now = self.clock.now()
        for state, verb in (("offered", "offered"), ("open", "accepted")):
            ids = [row["id"] for row in given if row["state"] == state]
            await events.record(self.database, verb, ids, now)
        await self.database.many(
            "UPDATE agent SET idle_since = ? WHERE person_id = ?",
            [(moment, agent) for agent in {row["agent_id"] for row in given}],
        )
        await self.database.many(
            "INSERT INTO journal (at, actor, verb, kind, thing_id, text) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (moment, "distribution", "offered", "contact", row["id"],
                 f"to {row['login']}" + (", who takes what comes" if row["state"] == "open" else ""))
                for row in given
            ],
        )  # fmt: skip
        return len(given)


def _waiter(row: Row) -> Waiter:
    return Waiter(
        row["id"], row["priority"], row["received_at"], row["for_agent_id"], row["last_agent"], row["passed_by"]
    )


def _skills(said: str) -> tuple[str, ...]:
    return tuple(json.loads(said))


# One step along the index for each lane, however many wait in it.
_EVERY_LANE = """
WITH RECURSIVE lane(id) AS (
  SELECT (SELECT id FROM contact WHERE state = 'queued' AND queue_id IS NOT NULL
          ORDER BY queue_id, channel, skills LIMIT 1)
  UNION ALL
  SELECT COALESCE(
    (SELECT n.id FROM contact n WHERE n.state = 'queued' AND n.queue_id = c.queue_id AND n.channel = c.channel
     AND n.skills > c.skills ORDER BY n.skills LIMIT 1),
    (SELECT n.id FROM contact n WHERE n.state = 'queued' AND n.queue_id = c.queue_id AND n.channel > c.channel
     ORDER BY n.channel, n.skills LIMIT 1),
    (SELECT n.id FROM contact n WHERE n.state = 'queued' AND n.queue_id > c.queue_id
     ORDER BY n.queue_id, n.channel, n.skills LIMIT 1))
  FROM lane JOIN contact c ON c.id = lane.id
)
SELECT c.queue_id, c.channel, c.skills, q.sharing, q.last_agent_seconds FROM lane JOIN contact c ON c.id = lane.id
JOIN queue q ON q.id = c.queue_id
"""
_HEAD = (
    "SELECT {place} AS lane, h.* FROM (SELECT c.id, c.priority, c.received_at, c.for_agent_id, c.passed_by,"
    f" {LAST_AGENT.format(since='?')} AS last_agent FROM contact c"
    " WHERE c.state = 'queued' AND c.queue_id = ? AND c.channel = ? AND c.skills = ?"
    " ORDER BY c.priority DESC, c.received_at, c.id LIMIT ?) h"
)
_GIVE = (
    "UPDATE contact SET state = ?, agent_id = ?, offered_until = ?, opened_at = COALESCE(?, opened_at)"
    " WHERE id = ? AND state = 'queued' AND queue_id = ?"
    f" AND (SELECT COUNT(*) FROM contact x WHERE x.agent_id = ? AND x.channel = ? AND x.state IN {IN_THE_WAY}) < ?"
    " AND NOT EXISTS (SELECT 1 FROM contact w WHERE w.agent_id = ? AND w.state = 'wrap-up')"
)
