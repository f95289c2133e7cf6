"""The dialler: what an attempt makes of a customer, and what the campaign writes on it, once."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.dialler import Told
from core.errors import NotFound, Wrong
from core.models import Attempt, Campaign, Customer, EventLetter, Journal, Outbox, Outcome, Template
from core.models.states import Channel, CustomerStatus, DiallerEvent, Purpose
from core.store import StoreBusy
from tests.flow.conftest import NOW
from tests.flow.dialling import ANN, CAMPAIGN, attempt, customer, set_up, status, texts

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

FIRST, SORRY = "Ann, we rang.", "Sorry we missed you, Ann Lee."


# -- the reference's sentences ---------------------------------------------------------------------------------------


async def test_first_try_once(office: Office) -> None:
    await set_up()
    done = await attempt(office, "R1")
    assert [(letter.event, letter.channel, letter.reason) for letter in done.letters] == [
        (DiallerEvent.FIRST_TRY, Channel.SMS, "")
    ]
    for outcome in ("no answer", "answered", "busy"):
        assert (await attempt(office, "R1", outcome)).letters == ()
    assert await texts() == [FIRST]
    row = await Outbox.get()
    assert (row.purpose, row.lane, row.address) == (Purpose.EVENT, 2, ANN)


async def test_no_contact_termination_once(office: Office) -> None:
    await set_up()
    await attempt(office, "R1")
    await attempt(office, "R1", terminate=True)
    await attempt(office, "R1", "busy", terminate=True)
    assert await texts() == [FIRST, SORRY]
    await Customer.filter(reference="R1").update(status=CustomerStatus.UNUSED, tries=0)
    await attempt(office, "R1", terminate=True)
    assert await texts() == [FIRST, SORRY], "and not again when she is dialled anew"


async def test_contact_termination_none(office: Office) -> None:
    await set_up()
    await attempt(office, "R1")
    done = await attempt(office, "R1", "answered", terminate=True)
    assert (done.status, done.letters, await texts()) == (CustomerStatus.TERMINATED, (), [FIRST])
    await attempt(office, "R1", "no answer", terminate=True)
    assert await texts() == [FIRST], "who was given up with a contact is not given up once more without"


async def test_a_first_try_that_ends_it_without_contact_is_both_events(office: Office) -> None:
    await set_up()
    await attempt(office, "R1", terminate=True)
    assert await texts() == [FIRST, SORRY]


async def test_ten_tellings_of_one_attempt_at_once_are_one(office: Office) -> None:
    await set_up()
    done = await asyncio.gather(*(attempt(office, "R1", key="call 7") for _ in range(10)))
    assert [one.new for one in done].count(True) == 1 and len({one.attempt_id for one in done}) == 1
    assert (await Attempt.all().count(), await texts(), (await Customer.get(reference="R1")).tries) == (1, [FIRST], 1)


async def test_ten_attempts_at_once_write_once(office: Office) -> None:
    await set_up()
    await asyncio.gather(*(attempt(office, "R1", terminate=True) for _ in range(10)))
    assert await texts() == [FIRST, SORRY]
    assert (await Customer.get(reference="R1")).tries == 10


# -- the customer follows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "terminate", "calls_back", "wanted"),
    [
        ("no answer", False, False, "in progress"),
        ("answered", False, False, "contacted"),
        ("answered", False, True, "callback"),
        ("busy", False, True, "callback"),
        ("answered", True, False, "terminated"),
        ("busy", True, False, "terminated"),
    ],
)
async def test_the_status_follows_the_attempt(
    office: Office, clock: FrozenClock, outcome: str, terminate: bool, calls_back: bool, wanted: str
) -> None:
    await set_up()
    clock.advance(minutes=1)
    later = NOW + timedelta(hours=3) if calls_back else None
    await attempt(office, "R1", outcome, terminate=terminate, callback=later)
    row = await Customer.get(reference="R1")
    assert (row.status, row.callback_at, row.outcome, row.tries) == (wanted, later, outcome, 1)
    assert row.tried_at == row.changed_at == clock.now()
    (line,) = await Journal.filter(verb="attempt")
    assert (line.kind, line.thing_id, line.text) == ("customer", row.id, f"{outcome}, {wanted}")


async def test_an_older_attempt_that_is_told_late_counts_and_changes_nothing_else(office: Office) -> None:
    await set_up()
    later = NOW + timedelta(days=1)
    await attempt(office, "R1", "answered", at=NOW, callback=later)
    done = await attempt(office, "R1", "no answer", at=NOW - timedelta(hours=2))
    ann = await Customer.get(reference="R1")
    assert (done.status, ann.status, ann.callback_at) == (CustomerStatus.CALLBACK, CustomerStatus.CALLBACK, later)
    assert (ann.outcome, ann.tries, ann.tried_at) == ("answered", 2, NOW)
    await attempt(office, "R1", "busy", at=NOW - timedelta(hours=1), terminate=True)
    assert await status("R1") == CustomerStatus.TERMINATED, "given up is given up, whenever it was said"
    assert (await Customer.get(reference="R1")).tried_at == NOW


async def test_what_cannot_be_is_said_and_changes_nothing(office: Office) -> None:
    await set_up()
    await customer("R1", list_id=2)
    for reference, told, words in (
        ("R9", Told("busy"), "campaign Spring has no customer R9"),
        ("R1", Told("busy"), "stands more than once, on north and south"),
        ("R2", Told("bussy"), "there is no outcome bussy; did you mean busy"),
        ("R2", Told("busy", terminate=True, callback=NOW), "either terminate or a call-back"),
        ("R2", Told("busy", callback=NOW, personal=True), "the agent who promised it"),
    ):
        with pytest.raises(Wrong, match=words):
            await office.dialler.attempts.attempt(CAMPAIGN, reference, told)
    with pytest.raises(NotFound, match="there is no campaign Sprung; did you mean Spring"):
        await office.dialler.attempts.attempt("Sprung", "R2", Told("busy"))
    await Outcome.all().delete()
    with pytest.raises(Wrong, match="no outcomes yet"):
        await attempt(office, "R2")
    assert await Attempt.all().count() == 0 and await status("R2") == CustomerStatus.UNUSED


async def test_the_list_says_which_of_two(office: Office) -> None:
    await set_up()
    other = await customer("R1", list_id=2)
    done = await office.dialler.attempts.attempt(CAMPAIGN, "R1", Told("Busy"), list_name="south")
    assert done.customer_id == other.id and (await Attempt.get()).outcome == "busy"


# -- what cannot be written ------------------------------------------------------------------------------------------


async def test_each_channel_that_the_campaign_has_and_the_customer_an_address_for(office: Office) -> None:
    mail = await Template.create(
        name="mail", channel=Channel.EMAIL, subject="{{ campaign.name }}", body="Dear {{ customer.name }}"
    )
    await set_up(email_account_id=2, first_try_email_id=mail.id)
    done = await attempt(office, "R1")
    assert [letter.channel for letter in done.letters] == [Channel.SMS, Channel.EMAIL]
    assert sorted(row.address for row in await Outbox.all()) == [ANN, "ann@home.example"]
    done = await attempt(office, "R3")
    assert [letter.reason for letter in done.letters] == [
        "the customer has no number", "the customer has no e-mail address"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "changed", "reason"),
    [
        ("{{ customer.nmae }}", {}, "template tried, body line 1: there is no field customer.nmae"),
        ("In {{ customer.city }}", {}, "template tried, body line 1: the field customer.city is empty"),
        ("x" * 5000, {}, "parts"),
        ("Hello", {"sms_account_id": None}, "the campaign has no account for texts"),
    ],
)
async def test_what_cannot_be_written_has_its_reason_and_is_no_error(
    office: Office, body: str, changed: dict[str, object], reason: str
) -> None:
    await set_up(**changed)
    await Template.filter(name="tried").update(body=body)
    done = await attempt(office, "R1")
    (letter,) = done.letters
    assert reason in letter.reason and letter.message_id is None and done.status is CustomerStatus.IN_PROGRESS
    (row,) = await EventLetter.all()
    assert (row.reason, row.message_id) == (letter.reason, None)
    (line,) = await Journal.filter(verb="not written")
    assert reason in line.text and await Outbox.all().count() == 0


async def test_a_template_with_a_word_for_what_is_missing_leaves_nobody_out(office: Office) -> None:
    await set_up()
    await Template.filter(name="tried").update(body="In {{ customer.city }}", when_missing="your town")
    await attempt(office, "R1")
    assert await texts() == ["In your town"]


async def test_a_campaign_without_templates_writes_nothing(office: Office) -> None:
    await set_up()
    await Campaign.all().update(first_try_sms_id=None, no_contact_sms_id=None)
    await attempt(office, "R1", terminate=True)
    assert await EventLetter.all().count() == await Outbox.all().count() == 0


async def test_an_attempt_that_is_broken_off_leaves_nothing_and_is_told_again_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_up()

    async def away(draft: object) -> int:
        raise StoreBusy("the database went away")

    with monkeypatch.context() as broken:
        broken.setattr(office.outbox, "put", away)
        with pytest.raises(StoreBusy):
            await attempt(office, "R1", key="call 7")
    assert [await model.all().count() for model in (Attempt, EventLetter, Outbox, Journal)] == [0, 0, 0, 0]
    assert await status("R1") == CustomerStatus.UNUSED
    assert (await attempt(office, "R1", key="call 7")).new and await texts() == [FIRST]


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_told_in_whatever_order_each_event_writes_once(office: Office, seed: int) -> None:
    """Forty tellings at random, some of them twice, against what a person would work out by hand."""
    chance = random.Random(seed)
    await set_up()
    wanted: list[str] = []
    told: set[str] = set()
    terminated, tries = False, 0
    for _ in range(40):
        key = f"call {chance.randrange(30)}"
        outcome, terminate = chance.choice(("answered", "no answer", "busy")), chance.random() < 0.2
        callback = NOW if not terminate and chance.random() < 0.3 else None
        done = await attempt(office, "R1", outcome, terminate=terminate, callback=callback, key=key)
        assert done.new is (key not in told)
        if done.new:
            told.add(key)
            wanted += [FIRST] * (tries == 0)
            tries += 1
            if terminate and not terminated:
                wanted += [SORRY] * (outcome != "answered" and SORRY not in wanted)
                terminated = True
        if chance.random() < 0.05:
            await Customer.filter(reference="R1").update(status=CustomerStatus.UNUSED, tries=0)
            terminated, tries = False, max(tries, 1)
    assert await texts() == wanted
    assert await Attempt.all().count() == len(told)
