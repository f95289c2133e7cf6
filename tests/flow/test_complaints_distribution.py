"""Complaints 10, 11 and 12 of those who live with such desks, each as a test, through the verbs they would use.

More of them stand elsewhere: the next of a queue by hand and two who take one contact at once in test_desk; an offer
that nobody takes, the timer of a wrap-up, a customer who writes during it and a lost line in test_distribution; every
sentence of "why no work?" in test_cli_people; engines that are killed in the story of many agents.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.desk import Answer
from core.distribution import Distribution
from core.errors import PostroomError, Refused
from core.models import Agent, AgentGroup, Contact, Message, Person, PersonSkill, Queue
from core.models.states import AgentState, ContactState, Direction
from core.views.agents_explained import why_no_work
from tests.flow.arriving import text_arrives
from tests.flow.test_desk import journal_of, state_of
from tests.flow.test_distribution import arrive, the_log_agrees

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.clock import FrozenClock
    from core.office import Office


# -- 10: no real distribution ----------------------------------------------------------------------------------------


async def test_complaint_10_later_ones_never_jump_earlier_ones_whatever_comes_back_meanwhile(
    office: Office, clock: FrozenClock
) -> None:
    ids = await arrive(office, 8)
    await Contact.filter(id=ids[5]).update(priority=3)
    await Person.filter(login="ann").update(capacity_sms=1)
    await office.presence.ready("ann")
    given = []
    for turn in range(8):
        assert await office.distribution.share() == 1
        one = await office.desk.next(login="ann")
        assert one is not None
        given.append(one)
        if turn == 1:  # the oldest goes through billing and back, and is the oldest still
            await office.desk.transfer(one, login="ann", queue="billing")
            await office.desk.take_next("billing", login="sue")
            await office.desk.transfer(one, login="sue", queue="front")
            await Contact.filter(id=ids[7]).update(priority=1)
        elif turn == 3:  # one that was offered in vain, too
            await office.desk.close(one, "done", login="ann")
            await office.distribution.share()
            assert await state_of(ids[1]) == ("offered", "ann")
            clock.advance(seconds=31)
            assert await office.distribution.expire() == 1
        else:
            await office.desk.close(one, "done", login="ann")
    assert given == [ids[5], ids[0], ids[7], ids[0], ids[1], ids[2], ids[3], ids[4]]
    assert await office.desk.next(login="ann") is None
    await the_log_agrees(office)


async def test_complaint_10_a_backlog_left_when_all_were_away_is_given_out_the_moment_one_is_ready(
    office: Office, clock: FrozenClock
) -> None:
    await office.presence.ready("ann")
    await office.presence.sign_out("ann")
    ids = await arrive(office, 5)
    clock.advance(hours=14)
    assert await office.distribution.share() == 0
    engine = office.engine()
    assert await engine.steps["distribution"]() == 0
    ring = office.database.bell.listen()
    await office.presence.ready("bob")
    assert ring.is_set()  # an engine looks at once, and not when its poll is due
    assert await engine.steps["distribution"]() == 3
    assert [await state_of(one) for one in ids] == [("offered", "bob")] * 3 + [("queued", None)] * 2


# -- 11: agents stuck as reserved ------------------------------------------------------------------------------------


async def gone(office: Office) -> None:
    await office.presence.sign_out("ann")


async def away(office: Office) -> None:
    await office.presence.not_ready("ann", "lunch")


async def sent_away(office: Office) -> None:
    await office.presence.not_ready("ann", "lunch", by="sue")


@pytest.mark.parametrize("leaves", [gone, away, sent_away])
async def test_complaint_11_who_leaves_with_an_offer_pending_gives_it_back_at_once_and_to_its_place(
    office: Office, leaves: Callable[[Office], Awaitable[None]]
) -> None:
    ids = await arrive(office, 3)
    await Person.filter(login="ann").update(capacity_sms=2)
    await office.presence.ready("ann")
    await office.distribution.share()
    if leaves is not gone:
        assert await office.desk.next(login="ann") == ids[0]
    await leaves(office)
    kept = ("queued", None) if leaves is gone else ("open", "ann")
    assert [await state_of(one) for one in ids] == [kept, ("queued", None), ("queued", None)]
    assert (await Agent.get(person__login="ann")).missed == 0
    assert (await journal_of(ids[1]))[-1][1] == "returned"
    with pytest.raises(Refused, match=f"contact {ids[1]} cannot be accepted: it is queued"):
        await office.desk.accept(ids[1], login="ann")
    await Person.filter(login="bob").update(capacity_sms=1)
    await office.presence.ready("bob")
    await office.distribution.share()
    assert await state_of(ids[0 if leaves is gone else 1]) == ("offered", "bob")
    await the_log_agrees(office)


async def test_complaint_11_who_missed_too_many_has_nothing_offered_any_more(office: Office) -> None:
    ids = await arrive(office, 4)
    await Person.filter(login="ann").update(capacity_sms=4)
    await office.presence.ready("ann")
    assert await office.distribution.share() == 4
    for one in ids[:3]:
        await office.desk.refuse(one, login="ann")
    assert (await Agent.get(person__login="ann")).state is AgentState.NOT_READY
    assert [await state_of(one) for one in ids] == [("queued", None)] * 4
    await the_log_agrees(office)


async def test_complaint_11_who_takes_one_of_several_offers_stays_ready_when_the_others_run_out(
    office: Office, clock: FrozenClock
) -> None:
    await arrive(office, 4)
    await Person.filter(login="ann").update(capacity_sms=4)
    await office.presence.ready("ann")
    assert await office.distribution.share() == 4
    await office.desk.next(login="ann")
    clock.advance(seconds=31)
    assert await office.distribution.expire() == 3
    ann = await Agent.get(person__login="ann")
    assert (ann.state, ann.missed) == (AgentState.READY, 0)
    assert await office.distribution.share() == 3
    clock.advance(seconds=31)
    assert await office.distribution.expire() == 3
    assert (await Agent.get(person__login="ann")).reason == "missed offers"
    await the_log_agrees(office)


async def test_complaint_11_what_an_engine_had_offered_before_it_was_killed_comes_back_without_it(
    office: Office, clock: FrozenClock
) -> None:
    (one,) = await arrive(office, 1)
    await office.presence.ready("ann")
    killed = Distribution(office.database, clock)
    await killed.share()
    del killed
    clock.advance(seconds=31)
    engine = office.engine()
    assert await engine.steps["distribution"]() == 2
    assert await state_of(one) == ("offered", "ann")
    assert (await Agent.get(person__login="ann")).missed == 1


async def test_complaint_11_a_screen_that_was_killed_holds_no_offer_and_gets_none(
    office: Office, clock: FrozenClock
) -> None:
    (one,) = await arrive(office, 1)
    await office.presence.sign_in("ann", seat="north")
    await office.presence.ready("ann")
    await office.distribution.share()
    clock.advance(seconds=41)  # ann's screen says nothing any more
    assert await office.distribution.expire() == 1
    assert await office.distribution.share() == 0
    await office.presence.ready("bob")
    assert await office.distribution.share() == 1
    assert await state_of(one) == ("offered", "bob")
    clock.advance(seconds=100)
    assert await office.presence.lose() == 1
    assert (await Agent.get(person__login="ann")).state is AgentState.SIGNED_OUT
    assert await state_of(one) == ("offered", "bob")


async def test_complaint_11_what_is_said_of_why_she_gets_no_work_is_why(office: Office, clock: FrozenClock) -> None:
    (one,) = await arrive(office, 1)
    ann = await Person.get(login="ann")
    group = await AgentGroup.create(name="fronts")
    front = await Queue.get(name="front")

    async def skilled() -> None:
        await PersonSkill.create(person=ann, skill="french", level=1)

    async def here() -> None:
        await Agent.all().update(seen_at=clock.now())

    async def ready() -> None:
        await office.presence.ready("ann")

    async def enrolled() -> None:
        await ann.groups.add(group)

    async def roomy() -> None:
        await Person.filter(login="ann").update(capacity_sms=1)

    await front.groups.add(group)
    await Contact.filter(id=one).update(skills='["french"]')
    await Person.filter(login="ann").update(capacity_sms=0)
    await office.presence.sign_in("ann", seat="north")
    clock.advance(seconds=60)
    mends: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        ("ann is not ready since", ready),
        ("the screen of ann was last heard of 60 s ago", here),
        ("ann takes no texts: the capacity for them is 0", roomy),
        ("ann is in no group that serves a queue with waiting contacts", enrolled),
        ("ann lacks the skill french", skilled),
    ]
    for said, mend in mends:
        assert await office.distribution.share() == 0
        assert (await why_no_work(office.database, "ann", clock.now()))[0].startswith(said)
        await mend()
    assert "no engine runs" in (await why_no_work(office.database, "ann", clock.now()))[0]
    assert await office.distribution.share() == 1


# -- 12: wrap-up cut short, two who answer one -----------------------------------------------------------------------


async def test_complaint_12_wrap_up_is_not_cut_short_by_a_new_contact_or_one_on_offer(
    office: Office, clock: FrozenClock
) -> None:
    await Queue.filter(name="front").update(wrap_up_seconds=60)
    one, two = await arrive(office, 2)
    await office.presence.ready("ann")
    await office.distribution.share()
    await office.desk.accept(one, login="ann")
    await office.desk.wrap_up(one, login="ann")
    assert await state_of(two) == ("queued", None)  # it rings for nobody who may not take it
    three = await text_arrives(office, "+447700900199")
    await office.desk.transfer(three, login="sue", agent="ann")
    assert await office.distribution.share() == 0
    wrapping = await Contact.get(id=one)
    assert (wrapping.state, wrapping.wrap_until) == (ContactState.WRAP_UP, clock.now() + timedelta(seconds=60))
    assert (await Agent.get(person__login="ann")).missed == 0
    await office.desk.close(one, "done", login="ann")
    assert await office.distribution.share() == 1
    assert await state_of(two) == ("offered", "ann")
    await the_log_agrees(office)


async def test_complaint_12_of_two_desks_that_answer_at_the_same_instant_one_is_refused_in_a_line(
    office: Office,
) -> None:
    ids = await arrive(office, 4)
    for one in ids:
        await office.desk.take(one, login="ann")
    for one in ids[:2]:  # ann at two desks, and each of them saw one message
        said = await asyncio.gather(
            *(
                office.desk.reply(one, Answer("It left today", seat=seat), login="ann", seen=1)
                for seat in ("north", "south")
            ),
            return_exceptions=True,
        )
        assert lines(said) == [f"contact {one} has a new message: look at it before you answer"]
        assert await answers(one) == 1
    for one in ids[2:]:  # sue takes it over and answers as ann sends
        _, *said = await asyncio.gather(
            office.desk.transfer(one, login="sue", agent="sue"),
            office.desk.reply(one, Answer("It left today"), login="ann"),
            office.desk.reply(one, Answer("It left yesterday"), login="sue", seen=1),
            return_exceptions=True,
        )
        who = " with ann", " with sue", "look at it before you answer"
        assert lines(said) and all(line.endswith(who) for line in lines(said)), said
        assert await answers(one) == 2 - len(lines(said))
    await the_log_agrees(office)


def lines(said: list[Any]) -> list[str]:
    """The refusals among what was said; nothing else may have gone wrong."""
    found = [one for one in said if isinstance(one, BaseException)]
    assert all(isinstance(one, PostroomError) and "\n" not in str(one) for one in found), found
    return [str(one) for one in found]


async def answers(contact_id: int) -> int:
    return await Message.filter(contact_id=contact_id, direction=Direction.OUT).count()
