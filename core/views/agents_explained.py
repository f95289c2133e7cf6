"""Why an agent gets no work, and who could take a contact: distribution's own rule, told in sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import to_moment
from core.distribution.matching import Able, Lane, Waiter, rank
from core.models.states import Channel, Sharing
from core.serving import LAST_AGENT, MISSED
from core.views.contact import contact
from core.views.people import AgentRow, agent, agents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database
    from core.store.database import Row

THINGS = {"sms": "texts", "email": "e-mails"}
_TO_COME = 5
"""Who could take a contact, by name, at most."""


@dataclass(frozen=True, slots=True)
class WaitingLane:
    """All that wait in one queue and ask for the same."""

    queue: str
    channel: str
    skills: tuple[str, ...]
    waiting: int

    @property
    def words(self) -> str:
        """`the 4 texts waiting in billing`."""
        thing = THINGS[self.channel]
        return f"the {thing[:-1] if self.waiting == 1 else f'{self.waiting} {thing}'} waiting in {self.queue}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might take a contact."""

    login: str
    able: bool
    words: str
    """Why not, or what speaks for it."""


async def why_no_work(database: Database, login: str, now: datetime) -> list[str]:
    """Why she gets no work, in sentences without their end; the first is what matters most. Raises NotFound."""
    row = await agent(database, login, now)
    lanes = await waiting_lanes(database)
    offered = row.sms.offered + row.email.offered
    said = [f"{_number(offered, 'contact')} offered to {row.login}: accept or refuse"] if offered else []
    if hindrance := hindered(row, now):
        return [hindrance, *said]
    said += [full for channel in THINGS if (full := _full(row, channel))]
    if not lanes:
        return [*said, "nothing waits in any queue"]
    served = [lane for lane in lanes if lane.queue in row.queues]
    if not served:
        return [*said, _not_served(row, lanes)]
    able = [lane for lane in served if not unfit(row, lane)]
    unable = [unfit(row, lane) for lane in served if row.load(lane.channel).room and lane not in able]
    said += unable
    if able:
        said += await _about_to(database, row, able, now)
    return said


async def _about_to(database: Database, row: AgentRow, lanes: Sequence[WaitingLane], now: datetime) -> list[str]:
    """She could take these: whether anybody gives them out."""
    what = " and ".join(lane.words for lane in lanes[:3]) + (" and others" if len(lanes) > 3 else "")
    engines = await database.read(
        "SELECT 1 FROM engine e JOIN lease l ON l.name = 'engine:' || e.holder AND l.until >= ? LIMIT 1", to_moment(now)
    )
    if not engines:
        return [f"no engine runs, so nobody gives out {what}: start one, or take them by hand"]
    return [f"{row.login} may be offered {what} now: it is the turn of whoever is first by the rule of the queue"]


async def waiting_lanes(database: Database) -> list[WaitingLane]:
    """What waits, by queue, channel and skills asked for."""
    rows = await database.read(
        "SELECT q.name, l.channel, l.skills, l.n FROM (SELECT c.queue_id, c.channel, c.skills, COUNT(*) AS n"
        " FROM contact c WHERE c.state = 'queued' GROUP BY c.queue_id, c.channel, c.skills) l"
        " JOIN queue q ON q.id = l.queue_id ORDER BY q.name, l.channel, l.skills"
    )
    return [WaitingLane(row["name"], row["channel"], tuple(json.loads(row["skills"])), row["n"]) for row in rows]


def hindered(row: AgentRow, now: datetime) -> str:
    """What keeps her from any work at all; empty when nothing does."""
    since = f" since {row.since:%Y-%m-%d %H:%M} UTC" if row.since is not None else ""
    if row.state == "signed out":
        why = f" ({row.reason})" if row.reason else ""
        return f"{row.login} is signed out{since}{why}" if since else f"{row.login} has never signed in"
    if row.wrapping is not None:
        until = f", until {row.until:%H:%M:%S} UTC" if row.until is not None else ""
        then = "" if row.ready else "; not ready after that"
        return f"{row.login} is in wrap-up of contact {row.wrapping}{until}: nothing new comes meanwhile{then}"
    if row.state == "not ready":
        if row.reason == MISSED:
            return f"{row.login} is not ready{since}: too many offers in a row were missed; say ready again"
        return f"{row.login} is not ready{since}" + (f": {row.reason}" if row.reason else "")
    if row.silent and row.heard_at is not None:
        seconds = int((now - row.heard_at).total_seconds())
        return f"the screen of {row.login} was last heard of {seconds} s ago: its line may be lost"
    return ""


def unfit(row: AgentRow, lane: WaitingLane) -> str:
    """Why she is not able for this lane; empty when she is."""
    if lane.queue not in row.queues:
        return f"{row.login} is in no group that serves {lane.queue}"
    if missing := [skill for skill in lane.skills if skill not in row.skills]:
        lacks = f"the skill {missing[0]}" if len(missing) == 1 else f"the skills {', '.join(missing)}"
        return f"{row.login} lacks {lacks} that {lane.words} {'asks' if lane.waiting == 1 else 'ask'} for"
    return _full(row, lane.channel)


def _not_served(row: AgentRow, lanes: Sequence[WaitingLane]) -> str:
    waiting: dict[str, int] = {}
    for lane in lanes:
        waiting[lane.queue] = waiting.get(lane.queue, 0) + lane.waiting
    most = sorted(waiting, key=lambda queue: -waiting[queue])[:_TO_COME]
    queues = ", ".join(f"{waiting[queue]} in {queue}" for queue in most)
    return f"{row.login} is in no group that serves a queue with waiting contacts; there wait {queues}"


def _full(row: AgentRow, channel: str) -> str:
    load = row.load(channel)
    if load.room:
        return ""
    if not load.capacity:
        return f"{row.login} takes no {THINGS[channel]}: the capacity for them is 0"
    return f"{row.login} is full: {load.used} of {load.capacity} {THINGS[channel]}"


# -- the other way round: one contact ------------------------------------------------------------------------------


async def candidates(database: Database, contact_id: int, now: datetime) -> list[Candidate]:
    """Everybody, for one contact that waits: first those who could take it now, in the order of the queue's rule.

    Empty for a contact that does not wait. Raises NotFound.
    """
    row = await contact(database, contact_id)
    if row.state != "queued":
        return []
    asked = await _asked(database, contact_id, now)
    lane = WaitingLane(row.queue, row.channel, tuple(json.loads(asked["skills"])), 1)
    able: list[tuple[tuple[object, ...], Candidate]] = []
    others: list[Candidate] = []
    waiter = Waiter(
        row.id, row.priority, to_moment(row.received_at), asked["for_agent_id"], asked["last_agent"], asked["passed_by"]
    )
    rule = Lane(asked["queue_id"], Channel(row.channel), lane.skills, Sharing(asked["sharing"]))
    for one in await agents(database, now):
        # Whom a script chose needs no skill and no group.
        meant = one.id == asked["for_agent_id"]
        why = hindered(one, now) or (_full(one, row.channel) if meant else unfit(one, lane))
        if why:
            others.append(Candidate(one.login, False, why))
        else:
            able.append((rank(_able(one, rule), rule, waiter), Candidate(one.login, True, _for_her(one, waiter))))
    able.sort(key=lambda pair: pair[0])
    return [*(candidate for _, candidate in able), *others]


async def told(database: Database, contact_id: int, now: datetime) -> list[str]:
    """The same in sentences without their end; nothing for a contact that does not wait. Raises NotFound."""
    found = await candidates(database, contact_id, now)
    able = [one for one in found if one.able]
    if not found:
        return []
    said = []
    if able:
        names = ", ".join(one.login + (f" ({one.words})" if one.words else "") for one in able[:_TO_COME])
        more = f" and {len(able) - _TO_COME} others" if len(able) > _TO_COME else ""
        said.append(f"could be taken now by {names}{more}, in this order")
    else:
        said.append("nobody could take it now")
    return said + [f"not by {one.login}: {one.words}" for one in found if not one.able]


def _able(row: AgentRow, lane: Lane) -> Able:
    room = {Channel.SMS: row.sms.room, Channel.EMAIL: row.email.room}
    idle = to_moment(row.idle_since) if row.idle_since is not None else 0
    return Able(row.id, frozenset([lane.queue_id]), row.skills, room, idle, row.sms.used + row.email.used)


def _for_her(row: AgentRow, waiter: Waiter) -> str:
    if waiter.for_agent == row.id:
        return "whom it is meant for"
    if waiter.passed_by == row.id:
        return "let it pass, so is asked last"
    return "had this customer last" if waiter.last_agent == row.id else ""


async def _asked(database: Database, contact_id: int, now: datetime) -> Row:
    (row,) = await database.read(
        "SELECT c.skills, c.for_agent_id, c.passed_by, c.queue_id, q.sharing,"
        f" {LAST_AGENT.format(since='? - q.last_agent_seconds * CAST(1000000 AS BIGINT)')} AS last_agent"
        " FROM contact c JOIN queue q ON q.id = c.queue_id WHERE c.id = ?",
        to_moment(now), contact_id,
    )  # fmt: skip
    return row


def _number(count: int, thing: str) -> str:
    return f"1 {thing} is" if count == 1 else f"{count} {thing}s are"
