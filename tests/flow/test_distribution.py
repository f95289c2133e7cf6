"""Distribution with the real tables: who gets what, offers that end, wrap-ups, lost lines, and the log of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import Refused, Wrong
from core.models import Agent, AgentGroup, Contact, Event, NotReadyReason, Person, PersonSkill, Queue, Tally
from core.models.states import ContactState
from core.tallies import together
from tests.flow.arriving import text_arrives, triage
from tests.flow.conftest import NOW
from tests.flow.test_desk import state_of

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def arrive(office: Office, count: int) -> list[int]:
    return [await text_arrives(office, f"+4477009001{number:02}") for number in range(count)]


async def the_log_agrees(office: Office) -> None:
    """The last event of every contact says how it stands, and the sums are the same whether folded or not."""
    for contact in await Contact.all():
        last = await Event.filter(contact_id=contact.id).order_by("-id").first()
        assert last is not None
        assert (last.state, last.queue_id) == (contact.state.value, contact.queue_id), (contact.id, last.verb)
    before = await sums(office)
    await office.tallies.fold()
    assert await sums(office) == before
    await office.tallies.make_anew()
    assert await sums(office) == before


async def sums(office: Office) -> list[dict[str, object]]:
    sql = together("queue_id, person_id, SUM(arrived) AS a, SUM(taken) AS t, SUM(missed) AS m, SUM(handled) AS h,"
                   " SUM(open_time) AS o, SUM(wrap_time) AS w, SUM(waited) AS s", "AT >= ?")  # fmt: skip
    rows = await office.database.read(f"{sql} GROUP BY queue_id, person_id ORDER BY 1, 2", 0, 0, 0)
    return [{key: int(value) for key, value in row.items()} for row in rows]


async def test_the_oldest_goes_to_whoever_is_idle_longest_and_no_one_gets_more_than_there_is_room(
    office: Office, clock: FrozenClock
) -> None:
    ids = await arrive(office, 7)
    await office.presence.ready("ann")
    clock.advance(seconds=1)
    await office.presence.ready("bob")
    assert await office.distribution.share() == 6
    assert await office.distribution.share() == 0
    offered = await Contact.filter(state=ContactState.OFFERED).order_by("id").values_list("id", "agent__login")
    assert [one for one, _ in offered] == ids[:6]
    assert offered[0][1] == "ann"
    assert sorted(login for _, login in offered) == ["ann"] * 3 + ["bob"] * 3
    await the_log_agrees(office)


async def test_an_offer_is_accepted_once_and_only_by_whom_it_is_for(office: Office) -> None:
    (one,) = await arrive(office, 1)
    await office.presence.ready("ann")
    await office.distribution.share()
    with pytest.raises(Refused, match="it is offered with ann"):
        await office.desk.accept(one, login="bob")
    assert await office.desk.next(login="ann") == one
    assert await office.desk.next(login="ann") is None
    with pytest.raises(Refused):
        await office.desk.accept(one, login="ann")
    assert await state_of(one) == ("open", "ann")
    await the_log_agrees(office)


async def test_complaint_11_an_offer_that_nobody_takes_ends_by_itself_and_the_contact_keeps_its_place(
    office: Office, clock: FrozenClock
) -> None:
    first, second = await arrive(office, 2)
    await Person.filter(login="ann").update(capacity_sms=1)
    await office.presence.ready("ann")
    for _ in range(3):
        assert await office.distribution.share() == 1
        assert await state_of(first) == ("offered", "ann")
        assert await office.distribution.expire() == 0
        clock.advance(seconds=31)
        assert await office.distribution.expire() == 1
    assert await state_of(first) == ("queued", None)
    assert (await Agent.get(person__login="ann")).reason == "missed offers"
    assert await office.distribution.share() == 0
    await office.presence.ready("bob")
    await office.distribution.share()
    assert await state_of(first) == ("offered", "bob")
    assert await state_of(second) == ("offered", "bob")
    await the_log_agrees(office)


async def test_skills_and_groups_decide_who_is_able(office: Office) -> None:
    (one,) = await arrive(office, 1)
    await Contact.filter(id=one).update(skills='["french"]')
    await office.presence.ready("ann")
    await office.presence.ready("bob")
    assert await office.distribution.share() == 0
    bob = await Person.get(login="bob")
    await PersonSkill.create(person=bob, skill="french", level=2)
    group = await AgentGroup.create(name="fronts")
    await (await Queue.get(name="front")).groups.add(group)
    assert await office.distribution.share() == 0
    await bob.groups.add(group)
    assert await office.distribution.share() == 1
    assert await state_of(one) == ("offered", "bob")


async def test_a_returning_customer_goes_to_the_last_agent_if_she_is_free(office: Office, clock: FrozenClock) -> None:
    (one,) = await arrive(office, 1)
    await office.desk.take(one, login="bob")
    await office.desk.close(one, "done", login="bob")
    clock.advance(hours=2)
    await office.presence.ready("ann")
    clock.advance(seconds=5)
    await office.presence.ready("bob")
    again = await text_arrives(office, "+447700900100", "And where is it now?")
    await office.distribution.share()
    assert await state_of(again) == ("offered", "bob")


async def test_complaint_12_wrap_up_is_a_state_with_a_timer_and_nothing_new_comes_meanwhile(
    office: Office, clock: FrozenClock
) -> None:
    await Queue.filter(name="front").update(wrap_up_seconds=60)
    one, two = await arrive(office, 2)
    await Person.filter(login="ann").update(auto_accept=True, capacity_sms=1)
    await office.presence.ready("ann")
    await office.distribution.share()
    assert await state_of(one) == ("open", "ann")
    assert await office.desk.wrap_up(one, login="ann") == 60
    assert await office.distribution.share() == 0
    await office.desk.extend_wrap_up(one, 60, login="ann")
    clock.advance(seconds=90)
    assert await office.desk.end_wrap_ups() == 0
    clock.advance(seconds=31)
    assert await office.desk.end_wrap_ups() == 1
    assert await state_of(one) == ("closed", "ann")
    assert await office.distribution.share() == 1
    assert await state_of(two) == ("open", "ann")
    await the_log_agrees(office)


async def test_a_customer_who_writes_during_the_wrap_up_is_not_closed_away(office: Office, clock: FrozenClock) -> None:
    await Queue.filter(name="front").update(wrap_up_seconds=60)
    (one,) = await arrive(office, 1)
    await office.desk.take(one, login="ann")
    await office.desk.wrap_up(one, login="ann")
    assert await text_arrives(office, "+447700900100", "One more thing") == one
    clock.advance(seconds=61)
    assert await office.desk.end_wrap_ups() == 1
    assert await state_of(one) == ("open", "ann")


async def test_a_lost_line_keeps_everything_for_the_time_of_grace_and_then_gives_it_back(
    office: Office, clock: FrozenClock
) -> None:
    one, two = await arrive(office, 2)
    assert await office.presence.sign_in("ann", seat="north") == "not ready"
    await office.presence.ready("ann")
    await office.distribution.share()
    await office.desk.accept(one, login="ann")
    clock.advance(seconds=100)
    assert await office.presence.lose() == 0
    assert await office.presence.sign_in("ann", seat="south") == "ready"
    assert not await office.presence.heard("ann", "north")
    assert await office.presence.heard("ann", "south")
    clock.advance(seconds=100)
    assert await office.presence.lose() == 0
    clock.advance(seconds=30)
    assert await office.presence.lose() == 1
    assert [await state_of(one), await state_of(two)] == [("queued", None)] * 2
    assert (await Agent.get(person__login="ann")).state.value == "signed out"
    await the_log_agrees(office)


async def test_reasons_are_the_desks_and_states_are_a_supervisors_to_set(office: Office) -> None:
    await NotReadyReason.create(name="lunch")
    with pytest.raises(Wrong, match="there are: lunch"):
        await office.presence.not_ready("ann", "tea")
    await office.presence.not_ready("ann", "lunch")
    with pytest.raises(Refused, match="bob is an agent"):
        await office.presence.ready("ann", by="bob")
    await office.presence.ready("ann", by="sue")
    assert await office.presence.sign_out("ann") == 0


async def test_two_contacts_of_one_customer_become_one_and_what_still_comes_goes_there(office: Office) -> None:
    one, two = await arrive(office, 2)
    await office.desk.take(one, login="ann")
    await office.desk.merge(two, one, login="ann")
    assert await state_of(two) == ("closed", "ann")
    from tests.flow.arriving import take_in
    from tests.flow.mails import text_mail

    await take_in(office, 1, text_mail("+447700900101", "More"))
    await triage(office)
    assert (await Contact.get(id=one)).message_count == 3
    await the_log_agrees(office)


async def test_a_question_stays_with_the_asker_and_a_whisper_is_a_supervisors(office: Office) -> None:
    (one,) = await arrive(office, 1)
    await office.desk.take(one, login="ann")
    question = await office.desk.ask(one, "bob", "Do we refund this?", login="ann")
    with pytest.raises(Refused, match="for somebody else"):
        await office.desk.answer_question(question, "Yes", login="ann")
    await office.desk.answer_question(question, "Yes", login="bob")
    with pytest.raises(Refused, match="answered already"):
        await office.desk.answer_question(question, "Yes", login="bob")
    with pytest.raises(Refused, match="may whisper"):
        await office.desk.whisper(one, "Offer a voucher", login="bob")
    await office.desk.whisper(one, "Offer a voucher", login="sue")
    assert await state_of(one) == ("open", "ann")


async def test_events_are_folded_once(office: Office, clock: FrozenClock) -> None:
    await arrive(office, 3)
    assert await office.tallies.fold() > 0
    assert await office.tallies.fold() == 0
    assert sum([tally.arrived for tally in await Tally.all()]) == 3
    assert {tally.quarter for tally in await Tally.all()} == {NOW}
