"""A campaign to dial: two lists of customers, templates for its events, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dialler import Done, Told
from core.models import Campaign, Customer, CustomerList, EventLetter, Message, Outcome, Template
from core.models.states import Channel, CustomerStatus
from tests.flow.conftest import NOW

if TYPE_CHECKING:
    from core.office import Office

ANN, BEN, CAT = "+447700900001", "+447700900002", "+447700900003"
CAMPAIGN = "Spring"


async def set_up(**settings: object) -> Campaign:
    """A campaign that writes a text on each event, two lists, customers R1, R2, and R3 without a number."""
    for name, contact in (("answered", True), ("no answer", False), ("busy", False)):
        await Outcome.create(name=name, contact=contact)
    tried = await Template.create(name="tried", channel=Channel.SMS, body="{{ customer.first_name }}, we rang.")
    sorry = await Template.create(name="sorry", channel=Channel.SMS, body="Sorry we missed you, {{ customer.name }}.")
    wanted = {"sms_account_id": 1, "first_try_sms_id": tried.id, "no_contact_sms_id": sorry.id, **settings}
    campaign = await Campaign.create(name=CAMPAIGN, **wanted)  # type: ignore[arg-type]
    for number, name in enumerate(("north", "south"), 1):
        await CustomerList.create(id=number, name=name, campaign=campaign, own_fields='["city"]')
    await customer("R1", ANN, name="Ann Lee", email="ann@home.example")
    await customer("R2", BEN, name="Ben Ray")
    await customer("R3", "", name="Cat")
    return campaign


async def customer(reference: str, number: str = "", **columns: object) -> Customer:
    """One customer on the first list, unless told otherwise."""
    said: dict[str, object] = {"list_id": 1, "name": "Sam", "created_at": NOW, "changed_at": NOW, **columns}
    return await Customer.create(reference=reference, number=number, **said)  # type: ignore[arg-type]


async def attempt(office: Office, reference: str, outcome: str = "no answer", **told: object) -> Done:
    """An attempt from the command."""
    key = told.pop("key", None)
    said = Told(outcome, **told)  # type: ignore[arg-type]
    return await office.dialler.attempts.attempt(CAMPAIGN, reference, said, key=key)  # type: ignore[arg-type]


async def status(reference: str) -> CustomerStatus:
    """How far the campaign has come with a customer."""
    return (await Customer.get(reference=reference)).status


async def texts(reference: str = "") -> list[str]:
    """What was written on events, in order; to one customer, or to all."""
    which = EventLetter.filter(customer__reference=reference) if reference else EventLetter.all()
    ids = [letter.message_id for letter in await which.order_by("id")]
    found = {message.id: message.text for message in await Message.filter(id__in=[one for one in ids if one])}
    return [found[one] for one in ids if one]
