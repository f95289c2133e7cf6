"""A contact that is laid aside: until a time, until its customer writes, until somebody brings it back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.desk import Answer
from core.errors import NotFound, Refused, Wrong
from core.models import Contact
from core.models.states import ContactState
from core.views import ContactFilter, contacts, explain_contact
from tests.flow.another_process import AnotherProcess
from tests.flow.arriving import ANN, BOB, email_arrives, take_in, text_arrives, triage
from tests.flow.conftest import NOW
from tests.flow.mails import email, text_mail
from tests.flow.test_desk import everything, journal_of, state_of

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

SOON = NOW + timedelta(minutes=45)


async def held(office: Office, number: str = ANN) -> int:
    """A contact of ann's that is held for three quarters of an hour."""
    contact_id = await text_arrives(office, number)
    await office.desk.take(contact_id, login="ann")
    await office.desk.hold(contact_id, SOON, login="ann")
    return contact_id


async def test_a_held_contact_stays_its_agents_and_says_until_when(office: Office) -> None:
    contact_id = await held(office)
    assert await state_of(contact_id) == ("held", "ann")
    assert (await journal_of(contact_id))[-1] == ("ann", "held", "until 2026-03-02 10:45 UTC")
    (row,) = await contacts(office.database, ContactFilter(state="unclosed", agent="ann"))
    assert (row.state, row.held_until) == ("held", SOON)
    now = (await explain_contact(office.database, contact_id))[-1]
    assert (now.who, now.what) == ("now", "held until 2026-03-02 10:45 UTC, or until the customer writes")


async def test_its_time_brings_it_back_to_its_agent(office: Office, clock: FrozenClock) -> None:
    contact_id = await held(office)
    other = await held(office, BOB)
    await office.desk.hold(other, SOON + timedelta(hours=1), login="ann")
    clock.advance(minutes=44, seconds=59)
    assert await office.desk.wake() == 0
    clock.advance(seconds=1)
    ring = office.database.bell.listen()
    assert await office.desk.wake() == 1
    await asyncio.wait_for(ring.wait(), 5)
    assert await state_of(contact_id) == ("open", "ann")
    assert (await Contact.get(id=contact_id)).held_until is None
    assert (await journal_of(contact_id))[-1] == ("desk", "woken", "its time has come")
    assert await state_of(other) == ("held", "ann")
    assert await office.desk.wake() == 0


async def test_its_customer_brings_it_back_sooner(office: Office) -> None:
    contact_id = await held(office)
    await office.desk.reply(contact_id, Answer("I am looking into it"), login="ann")
    assert (await office.desk.wake(), await state_of(contact_id)) == (0, ("held", "ann"))
    await take_in(office, 1, text_mail(ANN, "any news?"))
    assert (await office.desk.wake(), await state_of(contact_id)) == (1, ("open", "ann"))
    assert (await journal_of(contact_id))[-1] == ("desk", "woken", "the customer wrote")
    await office.desk.hold(contact_id, SOON, login="ann")
    assert await office.desk.wake() == 0, "what had come before it was held is no news"


async def test_an_automatic_answer_wakes_nobody(office: Office) -> None:
    contact_id = await email_arrives(office)
    await office.desk.take(contact_id, login="ann")
    await office.desk.hold(contact_id, SOON, login="ann")
    await take_in(office, 2, email("cat@mail.example", "Away", "I am away", headers="Auto-Submitted: auto-replied\r\n"))
    assert await office.desk.wake() == 0


async def test_it_is_brought_back_by_hand_or_given_another_time(office: Office, clock: FrozenClock) -> None:
    contact_id = await held(office)
    await office.desk.hold(contact_id, SOON + timedelta(hours=2), login="ann")
    clock.advance(hours=1)
    assert await office.desk.wake() == 0
    await office.desk.resume(contact_id, login="ann")
    assert await state_of(contact_id) == ("open", "ann")
    assert (await journal_of(contact_id))[-1] == ("ann", "resumed", "")
    with pytest.raises(Refused, match=f"contact {contact_id} cannot be resumed: it is open with ann"):
        await office.desk.resume(contact_id, login="ann")


@pytest.mark.parametrize("leave", ["queue", "agent", "close"])
async def test_what_leaves_its_agent_is_held_no_longer(office: Office, clock: FrozenClock, leave: str) -> None:
    contact_id = await held(office)
    if leave == "close":
        await office.desk.close(contact_id, "", login="ann")
    elif leave == "queue":
        await office.desk.transfer(contact_id, login="ann", queue="billing")
    else:
        await office.desk.transfer(contact_id, login="ann", agent="bob")
    row = await Contact.get(id=contact_id)
    assert row.state is not ContactState.HELD and row.held_until is None and row.held_after is None
    clock.advance(hours=1)
    assert await office.desk.wake() == 0


async def test_who_may_not_and_what_is_no_time_changes_nothing(office: Office) -> None:
    contact_id = await text_arrives(office)
    desk = office.desk
    with pytest.raises(Refused, match=f"contact {contact_id} cannot be changed: it is queued"):
        await desk.hold(contact_id, SOON, login="ann")
    await desk.take(contact_id, login="ann")
    before = await everything(office)
    wrong: list[tuple[Any, type[Exception], str]] = [
        (desk.hold(contact_id, SOON, login="bob"), Refused, "open with ann"),
        (desk.hold(contact_id, NOW, login="ann"), Wrong, "2026-03-02 10:00 UTC is past"),
        (desk.hold(contact_id, NOW + timedelta(days=367), login="ann"), Wrong, "2027-03-04 is more than a year away"),
        (desk.hold(99, SOON, login="ann"), NotFound, "no contact 99"),
        (desk.resume(contact_id, login="ann"), Refused, "cannot be resumed: it is open"),
        (desk.resume(contact_id, login="bob"), Refused, "open with ann"),
    ]
    for verb, kind, words in wrong:
        with pytest.raises(kind, match=words):
            await verb
    assert await everything(office) == before
    await desk.hold(contact_id, SOON, login="sue")
    assert await state_of(contact_id) == ("held", "ann"), "a supervisor lays it aside for its agent"


async def test_two_engines_bring_each_one_back_once(office: Office, clock: FrozenClock) -> None:
    ids = [await held(office, f"+4477009001{n:02}") for n in range(10)]
    clock.advance(hours=1)
    async with AnotherProcess(office.settings) as other:
        other.begin("return sum([await office.desk.wake() for _ in range(5)])")
        ours = sum(await asyncio.gather(*(office.desk.wake() for _ in range(5))))
        theirs = await other.answer()
    assert ours + theirs == 10
    for contact_id in ids:
        assert [line[1] for line in await journal_of(contact_id)].count("woken") == 1


async def test_an_engine_brings_it_back(office: Office, clock: FrozenClock) -> None:
    await office.database.rows("UPDATE account SET enabled = FALSE")
    contact_id = await held(office)
    engine = office.engine()
    running = asyncio.create_task(engine.run())
    try:
        await triage(office)
        clock.advance(hours=1)
        await office.desk.note(contact_id, "rings the bell", login="ann")
        for _ in range(500):
            if await state_of(contact_id) == ("open", "ann"):
                break
            await asyncio.sleep(0.02)
        assert await state_of(contact_id) == ("open", "ann")
    finally:
        engine.stop()
        await running
