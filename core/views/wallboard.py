"""The wallboard: every queue and every agent now, and the figures of today, which are those of the reports.

It is read again after every change: each number comes from an index or from the tallies of this day.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.clock import moment
from core.models.states import AgentState, ContactState
from core.serving import IN_HAND, ROOM_TAKERS, served_queues
from core.tallies import QUARTER
from core.views.figures import NOTHING, Figures, added, floored
from core.views.queue import waiting_by_queue
from core.views.today import SLOTS, today

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from core.serving import Served
    from core.store import Database
    from core.store.database import Row

CHANNELS = ("sms", "email")
WRAP_UP, BUSY, SIGNED_OUT = ContactState.WRAP_UP.value, "busy", AgentState.SIGNED_OUT.value
ORDER = (AgentState.READY.value, BUSY, WRAP_UP, AgentState.NOT_READY.value, SIGNED_OUT)
"""States of agents as the wallboard shows them. Busy: ready, but without room for one more."""


@dataclass(frozen=True, slots=True)
class QueueNow:
    """One queue."""

    id: int
    name: str
    waiting: int
    oldest: datetime | None
    offered: int
    agents: Mapping[str, int]
    """Those who serve it, by their state."""
    target_percent: int
    target_seconds: int
    today: Figures
    """Since midnight at the desk."""
    came: tuple[int, ...]
    """In each of the last quarters of an hour, the oldest first; the last one is not over yet."""
    answered: tuple[int, ...]
    """First answers in each of them."""


@dataclass(frozen=True, slots=True)
class AgentNow:
    """One agent; somebody who never signed in is signed out."""

    id: int
    login: str
    name: str
    role: str
    state: str
    """One of `ORDER`."""
    reason: str
    since: datetime | None
    offered: int
    open: Mapping[str, int]
    """By channel; what is wrapped up counts."""
    held: Mapping[str, int]
    capacity: Mapping[str, int]
    today: Figures
    queues: frozenset[int] = field(default=frozenset())
    """Ids of those she serves."""


@dataclass(frozen=True, slots=True)
class Wallboard:
    """All of it."""

    at: datetime
    queues: tuple[QueueNow, ...]
    """By name."""
    agents: tuple[AgentNow, ...]
    """Those who are here by login, then the others."""
    total: Figures
    """Of today, as a report of today by queue has it."""


async def wallboard(database: Database, now: datetime) -> Wallboard:
    """Read it. The figures of today are those of the reports."""
    sums, people, known, waiting, rows = await asyncio.gather(
        today(database, now),
        _people(database),
        database.read("SELECT id, name, service_percent, service_seconds FROM queue ORDER BY name"),
        waiting_by_queue(database),
        database.read("SELECT +queue_id AS id, count(*) AS n FROM contact WHERE state = 'offered' GROUP BY 1"),
    )
    by_queue = sums.by_queue
    agents = _agents(people, sums.by_person)
    quarters = [floored(now) - (SLOTS - 1 - slot) * QUARTER for slot in range(SLOTS)]
    offered = {row["id"]: row["n"] for row in rows}
    queues = tuple(
        QueueNow(
            id=row["id"],
            name=row["name"],
            waiting=waiting.get(row["id"], (0, None))[0],
            oldest=moment(waiting.get(row["id"], (0, None))[1]),
            offered=offered.get(row["id"], 0),
            agents=_states(agent for agent in agents if row["id"] in agent.queues),
            target_percent=row["service_percent"],
            target_seconds=row["service_seconds"],
            today=by_queue.get(row["id"], NOTHING),
            came=tuple(sums.quarters.get((row["id"], quarter), NOTHING).entered for quarter in quarters),
            answered=tuple(sums.quarters.get((row["id"], quarter), NOTHING).answered for quarter in quarters),
        )
        for row in known
    )
    return Wallboard(now, queues, tuple(agents), added(by_queue.values()))


def _states(agents: Iterable[AgentNow]) -> dict[str, int]:
    counts = dict.fromkeys(ORDER, 0)
    for agent in agents:
        counts[agent.state] += 1
    return counts


@dataclass(frozen=True, slots=True)
class _People:
    """What is read of them."""

    rows: Sequence[Row]
    hands: Mapping[int, Sequence[Row]]
    """What each has in hand, by channel and state."""
    served: Served


async def _people(database: Database) -> _People:
    # CROSS JOIN is how SQLite is told to begin with the few people.
    held = await database.read(
        "SELECT p.id, c.channel, c.state, count(*) AS n, MIN(CASE WHEN c.state = 'wrap-up' THEN (SELECT MAX(e.at)"
        " FROM event e WHERE e.contact_id = c.id AND e.verb = 'wrapped up') END) AS wraps"
        " FROM person p CROSS JOIN contact c"
        f" WHERE c.agent_id = p.id AND {IN_HAND.format(of='c')} AND c.state IN ('offered', 'open', 'held', 'wrap-up')"
        " GROUP BY p.id, c.channel, c.state"
    )
    hands: dict[int, list[Row]] = {}
    for row in held:
        hands.setdefault(row["id"], []).append(row)
    rows = await database.read(
        "SELECT p.id, p.login, p.name, p.role, p.capacity_sms, p.capacity_email, a.state, a.reason, a.since"
        " FROM person p LEFT JOIN agent a ON a.person_id = p.id"
    )
    return _People(rows, hands, await served_queues(database))


def _agents(people: _People, today: Mapping[int, Figures]) -> list[AgentNow]:
    found = [
        _agent(row, people.hands.get(row["id"], ()), today.get(row["id"], NOTHING), people.served.by(row["id"]))
        for row in people.rows
        if row["role"] == "agent" or row["state"] is not None or row["id"] in today
    ]
    return sorted(found, key=lambda agent: (agent.state == SIGNED_OUT, agent.login))


def _agent(row: Row, hand: Sequence[Row], today: Figures, queues: frozenset[int]) -> AgentNow:
    taken, opened, held = dict.fromkeys(CHANNELS, 0), dict.fromkeys(CHANNELS, 0), dict.fromkeys(CHANNELS, 0)
    offered = 0
    for one in hand:
        channel, state, number = one["channel"], one["state"], one["n"]
        taken[channel] += number if state in ROOM_TAKERS else 0
        opened[channel] += number if state in ("open", WRAP_UP) else 0
        held[channel] += number if state == "held" else 0
        offered += number if state == "offered" else 0
    capacity = {"sms": row["capacity_sms"], "email": row["capacity_email"]}
    full = all(taken[channel] >= capacity[channel] for channel in CHANNELS)
    wraps = [one for one in hand if one["state"] == WRAP_UP]
    state = row["state"] or SIGNED_OUT
    since = moment(row["since"])
    if wraps and state != SIGNED_OUT:
        state = WRAP_UP
        since = moment(min((one["wraps"] for one in wraps if one["wraps"]), default=row["since"]))
    elif state == AgentState.READY and full:
        state = BUSY
    return AgentNow(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        state=state,
        reason=row["reason"] or "",
        since=since,
        offered=offered,
        open=opened,
        held=held,
        capacity=capacity,
        today=today,
        queues=queues,
    )
