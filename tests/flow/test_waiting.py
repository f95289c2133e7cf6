"""What supervisors do with those that wait, kept drafts, and the views of queue and customer, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.errors import NotFound, Refused, Wrong
from core.models import Contact, Journal, OptOut
from core.models.states import Channel, ContactState
from core.views.arrivals import arrivals
from core.views.customer import customer
from core.views.standing import people, standing
from core.views.waiting import contacts_by_id, waiting_ids
from tests.tui.seeding import contact, outcomes

if TYPE_CHECKING:
    from core.office import Office


async def three(office: Office) -> list[int]:
    """Three that wait in front, the oldest first."""
    made = [
        await contact(office, text, address=f"+44770090000{n}", name=name, ago=timedelta(minutes=30 - n))
        for n, (text, name) in enumerate((("50% off?", "Ann"), ("Hello", "Bo_b"), ("Refund!", "Cat")))
    ]
    return [one.id for one in made]


async def test_the_order_is_that_in_which_they_are_given_out(office: Office) -> None:
    one, two, last = await three(office)
    assert await waiting_ids(office.database, 1) == [one, two, last]
    assert await waiting_ids(office.database, 2) == []
    await office.waiting.prioritise({last: 5}, login="sue")
    assert await waiting_ids(office.database, 1) == [last, one, two]
    assert await waiting_ids(office.database, 1, order="name", backwards=True) == [last, two, one]


@pytest.mark.parametrize(
    ("words", "found"), [("50%", [0]), ("o_B", [1]), ("refund cat", [2]), ("refund ann", []), ("!", [2])]
)
async def test_words_are_looked_for_literally(office: Office, words: str, found: list[int]) -> None:
    ids = await three(office)
    assert await waiting_ids(office.database, 1, words=words) == [ids[n] for n in found]


async def test_each_contact_that_was_changed_has_its_line(office: Office) -> None:
    await outcomes()
    ids = await three(office)
    await office.desk.take(ids[0], login="ann")
    assert await office.waiting.move(ids, queue="billing", login="sue") == 2
    assert await office.waiting.close(ids, "spam", login="sue") == 2
    lines = await Journal.filter(kind="contact", verb__in=["transferred", "closed"]).order_by("id")
    assert [(line.verb, line.thing_id, line.actor) for line in lines] == [
        (verb, one, "sue") for verb in ("transferred", "closed") for one in ids[1:]
    ]
    assert {row.outcome for row in (await contacts_by_id(office.database, ids[1:])).values()} == {"spam"}


async def test_what_was_closed_waits_again_unless_the_customer_has_a_newer_one(office: Office) -> None:
    await outcomes()
    ids = await three(office)
    await office.waiting.close(ids, "spam", login="sue")
    await contact(office, "again", address="+447700900001", name="Bo_b")
    assert await office.waiting.put_back(ids, login="sue") == 2
    assert (await Contact.get(id=ids[1])).state is ContactState.CLOSED


async def test_who_may_not_is_told(office: Office) -> None:
    await outcomes()
    ids = await three(office)
    with pytest.raises(Refused, match="bob is an agent"):
        await office.waiting.close(ids, "spam", login="bob")
    with pytest.raises(NotFound, match="no user zed"):
        await office.waiting.prioritise({ids[0]: 1}, login="zed")
    with pytest.raises(NotFound, match="there is no queue x; there are: billing, front"):
        await office.waiting.move(ids, queue="x", login="sue")
    with pytest.raises(Wrong, match="there is no outcome x"):
        await office.waiting.close(ids, "x", login="sue")
    with pytest.raises(Wrong, match="from -99 to 99"):
        await office.waiting.prioritise({ids[0]: 100}, login="sue")


async def test_arrivals_are_counted_by_the_hour_and_lately(office: Office) -> None:
    await three(office)
    await contact(office, "new", address="+447700900077", ago=timedelta(minutes=1))
    await contact(office, "old", address="+447700900078", ago=timedelta(hours=2, minutes=30))
    row = (await arrivals(office.database, office.clock.now()))[1]
    assert (row.lately, sum(row.slots), row.slots[-1], row.slots[-3]) == (1, 5, 4, 1)


async def test_a_customer_has_a_past(office: Office) -> None:
    await outcomes()
    one = (await three(office))[0]
    await office.waiting.close([one], "spam", login="sue")
    again = await contact(office, "again", address="+447700900000", name="Ann")
    await OptOut.create(address="+447700900000", channel=Channel.SMS, at=office.clock.now(), source="STOP")
    row = await customer(office.database, again.id)
    assert (row.received, row.sent, row.opted_out_by, [other.id for other in row.earlier]) == (2, 0, "STOP", [one])
    with pytest.raises(NotFound):
        await customer(office.database, 999)


async def test_the_desk_at_a_glance(office: Office) -> None:
    row = await standing(office.database, office.clock.now())
    assert (row.desk, row.engines, row.accounts, row.broken, row.unknown, row.server) == ("Acme", 0, 2, 0, 0, "waiting")
    assert [(one.login, one.role) for one in await people(office.database)][:1] == [("ann", "agent")]
