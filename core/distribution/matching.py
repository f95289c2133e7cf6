"""Who gets what: the rule, without a database.

Within a queue the highest priority goes first, then who came first. Of several queues the one whose first contact came
earliest is served. Of several able agents the one it is meant for gets it, then the one who had this customer last,
then by the queue's rule; who just let it pass is asked last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.models.states import Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.models.states import Channel


@dataclass(frozen=True, slots=True)
class Waiter:
    """A contact that waits."""

    id: int
    priority: int
    received_at: int
    """Microseconds."""
    for_agent: int | None = None
    last_agent: int | None = None
    """Who had this customer last, not too long ago."""
    passed_by: int | None = None
    """Who was offered it last, and let it pass."""

    @property
    def place(self) -> tuple[int, int, int]:
        """Its place in its queue: a lower one goes first."""
        return (-self.priority, self.received_at, self.id)


@dataclass(frozen=True, slots=True)
class Lane:
    """All of a queue that ask for the same: whoever is able for one is able for all."""

    queue_id: int
    channel: Channel
    skills: tuple[str, ...]
    sharing: Sharing = Sharing.LONGEST_IDLE


@dataclass(slots=True)
class Able:
    """An agent who is ready; `room` and `open` change while contacts are given to her."""

    id: int
    queues: frozenset[int]
    skills: Mapping[str, int]
    """Skill to level."""
    room: dict[Channel, int]
    """How many more of each channel."""
    idle_since: int
    open: int = 0
    given: int = field(default=0)
    """How many this round gave her already: one of them makes her the least idle."""

    def can(self, lane: Lane) -> bool:
        """Whether she serves that queue, has its skills, and room."""
        return (
            lane.queue_id in self.queues
            and self.room.get(lane.channel, 0) > 0
            and all(skill in self.skills for skill in lane.skills)
        )


def match(
    lanes: Mapping[Lane, Sequence[Waiter]],
    agents: Sequence[Able],
    meant: Sequence[tuple[Lane, Waiter]] = (),
    most: int = 1_000_000,
) -> list[tuple[Lane, Waiter, int]]:
    """The first `most` pairs of a waiting contact and an agent's id, in the order they are made.

    `lanes`: of each lane its first contacts in order, as many as could be given. `meant`: contacts that wait for one of
    these agents by name; she needs no more than room for those.
    """
    by_id = {agent.id: agent for agent in agents}
    pairs: list[tuple[Lane, Waiter, int]] = []
    gone: set[int] = set()

    def give(lane: Lane, waiter: Waiter, agent: Able) -> None:
        agent.room[lane.channel] -= 1
        agent.open += 1
        agent.given += 1
        gone.add(waiter.id)
        pairs.append((lane, waiter, agent.id))

    for lane, waiter in sorted(meant, key=lambda pair: pair[1].place):
        agent = by_id.get(waiter.for_agent or 0)
        if agent is not None and agent.room.get(lane.channel, 0) > 0 and waiter.id not in gone:
            give(lane, waiter, agent)

    able = {lane: [agent for agent in agents if agent.can(lane)] for lane in lanes}
    left = {
        lane: [waiter for waiter in reversed(waiters) if waiter.id not in gone]
        for lane, waiters in lanes.items()
        if able[lane]
    }
    while len(pairs) < most and (turn := _next_lane(left)) is not None:
        lane = turn
        waiter = left[lane].pop()
        agent = min(able[lane], key=lambda one: rank(one, lane, waiter))
        give(lane, waiter, agent)
        if not agent.room[lane.channel]:
            for other in [other for other in left if other.channel is lane.channel and agent in able[other]]:
                able[other].remove(agent)
                if not able[other]:
                    del left[other]
    return pairs[:most]


def _next_lane(left: Mapping[Lane, Sequence[Waiter]]) -> Lane | None:
    """Whose turn it is: of each queue its first contact, and of those the one that came earliest."""
    firsts: dict[int, tuple[tuple[int, int, int], Lane]] = {}
    for lane, waiters in left.items():
        if waiters:
            place = waiters[-1].place
            if lane.queue_id not in firsts or place < firsts[lane.queue_id][0]:
                firsts[lane.queue_id] = (place, lane)
    return min(firsts.values(), key=lambda first: first[0][1:])[1] if firsts else None


def rank(agent: Able, lane: Lane, waiter: Waiter) -> tuple[object, ...]:
    """The place of an able agent among all of them, for one contact: the lowest gets it."""
    idle = (agent.given, agent.idle_since)
    skill = -sum(agent.skills.get(skill, 0) for skill in lane.skills)
    rule: tuple[object, ...] = (*idle, skill)
    if lane.sharing is Sharing.FEWEST_OPEN:
        rule = (agent.open, *idle, skill)
    elif lane.sharing is Sharing.BEST_SKILL:
        rule = (skill, *idle)
    return (
        waiter.for_agent != agent.id, waiter.passed_by == agent.id, waiter.last_agent != agent.id, *rule, agent.id,
    )  # fmt: skip
