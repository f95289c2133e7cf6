"""The outbox: what is put leaves once, and each row says what became of it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.errors import NotFound, Refused, Wrong
from core.mail import FileToSend
from core.models import Account, Letter, Message, Outbox
from core.models.states import OutboxState, Purpose
from core.outbox import GIVE_UP_AFTER, Draft, Settlement, retry_at
from core.views import explain_message
from tests.flow.conftest import NOW
from tests.flow.delivering import delivery_to, put, running, states, until_states
from tests.servers.smtp_recorder import Fault, Recorder

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

ANN = "+447700900123"


async def row_of(message_id: int) -> Outbox:
    return await Outbox.get(message_id=message_id)


# -- put -------------------------------------------------------------------------------------------------------------


async def test_put_writes_the_message_its_row_and_its_letter_together(office: Office) -> None:
    message_id = await put(office, text="Where is it? ✓", author_id=1)
    message, row = await Message.get(id=message_id), await row_of(message_id)
    letter = bytes((await Letter.get(outbox_id=row.id)).content)
    assert (message.direction, message.channel, message.text, message.parts) == ("out", "sms", "Where is it? ✓", 1)
    assert (row.state, row.lane, row.due_at, row.sender) == ("queued", 0, NOW, "texts@acme.example")
    assert json.loads(row.recipients) == ["447700900123@sms.example"]
    assert row.letter_id == message.letter_id and f"Message-ID: {row.letter_id}".encode() in letter


async def test_put_joins_the_callers_transaction(office: Office) -> None:
    with pytest.raises(KeyError):
        async with office.database.transaction():
            await office.outbox.put(Draft(account_id=1, address=ANN, text="never", purpose=Purpose.REPLY))
            raise KeyError
    assert [await model.all().count() for model in (Message, Outbox, Letter)] == [0, 0, 0]


async def test_what_cannot_leave_is_not_put(office: Office) -> None:
    for wrong, words in (
        ({"text": " \n"}, "empty"),
        ({"text": "x" * 5000}, "too long|parts|limit"),
        ({"address": "nobody"}, "number"),
        ({"account_id": 2, "address": "ann"}, "no e-mail address"),
        ({"account_id": 2, "address": "a@x.example", "cc": ("b@x.example\r\nBcc: c@x.example",)}, "line"),
        ({"account_id": 2, "address": "a@x.example", "subject": "a\r\nBcc: c@x.example"}, "line"),
    ):
        with pytest.raises(Wrong, match=words):
            await put(office, **{"address": ANN, "text": "hello", **wrong})  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="no account 99"):
        await put(office, account_id=99)
    await Account.filter(id=1).update(gateway_id=None)
    with pytest.raises(Wrong, match="has no gateway"):
        await put(office)
    assert await states(office) == {}


async def test_a_text_that_no_database_would_have_is_mended(office: Office) -> None:
    """A terminal gives lone surrogates for octets that are not UTF-8, and a file may hold a NUL."""
    message_id = await put(office, "a@x.example", "caf\udce9\x00!", account_id=2, subject="\udce9t\x00", name="\udce9")
    message = await Message.get(id=message_id)
    assert (message.text, message.subject) == ("caf?!", "?t")


async def test_automatic_mail_says_so_and_goes_after_people(office: Office) -> None:
    ids = [await put(office, purpose=purpose) for purpose in (Purpose.BROADCAST, Purpose.RECEIPT_REPLY, Purpose.REPLY)]
    rows = [await row_of(id_) for id_ in ids]
    letters = [bytes((await Letter.get(outbox_id=row.id)).content) for row in rows]
    assert [row.lane for row in rows] == [2, 1, 0]
    assert [b"Auto-Submitted: auto-" in letter for letter in letters] == [True, True, False]
    assert all(b"X-Postroom-Loop: Acme" in letter for letter in letters)


# -- what a server does ----------------------------------------------------------------------------------------------


async def test_a_message_leaves_and_the_servers_words_are_kept(office: Office) -> None:
    message_id = await put(office)
    async with Recorder() as server, running(delivery_to(office, server)):
        await until_states(office, {"sent": 1})
        (letter,) = server.letters
    row = await row_of(message_id)
    assert (row.code, row.reply, row.attempts, row.sent_at) == (250, "2.0.0 Ok: recorded", 1, NOW)
    assert (row.claimed_by, row.first_try_at) == ("", NOW)
    assert letter.sender == "texts@acme.example" and letter.recipients == ("447700900123@sms.example",)
    assert letter.raw == bytes((await Letter.get(outbox_id=row.id)).content)


async def test_a_message_that_is_put_leaves_at_once(office: Office) -> None:
    async with Recorder() as server, running(delivery_to(office, server)):
        await put(office)
        await until_states(office, {"sent": 1}, 2.0)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
async def test_a_4xx_is_tried_again_later_and_later(office: Office, clock: FrozenClock, stage: str) -> None:
    message_id = await put(office)
    async with Recorder(faults=[Fault(stage, "451 4.7.1 later", times=3)]) as server:
        async with running(delivery_to(office, server)):
            waits = []
            for attempt in range(1, 4):
                await until_states(office, {"queued": 1})
                await server.until(lambda: server.happened(stage) == attempt)  # noqa: B023
                while (row := await row_of(message_id)).code != 451 or row.attempts != attempt or row.claimed_by:
                    pass
                waits.append((row.due_at - clock.now()).total_seconds())
                assert (row.reply, row.first_try_at) == ("4.7.1 later", NOW)
                clock.advance(seconds=waits[-1] + 1)
                office.database.bell.ring()
            await until_states(office, {"sent": 1})
    assert [45 <= waits[0] <= 75, 90 <= waits[1] <= 150, 180 <= waits[2] <= 300] == [True] * 3
    assert len({row.raw for row in server.letters}) == 1


async def test_a_message_put_off_for_two_days_has_failed(office: Office, clock: FrozenClock) -> None:
    message_id = await put(office)
    async with Recorder(faults=[Fault("rcpt", "451 full")]) as server, running(delivery_to(office, server)):
        async with asyncio.timeout(20):
            while (row := await row_of(message_id)).state is not OutboxState.FAILED:
                if row.state is OutboxState.QUEUED and row.due_at > clock.now():
                    clock.advance(seconds=(row.due_at - clock.now()).total_seconds())
                    office.database.bell.ring()
    assert 25 < row.attempts < 50
    assert row.reply == "given up after 48 h: full"
    assert GIVE_UP_AFTER - timedelta(hours=2.5) <= clock.now() - NOW <= GIVE_UP_AFTER


def test_two_that_were_put_off_together_do_not_come_back_together() -> None:
    first = timedelta(minutes=1)
    times = {retry_at(NOW, 3, first) for _ in range(50)}
    assert len(times) > 40
    assert all(timedelta(minutes=3) <= at - NOW <= timedelta(minutes=5) for at in times)
    assert retry_at(NOW, 10_000, first) - NOW <= timedelta(hours=2.5)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
async def test_a_5xx_has_failed_with_the_servers_words(office: Office, stage: str) -> None:
    message_id = await put(office)
    async with Recorder(faults=[Fault(stage, "550 5.1.1 \x1b[31mno such number")]) as server:
        async with running(delivery_to(office, server)):
            await until_states(office, {"failed": 1})
    row = await row_of(message_id)
    assert (row.code, row.attempts) == (550, 1) and row.sent_at is None
    assert row.reply == "5.1.1 ␛[31mno such number"


@pytest.mark.parametrize("action", ["close", "reset", "garbage"])
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "body"])
async def test_a_session_lost_before_the_final_dot_queues_the_message_again(
    office: Office, clock: FrozenClock, stage: str, action: str
) -> None:
    await put(office, text="x" * 100)
    async with Recorder(faults=[Fault(stage, action, times=1)]) as server:
        async with running(delivery_to(office, server)):
            await server.until(lambda: server.happened(stage))
            expected = {"unknown": 1} if stage == "body" else {"queued": 1}  # a small body leaves with its dot
            await until_states(office, expected)
            if stage != "body":
                clock.advance(seconds=5)
                office.database.bell.ring()
                await until_states(office, {"sent": 1})


@pytest.mark.parametrize("action", ["close", "reset", "hang"])
async def test_a_session_lost_after_the_body_leaves_it_in_doubt(office: Office, action: str) -> None:
    message_id = await put(office)
    async with Recorder(faults=[Fault("recorded", action, times=1)]) as server:
        async with running(delivery_to(office, server, timeout=0.3)):
            await until_states(office, {"unknown": 1})
            later = await put(office, text="later")
            await until_states(office, {"unknown": 1, "sent": 1})
        assert [len(server.letters), (await row_of(later)).state] == [2, "sent"]
    row = await row_of(message_id)
    assert (row.attempts, row.claimed_by, row.code) == (1, "", 0) and row.sent_at is None


async def test_a_letter_refused_for_one_recipient_and_taken_for_another_says_so(office: Office) -> None:
    message_id = await put(office, "a@x.example", account_id=2, cc=("b@x.example",))
    async with Recorder(faults=[Fault("rcpt", "550 gone", match="b@")]) as server:
        async with running(delivery_to(office, server)):
            await until_states(office, {"sent": 1})
    assert (await row_of(message_id)).reply.endswith("refused: b@x.example (550 gone)")


async def test_a_large_letter_leaves_whole(office: Office) -> None:
    film = FileToSend("film.mp4", "video/mp4", bytes(range(256)) * 2000)
    message_id = await put(office, "a@x.example", account_id=2, attachments=(film,))
    async with Recorder() as server, running(delivery_to(office, server)):
        await until_states(office, {"sent": 1})
        row = await row_of(message_id)
        assert server.letters[0].raw == bytes((await Letter.get(outbox_id=row.id)).content)
        assert len(server.letters[0].raw) > 600_000


# -- settle, cancel, retry -------------------------------------------------------------------------------------------


async def in_state(office: Office, state: OutboxState, **fields: object) -> int:
    message_id = await put(office)
    await Outbox.filter(message_id=message_id).update(state=state, attempts=1, first_try_at=NOW, **fields)
    return message_id


@pytest.mark.parametrize("how", Settlement)
async def test_a_message_in_doubt_is_settled_and_keeps_its_message_id(office: Office, how: Settlement) -> None:
    message_id = await in_state(office, OutboxState.UNKNOWN)
    before = await row_of(message_id)
    await office.settling.settle(message_id, how, actor="sue")
    row = await row_of(message_id)
    assert row.letter_id == before.letter_id
    wanted = {"sent": ("sent", NOW), "resend": ("queued", None), "fail": ("failed", None)}[how]
    assert (row.state, row.sent_at) == wanted
    _, steps = await explain_message(office.database, message_id)
    assert any(step.who == "sue" and how in step.what for step in steps)
    async with Recorder() as server, running(delivery_to(office, server)):
        if how is Settlement.RESEND:
            await until_states(office, {"sent": 1})
            assert f"Message-ID: {row.letter_id}".encode() in server.letters[0].raw
        with pytest.raises(Refused, match=r"while it is unknown"):
            await office.settling.settle(message_id, how, actor="sue")


async def test_a_queued_message_is_cancelled_even_when_an_engine_has_it_in_hand(office: Office) -> None:
    message_id = await put(office)
    other = await put(office, text="other")
    async with Recorder(faults=[Fault("greeting", "slow 0.3 ; 220 hello", times=1)]) as server:
        async with running(delivery_to(office, server)):
            await server.until(lambda: server.connections)
            assert (await row_of(message_id)).claimed_by == "engine"
            await office.settling.cancel(message_id, actor="sue")
            await until_states(office, {"cancelled": 1, "sent": 1})
        assert len(server.letters) == 1
    assert (await row_of(other)).state is OutboxState.SENT
    assert (await row_of(message_id)).claimed_by == "", "nobody need take it over"


@pytest.mark.parametrize("state", [OutboxState.FAILED, OutboxState.CANCELLED, OutboxState.QUEUED])
async def test_a_message_is_tried_again(office: Office, clock: FrozenClock, state: OutboxState) -> None:
    message_id = await in_state(office, state, due_at=NOW + timedelta(hours=1))
    clock.advance(hours=3 * 24)
    await office.settling.retry(message_id, actor="sue")
    row = await row_of(message_id)
    assert (row.state, row.due_at, row.attempts) == ("queued", clock.now(), 0) and row.first_try_at is None
    async with Recorder() as server, running(delivery_to(office, server)):
        await until_states(office, {"sent": 1})


async def test_a_message_that_is_tried_again_while_an_engine_has_it_in_hand_leaves_once(office: Office) -> None:
    message_id = await put(office)
    async with Recorder(faults=[Fault("greeting", "slow 0.3 ; 220 hello", times=1)]) as server:
        async with running(delivery_to(office, server), connections=2):
            await server.until(lambda: server.connections)
            for _ in range(3):
                await office.settling.retry(message_id, actor="sue")
            await until_states(office, {"sent": 1})
            await put(office, text="another")
            await until_states(office, {"sent": 2})
        assert len(server.letters) == 2


@pytest.mark.parametrize(
    ("verb", "state"),
    [("cancel", s) for s in OutboxState if s is not OutboxState.QUEUED]
    + [("retry", s) for s in (OutboxState.SENDING, OutboxState.SENT, OutboxState.UNKNOWN, OutboxState.SUPPRESSED)],
)
async def test_what_cannot_be_done_changes_nothing_and_says_why(office: Office, verb: str, state: OutboxState) -> None:
    message_id = await in_state(office, state)
    before = await row_of(message_id)
    with pytest.raises(Refused, match=rf"message {message_id} is {state}: this can be done while it is "):
        await getattr(office.settling, verb)(message_id, actor="sue")
    assert vars(await row_of(message_id)) | {"_partial": 0} == vars(before) | {"_partial": 0}
    with pytest.raises(NotFound, match="no outgoing message 99"):
        await getattr(office.settling, verb)(99, actor="sue")


# -- consent at the last moment --------------------------------------------------------------------------------------


async def test_an_opt_out_that_comes_after_put_holds_back_what_no_person_was_asked_about(office: Office) -> None:
    texts = [purpose for purpose in Purpose if purpose is not Purpose.FORWARD]
    ids = {purpose: await put(office, ANN, purpose=purpose) for purpose in texts}
    await put(office, "+447700900456", purpose=Purpose.BROADCAST)
    await office.optouts.add(ANN, by="sue", reason="said so")
    async with Recorder() as server, running(delivery_to(office, server)):
        held = {Purpose.RECEIPT_REPLY, Purpose.ROUTING, Purpose.EVENT, Purpose.BROADCAST}
        await until_states(office, {"suppressed": 4, "sent": len(texts) - 4 + 1})
    found = {purpose for purpose, id_ in ids.items() if (await row_of(id_)).state is OutboxState.SUPPRESSED}
    assert found == held
    row = await row_of(ids[Purpose.EVENT])
    assert "has opted out" in row.reply and row.claimed_by == ""
    _, steps = await explain_message(office.database, ids[Purpose.EVENT])
    assert any("has opted out" in step.what for step in steps)


async def test_an_opt_out_reaches_even_what_an_engine_has_in_hand(office: Office) -> None:
    await put(office, ANN, purpose=Purpose.BROADCAST)
    async with Recorder(faults=[Fault("greeting", "slow 0.3 ; 220 hello", times=1)]) as server:
        async with running(delivery_to(office, server)):
            await server.until(lambda: server.connections)
            await office.optouts.add(ANN, by="sue", reason="said so")
            await until_states(office, {"suppressed": 1})
        assert server.letters == []
