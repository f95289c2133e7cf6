"""Campaigns, lists and customers: set up, changed by hand, counted and read a page at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.accounts import delete_account
from core.campaigns import Audience, CampaignSettings, CustomerChange, Status
from core.clock import to_moment
from core.errors import NotFound, Refused, Wrong
from core.models import Account, Attempt, Broadcast, Campaign, Customer, CustomerList, Journal, Recipient, Template
from core.roles import COMMAND
from core.views import customers as views
from tests.flow.conftest import NOW

if TYPE_CHECKING:
    from core.office import Office


async def put_customers(office: Office, list_name: str, many: int) -> list[int]:
    """So many customers on a list that is there; their ids."""
    (row,) = await office.database.rows("SELECT id FROM customer_list WHERE name = ?", list_name)
    moment = to_moment(NOW)
    found = await office.database.insert_many(
        "customer",
        ("list_id", "reference", "name", "number", "number_as_written", "email", "zone", "status", "tries", "outcome",
         "own_fields", "created_at", "changed_at"),
        [(row["id"], f"R{n}", f"Name {n}", f"+4477009{n:05d}", "", f"c{n}@home.example", "", "unused", 0, "", "{}",
          moment, moment) for n in range(many)],
        "id",
    )  # fmt: skip
    return sorted(one["id"] for one in found)


async def test_a_campaign_is_set_up_changed_renamed_and_deleted(office: Office) -> None:
    await Template.create(name="hello", channel="sms", body="Hello")
    settings = CampaignSettings(
        "spring", sms_account="texts@acme.example", first_try_sms="hello", quiet_hours="20:00-08:00"
    )
    made = await office.campaigns.save(settings, actor="sue", new=True)
    (row,) = await views.campaigns(office.database)
    assert (row.id, row.sms_account, row.first_try_sms, row.quiet_hours) == (
        made, "texts@acme.example", "hello", "20:00-08:00",
    )  # fmt: skip
    assert await office.campaigns.save(CampaignSettings("summer"), actor="sue", was="spring") == made
    assert [one.name for one in await views.campaigns(office.database)] == ["summer"]
    await office.campaigns.delete("summer", actor="sue")
    assert await Campaign.all().count() == 0
    assert [one.verb for one in await Journal.filter(kind="campaign").order_by("id")] == ["added", "changed", "deleted"]


async def test_what_no_campaign_can_be_is_refused_in_words(office: Office) -> None:
    for wanted, words in (
        (CampaignSettings(""), "no name"),
        (CampaignSettings("a\x1b[31mb"), "no name"),
        (CampaignSettings("a", quiet_hours="20-8"), "no quiet hours"),
        (CampaignSettings("a", quiet_hours="20:00-20:00"), "no quiet hours"),
        (CampaignSettings("a", region="Britain"), "no region"),
        (CampaignSettings("a", most_messages=-1), "no cap"),
        (CampaignSettings("a", per_days=0), "days"),
        (CampaignSettings("a", sms_account="help@acme.example"), "there is no SMS account"),
        (CampaignSettings("a", first_try_email="nobody"), "there is no e-mail template"),
    ):
        with pytest.raises(Wrong, match=words):
            await office.campaigns.save(wanted, actor=COMMAND)
    assert await Campaign.all().count() == 0


async def test_agents_set_up_no_campaigns_lists_or_customers(office: Office) -> None:
    await office.lists.create("leads", actor="sue")
    (one,) = await put_customers(office, "leads", 1)
    for deed in (
        office.campaigns.save(CampaignSettings("a"), actor="ann"),
        office.campaigns.delete("a", actor="ann"),
        office.lists.create("b", actor="ann"),
        office.lists.rename("leads", "b", actor="ann"),
        office.lists.move("leads", "", actor="ann"),
        office.lists.delete("leads", actor="ann", with_customers=True),
        office.customers.change(one, CustomerChange(name="X"), actor="ann"),
        office.customers.set_status(one, "terminated", actor="ann"),
    ):
        with pytest.raises(Refused, match="ann is an agent"):
            await deed
    assert (await Customer.get(id=one)).status == "unused"


async def test_a_campaign_with_lists_or_open_broadcasts_is_not_deleted_and_they_are_named(office: Office) -> None:
    made = await office.campaigns.save(CampaignSettings("spring"), actor="sue", new=True)
    await office.lists.create("leads", actor="sue", campaign="spring")
    with pytest.raises(Refused, match="leads"):
        await office.campaigns.delete("spring", actor="sue")
    await office.lists.move("leads", "", actor="sue")
    running = await Broadcast.create(
        name="Sale", state="running", campaign_id=made, channel="sms", account_id=1, audience="{}", template="t",
        body="b", created_at=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="Sale"):
        await office.campaigns.delete("spring", actor="sue")
    await Broadcast.filter(id=running.id).update(state="done")
    await office.campaigns.delete("spring", actor="sue")
    assert await Broadcast.filter(campaign_id=None).count() == 1


async def test_a_list_goes_with_its_customers_only_when_that_is_said(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.campaigns.lists.PART", 2)
    await office.lists.create("leads", actor="sue")
    await office.lists.create("others", actor="sue")
    ids = await put_customers(office, "leads", 5)
    await put_customers(office, "others", 1)
    with pytest.raises(Refused, match="5 customers and 0 attempts"):
        await office.lists.delete("leads", actor="sue")
    broadcast = await Broadcast.create(
        name="Sale", state="paused", channel="sms", account_id=1, audience="{}", template="t", body="b", created_at=NOW
    )
    await Recipient.create(broadcast_id=broadcast.id, customer_id=ids[0], address="+447700900000")
    with pytest.raises(Refused, match="Sale"):
        await office.lists.delete("leads", actor="sue", with_customers=True)
    await Broadcast.filter(id=broadcast.id).update(state="done")
    assert await office.lists.delete("leads", actor="sue", with_customers=True) == 5
    assert [one.name for one in await CustomerList.all()] == ["others"]
    assert await Customer.all().count() == 1
    assert (await Recipient.get(broadcast_id=broadcast.id)).customer_id is None


async def test_a_name_that_is_not_there_says_which_is_meant(office: Office) -> None:
    await office.lists.create("leads", actor="sue")
    with pytest.raises(NotFound, match="did you mean leads"):
        await office.lists.move("lead", "", actor="sue")
    with pytest.raises(NotFound, match="none yet"):
        await office.lists.create("more", actor="sue", campaign="spring")
    with pytest.raises(Refused, match="already"):
        await office.lists.create("leads", actor="sue")


async def test_a_customer_is_changed_by_hand_and_the_journal_says_what_not_to_what(office: Office) -> None:
    await office.lists.create("leads", actor="sue")
    await CustomerList.all().update(own_fields='["plan"]')
    (one,) = await put_customers(office, "leads", 1)
    change = CustomerChange(
        name="Bo\x1b[2J", number="07700 900123", email="Bo@Home.Example", zone="europe/paris", owner="ann",
        fields={"plan": "gold"},
    )  # fmt: skip
    await office.customers.change(one, change, actor="sue")
    row = await views.customer_record_by_id(office.database, one)
    assert (row.number, row.email, row.zone, row.owner) == ("+447700900123", "bo@home.example", "Europe/Paris", "ann")
    assert row.fields == {"plan": "gold"}
    assert "\x1b" not in row.name
    line = await Journal.filter(kind="customer", thing_id=one).first()
    assert line is not None
    assert line.text == "e-mail address, name, number, own fields, owner, zone"


async def test_what_no_customer_can_have_is_refused(office: Office) -> None:
    await office.lists.create("leads", actor="sue")
    (one,) = await put_customers(office, "leads", 1)
    for change in (
        CustomerChange(number="ring me"),
        CustomerChange(email="nobody"),
        CustomerChange(zone="Mars/Olympus"),
        CustomerChange(owner="zoe"),
        CustomerChange(fields={"plan": "x"}),
    ):
        with pytest.raises(Wrong):
            await office.customers.change(one, change, actor="sue")
    assert await Journal.filter(kind="customer").count() == 0


async def test_a_status_by_hand_a_call_back_has_its_time(office: Office) -> None:
    await office.lists.create("leads", actor="sue")
    (one,) = await put_customers(office, "leads", 1)
    with pytest.raises(Wrong, match="time"):
        await office.customers.set_status(one, "callback", actor="sue")
    with pytest.raises(Wrong, match="time"):
        await office.customers.set_status(one, "unused", actor="sue", callback_at=NOW)
    with pytest.raises(Wrong, match="there is no status"):
        await office.customers.set_status(one, "finished", actor="sue")
    at = NOW + timedelta(days=1)
    await office.customers.set_status(one, "callback", actor="sue", callback_at=at, callback_for="ann")
    row = await views.customer_record_by_id(office.database, one)
    assert (row.status, row.callback_at, row.callback_for) == ("callback", at, "ann")
    await office.customers.set_status(one, "terminated", actor="sue")
    row = await views.customer_record_by_id(office.database, one)
    assert (row.status, row.callback_at, row.callback_for) == ("terminated", None, "")


async def test_of_many_statuses_by_hand_all_are_set_or_none(office: Office) -> None:
    await office.lists.create("leads", actor="sue")
    ids = await put_customers(office, "leads", 3)
    with pytest.raises(NotFound, match="any more"):
        await office.customers.set_statuses(dict.fromkeys([*ids, 999_999], Status("terminated")), actor="sue")
    assert await Customer.filter(status="terminated").count() == await Journal.filter(kind="customer").count() == 0
    await office.customers.set_statuses({ids[0]: Status("terminated"), ids[1]: Status("contacted")}, actor="sue")
    assert [row.status.value for row in await Customer.all().order_by("id")] == ["terminated", "contacted", "unused"]


async def test_customers_are_read_page_by_page_by_campaign_list_status_and_words(office: Office) -> None:
    await office.campaigns.save(CampaignSettings("spring"), actor="sue")
    await office.lists.create("leads", actor="sue", campaign="spring")
    await office.lists.create("others", actor="sue")
    ids = await put_customers(office, "leads", 7)
    await put_customers(office, "others", 3)
    await office.customers.set_status(ids[2], "contacted", actor="sue")
    database = office.database
    spring = Audience(campaign="spring")
    first = await views.customers(database, spring, limit=4)
    rest = await views.customers(database, spring, after=first[-1].id, limit=4)
    assert [one.id for one in first + rest] == ids == list(await views.customer_ids(database, spring))
    assert {one.campaign for one in first} == {"spring"}
    assert list(await views.customer_ids(database, spring, limit=2)) == ids[:2]
    assert len(await views.customer_ids(database, Audience())) == 10
    assert list(await views.customer_ids(database, Audience(list="nothing"))) == []
    assert list(await views.customer_ids(database, Audience(list="leads", statuses=("contacted",)))) == [ids[2]]
    assert list(await views.customer_ids(database, Audience(list="leads", words="name 00003"))) == [ids[3]]
    assert list(await views.customer_ids(database, Audience(words="100%"))) == []
    assert (await views.customers_by_id(database, ids[:1]))[ids[0]].reference == "R0"
    assert await views.count_customers(database, spring) == {
        "unused": 6, "callback": 0, "in progress": 0, "contacted": 1, "terminated": 0,
    }  # fmt: skip
    (campaign,) = await views.campaigns(database)
    assert (campaign.lists, campaign.customers, campaign.statuses["contacted"]) == (("leads",), 7, 1)
    assert [(one.name, one.campaign, one.customers) for one in await views.lists(database)] == [
        ("leads", "spring", 7), ("others", "", 3),
    ]  # fmt: skip


async def test_a_reference_on_two_lists_wants_the_list_said(office: Office) -> None:
    await office.lists.create("leads", actor="sue")
    await office.lists.create("others", actor="sue")
    (one,) = await put_customers(office, "leads", 1)
    await put_customers(office, "others", 1)
    assert await office.customers.find("leads", "R0") == one
    with pytest.raises(Wrong, match="leads, others"):
        await office.customers.find("", "R0")
    with pytest.raises(NotFound, match="R9"):
        await office.customers.find("leads", "R9")


async def test_attempts_go_with_their_list_and_are_counted_first(office: Office) -> None:
    made = await office.campaigns.save(CampaignSettings("spring"), actor="sue")
    await office.lists.create("leads", actor="sue", campaign="spring")
    (one,) = await put_customers(office, "leads", 1)
    await Attempt.create(customer_id=one, campaign_id=made, at=NOW, outcome="busy", contact=False)
    with pytest.raises(Refused, match="1 customers and 1 attempts"):
        await office.lists.delete("leads", actor="sue")
    await office.lists.delete("leads", actor="sue", with_customers=True)
    assert await Attempt.all().count() == 0


async def test_an_account_that_campaigns_or_broadcasts_name_is_not_deleted(office: Office) -> None:
    await office.campaigns.save(CampaignSettings("spring", sms_account="texts@acme.example"), actor="sue")
    sale = await Broadcast.create(
        name="Sale", state="done", channel="sms", account_id=1, audience="{}", template="t", body="b", created_at=NOW
    )
    await Account.filter(id=1).update(enabled=False)
    for words in ("campaigns spring send as", r"broadcasts were sent as .* \(Sale\)"):
        with pytest.raises(Refused, match=words):
            await delete_account(office.database, "texts@acme.example", NOW, actor="sue")
        await office.campaigns.save(CampaignSettings("spring"), actor="sue")
    await Broadcast.filter(id=sale.id).delete()
    await delete_account(office.database, "texts@acme.example", NOW, actor="sue")
    assert await Account.filter(id=1).count() == 0
