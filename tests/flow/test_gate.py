"""The gate: what waits for the morning, what never leaves, and that neither is in anybody's way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core import consent
from core.blueprint import apply, read_blueprint
from core.desk import Answer
from core.errors import Refused
from core.models import Campaign, Customer, DoNotContact, Journal, Outbox, Template
from core.models.fields import to_moment
from core.models.states import Channel, OutboxState, Purpose
from core.outbox.claiming import Claims
from core.roles import COMMAND
from core.views import explain_message
from core.views.customer import customer as view_of_customer
from tests.flow import broadcasting
from tests.flow.arriving import text_arrives
from tests.flow.delivering import delivery_to, put, running, until_states
from tests.flow.dialling import ANN, BEN, attempt, customer, set_up
from tests.servers.smtp_recorder import Recorder

if TYPE_CHECKING:
    from pathlib import Path

    from core.clock import FrozenClock
    from core.office import Office

NIGHT = {"quiet_hours": "20:00-08:00"}


async def claimed(office: Office) -> list[str]:
    """To whom an engine would send now, in order; what it has in hand goes back."""
    claims = Claims(office.database, office.clock, "engine")
    rows, _ = await claims.take(100, 0)
    found = {row.id: row.address for row in await Outbox.all()}
    await claims.give_back()
    return [found[row.id] for row in rows]


async def row_of(address: str) -> Outbox:
    return await Outbox.get(address=address)


def at(clock: FrozenClock, moment: datetime) -> None:
    clock.advance(seconds=(moment - clock.now()).total_seconds())


# -- quiet hours -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "evening", "morning"),
    [
        # The night in which the clock is set forward, then back: eight o'clock is eight o'clock on the wall.
        ("Europe/London", "2026-03-28T23:00Z", "2026-03-29T07:00Z"),
        ("Europe/London", "2026-10-24T22:00Z", "2026-10-25T08:00Z"),
        ("America/New_York", "2026-03-08T04:00Z", "2026-03-08T12:00Z"),
        ("America/New_York", "2026-11-01T03:00Z", "2026-11-01T13:00Z"),
        ("Australia/Sydney", "2026-10-03T13:00Z", "2026-10-03T21:00Z"),
        ("Australia/Sydney", "2026-04-04T12:00Z", "2026-04-04T22:00Z"),
        # And a night like any other.
        ("Europe/London", "2026-01-10T23:00Z", "2026-01-11T08:00Z"),
    ],
)
def test_complaint_14_quiet_hours_end_by_the_clock_on_the_customers_wall(zone: str, evening: str, morning: str) -> None:
    ends = datetime.fromisoformat(morning)
    assert consent.quiet_until(datetime.fromisoformat(evening), "20:00-08:00", zone) == ends
    assert consent.quiet_until(ends - timedelta(seconds=1), "20:00-08:00", zone) == ends
    assert consent.quiet_until(ends, "20:00-08:00", zone) is None


def test_quiet_hours_that_end_in_an_hour_that_is_left_out_end_with_it() -> None:
    """In London 01:00-02:00 is not there on 29 March 2026; on 25 October it comes twice."""
    end = consent.quiet_until(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "22:00-01:30", "Europe/London")
    assert end == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert consent.quiet_until(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), "22:00-01:30", "Europe/London") is not None


def test_hours_that_never_end_are_asked_about_again_after_a_day() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert consent.quiet_until(now, "00:00-24:00", "UTC") == now + timedelta(days=1)
    assert consent.quiet_until(now, "", "UTC") is None


async def test_complaint_14_nobody_is_woken_and_the_row_says_until_when(office: Office, clock: FrozenClock) -> None:
    """At 07:30 in London it is half past eight in Berlin; New York sleeps until 08:00 there."""
    await set_up(**NIGHT)
    await customer("B", "+4915112345678", name="Berta")
    await customer("N", "+12125550123", name="Nell")
    await customer("Z", "+447700900009", name="Zed", zone="Europe/Berlin")
    at(clock, datetime(2026, 3, 2, 7, 30, tzinfo=UTC))
    for reference in ("R1", "B", "N", "Z"):
        await attempt(office, reference)
    assert await claimed(office) == ["+4915112345678", "+447700900009"], "her own zone comes before her number's"
    held = await row_of(ANN)
    assert (held.state, held.claimed_by, held.reply) == (
        OutboxState.QUEUED, "", "held until 08:00 Europe/London (quiet hours)"
    )  # fmt: skip
    assert held.due_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert (await row_of("+12125550123")).due_at == datetime(2026, 3, 2, 13, tzinfo=UTC)
    _, steps = await explain_message(office.database, held.message_id)
    assert [(step.who, step.what) for step in steps[-2:]] == [
        ("now", held.reply), ("now", "due 2026-03-02 08:00:00 UTC")
    ]  # fmt: skip
    assert await Journal.filter(verb="held", thing_id=held.message_id).count() == 1
    at(clock, datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert ANN in await claimed(office)


async def test_complaint_14_an_e_mail_keeps_the_quiet_hours_of_the_customers_number(
    office: Office, clock: FrozenClock
) -> None:
    """At nine in London it is four in New York."""
    mail = await Template.create(name="mailed", channel=Channel.EMAIL, subject="We rang", body="We rang you.")
    await set_up(**NIGHT, email_account_id=2, first_try_email_id=mail.id)
    await customer("N", "+12125550123", name="Nell", email="nell@home.example")
    await customer("L", name="Lou", email="lou@home.example")
    at(clock, datetime(2026, 3, 2, 9, tzinfo=UTC))
    await attempt(office, "N")
    await attempt(office, "L")
    assert await claimed(office) == ["lou@home.example"], "without a number it is the desk's zone"
    held = await row_of("nell@home.example")
    assert held.reply == "held until 08:00 America/New_York (quiet hours)"
    assert held.due_at == datetime(2026, 3, 2, 13, tzinfo=UTC)


async def test_complaint_14_a_broadcast_by_e_mail_keeps_the_quiet_hours_of_the_customers_number(
    office: Office, clock: FrozenClock
) -> None:
    """Confirmed at 16:00 in New York, when it is 21:00 in London: it leaves then, and never in her night."""
    await broadcasting.set_up(office, quiet_hours=NIGHT["quiet_hours"])
    await broadcasting.add(office, {"number": "+12125550123", "email": "nell@home.example"})
    at(clock, datetime(2026, 3, 2, 21, tzinfo=UTC))
    plan = await broadcasting.planned(office, channel=Channel.EMAIL, account="help@acme.example", template="letter")
    await office.broadcasts.confirm(plan, count=1, actor=COMMAND)
    await office.broadcasts.feed()
    assert await claimed(office) == ["nell@home.example"]
    at(clock, datetime(2026, 3, 3, 8, 1, tzinfo=UTC))
    assert await claimed(office) == []


async def test_only_what_a_campaign_writes_keeps_quiet_hours(office: Office, clock: FrozenClock) -> None:
    await set_up(**NIGHT)
    at(clock, datetime(2026, 3, 2, 3, tzinfo=UTC))
    await attempt(office, "R1")
    for purpose in (Purpose.REPLY, Purpose.ROUTING, Purpose.RECEIPT_REPLY):
        await put(office, ANN, purpose=purpose)
    assert len(await claimed(office)) == 3


async def test_complaint_13_what_is_held_or_stopped_delays_nothing_behind_it(
    office: Office, clock: FrozenClock
) -> None:
    """Whole claims of rows that may not leave, and behind them one that may: it leaves, and no engine sleeps."""
    await set_up(**NIGHT)
    at(clock, datetime(2026, 3, 2, 7, tzinfo=UTC))
    for number in range(30):
        await customer(f"S{number}", f"+4477009001{number:02}")
        await attempt(office, f"S{number}")
    await customer("B", "+4915112345678", name="Berta")
    await attempt(office, "B")
    claims = Claims(office.database, office.clock, "engine")
    for turn in range(10):
        rows, wait = await claims.take(10, 0)
        if rows:
            break
        assert wait == 0, f"after turn {turn} there is more to look at, and nothing to wait for"
    assert [row.recipients for row in rows] == [("4915112345678@sms.example",)]
    async with Recorder() as server, running(delivery_to(office, server)):
        await claims.give_back()
        await until_states(office, {"queued": 30, "sent": 1})


async def test_complaint_15_an_engine_wakes_when_quiet_hours_end_and_no_rate_is_spent_on_what_waits(
    office: Office, clock: FrozenClock
) -> None:
    await set_up(**NIGHT)
    at(clock, datetime(2026, 3, 2, 7, 59, tzinfo=UTC))
    await attempt(office, "R1")
    claims = Claims(office.database, office.clock, "engine")
    assert await claims.take(10, 60) == ([], 60.0), "the countdown to eight o'clock"
    clock.advance(seconds=60)
    rows, _ = await claims.take(10, 60)
    assert len(rows) == 1


async def test_hours_that_nobody_can_read_hold_up_their_own_campaign_alone(office: Office) -> None:
    await set_up(quiet_hours="late")
    await attempt(office, "R1")
    await put(office, BEN)
    assert await claimed(office) == [BEN]
    assert "late" in (await row_of(ANN)).reply


# -- do not contact --------------------------------------------------------------------------------------------------


async def forbid(office: Office, address: str, campaign: int | None, channel: Channel = Channel.SMS) -> int:
    async with office.database.transaction():
        return await consent.forbid(
            office.database, [(channel, address)], campaign_id=campaign, source="a file", at=office.clock.now()
        )


async def test_the_desks_list_stops_all_that_no_person_wrote(office: Office) -> None:
    await set_up()
    await attempt(office, "R1")
    await put(office, ANN, purpose=Purpose.ROUTING)
    await put(office, ANN, purpose=Purpose.REPLY)
    assert await forbid(office, ANN, None) == 1 and await forbid(office, ANN, None) == 0
    assert await claimed(office) == [ANN]
    stopped = await Outbox.filter(state=OutboxState.SUPPRESSED)
    assert len(stopped) == 2 and all("the desk's do-not-contact list" in row.reply for row in stopped)
    _, steps = await explain_message(office.database, stopped[0].message_id)
    assert stopped[0].reply in [step.what for step in steps], "and no server is said to have said so"


async def test_a_campaigns_list_stops_that_campaign_alone(office: Office) -> None:
    campaign = await set_up()
    other = await Campaign.create(name="Autumn")
    await attempt(office, "R1")
    await attempt(office, "R2")
    await put(office, ANN, purpose=Purpose.ROUTING)
    await forbid(office, ANN, campaign.id)
    await forbid(office, BEN, other.id)
    assert sorted(await claimed(office)) == [ANN, BEN]
    (row,) = await Outbox.filter(state=OutboxState.SUPPRESSED)
    assert row.purpose == Purpose.EVENT and "the campaign's do-not-contact list" in row.reply


async def test_an_address_that_is_put_on_the_list_while_it_is_in_hand_is_judged_again(office: Office) -> None:
    await put(office, "Cat@Mail.example", account_id=2, purpose=Purpose.ROUTING)
    await Outbox.all().update(claimed_by="engine")
    await forbid(office, "CAT@mail.example", None, Channel.EMAIL)
    await Outbox.all().update(claimed_by="")
    assert await claimed(office) == []
    async with office.database.transaction():
        assert await consent.allow(office.database, Channel.EMAIL, "cat@MAIL.example", campaign_id=None)
        assert not await consent.allow(office.database, Channel.EMAIL, "cat@mail.example", campaign_id=None)
    assert await DoNotContact.all().count() == 0


@pytest.mark.parametrize(
    ("written", "said"), [("cat@mail.example", "Cat@Mail.EXAMPLE"), ("Cat@Mail.EXAMPLE", "cat@mail.example")]
)
async def test_complaint_16_an_opt_out_by_another_spelling_takes_back_what_is_in_hand(
    office: Office, written: str, said: str
) -> None:
    await put(office, written, account_id=2, purpose=Purpose.ROUTING)
    await Outbox.all().update(address=written)
    claims = Claims(office.database, office.clock, "engine")
    assert len((await claims.take(10, 0))[0]) == 1
    async with office.database.transaction():
        await consent.opt_out(
            office.database, channel=Channel.EMAIL, address=said, source="a mail", at=office.clock.now()
        )
    assert (await Outbox.get()).claimed_by == ""
    assert await claimed(office) == []
    assert (await Outbox.get()).state is OutboxState.SUPPRESSED


async def test_complaint_16_stop_stops_the_row_that_waits_for_the_morning(office: Office, clock: FrozenClock) -> None:
    await set_up(**NIGHT)
    at(clock, datetime(2026, 3, 2, 7, tzinfo=UTC))
    await attempt(office, "R1")
    assert await claimed(office) == []
    async with office.database.transaction():
        await consent.opt_out(office.database, channel=Channel.SMS, address=ANN, source="STOP.", at=clock.now())
    clock.advance(hours=1)
    assert await claimed(office) == []
    row = await row_of(ANN)
    assert (row.state, consent.gate.OPTED_OUT in row.reply) == (OutboxState.SUPPRESSED, True)


# -- the cap ---------------------------------------------------------------------------------------------------------


async def had(office: Office, address: str, days_ago: float, purpose: Purpose = Purpose.BROADCAST) -> None:
    """A message that has left."""
    message_id = await put(office, address, purpose=purpose)
    moment = office.clock.now() - timedelta(days=days_ago)
    await Outbox.filter(message_id=message_id).update(state=OutboxState.SENT, sent_at=moment)


async def test_a_customer_who_has_had_enough_gets_no_more(office: Office) -> None:
    await set_up(most_messages=2, per_days=7)
    for address, days in ((ANN, 1), (ANN, 6.9), (BEN, 1), (BEN, 7.1)):
        await had(office, address, days)
    await had(office, BEN, 1, Purpose.REPLY)
    await attempt(office, "R1")
    await attempt(office, "R2")
    assert await claimed(office) == [BEN]
    row = await Outbox.get(address=ANN, state=OutboxState.SUPPRESSED)
    assert "had 2 messages in 7 days" in row.reply


async def test_of_two_in_one_batch_the_first_counts_for_the_second(office: Office) -> None:
    await set_up(most_messages=1)
    await customer("R4", ANN, list_id=2)
    await attempt(office, "R1", terminate=True)
    await attempt(office, "R4")
    assert await claimed(office) == [ANN]
    assert await Outbox.filter(state=OutboxState.SUPPRESSED).count() == 2


async def test_one_that_is_on_its_way_counts(office: Office) -> None:
    await set_up(most_messages=1)
    message_id = await put(office, ANN, purpose=Purpose.BROADCAST)
    await Outbox.filter(message_id=message_id).update(state=OutboxState.SENDING, first_try_at=office.clock.now())
    await attempt(office, "R1")
    assert await claimed(office) == []


# -- many ------------------------------------------------------------------------------------------------------------


async def test_a_batch_is_judged_with_a_few_questions(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await set_up(**NIGHT, most_messages=5)
    for number in range(40):
        await customer(f"S{number}", f"+4477009001{number:02}")
        await attempt(office, f"S{number}")
    rows = await office.database.rows("SELECT id, message_id, account_id, purpose, address FROM outbox")
    asked: list[str] = []
    really = office.database.rows

    async def count(sql: str, *values: object) -> object:
        asked.append(sql)
        return await really(sql, *values)

    monkeypatch.setattr(office.database, "rows", count)
    found = await consent.verdicts(office.database, rows, office.clock.now())
    assert set(found.values()) == {None} and len(found) == 40 and len(asked) <= 8


async def test_a_customers_own_zone_may_be_set_after_the_message_was_written(office: Office) -> None:
    await set_up(**NIGHT)
    await attempt(office, "R1")
    await Customer.filter(reference="R1").update(zone="Asia/Tokyo")
    night_in_tokyo = to_moment(datetime(2026, 3, 2, 14, tzinfo=UTC))
    await Outbox.all().update(due_at=office.clock.now())
    rows = await office.database.rows("SELECT id, message_id, account_id, purpose, address FROM outbox")
    (verdict,) = (await consent.verdicts(office.database, rows, datetime(2026, 3, 2, 14, tzinfo=UTC))).values()
    assert isinstance(verdict, consent.Held) and to_moment(verdict.until) > night_in_tokyo


async def test_two_engines_together_do_not_exceed_the_cap(office: Office) -> None:
    await set_up(most_messages=1)
    await customer("R4", ANN, list_id=2)
    await attempt(office, "R1")
    await attempt(office, "R4")
    engines = [Claims(office.database, office.clock, f"engine{number}") for number in range(4)]
    taken = await asyncio.gather(*(engine.take(1, 0) for engine in engines))
    assert sum(len(rows) for rows, _ in taken) == 1
    assert await Outbox.filter(state=OutboxState.SUPPRESSED).count() == 1


async def test_an_agent_is_asked_before_she_answers_whom_the_desk_is_not_to_contact(office: Office) -> None:
    contact_id = await text_arrives(office, ANN)
    await forbid(office, ANN, None)
    seen = await view_of_customer(office.database, contact_id)
    assert (seen.listed_by, seen.opted_out_at) == ("a file", None), "to be on a list is not to have opted out"
    await office.desk.take(contact_id, login="ann")
    with pytest.raises(Refused, match=r"is on the do-not-contact list .*--override REASON"):
        await office.desk.reply(contact_id, Answer("hello"), login="ann")
    await office.desk.reply(contact_id, Answer("hello", override="she wrote to us"), login="ann")
    assert await claimed(office) == [ANN]
    assert "the do-not-contact list: she wrote to us" in (await Journal.get(verb="overrode")).text


async def test_what_quiet_hours_hold_is_judged_again_when_a_desk_toml_takes_them_away(
    office: Office, clock: FrozenClock, tmp_path: Path
) -> None:
    await set_up(**NIGHT)
    at(clock, datetime(2026, 3, 2, 3, tzinfo=UTC))
    await attempt(office, "R1")
    assert await claimed(office) == []
    file = tmp_path / "desk.toml"
    file.write_text('[[campaign]]\nname = "Spring"\nquiet_hours = ""\n')
    await apply(office.database, office.vault, read_blueprint(file), actor="sue")
    await Outbox.all().update(due_at=clock.now())  # the file is applied by the clock on the wall
    assert (await row_of(ANN)).reply == ""
    assert await claimed(office) == [ANN]
