"""What the desk knows to be wrong, with the place where it can be mended; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.models import (
    Account,
    Contact,
    Engine,
    Lease,
    Mail,
    Mailbox,
    Outbox,
    OutgoingServer,
    Queue,
    Script,
    ScriptRun,
    ScriptVersion,
)
from core.models.states import Channel, ContactState, Health, MailOutcome, OutboxState
from core.views.alarms import Alarm, alarms
from tests.flow.conftest import NOW
from tests.flow.delivering import put
from tui.alarm_bell import AlarmBell

if TYPE_CHECKING:
    from core.office import Office


async def said(office: Office) -> list[tuple[bool, str, str, str]]:
    return [(one.broken, one.words, one.area, one.thing) for one in await alarms(office.database, NOW)]


async def keeps(account: int) -> None:
    """An engine has the mailbox."""
    await Lease.create(name=f"mailbox:{account}", holder="me", until=NOW + timedelta(minutes=1))


async def at_work() -> None:
    await Lease.create(name="engine:me", holder="me", until=NOW + timedelta(minutes=1))
    await Engine.create(holder="me", host="h", pid=1, version="1", started_at=NOW, sessions=0)


async def waits(queue: Queue, ago: timedelta) -> None:
    """A contact that has come so long ago."""
    await Contact.create(
        account_id=1, channel=Channel.SMS, address="+447700900123", state=ContactState.QUEUED, queue=queue,
        received_at=NOW - ago, queued_at=NOW, last_in_at=NOW,
    )  # fmt: skip


async def test_a_desk_at_work_has_none(office: Office) -> None:
    await at_work()
    assert await said(office) == []


async def test_a_desk_that_stands_still_says_so(office: Office) -> None:
    await OutgoingServer.all().delete()
    assert await said(office) == [
        (False, "no engine runs: nothing is fetched or sent", "accounts", ""),
        (False, "there is no outgoing server: nothing leaves", "accounts", ""),
    ]


async def test_the_broken_come_first_each_with_its_words_and_its_place(office: Office) -> None:
    await at_work()
    front = await Queue.get(name="front")
    await waits(front, timedelta(minutes=9))
    await Mailbox.filter(account_id=2).update(
        health=Health.BROKEN, error="the login was refused", error_at=NOW - timedelta(minutes=4)
    )
    await OutgoingServer.all().update(health=Health.BROKEN, error="535 no", error_at=NOW)
    ids = [await put(office) for _ in range(3)]
    yesterday = NOW - timedelta(days=1)
    await Outbox.filter(message_id=ids[0]).update(state=OutboxState.UNKNOWN, created_at=yesterday)
    await Outbox.filter(message_id=ids[1]).update(state=OutboxState.UNKNOWN, created_at=NOW)
    await Outbox.filter(message_id=ids[2]).update(state=OutboxState.FAILED, created_at=NOW)
    await Mail.create(account_id=1, uidvalidity=1, uid=1, outcome=MailOutcome.QUARANTINE, arrived_at=NOW, taken_at=NOW)
    assert await said(office) == [
        (True, "2 messages are in doubt: settle what became of them", "outbox", "unknown"),
        (True, "nothing is sent: 535 no", "accounts", ""),
        (True, "help@acme.example: the login was refused", "accounts", "help@acme.example"),
        (False, "1 message of today has failed", "outbox", "failed"),
        (False, "front: 1 waits longer than the 120 s that are promised", "queues", str(front.id)),
        (False, "texts@acme.example: 1 mail is set aside, not read", "accounts", "texts@acme.example"),
    ]
    found = await alarms(office.database, NOW)
    assert [one.since for one in found[:3]] == [yesterday, NOW, NOW - timedelta(minutes=4)]


async def test_what_is_old_or_off_or_in_time_is_no_alarm(office: Office) -> None:
    await at_work()
    await Mailbox.filter(account_id=2).update(health=Health.BROKEN, error="the login was refused")
    await Account.filter(id=2).update(enabled=False)
    message_id = await put(office)
    await Outbox.filter(message_id=message_id).update(state=OutboxState.FAILED, created_at=NOW - timedelta(days=2))
    await waits(await Queue.get(name="front"), timedelta(seconds=119))
    assert await said(office) == []


async def test_a_mailbox_that_an_engine_keeps_and_does_not_look_into_is_silent(office: Office) -> None:
    await at_work()
    await Mailbox.filter(account_id=1).update(health=Health.OK, last_poll_at=NOW - timedelta(minutes=11))
    assert await said(office) == []  # nobody keeps it: it is about to be taken over
    await keeps(1)
    assert await said(office) == [
        (True, "texts@acme.example: nobody has looked into its mailbox for a long time", "accounts",
         "texts@acme.example"),
    ]  # fmt: skip
    await Account.filter(id=1).update(poll_seconds=3600)
    assert await said(office) == []


async def test_what_should_have_left_long_ago_and_a_script_that_fails_are_alarms_with_keys_that_stay(
    office: Office,
) -> None:
    await at_work()
    await put(office)
    await Outbox.all().update(due_at=NOW - timedelta(minutes=11))
    script = await Script.create(name="front-door", created_at=NOW)
    version = await ScriptVersion.create(script=script, number=1, source="", at=NOW)
    contact = await Contact.create(account_id=1, channel=Channel.SMS, address="+447700900125", received_at=NOW)
    for minutes in (61, 5):
        await ScriptRun.create(contact=contact, version=version, event="route", at=NOW - timedelta(minutes=minutes),
                               facts=b"", error="boom")  # fmt: skip
    assert await said(office) == [
        (False, "1 message has been due for longer than 10 minutes and not left", "outbox", "queued"),
        (False, "front-door: 1 contact was not routed by it within the last hour, for it failed", "scripts",
         "front-door"),
    ]  # fmt: skip
    before = [one.key for one in await alarms(office.database, NOW)]
    await ScriptRun.create(contact=contact, version=version, event="route", at=NOW, facts=b"", error="boom")
    assert [one.key for one in await alarms(office.database, NOW)] == before
    assert len(set(before)) == 2


def test_a_new_alarm_rings_once_and_what_is_known_is_known_until_it_ends() -> None:
    bell = AlarmBell()
    one, two = Alarm(True, "a", None, "outbox", "x", "k"), Alarm(True, "b", None, "outbox", "y", "k")
    assert bell.new([one]) == []
    assert bell.new([one, two]) == [two]
    bell.acknowledged.add(two.key)
    assert bell.new([two, one]) == []
    assert two.key in bell.acknowledged
    assert bell.new([one]) == []
    assert not bell.acknowledged
    assert bell.new([one, two]) == [two]
