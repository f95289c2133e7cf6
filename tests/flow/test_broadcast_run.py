"""A broadcast as it runs: fed, paused, resumed, cancelled, tried again, accounted for one by one."""

from __future__ import annotations

import asyncio
import csv
import io
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.broadcasts import Timing, feeding
from core.broadcasts.feeding import Feeding
from core.campaigns import CampaignSettings
from core.clock import to_moment
from core.errors import Refused
from core.models import Contact
from core.models.states import Channel, ContactState, Purpose
from core.outbox import Settlement
from core.outbox.claiming import Claims
from core.roles import COMMAND
from core.views import MessageFilter, explain_contact, messages
from core.views.broadcasts import answered, broadcast, broadcasts, ledger, ledger_csv, live
from tests.flow.broadcasting import (
    add,
    leaves,
    numbered,
    planned,
    sent_to,
    set_up,
    state_of,
    states_of,
    turn_until,
)
from tests.flow.delivering import delivery_to, put, running
from tests.servers.smtp_recorder import Fault, Recorder

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def adds_up(office: Office, broadcast_id: int) -> None:
    """The panel's numbers, by one query, are the plan's."""
    row = await broadcast(office.database, broadcast_id)
    counts = (row.waiting, row.queued, row.sent, row.failed, row.unknown, row.suppressed, row.cancelled)
    assert sum(counts) == row.planned


async def test_what_is_in_the_outbox_is_what_was_previewed(office: Office) -> None:
    await set_up(office)
    await add(office, *numbered(3))
    plan = await planned(office)
    shown = [(await office.broadcasts.preview(plan, n)).text for n in (1, 2, 3)]
    broadcast_id = await office.broadcasts.confirm(plan, count=3, actor=COMMAND)
    await office.broadcasts.feed()
    rows = await office.database.rows(
        "SELECT m.text, m.automatic, o.lane, o.purpose FROM message m"
        " JOIN outbox o ON o.message_id = m.id ORDER BY m.id"
    )
    assert [row["text"] for row in rows] == shown
    assert {(row["lane"], row["purpose"], bool(row["automatic"])) for row in rows} == {(2, "broadcast", True)}
    assert await states_of(office, broadcast_id) == {"queued": 3}


async def test_a_broadcast_is_done_when_everybody_is_settled(office: Office) -> None:
    broadcast_id = await sent_to(office, 4)
    await office.broadcasts.feed()
    await leaves(office, addresses=["+447700900000"])
    await leaves(office, "failed", "550 no such subscriber", ["+447700900001"])
    await leaves(office, "unknown", "in doubt", ["+447700900002"])
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"sent": 1, "failed": 1, "unknown": 1, "queued": 1}
    await leaves(office)
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "running", "one is in doubt"
    (doubtful,) = await ledger(office.database, broadcast_id, state="unknown")
    assert doubtful.message is not None
    await office.settling.settle(doubtful.message, Settlement.SENT, actor="sue")
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "done"
    assert await states_of(office, broadcast_id) == {"sent": 3, "failed": 1}


async def test_complaint_1_resuming_sends_to_those_who_have_not_had_it_and_to_nobody_else(office: Office) -> None:
    broadcast_id = await sent_to(office, 10)
    await office.broadcasts.feed()
    await leaves(office, addresses=[f"+44770090000{n}" for n in range(4)])
    await office.broadcasts.pause(broadcast_id, actor="sue")
    assert (await states_of(office, broadcast_id))["waiting"] == 6
    assert await office.database.rows("SELECT count(*) AS n FROM outbox WHERE state <> 'sent'") == [{"n": 0}]
    await office.broadcasts.feed()
    await office.broadcasts.resume(broadcast_id, actor="sue")
    await office.broadcasts.feed()
    await leaves(office)
    await office.broadcasts.feed()
    rows = await office.database.rows("SELECT address, count(*) AS n FROM outbox WHERE state = 'sent' GROUP BY address")
    assert len(rows) == 10 and {row["n"] for row in rows} == {1}
    assert await state_of(office, broadcast_id) == "done"


async def test_complaint_2_it_is_never_finished_while_a_row_is_not_settled(office: Office) -> None:
    broadcast_id = await sent_to(office, 5)
    await office.broadcasts.feed()
    await leaves(office, addresses=["+447700900000", "+447700900001"])
    another = Feeding(office.database, office.clock, office.outbox)  # as after a restart
    for _ in range(3):
        await another.turn()
        assert await state_of(office, broadcast_id) == "running"
    await leaves(office)
    await another.turn()
    assert await state_of(office, broadcast_id) == "done"


async def test_complaint_3_everybody_knows_who_got_it(office: Office) -> None:
    broadcast_id = await sent_to(office, 5)
    await office.broadcasts.feed()
    await leaves(office, "failed", "550 <+447700900003@sms.example> no such subscriber", ["+447700900003"])
    await leaves(office)
    await office.broadcasts.feed()
    written = "".join([part async for part in ledger_csv(office.database, broadcast_id)])
    rows = list(csv.DictReader(io.StringIO(written)))
    assert [(row["address"], row["state"]) for row in rows] == [
        (f"+44770090000{n}", "failed" if n == 3 else "sent") for n in range(5)
    ]
    page = await ledger(office.database, broadcast_id, limit=2)
    assert [row.address for row in await ledger(office.database, broadcast_id, after=page[-1].id, limit=1)] == [
        "+447700900002"
    ]
    one = await live(office.database, broadcast_id, office.clock.now())
    assert one.failures == (("550 … no such subscriber", 1),)
    assert len(await ledger(office.database, broadcast_id, reason=one.failures[0][0])) == 1


async def test_complaint_4_two_engines_put_nobody_in_twice(office: Office) -> None:
    broadcast_id = await sent_to(office, 300)
    two = [Feeding(office.database, office.clock, office.outbox) for _ in range(2)]
    await asyncio.gather(*(engine.turn() for engine in two))
    await asyncio.gather(*(engine.turn() for engine in two))
    rows = await office.database.rows("SELECT address FROM outbox")
    assert len(rows) == len({row["address"] for row in rows}) == 300
    assert await states_of(office, broadcast_id) == {"queued": 300}


async def test_complaint_13_a_dead_number_holds_up_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "AHEAD", 2)
    broadcast_id = await sent_to(office, 6)
    await office.broadcasts.feed()
    later = to_moment(office.clock.now() + timedelta(hours=1))
    await office.database.rows("UPDATE outbox SET due_at = ?, attempts = 1", later)  # both are put off
    await office.broadcasts.feed()
    assert (await states_of(office, broadcast_id)) == {"queued": 4, "waiting": 2}


async def test_complaint_14_a_customer_who_sleeps_is_written_to_in_the_morning(
    office: Office, clock: FrozenClock
) -> None:
    clock.advance(hours=-6)  # 04:00 in London, 13:00 in Tokyo
    await set_up(office, quiet_hours="20:00-08:00")
    await add(office, *numbered(2), {"number": "+819012345678", "reference": "tokyo"})
    broadcast_id = await sent_to(office)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 1, "waiting": 2}
    one = await live(office.database, broadcast_id, clock.now())
    assert (one.held, one.held_until) == (2, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    (row, *_) = await ledger(office.database, broadcast_id, state="waiting")
    assert row.reason == "held until 08:00 Europe/London (quiet hours)"
    clock.advance(hours=4, minutes=1)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 3}


async def test_who_is_held_back_is_due_when_the_quiet_hours_are_taken_away(office: Office, clock: FrozenClock) -> None:
    """Two wait as recipients, one as a message that was put in while it was quiet nowhere."""
    await set_up(office)
    await add(office, *numbered(3))
    settings = CampaignSettings("spring")
    broadcast_id = await sent_to(office, rate_per_minute=60)
    await office.broadcasts.feed()
    await office.campaigns.save(replace(settings, quiet_hours="08:00-20:00"), actor="sue")
    clock.advance(seconds=2)
    await Claims(office.database, clock, "engine").take(10, 0)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 1, "waiting": 2}
    assert (await live(office.database, broadcast_id, clock.now())).held == 3
    await office.campaigns.save(replace(settings, quiet_hours="08:00-19:00"), actor="sue")
    assert (await live(office.database, broadcast_id, clock.now())).held == 0, "each is judged again"
    await Claims(office.database, clock, "engine").take(10, 0)
    await office.broadcasts.feed()
    assert (await live(office.database, broadcast_id, clock.now())).held_until == datetime(2026, 3, 2, 19, tzinfo=UTC)
    await office.campaigns.save(settings, actor="sue")
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 3}
    assert len((await Claims(office.database, clock, "engine").take(10, 0))[0]) == 3


async def test_complaint_14_a_stale_schedule_asks(office: Office, clock: FrozenClock) -> None:
    starts_at = clock.now() + timedelta(hours=1)
    broadcast_id = await sent_to(office, 3, starts_at=starts_at, late_minutes=30)
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "scheduled"
    clock.advance(hours=4)
    await office.broadcasts.feed()
    (row,) = await broadcasts(office.database)
    assert (row.state, row.reason) == ("paused", "its start was missed by 3 h: resume to send now")
    assert await states_of(office, broadcast_id) == {"waiting": 3}
    await office.broadcasts.resume(broadcast_id, actor="sue")
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 3}


async def test_a_scheduled_one_begins_at_its_time(office: Office, clock: FrozenClock) -> None:
    broadcast_id = await sent_to(office, 3, starts_at=clock.now() + timedelta(hours=1))
    clock.advance(hours=1, minutes=5)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 3}
    row = await broadcast(office.database, broadcast_id)
    assert row.started_at == clock.now()


async def test_a_start_that_may_not_be_late_begins_when_the_engine_comes_to_it(
    office: Office, clock: FrozenClock
) -> None:
    broadcast_id = await sent_to(office, 3, starts_at=clock.now() + timedelta(minutes=5), late_minutes=0)
    clock.advance(minutes=5, seconds=0.4)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 3}


async def test_complaint_15_a_rate_is_kept_and_never_sleeps_for_ever(office: Office, clock: FrozenClock) -> None:
    broadcast_id = await sent_to(office, 200, rate_per_minute=60)
    put_in = []
    for _ in range(5):
        await office.broadcasts.feed()
        put_in.append((await states_of(office, broadcast_id)).get("queued", 0))
        clock.advance(seconds=1)
    assert put_in == [1, 2, 3, 4, 5]
    clock.advance(hours=10)
    await office.broadcasts.feed()
    assert (await states_of(office, broadcast_id))["queued"] == 7, "what was not used is not saved up"


async def test_complaint_15_pause_acts_at_once_whoever_has_rows_in_hand(office: Office) -> None:
    broadcast_id = await sent_to(office, 50)
    await office.broadcasts.feed()
    async with Recorder(faults=[Fault("dot", "slow 0.05")]) as server:
        async with running(delivery_to(office, server)):
            await server.until(lambda: len(server.letters) >= 3)
            await office.broadcasts.pause(broadcast_id, actor="sue")
            at_pause = len(server.letters)
            await turn_until(office, lambda: _nothing_on_its_way(office))
        assert len(server.letters) <= at_pause + 2
        assert (await states_of(office, broadcast_id)) == {
            "sent": len(server.letters), "waiting": 50 - len(server.letters)
        }  # fmt: skip


async def _nothing_on_its_way(office: Office) -> bool:
    rows = await office.database.rows(
        "SELECT 1 FROM recipient WHERE state = 'queued' UNION ALL SELECT 1 FROM outbox WHERE state = 'sending'"
    )
    return not rows


async def test_what_comes_back_to_the_outbox_while_it_is_paused_waits_again(office: Office) -> None:
    broadcast_id = await sent_to(office, 3)
    await office.broadcasts.feed()
    await office.database.rows("UPDATE outbox SET state = 'sending' WHERE address = '+447700900001'")
    await office.broadcasts.pause(broadcast_id, actor="sue")
    assert await states_of(office, broadcast_id) == {"waiting": 2, "queued": 1}
    later = to_moment(office.clock.now() + timedelta(minutes=5))
    await office.database.rows("UPDATE outbox SET state = 'queued', due_at = ?, reply = '451 later'", later)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"waiting": 3}
    (row,) = [one for one in await ledger(office.database, broadcast_id) if one.due_at is not None]
    assert (row.address, row.reason) == ("+447700900001", "451 later")


async def test_an_agents_reply_in_the_middle_leaves_first(office: Office) -> None:
    await sent_to(office, 300)
    await office.broadcasts.feed()
    async with Recorder(faults=[Fault("dot", "slow 0.01")]) as server, running(delivery_to(office, server)):
        await server.until(lambda: len(server.letters) >= 5)
        await put(office, "+447700911111", "here is your answer")
        before = len(server.letters)
        await server.until(lambda: any(b"here is your answer" in one.raw for one in server.letters), 10)
        assert len(server.letters) - before < 60


async def test_several_broadcasts_share_what_may_be_ahead(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "AHEAD", 20)
    await set_up(office)
    await add(office, *numbered(40))
    first, second = await sent_to(office), await sent_to(office)
    for _ in range(3):
        await office.broadcasts.feed()
    assert (await states_of(office, first))["queued"] == (await states_of(office, second))["queued"] == 10


async def test_the_brake_pauses_by_itself_and_says_why(office: Office) -> None:
    broadcast_id = await sent_to(office, 60, brake_percent=20)
    await office.broadcasts.feed()
    await leaves(office, "failed", "550 no", [f"+44770090{n:04d}" for n in range(10)])
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "running", "ten are too few to judge by"
    await leaves(office, "failed", "550 no", [f"+44770090{n:04d}" for n in range(10, 11)])
    await leaves(office, addresses=[f"+44770090{n:04d}" for n in range(11, 21)])
    await office.broadcasts.feed()
    row = await broadcast(office.database, broadcast_id)
    assert (row.state, row.reason) == ("paused", "11 of 21 have failed, and the brake is at 20 %")
    await office.broadcasts.resume(broadcast_id, actor="sue")
    await office.broadcasts.feed()
    await leaves(office, "failed", "550 no", ["+447700900030"])
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "running", "it counts from where a person let it go on"


async def test_the_brake_sees_those_who_fail_before_they_have_a_message(office: Office) -> None:
    """A list whose field is emptied behind the plan: nobody need be sent to for the brake to see that."""
    broadcast_id = await sent_to(office, 100, brake_percent=10)
    await office.database.rows("UPDATE customer SET own_fields = '{}' WHERE id > 1")
    await office.broadcasts.feed()
    row = await broadcast(office.database, broadcast_id)
    assert (row.state, row.reason) == ("paused", "99 of 99 have failed, and the brake is at 10 %")
    assert (row.waiting, row.failed, row.sent) == (1, 99, 0)


async def test_the_brake_judges_what_failed_early_once_enough_have_left(office: Office) -> None:
    broadcast_id = await sent_to(office, 60, brake_percent=20)
    await office.database.rows("UPDATE customer SET own_fields = '{}' WHERE id <= 10")
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "running", "ten are too few to judge by"
    await leaves(office, addresses=[f"+44770090{n:04d}" for n in range(10, 30)])
    await office.broadcasts.feed()
    row = await broadcast(office.database, broadcast_id)
    assert (row.state, row.reason) == ("paused", "10 of 30 have failed, and the brake is at 20 %")


async def test_failed_ones_are_tried_again(office: Office) -> None:
    broadcast_id = await sent_to(office, 5)
    await office.broadcasts.feed()
    await leaves(office, "failed", "550 no", ["+447700900001", "+447700900002"])
    await leaves(office)
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "done"
    assert await office.broadcasts.retry_failed(broadcast_id, actor="sue") == 2
    assert await state_of(office, broadcast_id) == "running"
    await office.broadcasts.feed()
    await leaves(office)
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"sent": 5}
    rows = await office.database.rows("SELECT address FROM outbox")
    assert len(rows) == len({row["address"] for row in rows}) == 5


async def test_one_that_is_tried_again_by_hand_opens_its_broadcast_again(office: Office) -> None:
    broadcast_id = await sent_to(office, 2)
    await office.broadcasts.feed()
    await leaves(office, "failed", "550 no", ["+447700900001"])
    await leaves(office)
    await office.broadcasts.feed()
    (failed,) = await ledger(office.database, broadcast_id, state="failed")
    assert failed.message is not None
    await office.settling.retry(failed.message, actor="sue")
    assert (await state_of(office, broadcast_id), await states_of(office, broadcast_id)) == (
        "running", {"sent": 1, "queued": 1},
    )  # fmt: skip
    await leaves(office)
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "done"


async def test_cancelling_keeps_from_everybody_who_has_not_had_it(office: Office) -> None:
    broadcast_id = await sent_to(office, 10, rate_per_minute=240)
    await office.broadcasts.feed()
    await leaves(office)
    await office.broadcasts.cancel(broadcast_id, actor="sue")
    assert await states_of(office, broadcast_id) == {"sent": 1, "cancelled": 9}
    row = await broadcast(office.database, broadcast_id)
    assert (row.state, row.ended_at) == ("cancelled", office.clock.now())
    with pytest.raises(Refused, match="is cancelled"):
        await office.broadcasts.resume(broadcast_id, actor="sue")
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"sent": 1, "cancelled": 9}


async def test_an_opt_out_that_arrives_while_the_broadcast_runs_stops_that_row(office: Office) -> None:
    broadcast_id = await sent_to(office, 30)
    await office.broadcasts.feed()
    async with Recorder(faults=[Fault("dot", "slow 0.02")]) as server:
        async with running(delivery_to(office, server)):
            await server.until(lambda: len(server.letters) >= 3)
            await office.optouts.add("+447700900025", by="sue", reason="rang")
            await turn_until(office, lambda: _is(office, broadcast_id, "done"))
        assert len(server.letters) == 29
    assert await states_of(office, broadcast_id) == {"sent": 29, "suppressed": 1}
    (row,) = await ledger(office.database, broadcast_id, state="suppressed")
    assert row.address == "+447700900025" and "opted out" in row.reason
    assert (await live(office.database, broadcast_id, office.clock.now())).opt_outs == 1


async def _is(office: Office, broadcast_id: int, state: str) -> bool:
    return await state_of(office, broadcast_id) == state


async def test_a_customer_who_has_gone_or_cannot_be_said_it_fails_with_the_reason(office: Office) -> None:
    broadcast_id = await sent_to(office, 3)
    await office.database.rows("DELETE FROM customer WHERE number = '+447700900000'")
    await office.database.rows("UPDATE customer SET own_fields = '{}' WHERE number = '+447700900001'")
    await office.broadcasts.feed()
    failed = await ledger(office.database, broadcast_id, state="failed")
    assert [row.reason.partition(":")[0] for row in failed] == [
        "the customer has been deleted", "template parcel, body line 1",
    ]  # fmt: skip
    assert await states_of(office, broadcast_id) == {"failed": 2, "queued": 1}


async def test_where_nobody_could_get_it_it_pauses_and_says_why(office: Office) -> None:
    broadcast_id = await sent_to(office, 3)
    await office.database.rows("UPDATE account SET gateway_id = NULL WHERE id = 1")
    await office.broadcasts.feed()
    row = await broadcast(office.database, broadcast_id)
    assert row.state == "paused" and "has no gateway" in row.reason
    assert await states_of(office, broadcast_id) == {"waiting": 3}


async def test_what_can_no_longer_be_read_stops_its_broadcast_and_no_engine(office: Office) -> None:
    broadcast_id = await sent_to(office, 3)
    await office.database.rows("UPDATE broadcast SET body = '{% for x in y %}'")
    await office.broadcasts.feed()
    assert await state_of(office, broadcast_id) == "paused"
    await office.database.rows("UPDATE broadcast SET body = 'hello'")
    await office.database.rows("UPDATE campaign SET quiet_hours = 'all night'")
    await office.broadcasts.resume(broadcast_id, actor="sue")
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"queued": 3}


async def test_a_template_is_sent_as_it_was_confirmed(office: Office) -> None:
    broadcast_id = await sent_to(office, 1)
    await office.database.rows("UPDATE template SET body = 'something else'")
    await office.broadcasts.feed()
    (row,) = await office.database.rows("SELECT text FROM message")
    assert row["text"] == "Hello Ann, your parcel 4711 comes on Friday."
    assert broadcast_id


async def test_answers_are_known_as_such(office: Office, clock: FrozenClock) -> None:
    broadcast_id = await sent_to(office, 3)
    await office.broadcasts.feed()
    await leaves(office)
    clock.advance(minutes=5)
    contact = await Contact.create(
        account_id=1, channel=Channel.SMS, address="+447700900001", state=ContactState.QUEUED,
        received_at=clock.now(), last_in_at=clock.now(),
    )  # fmt: skip
    other = await Contact.create(
        account_id=1, channel=Channel.SMS, address="+447700977777", state=ContactState.QUEUED,
        received_at=clock.now(), last_in_at=clock.now(),
    )  # fmt: skip
    await office.broadcasts.feed()
    found = await answered(office.database, contact.id)
    assert found is not None and (found.id, found.name) == (broadcast_id, "parcel")
    assert await answered(office.database, other.id) is None
    steps = await explain_contact(office.database, contact.id)
    assert [step.what for step in steps if step.who == "broadcast"] == [f"parcel (#{broadcast_id}) left for it"]
    assert {row.broadcast for row in await messages(office.database, MessageFilter())} == {broadcast_id}
    assert (await live(office.database, broadcast_id, clock.now())).replies == 1


async def test_who_answers_what_nobody_knew_to_have_come_is_linked_to_it(office: Office, clock: FrozenClock) -> None:
    broadcast_id = await sent_to(office, 2)
    await office.broadcasts.feed()
    await leaves(office, "unknown", "the line went dead", ["+447700900000"])
    await office.database.rows("UPDATE outbox SET first_try_at = ? WHERE state = 'unknown'", to_moment(clock.now()))
    await office.broadcasts.feed()
    clock.advance(minutes=1)
    first, other = [
        await Contact.create(account_id=1, channel=Channel.SMS, address=f"+44770090000{n}", state=ContactState.QUEUED,
                             queue_id=1, received_at=clock.now(), queued_at=clock.now(), last_in_at=clock.now())
        for n in (0, 1)
    ]  # fmt: skip
    found = await answered(office.database, first.id)
    assert found is not None and found.id == broadcast_id
    assert await answered(office.database, other.id) is None, "hers waits in the outbox"
    assert (await live(office.database, broadcast_id, clock.now())).replies == 1


async def test_the_first_minutes_rate_is_of_the_time_it_has_run(office: Office, clock: FrozenClock) -> None:
    broadcast_id = await sent_to(office, 60)
    await office.broadcasts.feed()
    clock.advance(seconds=6)
    await leaves(office, addresses=[f"+4477009000{n:02}" for n in range(30)])
    await office.broadcasts.feed()
    one = await live(office.database, broadcast_id, clock.now())
    assert one.per_minute == 300 and one.seconds_left == 6


async def test_the_live_figures_say_rate_and_what_is_left(office: Office, clock: FrozenClock) -> None:
    broadcast_id = await sent_to(office, 10)
    await office.broadcasts.feed()
    clock.advance(minutes=2)
    await leaves(office, addresses=["+447700900000"])
    clock.advance(minutes=3)
    await leaves(office, addresses=["+447700900001", "+447700900002"])
    await office.broadcasts.feed()
    one = await live(office.database, broadcast_id, clock.now(), minutes=5)
    assert one.by_minute == (0, 1, 0, 0, 2) or one.by_minute == (0, 0, 1, 0, 2)
    assert one.per_minute == 2 and one.seconds_left == 7 / 2 * 60


@pytest.mark.parametrize("seed", range(3))
async def test_the_status_panels_numbers_add_up_at_every_instant(office: Office, seed: int) -> None:
    """Two engines feed, messages leave, fail or are in doubt, people pause, resume, retry and cancel."""
    chance = random.Random(seed)
    broadcast_id = await sent_to(office, 60, brake_percent=50, rate_per_minute=600)
    engines = [Feeding(office.database, office.clock, office.outbox) for _ in range(2)]
    for turn in range(40):
        office.clock.advance(seconds=1)  # type: ignore[attr-defined]
        what = chance.choice(["feed", "feed", "leave", "fail", "doubt", "pause", "resume", "retry", "sending"])
        match what:
            case "feed":
                await asyncio.gather(*(engine.turn() for engine in engines))
            case "leave" | "fail" | "doubt":
                state = {"leave": "sent", "fail": "failed", "doubt": "unknown"}[what]
                rows = await office.database.rows("SELECT address FROM outbox WHERE state IN ('queued', 'sending')")
                some = chance.sample([row["address"] for row in rows], k=min(len(rows), 5))
                if some:
                    await leaves(office, state, "550 no" if what == "fail" else "words", some)
            case "sending":
                await office.database.rows("UPDATE outbox SET state = 'sending' WHERE state = 'queued' AND id % 3 = 0")
                await adds_up(office, broadcast_id)
                await office.database.rows("UPDATE outbox SET state = 'queued' WHERE state = 'sending'")
            case _:
                verb = {"pause": office.broadcasts.pause, "resume": office.broadcasts.resume,
                        "retry": office.broadcasts.retry_failed}[what]  # fmt: skip
                try:
                    await asyncio.gather(verb(broadcast_id, actor="sue"), engines[turn % 2].turn())
                except Refused:
                    pass
        await adds_up(office, broadcast_id)
    await office.broadcasts.cancel(broadcast_id, actor="sue")
    await leaves(office)
    await engines[0].turn()
    await adds_up(office, broadcast_id)
    rows = await office.database.rows("SELECT address, count(*) AS n FROM recipient GROUP BY address")
    assert len(rows) == 60 and Counter(row["n"] for row in rows) == {1: 60}
    counts = await states_of(office, broadcast_id)
    assert not counts.keys() & {"waiting", "queued"}


async def test_only_what_can_be_done_is_done(office: Office) -> None:
    broadcast_id = await sent_to(office, 2)
    with pytest.raises(Refused, match="is running"):
        await office.broadcasts.resume(broadcast_id, actor="sue")
    with pytest.raises(Refused, match="an agent"):
        await office.broadcasts.pause(broadcast_id, actor="ann")
    await office.broadcasts.pause(broadcast_id, actor="sue")
    with pytest.raises(Refused, match="is paused"):
        await office.broadcasts.pause(broadcast_id, actor="sue")


def test_purposes_of_a_broadcast_are_gated() -> None:
    from core import consent

    assert Purpose.BROADCAST not in consent.ASKED_FIRST
    assert Timing().late_minutes == 60
