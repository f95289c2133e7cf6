"""A broadcast's messages in the hands of people at the outbox: who may, and what becomes of the recipient."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.errors import NotFound, Refused
from core.models import Message, Outbox, Person
from core.models.states import OutboxState, Role
from core.outbox import Settlement
from core.outbox.claiming import Claims
from core.roles import COMMAND
from core.views.broadcasts import ledger
from tests.flow.broadcasting import leaves, numbered, sent_to, state_of, states_of
from tests.flow.delivering import put

if TYPE_CHECKING:
    from core.office import Office

FIRST = "+447700900000"


async def message_of(office: Office, broadcast_id: int, state: str) -> int:
    (row,) = await ledger(office.database, broadcast_id, state=state)
    assert row.message is not None
    return row.message


async def with_one(office: Office, state: str) -> int:
    """A broadcast to two, of whom the first's message is that, and the other's waits in the outbox."""
    broadcast_id = await sent_to(office, 2)
    await office.broadcasts.feed()
    await leaves(office, state, "550 no", [FIRST])
    await office.broadcasts.feed()
    return broadcast_id


async def claimed(office: Office) -> int:
    claims = Claims(office.database, office.clock, "engine")
    rows, _ = await claims.take(100, 0)
    await claims.give_back()
    return len(rows)


# -- roles -----------------------------------------------------------------------------------------------------------


async def test_an_agent_cancels_and_retries_her_own_messages_alone(office: Office) -> None:
    bob = await Person.get(login="bob")
    await Person.create(login="eve", role=Role.SUPERVISOR)
    broadcast_id = await with_one(office, "failed")
    failed, queued = [await message_of(office, broadcast_id, state) for state in ("failed", "queued")]
    with pytest.raises(Refused, match="bob is an agent"):
        await office.settling.retry(failed, actor="bob")
    with pytest.raises(Refused, match="bob is an agent"):
        await office.settling.cancel(queued, actor="bob")
    assert await states_of(office, broadcast_id) == {"failed": 1, "queued": 1}
    mine = await put(office)
    await Message.filter(id=mine).update(author_id=bob.id)
    await office.settling.cancel(mine, actor="bob")
    await office.settling.retry(mine, actor="bob")
    await office.settling.cancel(queued, actor="eve")
    await office.settling.retry(failed, actor="eve")
    assert await states_of(office, broadcast_id) == {"cancelled": 1, "queued": 1}


# -- states ----------------------------------------------------------------------------------------------------------


async def test_nobody_gets_what_was_cancelled_from_the_outbox(office: Office) -> None:
    broadcast_id = await with_one(office, "failed")
    await office.broadcasts.cancel(broadcast_id, actor="sue")
    message_id = await message_of(office, broadcast_id, "failed")
    with pytest.raises(Refused, match=rf"broadcast {broadcast_id}, which was cancelled"):
        await office.settling.retry(message_id, actor="sue")
    assert await states_of(office, broadcast_id) == {"failed": 1, "cancelled": 1}
    assert (await Outbox.get(message_id=message_id)).state is OutboxState.FAILED


async def test_what_is_tried_again_while_its_broadcast_pauses_waits_with_the_others(office: Office) -> None:
    broadcast_id = await with_one(office, "failed")
    await office.broadcasts.pause(broadcast_id, actor="sue")
    await office.settling.retry(await message_of(office, broadcast_id, "failed"), actor="sue")
    assert await states_of(office, broadcast_id) == {"waiting": 2}
    assert await claimed(office) == 0, "nothing of a paused one leaves, not even before the engine's next turn"
    await office.broadcasts.resume(broadcast_id, actor="sue")
    await office.broadcasts.feed()
    await leaves(office)
    await office.broadcasts.feed()
    assert (await state_of(office, broadcast_id), await states_of(office, broadcast_id)) == ("done", {"sent": 2})


@pytest.mark.parametrize("stop", ["pause", "cancel"])
async def test_a_letter_in_doubt_is_not_sent_again_while_its_broadcast_stands(office: Office, stop: str) -> None:
    broadcast_id = await with_one(office, "unknown")
    await getattr(office.broadcasts, stop)(broadcast_id, actor="sue")
    message_id = await message_of(office, broadcast_id, "unknown")
    with pytest.raises(Refused, match=f"broadcast {broadcast_id}, which "):
        await office.settling.settle(message_id, Settlement.RESEND, actor="sue")
    assert await message_of(office, broadcast_id, "unknown") == message_id
    await office.settling.settle(message_id, Settlement.SENT, actor="sue")
    assert (await states_of(office, broadcast_id))["sent"] == 1


@pytest.mark.parametrize(("stop", "other"), [("pause", "waiting"), ("cancel", "cancelled")])
async def test_a_letter_that_is_sent_again_is_the_same_letter_even_when_its_broadcast_stops(
    office: Office, stop: str, other: str
) -> None:
    broadcast_id = await with_one(office, "unknown")
    message_id = await message_of(office, broadcast_id, "unknown")
    letter_id = (await Outbox.get(message_id=message_id)).letter_id
    await office.settling.settle(message_id, Settlement.RESEND, actor="sue")
    await office.settling.retry(message_id, actor="sue")
    await getattr(office.broadcasts, stop)(broadcast_id, actor="sue")
    await office.broadcasts.feed()
    assert await states_of(office, broadcast_id) == {"unknown": 1, other: 1}
    row = await Outbox.get(message_id=message_id)
    assert (row.state, row.letter_id) == (OutboxState.UNKNOWN, letter_id)
    assert row.reply == "it was to be sent again when its broadcast stopped"
    if stop == "pause":
        await office.broadcasts.resume(broadcast_id, actor="sue")
        await office.settling.settle(message_id, Settlement.RESEND, actor="sue")
        await office.broadcasts.feed()
        await leaves(office)
        await office.broadcasts.feed()
        assert await states_of(office, broadcast_id) == {"sent": 2}
        assert (await Outbox.get(message_id=message_id)).letter_id == letter_id


async def test_what_two_people_try_again_at_once_is_tried_once(office: Office) -> None:
    """One at the live screen for all that failed, others at the outbox for one each."""
    broadcast_id = await sent_to(office, 40)
    await office.broadcasts.feed()
    await leaves(office, "failed", "550 no")
    await office.broadcasts.feed()
    failed = [row.message for row in await ledger(office.database, broadcast_id, state="failed")]

    async def retry(message_id: int) -> None:
        try:
            await office.settling.retry(message_id, actor=COMMAND)
        except (Refused, NotFound):
            pass

    async def all_of_them() -> None:
        await asyncio.sleep(0)
        await office.broadcasts.retry_failed(broadcast_id, actor=COMMAND)

    one_by_one = [retry(message_id) for message_id in failed[:20] if message_id is not None]
    await asyncio.gather(*one_by_one[:10], all_of_them(), *one_by_one[10:])
    await office.broadcasts.feed()
    rows = await Outbox.all()
    assert sorted(row.address for row in rows) == sorted(one["number"] for one in numbered(40))
    assert await states_of(office, broadcast_id) == {"queued": 40}
