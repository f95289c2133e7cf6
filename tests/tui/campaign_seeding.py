"""Campaigns, lists, customers and templates for the screens' tests."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from core.models import Account, Campaign, Customer, CustomerList, Person, Template
from core.models.states import Channel, CustomerStatus

if TYPE_CHECKING:
    from core.office import Office

NAMES = (
    "Ann Lee",
    "Bartholomew Montgomery",
    "Chloé Dubois",
    "Dan Roe",
    "Eve Stone",
    "Finn Gray",
    "Gus Hall",
    "Ida Fox",
)
STATUSES = (
    CustomerStatus.UNUSED, CustomerStatus.UNUSED, CustomerStatus.CALLBACK, CustomerStatus.CONTACTED,
    CustomerStatus.UNUSED, CustomerStatus.TERMINATED, CustomerStatus.IN_PROGRESS, CustomerStatus.UNUSED,
)  # fmt: skip
BODY = "Dear {{ customer.name }}, your boiler is due on {{ customer.due }}."


async def a_spring(office: Office, number: int = 24) -> Campaign:
    """A campaign with two lists, a template for texts and one for e-mails, and an empty list of no campaign."""
    texts, mails = await Account.get(kind=Channel.SMS), await Account.get(kind=Channel.EMAIL)
    spring = await Campaign.create(
        name="spring", sms_account=texts, email_account=mails, words="Good day {{ customer.name }}, it is Acme."
    )
    await Template.create(name="reminder", channel=Channel.SMS, body=BODY)
    await Template.create(name="reminder by mail", channel=Channel.EMAIL, subject="Your boiler", body=BODY)
    own = json.dumps(["due"])
    north = await CustomerList.create(name="north", campaign=spring, own_fields=own)
    south = await CustomerList.create(name="south", campaign=spring, own_fields=own)
    await CustomerList.create(name="later")
    sue, now = await Person.get(login="sue"), office.clock.now()
    for at in range(number):
        status = STATUSES[at % len(STATUSES)]
        due = at % 8 != 7
        bad = at % 8 == 4
        await Customer.create(
            list=north if at % 3 else south, reference=f"C{at + 1:04}", name=NAMES[at % len(NAMES)],
            number="" if bad else f"+447700900{at:03}", number_as_written="0770-oops" if bad else "",
            email=f"person{at}@home.example", status=status, owner=sue if at % 5 == 0 else None,
            callback_at=now + timedelta(minutes=30 * at - 90) if status is CustomerStatus.CALLBACK else None,
            tries=at % 3, tried_at=now if at % 3 else None, outcome="no answer" if at % 3 else "",
            own_fields=json.dumps({"due": "1 Dec"} if due else {}), created_at=now, changed_at=now,
        )  # fmt: skip
    return spring
