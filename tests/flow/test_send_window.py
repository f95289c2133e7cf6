"""The send window of a broadcast: what it says before, and that nothing leaves outside it."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from core import consent
from core.broadcasts import Channel, Timing, forecast
from core.consent import gate
from core.errors import Wrong
from core.models import Broadcast, Customer, Journal, Outbox, OutgoingServer, Template
from core.outbox.claiming import Claims
from core.roles import COMMAND
from core.views.broadcasts import broadcast, ledger, live
from tests.flow import dialling
from tests.flow.broadcasting import add, leaves, numbered, planned, set_up, state_of, states_of
from tests.flow.test_gate import at, claimed

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

DAY = "09:00-17:00"
LONDON, YORK, SYDNEY = "+447700900001", "+12125550123", "+61291234567"
NAMES = {LONDON: "Europe/London", YORK: "America/New_York", SYDNEY: "Australia/Sydney"}


async def three(office: Office, **campaign: Any) -> None:
    """One customer in London, one in New York, one in Sydney."""
    await set_up(office, **campaign)
    await add(office, *({"number": number} for number in NAMES))


async def begun(office: Office, **timing: Any) -> int:
    """A broadcast to the campaign, confirmed; its number."""
    plan = await planned(office)
    return await office.broadcasts.confirm(plan, count=plan.recipients, actor=COMMAND, timing=Timing(**timing))


async def reasons(office: Office, broadcast_id: int) -> dict[str, tuple[str, datetime | None]]:
    """Why each waits, and until when."""
    return {row.address: (row.reason, row.due_at) for row in await ledger(office.database, broadcast_id)}


# -- fed -------------------------------------------------------------------------------------------------------------


async def test_it_leaves_in_its_hours_by_each_customers_clock_and_the_ledger_says_until_when_the_others_wait(
    office: Office, clock: FrozenClock
) -> None:
    """At ten in London it is five in New York and nine in the evening in Sydney."""
    await three(office)
    broadcast_id = await begun(office, send_hours=DAY)
    await office.broadcasts.feed()
    assert await claimed(office) == [LONDON]
    said = await reasons(office, broadcast_id)
    assert said[YORK] == (
        "held until 09:00 America/New_York (send window)", datetime(2026, 3, 2, 14, tzinfo=UTC)
    )  # fmt: skip
    assert said[SYDNEY] == (
        "held until 09:00 Australia/Sydney (send window)", datetime(2026, 3, 2, 22, tzinfo=UTC)
    )  # fmt: skip
    shown = await live(office.database, broadcast_id, clock.now())
    assert (shown.held, shown.row.send_hours) == (2, DAY)
    assert shown.held_until == datetime(2026, 3, 2, 14, tzinfo=UTC)
    await leaves(office)
    for moment, number in ((14, YORK), (22, SYDNEY)):
        at(clock, datetime(2026, 3, 2, moment, tzinfo=UTC) - timedelta(seconds=1))
        await office.broadcasts.feed()
        assert await claimed(office) == []
        clock.advance(seconds=1)
        await office.broadcasts.feed()
        assert await claimed(office) == [number]
        await leaves(office)
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "done"


async def test_a_list_of_no_campaign_gets_hours_too(office: Office, clock: FrozenClock) -> None:
    await set_up(office)
    await add(office, {"number": LONDON}, {"number": YORK}, list_id=3)
    plan = await planned(office, campaign="", list_name="loose")
    await office.broadcasts.confirm(plan, count=2, actor=COMMAND, timing=Timing(send_hours="mon-fri 09:00-17:00"))
    await office.broadcasts.feed()
    assert await claimed(office) == [LONDON]
    at(clock, datetime(2026, 3, 2, 17, tzinfo=UTC))
    assert await claimed(office) == [], "what is in the outbox when the window ends waits there"
    row = await Outbox.get()
    assert (row.reply, row.due_at) == (
        "held until 09:00 Europe/London (send window)", datetime(2026, 3, 3, 9, tzinfo=UTC)
    )  # fmt: skip
    at(clock, datetime(2026, 3, 3, 9, tzinfo=UTC))
    assert await claimed(office) == [LONDON]


async def test_what_is_in_the_outbox_over_the_week_end_waits_for_monday(office: Office, clock: FrozenClock) -> None:
    await three(office, quiet_hours="20:00-08:00")
    broadcast_id = await begun(office, send_hours="mon-fri 09:00-17:00, sat 10:00-12:00")
    await office.broadcasts.feed()
    at(clock, datetime(2026, 3, 7, 11, 59, tzinfo=UTC))
    assert await claimed(office) == [LONDON]
    at(clock, datetime(2026, 3, 7, 12, tzinfo=UTC))
    assert await claimed(office) == []
    assert (await Outbox.get()).reply == "held until Mon 09:00 Europe/London (send window)"
    assert await Journal.filter(verb="held", text__contains="send window").count() == 1
    await office.broadcasts.pause(broadcast_id, actor="sue")
    said, due = (await reasons(office, broadcast_id))[LONDON]
    assert (said, due) == ("held until Mon 09:00 Europe/London (send window)", datetime(2026, 3, 9, 9, tzinfo=UTC))
    await office.broadcasts.resume(broadcast_id, actor="sue")
    at(clock, datetime(2026, 3, 9, 9, tzinfo=UTC))
    await office.broadcasts.feed()
    assert LONDON in await claimed(office)


NIGHTS = [
    (LONDON, "2026-03-28T23:00Z", "2026-03-29T08:00Z"),
    (LONDON, "2026-10-24T22:00Z", "2026-10-25T09:00Z"),
    (YORK, "2026-03-08T04:00Z", "2026-03-08T13:00Z"),
    (YORK, "2026-11-01T03:00Z", "2026-11-01T14:00Z"),
    (SYDNEY, "2026-10-03T13:00Z", "2026-10-03T22:00Z"),
    (SYDNEY, "2026-04-04T12:00Z", "2026-04-04T23:00Z"),
]


@pytest.mark.parametrize(("number", "evening", "morning"), NIGHTS)
async def test_complaint_14_in_the_nights_in_which_the_clock_is_set_feeding_and_gate_open_at_nine(
    office: Office, clock: FrozenClock, number: str, evening: str, morning: str
) -> None:
    """One customer is fed in the night; the other's message was in the outbox when the window ended."""
    await set_up(office)
    (first,) = await add(office, {"number": number, "reference": "fed before"})
    ends = datetime.fromisoformat(evening) - timedelta(hours=8)
    at(clock, ends)
    before = await begun(office, send_hours="00:00-24:00")
    await office.broadcasts.feed()
    await Broadcast.filter(id=before).update(send_hours=DAY)  # as if it had been fed within its own hours
    await Customer.filter(id=first).update(status="contacted")
    await add(office, {"number": number, "reference": "not fed"})
    at(clock, datetime.fromisoformat(evening))
    after = await begun(office, send_hours=DAY)
    opens = datetime.fromisoformat(morning)
    for moment in (datetime.fromisoformat(evening), opens - timedelta(seconds=1)):
        at(clock, moment)
        await office.broadcasts.feed()
        assert await claimed(office) == []
    words = f"held until 09:00 {NAMES[number]} (send window)"
    assert (await reasons(office, before))[number] == (words, opens)
    assert (await reasons(office, after))[number] == (words, opens)
    at(clock, opens)
    await office.broadcasts.feed()
    assert await claimed(office) == [number, number]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_the_hours_nothing_leaves_outside_them_and_all_leave_at_their_first_half_hour(
    office: Office, clock: FrozenClock, seed: int
) -> None:
    """Three days in half hours, around a night in which New York sets its clock."""
    chance = random.Random(seed)
    zones = ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"]
    night, start, end, hours = "", 0, 0, ""
    while not hours:
        night = chance.choice(["", "22:00-07:00", "13:30-15:00"])
        start, length = chance.randrange(0, 48) * 30, chance.randrange(2, 20) * 30
        end = start + length if start + length <= 1440 else start + length - 1440
        with suppress(Wrong):
            hours = consent.right_send_hours(f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}", night)
    await set_up(office, quiet_hours=night)
    await add(office, *({"number": f"+44770090{n:04}", "zone": chance.choice(zones)} for n in range(40)))
    where = {one.number: one.zone for one in await Customer.all()}

    def may_go(moment: datetime, zone: str) -> bool:
        wall = moment.astimezone(ZoneInfo(zone))
        minute = wall.hour * 60 + wall.minute
        inside = start <= minute < end if start < end else minute >= start or minute < end
        awake = {"": True, "22:00-07:00": 420 <= minute < 1320, "13:30-15:00": not 810 <= minute < 900}[night]
        return inside and awake

    at(clock, datetime(2026, 3, 7, chance.randrange(24), chance.choice((0, 30)), tzinfo=UTC))
    broadcast_id = await begun(office, send_hours=hours)
    waiting = dict(where)
    for _ in range(3 * 48):
        await office.broadcasts.feed()
        left = set(await claimed(office))
        assert left == {number for number, zone in waiting.items() if may_go(clock.now(), zone)}
        if left:
            await leaves(office, addresses=sorted(left))
        waiting = {number: zone for number, zone in waiting.items() if number not in left}
        if not waiting:
            break
        clock.advance(minutes=30)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"sent": 40}


# -- what it costs ---------------------------------------------------------------------------------------------------


async def test_a_slow_rate_is_not_spent_on_those_who_are_held(office: Office) -> None:
    """Hundreds in New York stand before the first in London, at sixty a minute."""
    await set_up(office)
    await add(office, *({"number": f"+1212555{n:04}"} for n in range(300)), {"number": LONDON})
    await OutgoingServer.all().update(rate_per_minute=0)
    broadcast_id = await begun(office, send_hours=DAY, rate_per_minute=60)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"waiting": 300, "queued": 1}
    assert await claimed(office) == [LONDON]


async def test_no_more_letters_are_written_than_the_rate_lets_go(
    office: Office, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_up(office)
    await add(office, *numbered(50))
    broadcast_id = await begun(office, send_hours=DAY, rate_per_minute=60)
    written: list[int] = []
    letters = office.outbox.letters

    async def counted(drafts: Any) -> Any:
        written.append(len(drafts))
        return await letters(drafts)

    monkeypatch.setattr(office.outbox, "letters", counted)
    for _ in range(3):
        await office.broadcasts.feed()
        clock.advance(seconds=10)
    assert (await states_of(office, broadcast_id))["queued"] == sum(written) == 1 + 2 + 2


async def test_hours_are_reckoned_once_for_each_zone_and_never_where_there_are_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[str] = []
    really = consent.held

    def counted(now: datetime, quiet: str, hours: str, zone: str) -> consent.Held | None:
        reckoned.append(zone)
        return really(now, quiet, hours, zone)

    await set_up(office)
    await add(office, *numbered(60), *({"number": f"+1212555{n:04}"} for n in range(60)))
    await begun(office)
    await begun(office, send_hours="00:00-24:00")
    monkeypatch.setattr(consent, "held", counted)
    monkeypatch.setattr(gate, "held", counted)
    await office.broadcasts.feed()
    assert sorted(reckoned) == ["America/New_York", "Europe/London"], "of the one with hours alone, once each"
    reckoned.clear()
    assert len((await Claims(office.database, office.clock, "engine").take(500, 0))[0]) == 240
    assert sorted(reckoned) == ["America/New_York", "Europe/London"]


async def test_the_gate_asks_no_more_where_nobody_has_hours(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await three(office)
    await begun(office)
    await office.broadcasts.feed()
    rows = await office.database.rows("SELECT id, message_id, account_id, purpose, address FROM outbox")
    asked: list[str] = []
    really = office.database.rows

    async def listening(sql: str, *values: object) -> list[dict[str, Any]]:
        asked.append(sql)
        return await really(sql, *values)

    monkeypatch.setattr(office.database, "rows", listening)
    assert set((await consent.verdicts(office.database, rows, office.clock.now())).values()) == {None}
    assert not [sql for sql in asked if "FROM desk" in sql]


# -- planned, frozen -------------------------------------------------------------------------------------------------


async def test_it_is_frozen_with_the_broadcast_and_in_its_digest(office: Office) -> None:
    await three(office)
    plan = await planned(office)
    timing = Timing(send_hours="mon-fri 9:00 - 17:00")
    ids = [await office.broadcasts.confirm(plan, count=3, actor=COMMAND, timing=one) for one in (timing, Timing())]
    first, second = [await Broadcast.get(id=one) for one in ids]
    assert (first.send_hours, second.send_hours) == ("mon-fri 09:00-17:00", "")
    assert first.digest == Timing(send_hours="mon-fri 09:00-17:00").digest_of(plan) != plan.digest == second.digest
    assert len(first.digest) == 64
    line = await Journal.get(verb="confirmed", thing_id=first.id)
    assert line.text.endswith(f"digest {first.digest[:12]}, leaves mon-fri 09:00-17:00 by the customer's clock")
    assert (await broadcast(office.database, first.id)).send_hours == "mon-fri 09:00-17:00"


@pytest.mark.parametrize(("hours", "words"), [
    ("21:00-23:00", "lies wholly within the campaign's quiet hours 20:00-08:00"), ("whenever", "cannot be read"),
])  # fmt: skip
async def test_a_window_that_leaves_nobody_an_hour_is_refused_before_anything_is_written(
    office: Office, hours: str, words: str
) -> None:
    await three(office, quiet_hours="20:00-08:00")
    with pytest.raises(Wrong, match=words):
        await begun(office, send_hours=hours)
    assert not await Broadcast.exists()


async def test_the_forecast_says_who_waits_and_when_the_last_has_left(office: Office, clock: FrozenClock) -> None:
    await set_up(office)
    await add(office, *numbered(120), *({"number": f"+1212555{n:04}"} for n in range(60)))
    plan = await planned(office)
    now = clock.now()
    assert dict(plan.zones) == {"Europe/London": 120, "America/New_York": 60}

    def said(**timing: Any) -> tuple[int, int, datetime | None, datetime | None]:
        one = forecast(plan, Timing(**timing), now)
        return one.waiting, one.outside, one.waits_until, one.ends_at

    nine_in_new_york = datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert said() == (0, 0, None, None), "as fast as it goes"
    assert said(rate_per_minute=6) == (0, 0, None, now + timedelta(minutes=30))
    assert said(send_hours=DAY) == (60, 60, nine_in_new_york, None)
    assert said(send_hours=DAY, rate_per_minute=6) == (
        60,
        60,
        nine_in_new_york,
        nine_in_new_york + timedelta(minutes=10),
    )
    tonight = datetime(2026, 3, 2, 22, tzinfo=UTC)
    assert said(send_hours=DAY, starts_at=tonight)[:3] == (180, 120 + 60, datetime(2026, 3, 3, 14, tzinfo=UTC))
    # At one a minute London's 120 take the two hours before New York's begin, whose 60 take the hour after that.
    slow = said(send_hours=DAY, rate_per_minute=1)
    assert slow[3] == nine_in_new_york + timedelta(hours=1), "London's two hours are over when New York's begin"


async def test_what_does_not_fit_into_a_day_goes_on_the_next_working_day(office: Office, clock: FrozenClock) -> None:
    await set_up(office, quiet_hours="20:00-10:00")
    await add(office, *numbered(100))
    at(clock, datetime(2026, 3, 6, 16, tzinfo=UTC))
    plan = await planned(office)
    one = forecast(plan, Timing(rate_per_minute=1, send_hours="mon-fri 09:00-17:00"), clock.now())
    assert (one.waiting, one.ends_at) == (0, datetime(2026, 3, 9, 10, 40, tzinfo=UTC)), (
        "sixty on Friday, forty on Monday"
    )
    none = forecast(plan, Timing(rate_per_minute=1, send_hours="sun 12:00-12:01"), clock.now())
    assert (none.waiting, none.outside, none.ends_at) == (100, 100, None), "that takes two years"


async def test_the_plan_counts_those_who_are_outside_the_window_and_those_who_sleep(
    office: Office, clock: FrozenClock
) -> None:
    """At 07:30 London sleeps within its window; in New York it is neither."""
    await three(office, quiet_hours="20:00-08:00")
    at(clock, datetime(2026, 3, 2, 7, 30, tzinfo=UTC))
    plan = await planned(office)
    assert (plan.waiting, plan.waits_until) == (2, datetime(2026, 3, 2, 13, tzinfo=UTC)), "Sydney is awake"
    one = forecast(plan, Timing(send_hours="07:00-18:00"), clock.now())
    assert (one.waiting, one.outside) == (3, 2)
    assert one.waits_until == datetime(2026, 3, 2, 21, tzinfo=UTC), "in Sydney at eight, when it is no longer quiet"


# -- letters on events -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["one", "list"])
async def test_complaint_14_a_letter_keeps_its_quiet_hours_when_its_customer_is_deleted(
    office: Office, clock: FrozenClock, how: str
) -> None:
    """By text and by mail, to New York: for the mail nothing but her number said where she lived."""
    mail = await Template.create(name="mailed", channel=Channel.EMAIL, subject="We rang", body="We rang you.")
    campaign = await dialling.set_up(quiet_hours="20:00-08:00", email_account_id=2, first_try_email_id=mail.id)
    await dialling.customer("N", YORK, name="Nell", email="nell@home.example", list_id=2)
    at(clock, datetime(2026, 3, 2, 9, tzinfo=UTC))
    await dialling.attempt(office, "N")
    assert await claimed(office) == []
    await office.database.rows("DELETE FROM customer" if how == "one" else "DELETE FROM customer_list WHERE id = 2")
    await Outbox.all().update(due_at=clock.now(), reply="")
    assert await claimed(office) == []
    held = {row.address: (row.reply, row.due_at) for row in await Outbox.all()}
    words = ("held until 08:00 America/New_York (quiet hours)", datetime(2026, 3, 2, 13, tzinfo=UTC))
    assert held == {YORK: words, "nell@home.example": words}
    async with office.database.transaction():
        await consent.hours_changed(office.database, campaign.id, clock.now())
    assert {row.reply for row in await Outbox.all()} == {""}, "changed hours find them too"
    at(clock, datetime(2026, 3, 2, 13, tzinfo=UTC))
    assert sorted(await claimed(office)) == sorted([YORK, "nell@home.example"])
