"""The desk: what a person may do with a contact, what not and why, and two who do it at once."""

from __future__ import annotations

import asyncio
import json
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest

from core.desk import Answer
from core.errors import NotFound, PostroomError, Refused, Wrong
from core.mail import FileToSend
from core.models import AgentGroup, Contact, Journal, Letter, Message, Note, Outbox, Outcome, Person, Queue
from core.models.states import ContactState
from tests.flow.another_process import AnotherProcess
from tests.flow.arriving import ANN, BOB, email_arrives, take_in, text_arrives, triage
from tests.flow.conftest import NOW, ONLY_POSTGRES
from tests.flow.mails import email, text_mail

if TYPE_CHECKING:
    from email.message import Message as Mail

    from core.clock import FrozenClock
    from core.office import Office


async def letter_of(message_id: int) -> Mail:
    row = await Outbox.get(message_id=message_id)
    return message_from_bytes(bytes((await Letter.get(outbox_id=row.id)).content))


async def journal_of(contact_id: int) -> list[tuple[str, str, str]]:
    lines = await Journal.filter(kind="contact", thing_id=contact_id).order_by("id")
    return [(line.actor, line.verb, line.text) for line in lines]


async def everything(office: Office) -> str:
    """All that a verb could change."""
    tables = ("contact", "message", "note", "outbox", "letter", "journal", "typed_draft")
    return str([await office.database.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables])


async def state_of(contact_id: int) -> tuple[str, str | None]:
    contact = await Contact.get(id=contact_id).select_related("agent")
    return contact.state.value, contact.agent.login if contact.agent is not None else None


# -- take ------------------------------------------------------------------------------------------------------------


async def test_a_waiting_contact_is_taken(office: Office, clock: FrozenClock) -> None:
    contact_id = await text_arrives(office)
    clock.advance(minutes=3)
    assert await office.desk.take(contact_id, login="ann") == contact_id
    assert await state_of(contact_id) == ("open", "ann")
    assert (await Contact.get(id=contact_id)).opened_at == clock.now()
    assert (await journal_of(contact_id))[-1] == ("ann", "taken", "")


async def test_complaint_10_the_next_of_a_queue_is_the_oldest_of_the_highest_priority(office: Office) -> None:
    ids = [await text_arrives(office, f"+4477009001{n:02}") for n in range(4)]
    await Contact.filter(id=ids[2]).update(priority=5)
    await Contact.filter(id=ids[3]).update(received_at=NOW.replace(year=2020))
    taken = [await office.desk.take_next("front", login="ann") for _ in range(5)]
    assert taken == [ids[2], ids[3], ids[0], ids[1], None]
    assert await office.desk.take_next("billing", login="ann") is None


async def test_only_groups_that_serve_a_queue_take_from_it_and_supervisors(office: Office) -> None:
    contact_id = await text_arrives(office)
    group = await AgentGroup.create(name="fronts")
    await (await Queue.get(name="front")).groups.add(group)
    before = await everything(office)
    for verb in (office.desk.take(contact_id, login="ann"), office.desk.take_next("front", login="ann")):
        with pytest.raises(Refused, match="ann is in no group that serves front"):
            await verb
    assert await everything(office) == before
    await (await Person.get(login="bob")).groups.add(group)
    assert await office.desk.take_next("front", login="bob") == contact_id
    other = await text_arrives(office, BOB)
    assert await office.desk.take(other, login="sue") == other


# -- reply -----------------------------------------------------------------------------------------------------------


async def test_a_reply_to_a_text_leaves_through_the_gateway(office: Office, clock: FrozenClock) -> None:
    contact_id = await text_arrives(office)
    await office.desk.take(contact_id, login="ann")
    clock.advance(minutes=1)
    answer = Answer("It is on its way", subject="ignored", cc=("x@x.example",))
    message_id = await office.desk.reply(contact_id, answer, login="ann")
    letter, row = await letter_of(message_id), await Outbox.get(message_id=message_id)
    assert json.loads(row.recipients) == ["447700900123@sms.example"]
    assert letter["Cc"] is None and letter.get_payload(decode=True) == b"It is on its way\r\n"
    contact, message = await Contact.get(id=contact_id), await Message.get(id=message_id)
    assert (contact.answered_at, contact.message_count, contact.state) == (clock.now(), 2, "open")
    assert (message.contact_id, message.author_id, message.automatic) == (contact_id, contact.agent_id, False)
    assert (await journal_of(contact_id))[-1] == ("ann", "answered", f"message {message_id}")
    clock.advance(minutes=5)
    await office.desk.reply(contact_id, Answer("It is there"), login="ann")
    assert (await Contact.get(id=contact_id)).answered_at == NOW.replace(minute=1), "when it was first answered"


@pytest.mark.parametrize(
    ("headers", "references"),
    [
        ("", ["{own}"]),
        ("In-Reply-To: <a@x>\r\n", ["<a@x>", "{own}"]),
        ("References: <a@x> <b@x>\r\nIn-Reply-To: <b@x>\r\n", ["<a@x>", "<b@x>", "{own}"]),
    ],
)
async def test_a_reply_to_an_e_mail_stands_in_its_thread(office: Office, headers: str, references: list[str]) -> None:
    contact_id = await email_arrives(office, subject="RE: AW: Re[2]: Order 7", headers=headers)
    own = (await Message.get(contact_id=contact_id)).letter_id
    await office.desk.take(contact_id, login="ann")
    letter = await letter_of(await office.desk.reply(contact_id, Answer("Soon", cc=("dee@x.example",)), login="ann"))
    assert letter["In-Reply-To"] == own
    assert letter["References"].split() == [each.format(own=own) for each in references]
    assert letter["Subject"] == "Re: Order 7"
    assert (letter["To"], letter["Cc"]) == ("cat@mail.example", "dee@x.example")


async def test_a_reply_answers_the_newest_of_the_customers_messages(office: Office) -> None:
    contact_id = await email_arrives(office)
    await take_in(office, 2, email("cat@mail.example", "Hello", "and another thing"))
    away = email("cat@mail.example", "Away", "I am away", headers="Auto-Submitted: auto-replied\r\n")
    await take_in(office, 2, away)
    await office.desk.take(contact_id, login="ann")
    first = await letter_of(await office.desk.reply(contact_id, Answer("One"), login="ann"))
    newest = await Message.filter(contact_id=contact_id, automatic=False, direction="in").order_by("-id").first()
    assert newest is not None and first["In-Reply-To"] == newest.letter_id
    again = await letter_of(await office.desk.reply(contact_id, Answer("Two", subject="New subject"), login="ann"))
    assert (again["In-Reply-To"], again["Subject"]) == (newest.letter_id, "New subject")
    assert first["Message-ID"] != again["Message-ID"]


async def test_a_thread_of_a_thousand_references_can_be_answered(office: Office) -> None:
    many = " ".join(f"<{n}.{'x' * 40}@mail.example>\r\n" for n in range(1000))
    contact_id = await email_arrives(office, headers=f"References: {many}")
    await office.desk.take(contact_id, login="ann")
    letter = await letter_of(await office.desk.reply(contact_id, Answer("Soon"), login="ann"))
    assert letter["References"].split()[0].startswith("<0.") and len(letter["References"]) < 2000


async def test_files_go_with_a_reply(office: Office) -> None:
    contact_id = await email_arrives(office)
    await office.desk.take(contact_id, login="ann")
    answer = Answer("See here", attachments=(FileToSend("a.txt", "text/plain", b"hello"),))
    letter = await letter_of(await office.desk.reply(contact_id, answer, login="ann"))
    assert [part.get_filename() for part in letter.walk()][-1] == "a.txt"


async def test_who_has_opted_out_is_answered_only_with_a_reason(office: Office) -> None:
    contact_id = await text_arrives(office)
    await office.desk.take(contact_id, login="ann")
    await office.optouts.add(ANN, by="sue", reason="asked on the phone")
    before = await everything(office)
    for reason in ("", "  "):
        with pytest.raises(Refused, match=r"has opted out .*--override REASON"):
            await office.desk.reply(contact_id, Answer("hello", override=reason), login="ann")
    assert await everything(office) == before
    message_id = await office.desk.reply(contact_id, Answer("hello", override="she called\nus"), login="ann")
    lines = await journal_of(contact_id)
    assert lines[-2:] == [
        ("ann", "overrode", "the opt-out: she called us"),
        ("ann", "answered", f"message {message_id}"),
    ]


async def test_a_reply_that_cannot_leave_changes_nothing(office: Office) -> None:
    contact_id = await email_arrives(office)
    await office.desk.take(contact_id, login="ann")
    before = await everything(office)
    for answer in (
        Answer("  "),
        Answer("hello", cc=("nobody",)),
        Answer("hello", cc=("a@x.example\r\nBcc: b@x.example",)),
        Answer("hello", subject="a\r\nBcc: b@x.example"),
    ):
        with pytest.raises(Wrong):
            await office.desk.reply(contact_id, answer, login="ann")
    assert await everything(office) == before


# -- forward, note, transfer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "email"])
async def test_a_contact_is_forwarded_as_an_e_mail_whatever_it_came_as(office: Office, kind: str) -> None:
    contact_id = await (text_arrives(office) if kind == "text" else email_arrives(office))
    await office.desk.take(contact_id, login="ann")
    await office.desk.reply(contact_id, Answer("It is on its way"), login="ann")
    message_id = await office.desk.forward(contact_id, " boss@acme.example ", "Please look", login="ann")
    letter, message = await letter_of(message_id), await Message.get(id=message_id)
    body = letter.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert (letter["To"], message.channel, message.parts) == ("boss@acme.example", "email", 0)
    assert letter["Subject"] == ("Fwd: Where is it?" if kind == "text" else "Fwd: Hello")
    assert body.startswith(b"Please look\r\n") and b"Where is it?" in body and b"It is on its way" in body
    assert (await journal_of(contact_id))[-1][:2] == ("ann", "forwarded")


async def test_a_note_stays_at_the_desk(office: Office) -> None:
    contact_id = await text_arrives(office)
    await office.desk.note(contact_id, "called\x1b[31m back", login="bob")
    note = await Note.get()
    assert (note.text, note.contact_id) == ("called␛[31m back", contact_id)
    assert await Outbox.all().count() == 0
    assert (await journal_of(contact_id))[-1] == ("bob", "noted", "")


async def test_a_contact_given_to_a_queue_keeps_the_place_of_its_arrival(office: Office, clock: FrozenClock) -> None:
    first, second = await text_arrives(office, ANN), await text_arrives(office, BOB)
    await office.desk.take(first, login="ann")
    clock.advance(hours=1)
    await office.desk.transfer(first, queue="front", note="not mine", login="ann")
    assert await state_of(first) == ("queued", None)
    assert (await Contact.get(id=first)).queued_at == clock.now()
    assert (await journal_of(first))[-1] == ("ann", "transferred", "to front")
    assert (await Note.get()).text == "not mine"
    assert [await office.desk.take_next("front", login="bob") for _ in range(2)] == [first, second]
    await office.desk.transfer(second, queue="billing", priority=9, login="bob")
    assert (await Contact.get(id=second)).priority == 9
    await office.desk.take(second, login="bob")
    await office.desk.transfer(second, queue="front", login="bob")
    assert (await Contact.get(id=second)).priority == 9, "what nobody changed stays"


async def test_a_contact_given_to_an_agent_is_open_with_her(office: Office) -> None:
    contact_id = await text_arrives(office)
    await office.desk.take(contact_id, login="ann")
    await office.desk.transfer(contact_id, agent="bob", login="ann")
    assert await state_of(contact_id) == ("open", "bob")
    with pytest.raises(Refused, match=f"contact {contact_id} cannot be changed: it is open with bob"):
        await office.desk.transfer(contact_id, queue="front", login="ann")
    await office.desk.transfer(contact_id, agent="ann", login="sue")
    assert await state_of(contact_id) == ("open", "ann")


# -- close and reopen ------------------------------------------------------------------------------------------------


async def test_a_contact_is_closed_with_an_outcome(office: Office, clock: FrozenClock) -> None:
    await Outcome.create(name="answered")
    contact_id = await text_arrives(office)
    await office.desk.take(contact_id, login="ann")
    with pytest.raises(Wrong, match="there is no outcome done; there are: answered"):
        await office.desk.close(contact_id, "done", login="ann")
    await office.desk.close(contact_id, "answered", login="ann")
    contact = await Contact.get(id=contact_id)
    assert (contact.state, contact.outcome, contact.closed_at) == ("closed", "answered", clock.now())
    assert (await journal_of(contact_id))[-1] == ("ann", "closed", "answered")
    assert await text_arrives(office) != contact_id, "the next message begins anew"


async def test_no_message_that_came_meanwhile_is_closed_away(office: Office) -> None:
    contact_id = await text_arrives(office)
    await office.desk.take(contact_id, login="ann")
    await take_in(office, 1, text_mail(ANN, "one more thing"))
    with pytest.raises(Refused, match=f"contact {contact_id} has a new message: look at it before you close"):
        await office.desk.close(contact_id, "", seen=1, login="ann")
    assert await state_of(contact_id) == ("open", "ann")
    await office.desk.close(contact_id, "", seen=2, login="ann")


async def test_a_supervisor_closes_what_waits_and_what_others_have(office: Office) -> None:
    waits, has = await text_arrives(office, ANN), await text_arrives(office, BOB)
    await office.desk.take(has, login="bob")
    for contact_id in (waits, has):
        await office.desk.close(contact_id, "spam", login="sue")
    assert [await state_of(waits), await state_of(has)] == [("closed", "sue"), ("closed", "bob")]


async def test_a_closed_contact_is_opened_again_unless_a_newer_one_is_open(office: Office) -> None:
    old = await text_arrives(office)
    await office.desk.take(old, login="ann")
    await office.desk.close(old, "", login="ann")
    await office.desk.reopen(old, login="bob")
    assert await state_of(old) == ("open", "bob")
    assert (await Contact.get(id=old)).closed_at is None
    assert (await journal_of(old))[-1] == ("bob", "reopened", "")
    await office.desk.close(old, "", login="bob")
    new = await text_arrives(office)
    with pytest.raises(Refused, match=rf"contact {new} of \{ANN} is queued: use that one"):
        await office.desk.reopen(old, login="bob")


# -- what is refused -------------------------------------------------------------------------------------------------

VERBS: dict[str, Any] = {
    "take": lambda desk, n, login: desk.take(n, login=login),
    "reply": lambda desk, n, login: desk.reply(n, Answer("hello"), login=login),
    "forward": lambda desk, n, login: desk.forward(n, "a@x.example", login=login),
    "note": lambda desk, n, login: desk.note(n, "hello", login=login),
    "to queue": lambda desk, n, login: desk.transfer(n, queue="billing", login=login),
    "to agent": lambda desk, n, login: desk.transfer(n, agent="bob", login=login),
    "close": lambda desk, n, login: desk.close(n, "", login=login),
    "reopen": lambda desk, n, login: desk.reopen(n, login=login),
}
MAY = {
    ContactState.NEW: {"note"},
    ContactState.QUEUED: {"take", "note"},
    ContactState.OFFERED: {"note"},
    ContactState.OPEN: {"reply", "forward", "note", "to queue", "to agent", "close"},
    ContactState.HELD: {"reply", "forward", "note", "to queue", "to agent", "close"},
    ContactState.WRAP_UP: {"reply", "forward", "note", "to queue", "to agent", "close"},
    ContactState.CLOSED: {"note", "reopen"},
}
"""What an agent may do with a contact of her own (or of nobody's where it waits)."""


@pytest.mark.parametrize("state", ContactState)
async def test_each_verb_in_each_state_is_done_or_refused_with_a_reason(office: Office, state: ContactState) -> None:
    for verb, do in VERBS.items():
        await Contact.all().update(state="closed")
        contact_id = await text_arrives(office)
        agent = None if state in (ContactState.NEW, ContactState.QUEUED) else 1
        await Contact.filter(id=contact_id).update(state=state, agent_id=agent)
        before = await everything(office)
        if verb in MAY[state]:
            await do(office.desk, contact_id, "ann")
            assert await everything(office) != before, verb
            continue
        with pytest.raises(Refused) as refused:
            await do(office.desk, contact_id, "ann")
        words = str(refused.value)
        assert f"contact {contact_id}" in words and state.value in words and "\n" not in words
        assert await everything(office) == before, verb


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("take", "note", "reopen")])
async def test_what_somebody_else_has_is_left_to_her(office: Office, verb: str) -> None:
    contact_id = await text_arrives(office)
    await office.desk.take(contact_id, login="bob")
    before = await everything(office)
    with pytest.raises(Refused, match=f"contact {contact_id} cannot be .*: it is open with bob"):
        await VERBS[verb](office.desk, contact_id, "ann")
    assert await everything(office) == before
    if verb in ("reply", "forward"):
        with pytest.raises(Refused, match="open with bob"):
            await VERBS[verb](office.desk, contact_id, "sue")


async def test_names_that_do_not_exist_are_wrong_and_the_known_ones_are_told(office: Office) -> None:
    contact_id = await text_arrives(office)
    desk = office.desk
    for verb in VERBS.values():
        with pytest.raises(NotFound, match="there is no user zoe; there are: ann, bob, sue"):
            await verb(desk, contact_id, "zoe")
        with pytest.raises(NotFound, match="there is no contact 99: 'postroom contact list' shows them"):
            await verb(desk, 99, "ann")
    await desk.take(contact_id, login="ann")
    wrong: list[tuple[Any, type[PostroomError], str]] = [
        (desk.take_next("nowhere", login="ann"), NotFound, "there is no queue nowhere; there are: billing, front"),
        (desk.transfer(contact_id, queue="nowhere", login="ann"), NotFound, "there are: billing, front"),
        (desk.transfer(contact_id, agent="zoe", login="ann"), NotFound, "no user zoe"),
        (desk.transfer(contact_id, login="ann"), Wrong, "name one of them"),
        (desk.transfer(contact_id, queue="front", agent="bob", login="ann"), Wrong, "name one of them"),
        (desk.transfer(contact_id, agent="bob", priority=3, login="ann"), Wrong, "place in a queue"),
        (desk.forward(contact_id, "boss", login="ann"), Wrong, "boss is not an e-mail address"),
        (desk.forward(contact_id, "a@x, b@x", login="ann"), Wrong, "not an e-mail address"),
        (desk.forward(contact_id, "a@x.example,b@x.example", login="ann"), Wrong, "no e-mail address"),
        (desk.note(contact_id, " \n", login="ann"), Wrong, "the note is empty"),
    ]
    before = await everything(office)
    for verb, kind, words in wrong:
        with pytest.raises(kind, match=words):
            await verb
    assert await everything(office) == before


# -- two at once -----------------------------------------------------------------------------------------------------


async def test_complaint_12_of_two_that_take_a_contact_at_once_one_has_it(office: Office) -> None:
    contact_ids = [await text_arrives(office, f"+4477009001{n:02}") for n in range(10)]
    for contact_id in contact_ids:
        said = await asyncio.gather(
            *(office.desk.take(contact_id, login=login) for login in ("ann", "bob", "sue")), return_exceptions=True
        )
        won = [one for one in said if one == contact_id]
        lost = [str(one) for one in said if isinstance(one, Refused)]
        _, agent = await state_of(contact_id)
        assert (len(won), lost) == (1, [f"contact {contact_id} cannot be taken: it is open with {agent}"] * 2)
        assert [line[1] for line in await journal_of(contact_id)] == ["taken"]


async def test_many_that_take_the_next_at_once_get_one_each(office: Office) -> None:
    contact_ids = {await text_arrives(office, f"+4477009001{n:02}") for n in range(12)}
    logins = ("ann", "bob", "sue") * 5
    taken = await asyncio.gather(*(office.desk.take_next("front", login=login) for login in logins))
    got = [one for one in taken if one is not None]
    assert len(got) == 12 and set(got) == contact_ids


async def test_two_processes_that_empty_a_queue_give_every_contact_to_one(office: Office) -> None:
    contact_ids = [await text_arrives(office, f"+4477009001{n:02}") for n in range(30)]
    async with AnotherProcess(office.settings) as other:
        other.begin(
            """
            taken = []
            for _ in range(40):
                taken.append(await office.desk.take_next("front", login="bob"))
            return [one for one in taken if one is not None]
            """
        )
        ours = [await office.desk.take_next("front", login="ann") for _ in range(40)]
        theirs = await other.answer()
    assert sorted([one for one in ours if one is not None] + theirs) == contact_ids


async def test_a_reply_and_a_close_at_once_leave_no_reply_on_a_closed_contact_unseen(office: Office) -> None:
    for n in range(6):
        contact_id = await text_arrives(office, f"+4477009001{n:02}")
        await office.desk.take(contact_id, login="ann")
        said = await asyncio.gather(
            office.desk.reply(contact_id, Answer("hello"), login="ann"),
            office.desk.close(contact_id, "", seen=1, login="ann"),
            return_exceptions=True,
        )
        replied, closed = (not isinstance(one, BaseException) for one in said)
        assert replied != closed, said
        assert all(isinstance(one, (Refused, int)) or one is None for one in said)


@ONLY_POSTGRES
async def test_a_text_that_comes_as_its_old_contact_is_opened_again_joins_or_wins(office: Office) -> None:
    for n in range(6):
        number = f"+4477009001{n:02}"
        contact_id = await text_arrives(office, number)
        await office.desk.take(contact_id, login="ann")
        await office.desk.close(contact_id, "", login="ann")
        mails = [text_mail(number, "again"), text_mail(number, "and again")]
        said = await asyncio.gather(
            office.desk.reopen(contact_id, login="ann"), take_in(office, 1, *mails), return_exceptions=True
        )
        assert all(one is None or isinstance(one, Refused) for one in said), said
        assert await Contact.filter(address=number).exclude(state="closed").count() == 1
        assert await Message.filter(address=number).count() == 3


@ONLY_POSTGRES
async def test_a_contact_that_comes_in_the_moment_another_is_opened_again_is_named(office: Office) -> None:
    import asyncpg

    old = await text_arrives(office)
    await office.desk.take(old, login="ann")
    await office.desk.close(old, "", login="ann")
    line = await asyncpg.connect(office.settings.db)
    try:
        async with line.transaction():
            await line.execute(
                "INSERT INTO contact (account_id, channel, address, name, state, priority, subject, preview,"
                " message_count, received_at, outcome) SELECT account_id, channel, address, name, 'queued', 0, '', '',"
                " 0, received_at, '' FROM contact WHERE id = $1",
                old,
            )
            reopening = asyncio.create_task(office.desk.reopen(old, login="ann"))
            for _ in range(1000):
                if await line.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    break
                await asyncio.sleep(0.01)
    finally:
        await line.close()
    with pytest.raises(Refused, match=rf"contact \d+ of \{ANN} is queued: use that one"):
        await reopening
    assert await state_of(old) == ("closed", "ann")


# -- triage ----------------------------------------------------------------------------------------------------------


async def test_new_contacts_go_into_their_accounts_queue_in_one_step(office: Office, clock: FrozenClock) -> None:
    await office.database.rows("UPDATE account SET queue_id = 2 WHERE id = 2")
    await take_in(office, 1, text_mail(ANN, "one"), text_mail(BOB, "two"))
    await take_in(office, 2, email("cat@mail.example", "Hello", "three"))
    assert [await triage(office), await triage(office)] == [3, 0]
    found = await Contact.all().order_by("id").select_related("queue")
    assert [(c.state, c.queue.name, c.queued_at) for c in found if c.queue is not None] == [
        ("queued", "front", NOW), ("queued", "front", NOW), ("queued", "billing", NOW)
    ]  # fmt: skip
    line = await Journal.get(actor="triage")
    assert line.text == "3 new contacts, each into its account's own queue"


async def test_two_that_triage_at_once_do_it_once(office: Office) -> None:
    await take_in(office, 1, *(text_mail(f"+447700900{n:03}", "hello") for n in range(100, 250)))
    assert sum(await asyncio.gather(*(triage(office) for _ in range(4)))) == 150
    assert await Contact.filter(state="queued").count() == 150
    assert sum(int(line.text.split()[0]) for line in await Journal.filter(actor="triage")) == 150
