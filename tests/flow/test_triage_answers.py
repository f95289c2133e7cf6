"""What scripts send: answers within consent and the loop budget, and contacts sent on."""

from __future__ import annotations

import email as mail_library
import email.policy
import json
from typing import TYPE_CHECKING

import pytest

from core import consent
from core.models import Contact, Letter, Message, OptOut, Outbox, Template
from core.models.states import Channel, Purpose
from core.outbox import ANSWER_BUDGET
from core.outbox.claiming import Claims
from tests.flow.arriving import take_in
from tests.flow.conftest import NOW
from tests.flow.mails import text_mail
from tests.flow.routed import ScriptedDesk, new_number, route
from tests.flow.test_desk_answers import PHOTO, with_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from email.message import EmailMessage

    from core.clock import FrozenClock
    from core.office import Office

THANKS = route('return [reply_text("Thank you."), queue("front")]')


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[ScriptedDesk]:
    async with ScriptedDesk(office) as desk:
        yield desk


async def letter(contact: int) -> EmailMessage:
    """The newest letter of a contact, as it will leave."""
    message = await Message.filter(contact_id=contact, direction="out").order_by("-id").first()
    row = await Outbox.get(message_id=message.id if message is not None else 0)
    return mail_library.message_from_bytes((await Letter.get(outbox_id=row.id)).content, policy=email.policy.default)


async def test_a_template_is_filled_in_and_answers_the_customers_letter(desk: ScriptedDesk) -> None:
    await desk.script(route('return [reply("away", order = 4711), queue("front")]'))
    contact = await desk.mail("cat@mail.example", subject="Two kettles")
    await Contact.filter(id=contact).update(name="Cat")
    await desk.ask(contact)
    said = await letter(contact)
    assert said.get_content().strip() == "Hello Cat, Acme has your order 4711."
    assert said["Subject"] == "About 4711"
    assert said["In-Reply-To"] == (await Message.get(contact_id=contact, direction="in")).letter_id
    assert said["Auto-Submitted"] == "auto-replied"
    row = await Outbox.get(purpose=Purpose.ROUTING)
    assert (row.lane, row.sender, row.address) == (1, "", "cat@mail.example")
    message = await Message.get(id=row.message_id)
    assert (message.automatic, message.author_id) == (True, None)
    assert (await Contact.get(id=contact)).message_count == 2
    assert await desk.said(contact) == [f"answered: message {message.id}"]


async def test_a_template_without_a_subject_keeps_the_customers(desk: ScriptedDesk) -> None:
    await Template.create(name="short", channel="sms", body="We are closed.")
    await desk.script(route('return [reply("short"), queue("front")]'))
    contact = await desk.mail("cat@mail.example", subject="Re: Two kettles")
    await desk.ask(contact)
    assert (await letter(contact))["Subject"] == "Re: Two kettles"


async def test_a_text_is_answered_by_a_text(desk: ScriptedDesk) -> None:
    await desk.script(route('return [reply("away", order = "1"), queue("front")]'))
    number = new_number()
    contact = await desk.text("hi", number)
    await desk.ask(contact)
    message = await Message.get(contact_id=contact, direction="out")
    assert (message.channel, message.text, message.parts) == (
        Channel.SMS, f"Hello {number}, Acme has your order 1.", 1
    )  # fmt: skip


async def test_several_answers_leave_in_their_order(desk: ScriptedDesk) -> None:
    await desk.script(route('return [reply_text("one"), queue("front"), reply_text("two")]'))
    contact = await desk.text()
    await desk.ask(contact)
    assert [m.text for m in await Message.filter(direction="out").order_by("id")] == ["one", "two"]
    assert (await Contact.get(id=contact)).message_count == 3


async def test_what_a_script_says_cannot_steer_a_terminal(desk: ScriptedDesk) -> None:
    body = (
        r'print("\x1b[2J")' + '\nreturn [reply_text("a\\u202eb"), note("\\x1b[31mred"), tag("\\x07"), close("\\x1bc")]'
    )
    await desk.script(route(body))
    contact = await desk.text()
    found = await desk.ask(contact)
    assert (found.outcome, found.tags) == ("␛c", ("␇",))
    assert (await Message.get(direction="out")).text == "a⟨U+202E⟩b"
    assert (await desk.run_of(contact))["trace"] == ["␛[2J"]
    assert "noted: ␛[31mred" in await desk.said(contact)


async def test_an_address_gets_so_many_automatic_answers_in_an_hour_whoever_gives_them(
    desk: ScriptedDesk, clock: FrozenClock
) -> None:
    await desk.office.database.rows("UPDATE account SET receipt_reply = 'Got it.' WHERE id = 1")
    await desk.script(route('return [reply_text("Bye."), close("x")]'))
    number = new_number()
    for n in range(3):
        contact = await desk.text(f"again {n}", number)
        assert (await desk.ask(contact)).state == "closed"
    answers = [row.purpose for row in await Outbox.filter(address=number).order_by("id")]
    assert answers == [Purpose.RECEIPT_REPLY, Purpose.ROUTING, Purpose.RECEIPT_REPLY] and len(answers) == ANSWER_BUDGET
    assert "not answered: it has had its automatic answers for this hour" in await desk.said(contact)
    clock.advance(hours=1, minutes=1)
    await desk.office.database.rows("UPDATE account SET receipt_reply = ''")
    contact = await desk.text("much later", number)
    await desk.ask(contact)
    assert await Outbox.filter(address=number).count() == ANSWER_BUDGET + 1


async def test_one_batch_cannot_overdraw_the_budget_of_an_address(desk: ScriptedDesk) -> None:
    await desk.script(route('return [reply_text(str(n)) for n in range(5)] + [queue("front")]'))
    contact = await desk.text()
    await desk.ask(contact)
    assert [m.text for m in await Message.filter(direction="out").order_by("id")] == ["0", "1", "2"]
    assert (await desk.said(contact)).count("not answered: it has had its automatic answers for this hour") == 2


@pytest.mark.parametrize("header", ["Precedence: bulk\r\n", "List-Id: <news.mail.example>\r\n"])
async def test_nothing_automatic_answers_a_machine(desk: ScriptedDesk, header: str) -> None:
    await desk.script(THANKS)
    contact = await desk.mail("news@mail.example", headers=header)
    assert (await desk.ask(contact)).queue == "front"
    assert await Outbox.all().count() == 0
    (said,) = await desk.said(contact)
    assert said.startswith("not answered: a machine wrote it (")


async def test_a_sender_that_is_no_number_is_not_answered(desk: ScriptedDesk) -> None:
    await desk.script(THANKS)
    contact = await desk.text("hello", "+447700900999")
    await Contact.filter(id=contact).update(address="ACME")
    assert (await desk.ask(contact)).queue == "front"
    assert await desk.said(contact) == ["not answered: nobody can be answered at ACME"]


async def test_an_answer_to_somebody_who_has_opted_out_is_suppressed(desk: ScriptedDesk) -> None:
    await desk.script(THANKS)
    number = new_number()
    await consent.opt_out(desk.office.database, channel=Channel.SMS, address=number, source="test", at=NOW)
    contact = await desk.text("hello", number)
    await desk.ask(contact)
    claims = Claims(desk.office.database, desk.office.clock, "nobody")
    assert (await claims.take(10, 0))[0] == []
    assert (await Outbox.get(address=number)).state == "suppressed"


async def test_a_script_records_consent_for_address_and_channel(desk: ScriptedDesk) -> None:
    await desk.script(route('return [opt_out() if "leave" in contact.words else opt_in(), close("x")]'))
    number = new_number()
    first = await desk.text("please leave me alone", number)
    await desk.ask(first)
    row = await OptOut.get(address=number)
    assert (row.channel, row.source) == (Channel.SMS, "the script front-door") and row.ended_at is None
    assert f"opt-out: {number} by the script front-door" in await desk.said(first)
    second = await desk.text("write to me again", number)
    await desk.ask(second)
    row = await OptOut.get(address=number)
    assert row.ended_at == NOW and row.ended_by == "the script front-door"
    assert f"opt-in: {number} by the script front-door" in await desk.said(second)
    third = await desk.text("write to me again!", number)
    await desk.ask(third)
    assert not any("opt-in" in line for line in await desk.said(third))


async def test_a_contact_is_sent_on_whole_with_its_files_and_closed(desk: ScriptedDesk) -> None:
    await desk.script(route('return [note("to the office"), forward("back@office.example")]'))
    await take_in(desk.office, 2, with_file("cat@mail.example"))
    contact = (await Contact.get(address="cat@mail.example")).id
    found = await desk.ask(contact)
    assert (found.state, found.outcome) == ("closed", "forwarded")
    sent = await letter(contact)
    assert sent["To"] == "back@office.example" and sent["Subject"] == "Fwd: Photo"
    body = sent.get_body(("plain",))
    assert body is not None and "---- forwarded ----" in body.get_content()
    (file,) = sent.iter_attachments()
    assert file.get_payload(decode=True) == PHOTO
    row = await Outbox.get(address="back@office.example")
    assert (row.purpose, row.sender) == (Purpose.FORWARD, "help@acme.example")
    said = await desk.said(contact)
    assert said == ["noted: to the office", f"forwarded: to back@office.example as message {row.message_id}"]


async def test_a_text_is_sent_on_as_an_email(desk: ScriptedDesk) -> None:
    await desk.script(route('return forward("back@office.example")'))
    contact = await desk.text("My kettle leaks")
    await desk.ask(contact)
    sent = await letter(contact)
    assert sent["Subject"] == "Fwd: My kettle leaks" and "My kettle leaks" in sent.get_content()


async def test_files_that_no_mail_holds_are_named_and_left_out(
    desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.triage.passing_on.FILES", len(PHOTO) - 1)
    await desk.script(route('return forward("back@office.example")'))
    await take_in(desk.office, 2, with_file("cat@mail.example"))
    contact = (await Contact.get(address="cat@mail.example")).id
    await desk.ask(contact)
    message = await Message.get(contact_id=contact, direction="out")
    name = json.loads((await Message.get(contact_id=contact, direction="in")).files)[0]["name"]
    assert message.text.startswith(f"(Not sent on, for they are too large: {name})") and message.files == "[]"


async def test_a_customer_who_writes_again_after_a_script_closed_makes_a_new_contact(desk: ScriptedDesk) -> None:
    await desk.script(route('return close("spam") if contact.previous == None else queue("billing")'))
    number = new_number()
    first = await desk.text("one", number)
    await desk.ask(first)
    await take_in(desk.office, 1, text_mail(number, "two"))
    second = (await Contact.get(address=number, state="new")).id
    assert second != first and (await desk.ask(second)).queue == "billing"
