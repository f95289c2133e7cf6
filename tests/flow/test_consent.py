"""Consent: one ledger of opt-outs, ended and never deleted, and one gate that reads it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core import consent
from core.errors import Wrong
from core.models import Journal, Message, OptOut, Outbox
from core.models.states import Channel, Purpose
from core.outbox.draft import AUTOMATIC
from core.views import opt_outs
from tests.flow.arriving import ANN, BOB, take_in
from tests.flow.conftest import NOW
from tests.flow.delivering import put
from tests.flow.mails import email, text_mail

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

CAT = "cat@mail.example"


async def out(office: Office, channel: Channel, address: str) -> bool:
    async with office.database.transaction():
        return await consent.opt_out(
            office.database, channel=channel, address=address, source="said so", at=office.clock.now()
        )


async def back(office: Office, channel: Channel, address: str) -> bool:
    async with office.database.transaction():
        return await consent.opt_in(office.database, channel=channel, address=address, by="ann", at=office.clock.now())


async def unwilling(office: Office, channel: Channel, *addresses: str) -> set[str]:
    return await consent.opted_out(office.database, channel, addresses)


async def test_an_opt_out_stands_until_it_is_ended_and_its_evidence_for_ever(
    office: Office, clock: FrozenClock
) -> None:
    assert await out(office, Channel.SMS, ANN)
    assert await unwilling(office, Channel.SMS, ANN, BOB) == {ANN}
    clock.advance(days=1)
    assert not await out(office, Channel.SMS, ANN), "it stood already"
    assert await back(office, Channel.SMS, ANN)
    assert not await back(office, Channel.SMS, ANN), "there was none"
    assert await unwilling(office, Channel.SMS, ANN) == set()
    (row,) = await OptOut.all()
    assert (row.at, row.ended_at, row.source, row.ended_by) == (NOW, NOW + timedelta(days=1), "said so", "ann")
    assert await out(office, Channel.SMS, ANN)
    assert [row.ended_at is None for row in await OptOut.all().order_by("id")] == [False, True]


async def test_an_opt_out_holds_on_its_channel_alone(office: Office) -> None:
    await out(office, Channel.SMS, ANN)
    await out(office, Channel.EMAIL, CAT)
    assert await unwilling(office, Channel.EMAIL, ANN, CAT) == {CAT}
    assert await unwilling(office, Channel.SMS, ANN, CAT) == {ANN}


async def test_two_spellings_of_an_e_mail_address_are_one_customer(office: Office) -> None:
    await out(office, Channel.EMAIL, " Cat@Mail.Example")
    assert await unwilling(office, Channel.EMAIL, "CAT@mail.example", "cat@MAIL.example", "dog@mail.example") == {
        "CAT@mail.example", "cat@MAIL.example"
    }  # fmt: skip
    assert not await out(office, Channel.EMAIL, "cat@mail.example")
    assert await back(office, Channel.EMAIL, "CAT@MAIL.EXAMPLE")


async def test_thousands_are_asked_about_at_once(office: Office) -> None:
    async with office.database.transaction():
        for n in range(0, 1700, 2):
            await consent.opt_out(
                office.database, channel=Channel.SMS, address=f"+4477{n:05}", source="x" * 500, at=NOW
            )  # fmt: skip
    found = await unwilling(office, Channel.SMS, *(f"+4477{n:05}" for n in range(1700)), "+4477" + "0" * 5)
    assert found == {f"+4477{n:05}" for n in range(0, 1700, 2)}
    assert await unwilling(office, Channel.SMS) == set()


async def test_ten_that_record_it_at_once_record_it_once(office: Office) -> None:
    said = await asyncio.gather(*(out(office, Channel.SMS, ANN) for _ in range(10)))
    assert said.count(True) == 1 and await OptOut.all().count() == 1
    said = await asyncio.gather(*(back(office, Channel.SMS, ANN) for _ in range(10)))
    assert said.count(True) == 1


async def test_it_joins_the_callers_transaction(office: Office) -> None:
    with pytest.raises(KeyError):
        async with office.database.transaction():
            await consent.opt_out(office.database, channel=Channel.SMS, address=ANN, source="x", at=NOW)
            raise KeyError
    assert await unwilling(office, Channel.SMS, ANN) == set()


def test_only_what_a_person_was_asked_about_passes_the_gate() -> None:
    """And the one confirmation of the opt-out itself. Whoever adds a purpose decides here."""
    assert set(Purpose) - consent.ASKED_FIRST == AUTOMATIC - {Purpose.CONSENT}


@pytest.mark.parametrize("words", ["STOP", "Stop.", "stop please", "Stopp", "ARRÊT", "unsubscribe me"])
async def test_complaint_16_a_customer_writes_stop_and_it_is_recorded_and_confirmed_once(
    office: Office, words: str
) -> None:
    await take_in(office, 1, text_mail(ANN, words), text_mail(ANN, words))
    await take_in(office, 1, text_mail(ANN, words))
    (row,) = await opt_outs(office.database)
    assert (row.address, row.channel) == (ANN, "sms") and "wrote" in row.source
    assert await Outbox.filter(purpose=Purpose.CONSENT).count() == 1
    assert await Message.filter(direction="in").count() == 3, "what she wrote is kept"
    assert await Journal.filter(verb="opt-out").count() == 1


async def test_stop_and_start_in_one_breath_leave_the_last_word(office: Office) -> None:
    await take_in(office, 1, text_mail(ANN, "STOP"), text_mail(ANN, "START"), text_mail(ANN, "STOP"))
    assert await unwilling(office, Channel.SMS, ANN) == {ANN}
    await take_in(office, 1, text_mail(ANN, "START"))
    assert await unwilling(office, Channel.SMS, ANN) == set()


async def test_a_sentence_with_stop_in_it_is_a_message(office: Office) -> None:
    await take_in(office, 1, text_mail(ANN, "Which bus stop is it?"))
    await take_in(office, 2, email(CAT, "STOP", "Please stop the delivery of order 7 and call me"))
    assert await OptOut.all().count() == 0


async def test_a_person_records_and_ends_it_by_hand_with_a_line_in_the_journal(office: Office) -> None:
    await put(office, ANN, purpose=Purpose.BROADCAST)
    await Outbox.all().update(claimed_by="engine")
    assert await office.optouts.add("07700 900123", by="sue", reason="asked on the phone")
    assert not await office.optouts.add(ANN, by="sue", reason="again")
    assert (await Outbox.get()).claimed_by == "", "what is in hand comes before the gate again"
    assert await unwilling(office, Channel.SMS, ANN) == {ANN}
    assert await office.optouts.remove(ANN, by="sue")
    assert [(line.actor, line.verb) for line in await Journal.filter(kind="desk").order_by("id")] == [
        ("sue", "opt-out"), ("sue", "opt-in")
    ]  # fmt: skip
    with pytest.raises(Wrong):
        await office.optouts.add("nobody", by="sue", reason="x")
