"""Customers of lists where their contacts are: in what scripts read, on the desk's card, in their own story."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.campaigns import CampaignSettings, CustomerChange
from core.errors import NotFound
from core.gathering.customers import read_customers
from core.models import (
    Account,
    Attempt,
    Broadcast,
    Customer,
    CustomerList,
    EventLetter,
    Message,
    Outbox,
    Person,
    Recipient,
)
from core.views.customer import customer
from core.views.customer_records import customer_story, records_of_address
from core.views.panel import places
from tests.flow.arriving import text_arrives
from tests.flow.conftest import NOW
from tests.flow.routed import ScriptedDesk, route

if TYPE_CHECKING:
    from core.office import Office

ANN = "+447700900123"
CAT = "cat@mail.example"


async def put(office: Office, list_name: str, reference: str, **more: object) -> int:
    """A customer on a list, which is made where it is not there."""
    on_list = await CustomerList.get_or_none(name=list_name)
    list_id = on_list.id if on_list else await office.lists.create(list_name, actor="sue")
    now = office.clock.now()
    values: dict[str, Any] = {"list_id": list_id, "reference": reference, "created_at": now, "changed_at": now}
    row = await Customer.create(**values | more)
    return int(row.id)


async def test_a_script_knows_a_customer_by_number_and_by_address(office: Office) -> None:
    await office.campaigns.save(CampaignSettings("spring"), actor="sue")
    bob = await Person.get(login="bob")
    await put(office, "leads", "A1", name="Ann Lee", number=ANN, status="callback", owner_id=bob.id)
    await put(office, "leads", "C1", email=CAT, own_fields='{"plan": "gold"}')
    await office.lists.move("leads", "spring", actor="sue")
    script = route(
        """
        customer = contact.customer
        if not customer:
            return queue("overflow")
        if customer.status == "callback" and customer.owner:
            return assign(customer.owner, otherwise = "front")
        if customer.fields.get("plan") == "gold" and customer.campaign == "spring":
            return queue("billing", priority = 5)
        return queue("front")
        """
    )
    async with ScriptedDesk(office) as desk:
        await desk.script(script)
        assert (await desk.ask(await desk.text(number=ANN))).agent == "bob"
        gold = await desk.mail(CAT)
        assert (await desk.ask(gold)).priority == 5
        assert (await desk.ask(await desk.text())).queue == "overflow"
        assert (await desk.run_of(gold))["facts"]["contact"]["customer"] == {
            "name": "", "reference": "C1", "status": "unused", "campaign": "spring", "list": "leads", "owner": None,
            "fields": {"plan": "gold"},
        }  # fmt: skip


async def test_of_several_lists_a_campaigns_comes_first_then_who_was_changed_last(office: Office) -> None:
    await office.campaigns.save(CampaignSettings("spring"), actor="sue")
    await put(office, "old", "O", number=ANN, email=CAT)
    await office.lists.move("old", "spring", actor="sue")
    await put(office, "new", "N", number=ANN, email="", changed_at=NOW + timedelta(days=1))
    await put(office, "none", "X")
    found = await read_customers(
        office.database, [("sms", ANN), ("email", "Cat@Mail.example"), ("sms", "60777"), ("email", "")]
    )
    assert {key: one.reference for key, one in found.items()} == {("sms", ANN): "O", ("email", "Cat@Mail.example"): "O"}
    assert [one.reference for one in await records_of_address(office.database, "sms", ANN)] == ["O", "N"]
    await office.lists.move("old", "", actor="sue")
    assert (await read_customers(office.database, [("sms", ANN)]))["sms", ANN].reference == "N"


async def test_the_desks_card_has_the_records_of_the_contacts_address(office: Office) -> None:
    await put(office, "leads", "A1", number=ANN, own_fields='{"plan": "gold"}')
    known = await customer(office.database, await text_arrives(office, ANN))
    (record,) = known.records
    assert (record.reference, record.list, record.fields) == ("A1", "leads", {"plan": "gold"})
    stranger = await customer(office.database, await text_arrives(office, "+447700900999"))
    assert stranger.records == ()


async def test_a_customers_story_has_attempts_messages_and_changes(office: Office) -> None:
    campaign = await office.campaigns.save(CampaignSettings("spring"), actor="sue")
    one = await put(office, "leads", "A1", number=ANN, email=CAT)
    other = await put(office, "leads", "B1", number="+447700900999")
    await text_arrives(office, ANN)
    await Attempt.create(customer_id=one, campaign_id=campaign, at=NOW, outcome="busy", contact=False, source="agent")
    sent = []
    for words in ("On sale", "We rang", "To another"):
        address = "+447700900999" if words == "To another" else ANN
        message = await Message.create(
            account_id=1, direction="out", channel="sms", address=address, text=words, at=NOW + timedelta(hours=1)
        )
        sent.append(message.id)
    broadcast = await Broadcast.create(
        name="Sale", state="done", channel="sms", account_id=1, audience="{}", template="t", body="b", created_at=NOW
    )
    await Recipient.create(broadcast_id=broadcast.id, customer_id=one, address=ANN, message_id=sent[0])
    await EventLetter.create(
        customer_id=one, campaign_id=campaign, event="first try", channel="sms", message_id=sent[1], at=NOW
    )
    await office.customers.change(one, CustomerChange(name="Ann"), actor="sue")
    story = await customer_story(office.database, one)
    assert [(row.outcome, row.campaign, row.contact) for row in story.attempts] == [("busy", "spring", False)]
    assert [(row.direction, row.text, row.why) for row in story.messages] == [
        ("out", "We rang", "first try"), ("out", "On sale", "broadcast Sale"), ("in", "Where is it?", ""),
    ]  # fmt: skip
    assert [(step.who, step.what) for step in story.history] == [("sue", "changed: name")]
    assert [row.text for row in (await customer_story(office.database, other)).messages] == ["To another"]
    with pytest.raises(NotFound):
        await customer_story(office.database, one + 100)
    assert await Outbox.all().count() == 0


async def test_an_accounts_campaigns_are_those_that_send_as_it(office: Office) -> None:
    await office.campaigns.save(CampaignSettings("spring", sms_account="texts@acme.example"), actor="sue")
    await office.campaigns.save(
        CampaignSettings("autumn", sms_account="texts@acme.example", email_account="help@acme.example"), actor="sue"
    )
    found = await places(office.database)
    texts, help_ = await Account.all().order_by("id")
    assert (found[texts.id].campaigns, found[help_.id].campaigns) == (("autumn", "spring"), ("autumn",))
