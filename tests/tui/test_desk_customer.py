"""The customer beside the thread: details, and earlier contacts that open; a pane or a dialog."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.campaigns import CampaignSettings
from core.models import Contact, Customer, OptOut
from core.models.states import Channel
from core.roles import COMMAND
from tests.tui.conftest import BOTH, LARGE, SMALL
from tests.tui.desk_seeding import at_desk
from tests.tui.seeding import contact, small_desk
from tui.dialogs.customer import CustomerDialog
from tui.screens.desk import DeskScreen

if TYPE_CHECKING:
    from core.office import Office

ANN = "+447700900123"


async def back(person: Any) -> None:
    await person.until(lambda: isinstance(person.app.screen, DeskScreen), "the desk")


async def past(office: Office) -> None:
    """Ann has been here before, twice."""
    await small_desk(office)
    open_one = await Contact.get(address=ANN, agent_id=1)
    await Contact.filter(id=open_one.id).update(state="closed")
    for text, days, outcome in (("Do you ship to Malta?", 40, "answered"), ("My parcel is wet", 9, "spam")):
        one = await contact(office, text, address=ANN, name="Ann Lee", agent="ann", ago=timedelta(days=days))
        await office.desk.close(one.id, outcome, login="ann")
    await Contact.filter(id=open_one.id).update(state="open")


async def test_the_pane_stands_beside_the_thread_where_there_is_room(sit: Any, office: Office) -> None:
    await past(office)
    async with sit("ann", size=LARGE) as person:
        desk = await at_desk(person, "Ann Lee")
        await person.sees(
            "4 received · 0 sent", "Earlier contacts 2", "My parcel is wet", "spam", "Do you ship to Malta?"
        )
        await person.press("f2")
        assert desk.focused is not None and desk.focused.id == "earlier-rows"
        await person.press("down", "enter")
        await person.until(lambda: desk.contact is not None and desk.contact.outcome == "answered", "the old one")
        await person.sees("F8 opens this contact again", "closed: answered")
        await person.press("escape", "up")
        await person.until(lambda: desk.contact is not None and desk.contact.state == "open", "back at mine")


async def test_the_card_says_on_which_lists_the_customer_stands(sit: Any, office: Office) -> None:
    await past(office)
    await office.campaigns.save(CampaignSettings("spring"), actor=COMMAND)
    now = office.clock.now()
    for name, campaign in (("leads", "spring"), ("old [bold]leads", "")):
        list_id = await office.lists.create(name, actor=COMMAND, campaign=campaign)
        await Customer.create(
            list_id=list_id, reference="C-17", number=ANN, status="callback", callback_at=now + timedelta(hours=2),
            own_fields='{"Tariff": "[red]gold", "Paid": ""}', created_at=now, changed_at=now,
        )  # fmt: skip
    async with sit("ann", size=LARGE) as person:
        await at_desk(person, "Ann Lee")
        await person.sees("spring, leads", "C-17 · call back Today", "Tariff: [red]gold", "old [bold]leads")
        assert "Paid" not in person.text()


async def test_at_80_columns_it_is_a_key_away(sit: Any, office: Office) -> None:
    await past(office)
    async with sit("ann", size=SMALL) as person:
        desk = await at_desk(person, "Ann Lee")
        assert "Earlier contacts" not in person.text()
        await person.press("enter", "f2")
        await person.until(lambda: isinstance(person.app.screen, CustomerDialog), "the customer")
        await person.sees("4 received · 0 sent", "My parcel is wet")
        await person.press("escape")
        await back(person)
        await person.press("f2", "enter")
        await person.until(lambda: desk.contact is not None and desk.contact.outcome == "spam", "the old one")


async def test_in_the_dialog_a_filter_is_cleared_before_it_closes(sit: Any, office: Office) -> None:
    await past(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("f2", "slash", *"malta", "enter")
        await person.until(lambda: "My parcel is wet" not in person.text(), "the other to go")
        await person.press("escape")
        await person.sees("My parcel is wet")
        assert isinstance(person.app.screen, CustomerDialog)
        await person.press("escape")
        await back(person)


async def test_who_has_never_been_here_and_wants_nothing_more(sit: Any, office: Office) -> None:
    await small_desk(office)
    await OptOut.create(address=ANN, channel=Channel.SMS, at=office.clock.now(), source="STOP")
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("f2")
        await person.sees("✖ opted out Today: STOP", "No earlier contacts")
        await person.press("enter")
        await back(person)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_who_wants_no_more_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await past(office)
    source = "[red]PLEASE stop writing to me[/red], I have asked twice now, and once more and once again by post"
    await OptOut.create(address=ANN, channel=Channel.SMS, at=office.clock.now() - timedelta(days=3), source=source)
    async with sit("ann", size=size) as person:
        await at_desk(person, "Ann Lee")
        await person.press("f2")
        await person.sees("My parcel is wet", "✖ opted out", "[red]PLEASE stop")
        await looks(person, "opted-out", BOTH)


async def test_the_card_says_at_once_that_a_customer_wants_no_more_and_that_this_has_ended(
    sit: Any, office: Office
) -> None:
    await past(office)
    async with sit("ann", size=LARGE) as person:
        await at_desk(person, "Ann Lee")
        await person.sees("● has not opted out")
        await office.optouts.add(ANN, by="sue", reason="rang us")
        await person.sees("✖ opted out Today: rang us", "(sue)")
        await office.optouts.remove(ANN, by="sue")
        await person.sees("● has not opted out")


async def test_the_card_says_that_a_customer_is_on_the_desks_list_and_not_that_of_a_campaign(
    sit: Any, office: Office
) -> None:
    await past(office)
    await office.campaigns.save(CampaignSettings("spring"), actor=COMMAND)
    await office.donotcontact.add(ANN, actor="sue", campaign="spring", reason="only spring")
    async with sit("ann", size=SMALL) as person:
        await at_desk(person, "Ann Lee")
        await person.press("f2")
        await person.sees("● has not opted out", "My parcel is wet")
        await person.press("escape")
        await back(person)
        await office.donotcontact.add(ANN, actor="sue", reason="moved away")
        desk = person.app.screen
        await person.until(lambda: desk.found.customer.listed_by != "", "the desk to know")
        await person.press("f2")
        await person.sees("✖ do not contact Today: moved away (sue)")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_customer_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await past(office)
    async with sit("ann", size=size) as person:
        await at_desk(person, "Ann Lee")
        await person.press("f2")
        await person.sees("My parcel is wet")
        await looks(person, "customer", BOTH)
