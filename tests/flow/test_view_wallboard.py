"""The wallboard says what the reports say, at any instant, and how everybody stands."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.models import AgentGroup, Contact, Person, Queue
from core.views import queues
from core.views.reports import report
from core.views.stepping import range_of
from core.views.today import MEASURES, SLOTS
from core.views.wallboard import wallboard
from tests.flow.arriving import text_arrives
from tests.flow.test_distribution import arrive
from tests.flow.test_view_reports import a_day

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

LONDON = ZoneInfo("Europe/London")


async def it_says_what_the_reports_say(office: Office, clock: FrozenClock) -> None:
    today = range_of("today", clock.now(), LONDON)
    board = await wallboard(office.database, clock.now())
    by_queue = await report(office.database, "queue", today, clock.now())
    by_agent = await report(office.database, "agent", today, clock.now())
    told = {row.name: row.figures for row in by_queue.rows}
    for name in MEASURES:
        assert getattr(board.total, name) == getattr(by_queue.total, name), name
        for queue in board.queues:
            assert getattr(queue.today, name) == (getattr(told[queue.name], name) if queue.name in told else 0), name
        for row in by_agent.rows:
            (agent,) = (agent for agent in board.agents if agent.login == row.name)
            assert getattr(agent.today, name) == getattr(row.figures, name), name
    levels = {row.name: row.service_level for row in await queues(office.database, clock.now())}
    assert levels == {queue.name: queue.today.service_level for queue in board.queues}


async def test_the_wallboard_and_the_report_of_today_are_the_same_folded_or_not_and_counted_anew(
    office: Office, clock: FrozenClock
) -> None:
    await a_day(office, clock)
    await it_says_what_the_reports_say(office, clock)
    await office.tallies.fold()
    await it_says_what_the_reports_say(office, clock)
    await office.desk.take((await Contact.get(state="queued")).id, login="bob")
    await it_says_what_the_reports_say(office, clock)
    await office.tallies.make_anew()
    await it_says_what_the_reports_say(office, clock)
    clock.advance(days=1)
    await it_says_what_the_reports_say(office, clock)


async def test_quarters_that_are_over_are_added_up_once_and_stay_right_over_midnight(
    office: Office, clock: FrozenClock
) -> None:
    for number in range(5):
        contact_id = await text_arrives(office, f"+4477009007{number:02}")
        await it_says_what_the_reports_say(office, clock)
        clock.advance(minutes=17)
        await office.desk.take(contact_id, login="bob")
        await it_says_what_the_reports_say(office, clock)
        await office.tallies.fold()
        clock.advance(minutes=5)
        await office.desk.close(contact_id, "done", login="bob")
        await it_says_what_the_reports_say(office, clock)
        board = await wallboard(office.database, clock.now())
        assert sum(board.queues[1].came) == number + 1
        clock.advance(hours=2)
    clock.advance(hours=4)
    await it_says_what_the_reports_say(office, clock)
    front = (await wallboard(office.database, clock.now())).queues[1]
    assert (front.today.entered, sum(front.came)) == (0, 3)


async def test_queues_and_agents_as_they_stand(office: Office, clock: FrozenClock) -> None:
    ids = await a_day(office, clock)
    board = await wallboard(office.database, clock.now())
    billing, front = board.queues
    assert (front.waiting, front.oldest) == (1, (await Contact.get(id=ids[3])).received_at)
    assert (billing.waiting, billing.oldest, billing.today.answered) == (0, None, 0)
    assert (len(front.came), sum(front.came), sum(front.answered)) == (SLOTS, 4, 2)
    assert [count for count in front.came if count] == [4]
    assert [count for count in front.answered if count] == [1, 1]
    assert front.answered[-1] == 0
    ann, bob, *_ = board.agents
    assert (ann.login, ann.state, ann.reason, ann.today.handled) == ("ann", "not ready", "lunch", 2)
    assert ann.today.average_handling == 80.0
    assert (bob.login, bob.state, bob.since) == ("bob", "signed out", None)
    assert front.agents == {"ready": 0, "busy": 0, "wrap-up": 0, "not ready": 1, "signed out": 2}


async def test_an_agent_is_ready_busy_or_in_wrap_up(office: Office, clock: FrozenClock) -> None:
    await Queue.filter(name="front").update(wrap_up_seconds=60)
    await Person.filter(login="ann").update(capacity_sms=2, capacity_email=0)
    one, two, three = await arrive(office, 3)
    await office.presence.ready("ann")

    async def ann() -> tuple[object, ...]:
        (row,) = (row for row in (await wallboard(office.database, clock.now())).agents if row.login == "ann")
        return row.state, row.offered, row.open["sms"], row.held["sms"], row.since

    since = clock.now()
    assert await ann() == ("ready", 0, 0, 0, since)
    await office.distribution.share()
    assert await ann() == ("busy", 2, 0, 0, since)
    assert (await wallboard(office.database, clock.now())).queues[1].offered == 2
    await office.desk.accept(one, login="ann")
    await office.desk.accept(two, login="ann")
    clock.advance(seconds=9)
    await office.desk.wrap_up(one, login="ann")
    wraps = clock.now()
    clock.advance(seconds=5)
    await office.desk.extend_wrap_up(one, 30, login="ann")
    assert await ann() == ("wrap-up", 0, 2, 0, wraps)
    group = await AgentGroup.create(name="fronts")
    await (await Queue.get(name="front")).groups.add(group)
    assert sum((await wallboard(office.database, clock.now())).queues[1].agents.values()) == 0
    await (await Person.get(login="bob")).groups.add(group)
    assert (await wallboard(office.database, clock.now())).queues[1].agents["signed out"] == 1
    assert three
