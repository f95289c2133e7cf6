"""Intake: one mail, one outcome, taken once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.intake import Source, load_source, release
from core.intake.answers import OPT_IN_ANSWER, OPT_OUT_ANSWER
from core.intake.filing import ADDRESS_BUDGET, TEXT_BUDGET
from core.models import Account, CallClass, Contact, Journal, Mail, Message, OptOut, Outbox
from core.models.states import MailOutcome, OutboxState, Purpose
from core.outbox import ANSWER_BUDGET, Draft
from core.views import accounts, thread
from tests.flow.mails import email, fetched, text_mail

if TYPE_CHECKING:
    from collections import Counter

    from core.clock import FrozenClock
    from core.office import Office

ANN = "+447700900123"


async def take(
    office: Office, account_id: int, *raws: bytes, first_uid: int = 1, read_again: bool = False
) -> Counter[MailOutcome]:
    mails = [fetched(raw, first_uid + n, after=n) for n, raw in enumerate(raws)]
    return await office.intake().take(await source(office, account_id), 7, mails, read_again=read_again)


async def source(office: Office, account_id: int) -> Source:
    return await load_source(account_id, office.vault)


async def test_a_text_becomes_a_contact_with_the_senders_number_and_words(office: Office) -> None:
    assert await take(office, 1, text_mail(ANN, "Where is my order?")) == {MailOutcome.CONTACT: 1}
    contact = await Contact.get()
    assert (contact.address, contact.preview, contact.state, contact.message_count) == (
        ANN, "Where is my order?", "new", 1,
    )  # fmt: skip
    assert contact.call_class_id == (await CallClass.get(name="Enquiry")).id
    assert (await Message.get()).text == "Where is my order?"


async def test_a_second_text_joins_the_open_contact(office: Office) -> None:
    outcomes = await take(office, 1, text_mail(ANN, "one"), text_mail(ANN, "two"))
    assert outcomes == {MailOutcome.CONTACT: 1, MailOutcome.JOINED: 1}
    assert await take(office, 1, text_mail(ANN, "three"), first_uid=3) == {MailOutcome.JOINED: 1}
    contact = await Contact.get()
    assert (contact.message_count, contact.preview) == (3, "three")


async def test_a_mail_taken_again_changes_nothing(office: Office) -> None:
    raws = [text_mail(ANN, "one"), text_mail("+447700900456", "two")]
    await take(office, 1, *raws)
    assert await take(office, 1, *raws) == {}
    assert await Contact.all().count() == 2


async def test_complaint_5_a_mail_under_another_uid_is_a_duplicate(office: Office) -> None:
    raw = text_mail(ANN, "once")
    await take(office, 1, raw)
    assert await take(office, 1, raw, first_uid=50) == {MailOutcome.DUPLICATE: 1}
    assert await Message.all().count() == 1


async def test_the_same_words_in_two_mails_are_two_messages(office: Office) -> None:
    await take(office, 1, text_mail(ANN, "yes"), text_mail(ANN, "yes"))
    assert await Message.all().count() == 2


async def test_an_old_mail_is_a_duplicate_only_where_the_mailbox_was_numbered_anew(
    office: Office, clock: FrozenClock
) -> None:
    raw = text_mail(ANN, "old")
    await take(office, 1, raw)
    clock.advance(days=15)
    assert await take(office, 1, raw, first_uid=60, read_again=True) == {MailOutcome.DUPLICATE: 1}
    assert await take(office, 1, raw, first_uid=61) == {MailOutcome.JOINED: 1} or await Mail.filter(uid=61).exists()


async def test_stop_is_recorded_once_and_confirmed_once(office: Office) -> None:
    assert await take(office, 1, text_mail(ANN, "STOP please"), text_mail(ANN, "Stop.")) == {MailOutcome.CONSENT: 2}
    assert [row.address for row in await OptOut.filter(ended_at=None)] == [ANN]
    assert [row.text for row in await Message.filter(direction="out")] == [OPT_OUT_ANSWER]
    assert await Contact.all().count() == 0


async def test_start_ends_an_opt_out_and_keeps_the_evidence(office: Office) -> None:
    await take(office, 1, text_mail(ANN, "STOP"), text_mail(ANN, "START"))
    (row,) = await OptOut.all()
    assert row.ended_at is not None
    assert [m.text for m in await Message.filter(direction="out").order_by("id")] == [OPT_OUT_ANSWER, OPT_IN_ANSWER]


async def test_an_auto_reply_is_filed_and_not_queued(office: Office) -> None:
    raw = email("cat@mail.example", "Away", "I am away.", headers="Auto-Submitted: auto-replied\r\n")
    assert await take(office, 2, raw) == {MailOutcome.AUTO_REPLY: 1}
    assert await Contact.all().count() == 0
    assert (await Message.get()).automatic


async def test_our_own_letter_coming_back_is_a_loop(office: Office) -> None:
    raw = email("help@acme.example", "hello", "x", headers="X-Postroom-Loop: Acme\r\n")
    assert await take(office, 2, raw) == {MailOutcome.OWN_LOOP: 1}


async def test_complaint_9_a_flood_is_filed_over_its_budget(office: Office) -> None:
    flood = [text_mail(ANN, f"message {n}") for n in range(ADDRESS_BUDGET + 5)]
    outcomes = await take(office, 1, *flood)
    assert outcomes[MailOutcome.OVER_BUDGET] == 5
    same = [text_mail("+447700900456", "ping") for _ in range(TEXT_BUDGET + 3)]
    assert (await take(office, 1, *same, first_uid=500))[MailOutcome.OVER_BUDGET] == 3


async def test_a_flood_gets_no_more_than_a_few_automatic_answers(office: Office) -> None:
    await Account.filter(id=1).update(receipt_reply="We have it.")
    for n in range(ANSWER_BUDGET + 2):
        await take(office, 1, text_mail(ANN, f"message {n}"), first_uid=10 + n)
        await Contact.filter(address=ANN).update(state="closed")
    assert await Outbox.filter(purpose=Purpose.RECEIPT_REPLY).count() == ANSWER_BUDGET


async def test_a_receipt_reply_is_never_sent_to_a_machine_or_an_opted_out_address(office: Office) -> None:
    await Account.filter(id=2).update(receipt_reply="We have it.")
    await take(office, 2, email("list@mail.example", "News", "hello", headers="Precedence: bulk\r\n"))
    assert await Outbox.all().count() == 0
    await take(office, 2, email("ann@mail.example", "Hi", "hello"), first_uid=9)
    assert await Outbox.all().count() == 1


async def test_a_text_without_a_number_is_set_aside_and_the_others_go_on(office: Office) -> None:
    nobody = b"Subject: what\r\n\r\nno sender\r\n"
    outcomes = await take(office, 1, text_mail(ANN, "one"), nobody, text_mail(ANN, "two"))
    assert outcomes == {MailOutcome.CONTACT: 1, MailOutcome.QUARANTINE: 1, MailOutcome.JOINED: 1}
    aside = await Mail.get(outcome=MailOutcome.QUARANTINE)
    assert "number" in aside.reason
    with pytest.raises(Refused, match="still cannot be read"):
        await release(office.intake(), aside.id, actor="sue")


async def test_a_mail_set_aside_is_released_by_hand(office: Office) -> None:
    same = [text_mail(ANN, "ping") for _ in range(TEXT_BUDGET + 1)]
    await take(office, 1, *same)
    aside = await Mail.get(outcome=MailOutcome.OVER_BUDGET)
    assert await release(office.intake(), aside.id, actor="sue") is MailOutcome.JOINED
    assert (await Contact.get()).message_count == TEXT_BUDGET + 1 + 1  # the message was in the thread already
    assert await Message.all().count() == TEXT_BUDGET + 1


async def test_a_bounce_marks_its_message_failed_with_the_servers_words(office: Office) -> None:
    await take(office, 2, email("ann@mail.example", "Hi", "hello"))
    contact = await Contact.get()
    async with office.database.transaction():
        message_id = await office.outbox.put(
            Draft(account_id=2, address="ann@mail.example", text="hi", purpose=Purpose.REPLY, contact_id=contact.id)
        )
    await Outbox.all().update(state=OutboxState.SENT)
    letter_id = (await Outbox.get(message_id=message_id)).letter_id
    bounce = (
        "From: MAILER-DAEMON@mx.example\r\nTo: help@acme.example\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <b1@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; ann@mail.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such person\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter_id}\r\nSubject: hi\r\n\r\n--B--\r\n"
    ).encode()
    assert await take(office, 2, bounce, first_uid=5) == {MailOutcome.BOUNCE: 1}
    row = await Outbox.get(message_id=message_id)
    assert (row.state, row.delivery) == (OutboxState.FAILED, "failed")
    assert "550 no such person" in row.delivery_reason


async def test_a_large_mail_of_which_only_the_head_was_fetched_says_so(office: Office) -> None:
    head = email("ann@mail.example", "A film", "").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    mail = fetched(head, 3, size=30 * 2**20, complete=False)
    await office.intake().take(await source(office, 2), 7, [mail])
    contact = await Contact.get()
    _, messages, _ = await thread(office.database, contact.id)
    assert "30 MB" in messages[0].text
    assert contact.subject == "A film"


async def test_what_is_on_the_server_is_accounted_for(office: Office, clock: FrozenClock) -> None:
    raw = text_mail(ANN, "one")
    await take(office, 1, raw, raw, b"broken", text_mail(ANN, "STOP"))
    row = (await accounts(office.database, clock.now()))[0]
    assert (row.contacts, row.duplicates, row.quarantined, row.accounted) == (2, 1, 1, 4)


async def test_a_message_joins_again_when_its_contact_was_closed_meanwhile(office: Office) -> None:
    await take(office, 1, text_mail(ANN, "one"))
    await Contact.all().update(state="closed")
    assert await take(office, 1, text_mail(ANN, "two"), first_uid=9) == {MailOutcome.CONTACT: 1}
    assert await Contact.all().count() == 2


async def test_hostile_words_are_harmless_in_the_store(office: Office) -> None:
    await take(office, 1, text_mail(ANN, "a\x1b]52;c;aGk=\x07b\u202ec\x00d"))
    text = (await Message.get()).text
    assert "\x1b" not in text and "\u202e" not in text and "\x00" not in text
    assert text.startswith("a")


async def test_an_account_in_debug_tells_of_each_mail_in_the_journal(office: Office) -> None:
    await take(office, 1, text_mail(ANN, "quiet"))
    await Account.filter(id=1).update(debug=True)
    await take(office, 1, text_mail(ANN, "told"), b"broken", first_uid=5)
    told = [line.text for line in await Journal.filter(verb="debug").order_by("id")]
    assert told[0] == "mail 5: joined"
    assert told[1].startswith("mail 6: quarantine (")
