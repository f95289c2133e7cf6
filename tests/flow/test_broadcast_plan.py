"""The plan of a broadcast: who gets it, who is left out and why, what it costs; and what is frozen of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import consent
from core.broadcasts import Channel, CustomerStatus, LeftOut, Timing, reading
from core.broadcasts.saying import Sayer
from core.campaign_fields import customer_fields, write
from core.clock import to_moment
from core.errors import NotFound, Refused, Wrong
from core.models import Customer, Gateway, Journal, Person, Template, Variable
from core.models.states import Role
from core.roles import COMMAND
from core.templates import TemplateText, TemplateWrong
from tests.flow.broadcasting import BODY, add, numbered, planned, sent_to, set_up, state_of, states_of

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def test_all_unused_and_call_back_customers_of_a_campaign_get_it(office: Office) -> None:
    await set_up(office)
    ids = []
    for n, status in enumerate(CustomerStatus):
        ids += await add(office, *numbered(2, first=10 * n, status=status.value), list_id=1 + n % 2)
    await add(office, *numbered(1, first=90), list_id=3)
    plan = await planned(office)
    assert plan.recipients == plan.customers == 4
    wanted = await Customer.filter(status__in=("unused", "callback"), list_id__in=(1, 2)).order_by("id")
    assert list(plan.ids) == [one.id for one in wanted]


async def test_all_unused_and_call_back_customers_of_a_list_get_it(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(3), list_id=1)
    await add(office, *numbered(2, first=10, status="callback"), list_id=2)
    await add(office, *numbered(1, first=20, status="terminated"), list_id=2)
    assert (await planned(office, campaign="", list_name="B")).recipients == 2


@pytest.mark.parametrize("how_many", [0, 1, 3, 5, 6, 7])
async def test_everybody_is_on_one_page_wherever_it_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch, how_many: int
) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    await set_up(office)
    ids: list[int] = []
    for number in range(how_many):
        ids += await add(office, *numbered(1, first=number))
        await add(office, *numbered(1, first=100 + number, status="contacted"), list_id=2)
        await add(office, *numbered(1, first=200 + number), list_id=3)
    assert list((await planned(office)).ids) == ids


async def test_everybody_has_exactly_one_verdict(office: Office) -> None:
    await set_up(office, most_messages=1)
    await add(
        office,
        {"number": "+447700900001", "name": "Gets It"},
        {"reference": "none"},
        {"reference": "odd", "number_as_written": "call me"},
        {"number": "+447700900002", "reference": "out"},
        {"number": "+447700900003", "reference": "never"},
        {"number": "+447700900001", "reference": "twin"},
        {"number": "+447700900004", "reference": "empty", "own_fields": "{}"},
        {"number": "+447700900005", "reference": "much"},
        {"number": "+447700900006", "reference": "this one may", "own_fields": json.dumps({"parcel": "x" * 200})},
    )
    now = office.clock.now()
    async with office.database.transaction():
        await consent.opt_out(office.database, channel=Channel.SMS, address="+447700900002", source="STOP", at=now)
        await consent.forbid(office.database, [(Channel.SMS, "+447700900003")], campaign_id=1, source="a file", at=now)
    other = await sent_to_one(office, "+447700900005")
    plan = await planned(office)
    assert dict(plan.left_out) == {
        LeftOut.NO_ADDRESS: 1, LeftOut.NOT_VALID: 1, LeftOut.OPTED_OUT: 1, LeftOut.DO_NOT_CONTACT: 1,
        LeftOut.TWICE: 1, LeftOut.TEMPLATE: 1, LeftOut.CAPPED: 1,
    }  # fmt: skip
    assert plan.customers == 9 == plan.recipients + sum(plan.left_out.values())
    assert plan.by_parts == {1: 1, 2: 1} and plan.parts == 3
    (error,) = plan.examples[LeftOut.TEMPLATE]
    assert error.reference == "empty" and "parcel" in error.detail
    assert plan.examples[LeftOut.NOT_VALID][0].address == "call me"
    shown = [(reason, one.reference) async for reason, one in office.broadcasts.left_out(plan)]
    assert len(shown) == 7 and (LeftOut.OPTED_OUT, "out") in shown
    assert [one.reference async for _, one in office.broadcasts.left_out(plan, LeftOut.CAPPED)] == ["much"]
    assert plan.excluded()["same number twice"] == 1
    assert other


async def sent_to_one(office: Office, number: str) -> int:
    from core.models.states import Purpose
    from tests.flow.delivering import put

    return await put(office, number, purpose=Purpose.BROADCAST)


async def test_a_twin_gets_it_where_the_first_one_cannot(office: Office) -> None:
    await set_up(office)
    await add(office, {"number": "+447700900001", "own_fields": "{}"}, {"number": "+447700900001", "reference": "twin"})
    plan = await planned(office)
    assert plan.recipients == 1 and dict(plan.left_out) == {LeftOut.TEMPLATE: 1}


async def test_a_twin_is_told_with_whom_by_the_reference(office: Office) -> None:
    await set_up(office)
    await add(office, {"number": "+447700900001", "reference": "FIRST"}, {"number": "+447700900001", "reference": "T"})
    plan = await planned(office)
    (shown,) = plan.examples[LeftOut.TWICE]
    assert (shown.reference, shown.detail) == ("T", "FIRST gets it there")
    assert [(why, one) async for why, one in office.broadcasts.left_out(plan)] == [(LeftOut.TWICE, shown)]


async def test_where_nobody_could_get_it_the_plan_says_why(office: Office) -> None:
    await set_up(office, body="Hello {{ customer.frist_name }}")
    await add(office, *numbered(3))
    plan = await planned(office)
    assert plan.wrong is not None and plan.wrong[1] == 3 and "there is no field customer.frist_name" in plan.wrong[0]
    with pytest.raises(Refused, match=r"no field customer\.frist_name, did you mean customer\.first_name"):
        await office.broadcasts.confirm(plan, count=0, actor="sue")


async def test_the_plan_says_parts_price_and_the_dearest_message(office: Office) -> None:
    await Gateway.filter(name="line").update(
        overrides={"recipient": "{number}@sms.example", "price_per_part": "0.032", "currency": "GBP"}
    )
    await set_up(office)
    await add(office, *numbered(3), {"number": "+447700900999", "name": "Łukasz", "reference": "dear"})
    plan = await planned(office)
    assert plan.by_parts == {1: 4} and plan.cost == "£0.128"
    assert plan.price is not None and plan.price.amount == Decimal("0.032")
    assert plan.ucs2 == 1 and dict(plan.forcing) == {"Ł": 1}
    assert plan.worst is not None
    plan = await planned(office, words="dear")
    assert plan.worst is not None and (plan.worst.encoding, plan.worst.forcing) == ("UCS-2", (("Ł", "L"),))


async def test_complaint_17_one_curly_quote_is_named_with_its_plain_twin_and_what_it_costs(office: Office) -> None:
    """It doubles the price of a text that would have been one part: the plan says so before anything leaves."""
    await Gateway.filter(name="line").update(
        overrides={"recipient": "{number}@sms.example", "price_per_part": "0.032", "currency": "GBP"}
    )
    await set_up(office, body="Dear {{ customer.name }}, " + "your parcel comes on Friday. " * 3)
    await add(office, {"number": "+447700900001"}, {"number": "+447700900002", "name": "Siobhan O\u2019Neill"})
    plan = await planned(office)
    assert plan.by_parts == {1: 1, 2: 1} and plan.cost == "£0.096"
    assert (plan.ucs2, dict(plan.forcing)) == (1, {"\u2019": 1})
    assert plan.worst is not None and plan.worst.forcing == (("\u2019", "'"),)
    assert (plan.worst.encoding, plan.worst.parts) == ("UCS-2", 2)
    assert [(await office.broadcasts.preview(plan, n)).parts for n in (1, 2)] == [1, 2]
    await office.broadcasts.confirm(plan, count=2, actor=COMMAND)
    await office.broadcasts.feed()
    rows = await office.database.rows("SELECT text FROM message ORDER BY id")
    assert "O\u2019Neill" in rows[1]["text"], (
        "it leaves as it is written: a person decides whether the plain one would do"
    )


async def test_a_text_with_more_parts_than_the_gateway_takes_is_left_out(office: Office) -> None:
    await Gateway.filter(name="line").update(overrides={"recipient": "{number}@sms.example", "parts_allowed": 1})
    await set_up(office)
    await add(office, {"number": "+447700900001", "own_fields": json.dumps({"parcel": "x" * 200})})
    plan = await planned(office)
    assert plan.recipients == 0 and "2 parts" in plan.examples[LeftOut.TEMPLATE][0].detail


async def test_the_plan_says_how_long_it_takes(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(60))
    plan = await planned(office)
    assert plan.takes() is None and plan.takes(30) == timedelta(minutes=2)


async def test_the_plan_says_who_waits_for_the_end_of_quiet_hours(office: Office, clock: FrozenClock) -> None:
    clock.advance(hours=-6)  # 04:00 in London, 23:00 in New York, 13:00 in Tokyo
    await set_up(office, quiet_hours="20:00-08:00")
    await add(office, *numbered(2), {"number": "+12125551234", "reference": "ny"},
              {"number": "+819012345678", "reference": "tokyo"},
              {"number": "+447700900900", "zone": "Asia/Tokyo", "reference": "abroad"})  # fmt: skip
    plan = await planned(office)
    assert plan.waiting == 3
    assert plan.waits_until == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


async def test_email_goes_by_the_same_plan(office: Office) -> None:
    await set_up(office)
    await add(office, {"email": "ann@x.example", "number": "+447700900001"}, {"email": "not one", "reference": "odd"},
              {"number": "+447700900002"})  # fmt: skip
    plan = await planned(office, channel=Channel.EMAIL, account="help@acme.example", template="letter")
    assert plan.recipients == 1 and plan.by_parts == {} and plan.cost == ""
    assert plan.excluded() == {"address not valid": 1, "no address": 1}
    shown = await office.broadcasts.preview(plan, 1)
    assert (shown.subject, shown.address) == ("For Ann Lee", "ann@x.example")


async def test_each_recipient_can_be_previewed(office: Office) -> None:
    await set_up(office)
    await add(office, *({**one, "name": f"Name{n} Lee"} for n, one in enumerate(numbered(3))))
    plan = await planned(office)
    assert (await office.broadcasts.preview(plan, 3)).text == "Hello Name2, your parcel 4711 comes on Friday."
    with pytest.raises(NotFound, match="recipient 4"):
        await office.broadcasts.preview(plan, 4)


async def test_a_plan_shows_how_far_it_is_and_writes_nothing(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(5))
    told: list[tuple[int, int]] = []
    await office.broadcasts.plan((await planned(office)).request, lambda done, of: told.append((done, of)))
    assert told == [(5, 5)]
    assert not await office.database.rows("SELECT id FROM broadcast")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"campaign": "autumn"}, "no campaign autumn"),
        ({"campaign": ""}, "name one of them"),
        ({"list_name": "A"}, "name one of them"),
        ({"template": "x"}, "no template x"),
        ({"template": "letter"}, "is for email"),
        ({"account": "help@acme.example"}, "an account for email"),
        ({"statuses": ()}, "statuses"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_in_a_sentence(
    office: Office, asked: dict[str, object], words: str
) -> None:
    await set_up(office)
    with pytest.raises(Wrong, match=words):
        await planned(office, **asked)


async def test_confirming_writes_one_row_for_each_recipient_and_what_is_said(office: Office) -> None:
    broadcast = await sent_to(office, 30, rate_per_minute=60, brake_percent=10)
    (row,) = await office.database.rows("SELECT * FROM broadcast")
    assert (row["state"], row["planned"], row["body"], len(row["digest"])) == ("running", 30, BODY, 64)
    assert await states_of(office, broadcast) == {"waiting": 30}
    (line,) = await Journal.filter(kind="broadcast", thing_id=broadcast)
    assert line.verb == "confirmed" and "30 recipients" in line.text


async def test_the_count_must_be_the_plans(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(3))
    plan = await planned(office)
    with pytest.raises(Refused, match="4 is not the number of the plan"):
        await office.broadcasts.confirm(plan, count=4, actor=COMMAND)


async def test_an_agent_sends_no_broadcast(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(3))
    plan = await planned(office)
    with pytest.raises(Refused, match="ann is an agent"):
        await office.broadcasts.confirm(plan, count=3, actor="ann")


@pytest.mark.parametrize("change", ["one more", "opted out", "template"])
async def test_a_plan_that_the_world_has_overtaken_is_not_sent(office: Office, change: str) -> None:
    await set_up(office)
    await add(office, *numbered(3))
    plan = await planned(office)
    if change == "one more":
        await add(office, *numbered(1, first=50))
    elif change == "template":
        await Template.filter(name="parcel").update(body="Something else")
    else:
        await office.optouts.add("+447700900001", by="sue", reason="rang")
    with pytest.raises(Refused, match="changed since the plan"):
        await office.broadcasts.confirm(plan, count=3, actor=COMMAND)
    assert not await office.database.rows("SELECT id FROM broadcast UNION ALL SELECT id FROM recipient")


async def test_what_a_confirmation_that_died_left_behind_is_taken_away(office: Office, clock: FrozenClock) -> None:
    broadcast = await sent_to(office, 3)
    await office.database.rows("UPDATE broadcast SET digest = '', state = 'planned' WHERE id = ?", broadcast)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast) == {"waiting": 3}
    clock.advance(hours=2)
    await office.broadcasts.feed()
    assert not await office.database.rows("SELECT id FROM broadcast UNION ALL SELECT id FROM recipient")


async def test_a_second_person_approves_where_the_desk_asks_for_one(office: Office) -> None:
    await Variable.create(name="broadcast_approval_over", value="2")
    await set_up(office)
    await add(office, *numbered(3))
    plan = await planned(office)
    broadcast = await office.broadcasts.confirm(plan, count=3, actor="sue")
    await office.broadcasts.feed()
    assert await state_of(office, broadcast) == "planned" and await states_of(office, broadcast) == {"waiting": 3}
    with pytest.raises(Refused, match="a second person"):
        await office.broadcasts.approve(broadcast, actor="sue")
    with pytest.raises(Refused, match="--as LOGIN"):
        await office.broadcasts.approve(broadcast, actor=COMMAND)
    assert await state_of(office, broadcast) == "planned"
    await Person.create(login="eve", role=Role.SUPERVISOR)
    await office.broadcasts.approve(broadcast, actor="eve")
    assert await state_of(office, broadcast) == "running"


async def test_who_confirms_is_known_where_two_people_decide(office: Office) -> None:
    """Else one person could confirm it by the command and approve it by name."""
    await Variable.create(name="broadcast_approval_over", value="2")
    await set_up(office)
    await add(office, *numbered(3))
    with pytest.raises(Refused, match="more than 2 recipients: say who confirms it, with --as LOGIN"):
        await office.broadcasts.confirm(await planned(office), count=3, actor=COMMAND)
    await Variable.all().update(value="3")
    await office.broadcasts.confirm(await planned(office), count=3, actor=COMMAND)


async def test_what_waits_for_a_second_person_keeps_its_campaign_and_its_lists(office: Office) -> None:
    await Variable.create(name="broadcast_approval_over", value="1")
    await set_up(office)
    await add(office, *numbered(3))
    await office.broadcasts.confirm(await planned(office), count=3, actor="sue")
    with pytest.raises(Refused, match="get broadcasts now"):
        await office.lists.delete("A", actor="sue", with_customers=True)
    for name in ("A", "B"):
        await office.lists.move(name, "", actor="sue")
    with pytest.raises(Refused, match="has broadcasts under way"):
        await office.campaigns.delete("spring", actor="sue")


async def test_a_test_goes_to_oneself_and_counts_for_nobody(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(2))
    plan = await planned(office)
    message = await office.broadcasts.test(plan, 2, "07700 900777", actor="sue")
    (row,) = await office.database.rows("SELECT address, purpose FROM outbox WHERE message_id = ?", message)
    assert (row["address"], row["purpose"]) == ("+447700900777", "test message")
    with pytest.raises(Wrong):
        await office.broadcasts.test(plan, 2, "nobody", actor="sue")


async def test_timing_that_cannot_be_is_refused(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(1))
    with pytest.raises(Wrong, match="brake"):
        await office.broadcasts.confirm(await planned(office), count=1, actor=COMMAND, timing=Timing(brake_percent=101))


async def test_a_start_that_is_over_is_refused(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(1))
    over = Timing(starts_at=office.clock.now() - timedelta(hours=1))
    with pytest.raises(Wrong, match="is over"):
        await office.broadcasts.confirm(await planned(office), count=1, actor=COMMAND, timing=over)


ROW = {"id": 1, "number_as_written": "", "reference": "R1", "number": "+447700900123", "email": "a@x.example",
       "zone": "", "status": "unused", "callback_at": to_moment(datetime(2026, 3, 2, 9, tzinfo=UTC)), "tries": 2,
       "outcome": ""}  # fmt: skip
DESK = {"name": "Acme", "region": "GB", "timezone": "Europe/London"}
PIECES = (
    "{{ customer.name }}", "{{ customer.first_name }}", "{{ customer.number }}", "{{ customer.order_no }}", "plain",
    '{{ customer["Order no"] }}', "{{ customer.callback|time }}", "{{ campaign.name }}", "{{ desk.name }}",
    "{% if customer.outcome is defined %}x{% endif %}", "{{ customer.outcome|default('-') }}", "{{ customer.gone }}",
    "{{ customer.tries }}", "{{ agent.name }}", "{{ customer.parcel }}",
)  # fmt: skip


@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=4),
    name=st.text(max_size=20),
    own=st.dictionaries(st.sampled_from(["Order no", "parcel", "order_no"]), st.text(max_size=5)),
    instead=st.sampled_from([None, "you"]),
)
def test_a_broadcast_says_what_any_letter_of_that_template_says(
    pieces: list[str], name: str, own: dict[str, str], instead: str | None
) -> None:
    template = TemplateText("t", " ".join(pieces), when_missing=instead)
    row = {**ROW, "name": name, "own_fields": json.dumps(own), "list_fields": '["Order no", "parcel"]'}
    try:
        wanted = write(template, customer_fields(row, "spring", DESK)).text.replace("\0", "")
    except TemplateWrong as error:
        with pytest.raises(TemplateWrong) as found:
            Sayer(template, desk=DESK, campaign="spring").say(row)
        assert str(found.value) == str(error)
    else:
        assert Sayer(template, desk=DESK, campaign="spring").say(row).text == wanted
