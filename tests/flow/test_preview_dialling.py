"""Preview dialling: who is next for an agent, and that no two agents ring one customer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.consent import opt_out
from core.dialler import HAND_MINUTES, Told
from core.errors import NotFound, Refused, Wrong
from core.models import Campaign, Customer, Journal, Person
from core.models.states import Channel, CustomerStatus
from core.views.dialler import dialling
from tests.flow.conftest import NOW
from tests.flow.dialling import ANN, CAMPAIGN, customer, set_up, status

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def next_for(office: Office, login: str = "ann") -> str:
    """The reference of whom this agent is to ring; empty for nobody."""
    found = await office.dialler.preview.next_customer(CAMPAIGN, login)
    return found.reference if found else ""


async def rang(office: Office, login: str = "ann", outcome: str = "no answer", **told: object) -> str:
    """Ring whoever is next; the reference."""
    found = await office.dialler.preview.next_customer(CAMPAIGN, login)
    if found is None:
        return ""
    said = Told(outcome, **told)  # type: ignore[arg-type]
    await office.dialler.attempts.attempt_by_id(CAMPAIGN, found.customer_id, said, person=login)
    return found.reference


async def promised(reference: str, minutes: float, login: str = "", number: str = "+447700900050") -> None:
    who = await Person.get_or_none(login=login)
    await customer(
        reference, number, status=CustomerStatus.CALLBACK, callback_at=NOW + timedelta(minutes=minutes),
        callback_for=who,
    )  # fmt: skip


async def test_due_call_backs_come_first_ones_own_before_anybodys_then_the_unused_in_order(office: Office) -> None:
    await set_up()
    await promised("anybody's", -60)
    await promised("anybody's older", -90)
    await promised("hers", -1, "ann")
    await promised("bob's", -500, "bob")
    await promised("tomorrow's", 1440, "ann")
    await customer("south", "+447700900051", list_id=2)
    order = [await rang(office) for _ in range(7)]
    assert order == ["hers", "anybody's older", "anybody's", "R1", "R2", "south", ""], "R3 has no number"
    assert await rang(office, "bob") == "bob's"


async def test_what_she_is_shown(office: Office) -> None:
    await set_up(words="Hello {{ customer.first_name }} of {{ customer.city }}, this is {{ agent.first_name }}.")
    await promised("C", -5, "ann", "+12125550123")
    await Customer.filter(reference="C").update(name="Cleo Fox", own_fields='{"city": "York"}', tries=2, outcome="busy")
    found = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    assert found is not None
    assert (found.list, found.name, found.number, found.zone) == (
        "north", "Cleo Fox", "+12125550123", "America/New_York"
    )  # fmt: skip
    assert (found.status, found.callback_at, found.is_personal) == ("callback", NOW - timedelta(minutes=5), True)
    assert (found.tries, found.outcome, found.fields) == (2, "busy", {"city": "York"})
    assert found.words == "Hello Cleo of York, this is Ann."
    assert found.until == NOW + timedelta(minutes=HAND_MINUTES)


async def test_she_is_told_that_it_is_night_where_the_customer_lives(office: Office) -> None:
    await set_up(quiet_hours="20:00-08:00")
    await promised("N", -5, number="+12125550123")
    found = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    assert found is not None and found.quiet_until == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert await rang(office) == "N"
    found = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    assert found is not None and found.quiet_until is None


@pytest.mark.parametrize(
    ("words", "said"),
    [("In {{ customer.city }}?", "In …?"), ("Hi {{ customer.nmae }}", "Hi {{ customer.nmae }}"), ("", "")],
)
async def test_words_that_cannot_be_filled_in_are_shown_all_the_same(office: Office, words: str, said: str) -> None:
    await set_up(words=words)
    found = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    assert found is not None and found.words == said


async def test_ten_who_ask_at_once_ring_ten_customers(office: Office) -> None:
    await set_up()
    for number in range(12):
        await Person.create(login=f"agent{number}", name=f"Agent {number}")
        await customer(f"S{number}", f"+4477009001{number:02}")
    found = await asyncio.gather(*(next_for(office, f"agent{number}") for number in range(12)))
    assert len(set(found)) == 12 and "" not in found


async def test_whom_she_has_in_hand_comes_again_and_to_nobody_else(office: Office, clock: FrozenClock) -> None:
    await set_up()
    assert await next_for(office) == "R1"
    clock.advance(minutes=HAND_MINUTES - 1)
    assert await next_for(office) == "R1" and await next_for(office, "bob") == "R2"
    clock.advance(minutes=HAND_MINUTES - 1)
    assert await office.dialler.preview.expire() == 0, "asking again took it anew"
    assert await Journal.filter(verb="handed").count() == 2


async def test_whom_nobody_rings_goes_back_by_itself(office: Office, clock: FrozenClock) -> None:
    await set_up()
    assert await next_for(office) == "R1"
    clock.advance(minutes=HAND_MINUTES, seconds=1)
    assert await next_for(office, "bob") == "R1", "even before an engine has cleared it away"
    clock.advance(minutes=HAND_MINUTES, seconds=1)
    assert await office.engine().chores["timers"]() == 1
    row = await Customer.get(reference="R1")
    assert row.handed_to_id is None and row.handed_until is None and row.status is CustomerStatus.UNUSED
    assert await Journal.filter(verb="taken back", thing_id=row.id).count() == 1


async def test_a_call_may_be_longer_than_ten_minutes(office: Office, clock: FrozenClock) -> None:
    await set_up()
    ann = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    assert ann is not None
    for _ in range(3):
        clock.advance(minutes=9)
        assert await office.dialler.preview.renew(ann.customer_id, login="ann") == clock.now() + timedelta(minutes=10)
        assert await office.dialler.preview.expire() == 0
    with pytest.raises(Refused, match="bob has not got"):
        await office.dialler.preview.renew(ann.customer_id, login="bob")
    clock.advance(minutes=11)
    with pytest.raises(Refused, match="ann has not got"):
        await office.dialler.preview.renew(ann.customer_id, login="ann")


async def test_an_outcome_is_refused_once_somebody_else_has_the_customer(office: Office, clock: FrozenClock) -> None:
    await set_up()
    ann = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    clock.advance(minutes=11)
    await office.dialler.preview.expire()
    bob = await office.dialler.preview.next_customer(CAMPAIGN, "bob")
    assert ann is not None and bob is not None and ann.customer_id == bob.customer_id
    attempts = office.dialler.attempts
    with pytest.raises(Refused, match="bob has customer R1 in hand by now"):
        await attempts.attempt_by_id(CAMPAIGN, ann.customer_id, Told("answered"), person="ann")
    await attempts.attempt_by_id(CAMPAIGN, bob.customer_id, Told("busy"), person="bob")
    assert await status("R1") == CustomerStatus.IN_PROGRESS


@pytest.mark.parametrize("campaign", ["", CAMPAIGN])
async def test_who_must_not_be_contacted_is_not_handed_out(office: Office, campaign: str) -> None:
    await set_up()
    await Campaign.create(name="Autumn")
    await office.donotcontact.add(ANN, actor="sue", campaign="Autumn")
    assert await next_for(office) == "R1"
    await rang(office)
    await Customer.filter(reference="R1").update(status=CustomerStatus.CALLBACK, callback_at=NOW - timedelta(minutes=5))
    await promised("barred too", -5, number=ANN)
    await office.donotcontact.add(ANN, actor="sue", campaign=campaign)
    assert await next_for(office) == "R2"


async def test_she_is_told_that_a_customer_wants_no_texts_and_since_when(office: Office, clock: FrozenClock) -> None:
    await set_up()
    async with office.database.transaction():
        await opt_out(office.database, channel=Channel.SMS, address=ANN, source="STOP", at=clock.now())
    row = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    assert row is not None and (row.reference, row.no_texts_since) == ("R1", clock.now())


async def test_she_may_give_back_what_she_has_in_hand(office: Office) -> None:
    await set_up()
    found = await office.dialler.preview.next_customer(CAMPAIGN, "ann")
    assert found is not None
    with pytest.raises(Refused, match="bob has not got this customer in hand"):
        await office.dialler.preview.give_back(found.customer_id, login="bob")
    await office.dialler.preview.give_back(found.customer_id, login="ann")
    assert await next_for(office, "bob") == "R1"


async def test_an_attempt_takes_the_customer_out_of_hand_and_a_promise_is_kept_by_whoever_gave_it(
    office: Office, clock: FrozenClock
) -> None:
    await set_up()
    assert await rang(office, outcome="answered", callback=NOW + timedelta(hours=1), personal=True) == "R1"
    row = await Customer.get(reference="R1")
    assert (row.handed_to_id, row.callback_at) == (None, NOW + timedelta(hours=1))
    assert await rang(office, callback=NOW + timedelta(hours=1)) == "R2"
    assert await next_for(office) == ""
    clock.advance(hours=1)
    assert await next_for(office, "bob") == "R2" and await next_for(office) == "R1"


async def test_whom_somebody_else_dealt_with_meanwhile_is_not_handed_out(office: Office) -> None:
    await set_up()
    await Customer.filter(reference="R1").update(status=CustomerStatus.TERMINATED)
    assert await next_for(office) == "R2"


async def test_who_asks_must_be_somebody_and_the_campaign_too(office: Office) -> None:
    await set_up()
    await Campaign.create(name="Autumn")
    with pytest.raises(Wrong, match="say who rings"):
        await next_for(office, "")
    with pytest.raises(NotFound, match="there is no user eve"):
        await next_for(office, "eve")
    assert await office.dialler.preview.next_customer("Autumn", "ann") is None
    found = await Customer.get(number=ANN)
    with pytest.raises(NotFound, match="is on no list of campaign Autumn"):
        await office.dialler.attempts.attempt_by_id("Autumn", found.id, Told("busy"), person="ann")


def test_a_promise_is_in_the_customers_zone() -> None:
    from core.campaigns.cells import callback_of

    assert callback_of("2026-07-01 14:30", "America/New_York") == datetime(2026, 7, 1, 18, 30, tzinfo=UTC)


async def test_what_there_is_to_ring_is_counted_for_each_agent(office: Office) -> None:
    await set_up()
    await Campaign.create(name="Empty")
    for reference, minutes, login in (
        ("a", -5, "ann"),
        ("b", -5, ""),
        ("c", -5, "bob"),
        ("d", 30, "bob"),
        ("e", 60, ""),
    ):
        await promised(reference, minutes, login)
    await promised("no number", -5, number="")
    await next_for(office)
    (row,) = await dialling(office.database, NOW, "ann")
    assert (row.campaign, row.due, row.own_due, row.unused, row.in_hand) == (CAMPAIGN, 2, 1, 3, 1)
    assert row.next_due == NOW + timedelta(minutes=60)
    (row,) = await dialling(office.database, NOW, "bob")
    assert (row.due, row.own_due, row.next_due) == (2, 1, NOW + timedelta(minutes=30))
    (row,) = await dialling(office.database, NOW)
    assert (row.due, row.own_due) == (1, 0)
