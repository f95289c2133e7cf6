"""Who gets what: the pure rule, held against what it promises, and by examples."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.distribution.matching import Able, Lane, Waiter, match
from core.models.states import Channel, Sharing

SMS, EMAIL = Channel.SMS, Channel.EMAIL
SKILLS = ((), ("french",), ("french", "refunds"))

lanes = st.builds(Lane, st.sampled_from([1, 2]), st.sampled_from([SMS, EMAIL]), st.sampled_from(SKILLS))
waiting = st.lists(st.tuples(lanes, st.sampled_from([0, 0, 5]), st.integers(0, 3)), max_size=12)
agents = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from([1, 2])),
        st.dictionaries(st.sampled_from(["french", "refunds"]), st.integers(1, 9)),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 5),
    ),
    max_size=4,
)


def queued(rows: list[tuple[Lane, int, int]]) -> dict[Lane, list[Waiter]]:
    found: dict[Lane, list[Waiter]] = {}
    for number, (lane, priority, at) in enumerate(rows):
        found.setdefault(lane, []).append(Waiter(number, priority, at))
    return {lane: sorted(waiters, key=lambda w: (-w.priority, w.received_at, w.id)) for lane, waiters in found.items()}


def ready(rows: list[tuple[frozenset[int], dict[str, int], int, int, int]]) -> list[Able]:
    return [Able(n, queues, skills, {SMS: sms, EMAIL: mail}, idle) for n, (queues, skills, sms, mail, idle)
            in enumerate(rows, 1)]  # fmt: skip


@given(waiting, agents)
def test_nobody_gets_what_she_cannot_do_and_nothing_is_left_that_somebody_could(
    rows: list[tuple[Lane, int, int]], people: list[tuple[frozenset[int], dict[str, int], int, int, int]]
) -> None:
    able = ready(people)
    room = {agent.id: dict(agent.room) for agent in able}
    pairs = match(queued(rows), able)
    by_id = {agent.id: agent for agent in able}
    given_to = Counter((agent, lane.channel) for lane, _, agent in pairs)
    assert all(count <= room[agent][channel] for (agent, channel), count in given_to.items())
    assert all(lane.queue_id in by_id[a].queues and set(lane.skills) <= set(by_id[a].skills) for lane, _, a in pairs)
    taken = [waiter.id for _, waiter, _ in pairs]
    assert len(taken) == len(set(taken))
    left = [lane for number, (lane, _, _) in enumerate(rows) if number not in taken]
    assert not [lane for lane in left for agent in able if agent.can(lane)]


@given(waiting, agents, st.integers(0, 6))
def test_no_later_one_goes_before_an_earlier_one_that_the_same_agent_could_do(
    rows: list[tuple[Lane, int, int]], people: list[tuple[frozenset[int], dict[str, int], int, int, int]], most: int
) -> None:
    able = ready(people)
    room = {agent.id: dict(agent.room) for agent in able}
    skills = {agent.id: (agent.queues, set(agent.skills)) for agent in able}
    done: set[int] = set()
    for lane, waiter, agent in match(queued(rows), able, most=most):
        queues, known = skills[agent]
        for number, (other, priority, at) in enumerate(rows):
            earlier = (-priority, at, number) < (-waiter.priority, waiter.received_at, waiter.id)
            could = other.queue_id in queues and set(other.skills) <= known and room[agent][other.channel] > 0
            assert not (other.queue_id == lane.queue_id and number not in done and earlier and could)
        room[agent][lane.channel] -= 1
        done.add(waiter.id)
    assert len(done) <= most


def one_lane(sharing: Sharing = Sharing.LONGEST_IDLE, skills: tuple[str, ...] = ()) -> Lane:
    return Lane(1, SMS, skills, sharing)


def agent(number: int, *, idle: int = 0, open_: int = 0, **skills: int) -> Able:
    return Able(number, frozenset({1}), skills, {SMS: 1}, idle, open_)


def first(lane: Lane, able: list[Able], waiter: Waiter | None = None) -> int:
    return match({lane: [waiter or Waiter(1, 0, 0)]}, able)[0][2]


def test_the_queues_rule_chooses_among_the_able() -> None:
    assert first(one_lane(), [agent(1, idle=5), agent(2, idle=3)]) == 2
    assert first(one_lane(), [agent(1, idle=5, french=1), agent(2, idle=5, french=9)]) == 1
    french = one_lane(skills=("french",))
    assert first(french, [agent(1, idle=5, french=1), agent(2, idle=5, french=9)]) == 2
    assert first(one_lane(Sharing.FEWEST_OPEN), [agent(1, idle=1, open_=2), agent(2, idle=9, open_=1)]) == 2
    best = one_lane(Sharing.BEST_SKILL, ("french",))
    assert first(best, [agent(1, idle=1, french=2), agent(2, idle=9, french=3)]) == 2


def test_whom_it_is_meant_for_then_who_had_the_customer_last_then_anybody_but_who_let_it_pass() -> None:
    three = [1, 2, 3]
    assert first(one_lane(), [agent(n, idle=n) for n in three], Waiter(1, 0, 0, for_agent=3, last_agent=2)) == 3
    assert first(one_lane(), [agent(n, idle=n) for n in three], Waiter(1, 0, 0, last_agent=2)) == 2
    assert first(one_lane(), [agent(n, idle=n) for n in three], Waiter(1, 0, 0, last_agent=1, passed_by=1)) == 2
    assert first(one_lane(), [agent(1)], Waiter(1, 0, 0, passed_by=1)) == 1


def test_of_several_queues_the_one_whose_first_contact_came_earliest_is_served() -> None:
    both = Able(1, frozenset({1, 2}), {}, {SMS: 1}, 0)
    queues = {Lane(1, SMS, ()): [Waiter(1, 9, 50)], Lane(2, SMS, ()): [Waiter(2, 0, 40)]}
    assert [waiter.id for _, waiter, _ in match(queues, [both])] == [2]


def test_what_is_meant_for_an_agent_comes_to_her_before_all_else_and_needs_no_group() -> None:
    elsewhere = Lane(7, SMS, ())
    meant = [(elsewhere, Waiter(5, 0, 99, for_agent=1))]
    pairs = match({one_lane(): [Waiter(1, 9, 0)]}, [agent(1)], meant)
    assert [(waiter.id, who) for _, waiter, who in pairs] == [(5, 1)]
