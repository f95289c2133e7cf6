"""The desk at 80x24 by keys alone: read, write, send, transfer, close; and nothing typed is lost."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from core.desk import Answer
from core.drafts import KeptDraft
from core.models import Contact, Mail, Message, Note, OptOut, Outbox, TypedDraft
from core.models.states import Channel, ContactState, OutboxState
from tests.tui.conftest import LARGE, SMALL
from tests.tui.seeding import EMAIL, contact, says, small_desk
from tui.screens.desk import DeskScreen
from tui.widgets.thread_lines import LINES, Talk, thread_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office

HOSTILE = (
    "\x1b]52;c;aGVsbG8=\x07\x1b[2J\x1b]0;title\x07 [bold red]markup[/] [@click=app.quit]here[/] $primary \u202egnp.exe"
    " \u200b\u2066x\u2069 \x00\x08\x7f\x9b31m e\u0301 "
    + "".join(chr((plane << 16) + 0x1F600 % 0xFFFF) for plane in range(17))
)


async def at_desk(person: Any, who: str) -> DeskScreen:
    """On the desk, with the contact of this customer before the person."""
    await person.press("3")
    await person.until(lambda: isinstance(person.app.screen, DeskScreen), "the desk")
    desk: DeskScreen = person.app.screen
    await person.until(lambda: desk.contact is not None, "a contact")
    while desk.contact is not None and desk.contact.name != who:
        before = desk.contact.id
        await person.press("down")
        await person.until(lambda: desk.contact is not None and desk.contact.id != before, who)  # noqa: B023
    return desk


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await small_desk(office)
    ann = await Contact.get(name="Ann Lee", state=ContactState.OPEN)
    await office.desk.reply(ann.id, Answer("Sorry to hear that. A label is on its way."), login="ann")
    await office.desk.note(ann.id, "photo asked for", login="bob")
    async with sit("ann", size=size) as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", *"Hello ç")
        await person.sees("makes it UCS-2", "note 10:00 bob", "◌ queued")
        await looks(person, "desk")


async def test_a_text_is_written_and_sent_and_its_draft_goes_with_it(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"On its way", "ctrl+s")
        await person.sees("it is in the outbox", "◌ queued")
        assert desk.editor.area.text == ""
    sent = await Message.filter(direction="out").get()
    assert sent.text == "On its way"
    assert await TypedDraft.all().count() == 0


async def test_sending_can_be_taken_back_and_the_words_are_there_again(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"Too soon", "ctrl+s")
        await person.sees("it is in the outbox")
        await person.press("f9")
        await person.until(lambda: desk.editor.area.text == "Too soon", "the words")
        assert (await Outbox.get()).state is OutboxState.CANCELLED


async def test_what_is_typed_is_in_the_database_at_once_and_comes_back_exactly(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", *"half a sen", "enter", "space", "x")
        async with asyncio.timeout(5):
            while not await TypedDraft.filter(text="half a sen\n x").exists():
                await person.pilot.pause(0.02)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.until(lambda: desk.editor.area.text == "half a sen\n x", "the draft")


async def test_each_contact_has_its_own_draft(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"for ann", "escape")
        await at_desk(person, "Ann Lee")
        await person.press("up")
        await person.until(lambda: desk.contact is not None and desk.contact.name == "Gus Hall", "Gus")
        await person.until(lambda: desk.editor.area.text == "", "an empty editor")
        await person.press("enter", *"for gus", "escape", "down")
        await person.until(lambda: desk.editor.area.text == "for ann", "Ann's draft")
        await person.press("up")
        await person.until(lambda: desk.editor.area.text == "for gus", "Gus's draft")


async def test_the_counter_names_the_dear_character_and_ctrl_g_makes_it_plain(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"I've ç")
        await person.sees("6 of 70", "ç makes it UCS-2: Ctrl+G")
        await person.press("ctrl+g")
        await person.sees("6 of 160")
        assert desk.editor.area.text == "I've c"


async def test_digits_are_text_in_the_editor_and_areas_elsewhere(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", "2", "question_mark")
        assert desk.editor.area.text == "2?"
        await person.press("alt+2")
        await person.until(lambda: person.app.current_mode == "queues", "the queues")


async def test_a_note_a_transfer_and_its_way_back(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        assert desk.contact is not None
        one = desk.contact.id
        await person.press("ctrl+n", *"photo asked for", "enter")
        await person.sees("note 10:00 ann: photo asked for")
        await person.press("ctrl+t", *"bill", "enter")
        await person.sees("is with billing")
        assert (await Contact.get(id=one)).state is ContactState.QUEUED
        await person.press("f9")
        await person.sees("Mine 2")
        assert (await Contact.get(id=one)).agent_id is not None
    assert await Note.filter(contact_id=one).count() == 1


async def test_closing_is_refused_while_there_is_a_message_nobody_has_seen(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        assert desk.contact is not None
        one = await Contact.get(id=desk.contact.id)
        await person.press("ctrl+e")
        await person.sees("How did it end?")
        await says(one, "one thing more", office.clock.now())
        await Contact.filter(id=one.id).update(message_count=one.message_count + 1)
        await person.press(*"answered", "enter")
        await person.sees("has a new message")
        office.database.bell.ring()
        await person.sees("one thing more")
        await person.press("ctrl+e")
        await person.sees("How did it end?")
        await person.press(*"answered", "enter")
        await person.sees("closed: answered", "Mine 1")


async def test_a_contact_from_the_queue_is_looked_at_and_then_taken(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await person.sees("billing")
        await person.press("enter", "enter")
        await person.sees("Fay Ng", "Invoice 7 is wrong", "F8 takes this contact")
        desk: DeskScreen = person.app.screen
        assert desk.editor.area.read_only
        await person.press("f8")
        await person.sees("Mine 3")
        await person.until(lambda: not desk.editor.area.read_only, "the editor to open")


async def test_an_email_has_a_subject_copies_and_files(sit: Any, office: Office, folder: Path) -> None:
    await small_desk(office)
    (folder / "label.txt").write_text("stick it on")
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("f5", *"Your label", "tab", *"no address", "enter")
        await person.sees("no address is not an e-mail address")
        await person.press(*["backspace"] * 10, *"eve@example.org", "enter")
        await person.sees("“Your label”")
        await person.press("f6", *str(folder / "nothing"))
        await person.sees("there is no such file")
        await person.press(*["backspace"] * 7, *"label.txt", "enter")
        await person.sees("label.txt  text/plain  11 bytes", "1 file, 11 bytes of 18.0 MB")
        await person.press("enter")
        await person.sees("▤ 1")
        await person.press("enter", *"Here", "ctrl+s")
        await person.sees("it is in the outbox", "label.txt")
        assert desk.editor.draft == KeptDraft()
    sent = await Message.filter(direction="out").get()
    assert (sent.subject, sent.recipients) == ("Your label", '["eve@example.org"]')


async def test_forward_asks_for_an_address(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("ctrl+o", *"depot", "enter")
        await person.sees("one e-mail address, as in")
        await person.press(*"@example.org", "enter", *"Please look", "ctrl+s")
        await person.sees("forwarded to depot@example.org")
    assert await Outbox.filter(purpose="forward").count() == 1


@pytest.mark.parametrize("what", ["has opted out", "is on the do-not-contact list"])
async def test_one_who_is_not_to_be_written_to_is_answered_only_with_a_reason(
    sit: Any, office: Office, what: str
) -> None:
    await small_desk(office)
    now = office.clock.now()
    if what == "has opted out":
        await OptOut.create(address="+447700900123", channel=Channel.SMS, at=now, source="STOP")
    else:
        await office.donotcontact.add("+447700900123", actor="sue", reason="moved away")
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", *"hello", "ctrl+s")
        await person.sees(f"This customer {what}")
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1, "the question to go")
        assert not await Outbox.exists()
        await person.press("ctrl+s")
        await person.sees(f"This customer {what}")
        await person.press(*"she asked", "enter")
        await person.sees("it is in the outbox")


async def test_a_verb_that_is_refused_keeps_every_word(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"words")
        assert desk.contact is not None
        await Contact.filter(id=desk.contact.id).update(agent_id=2)
        await person.press("ctrl+s")
        await person.sees("it is open with bob")
        assert desk.editor.area.text == "words"


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_hostile_message_is_harmless_wherever_it_is_shown(
    sit: Any, office: Office, size: tuple[int, int]
) -> None:
    old = await contact(office, HOSTILE, name=HOSTILE[:60], subject=HOSTILE[:90], agent="ann", account=EMAIL,
                        address="x@example.org")  # fmt: skip
    await office.desk.close(old.id, HOSTILE[:90], login="ann")
    made = await contact(office, HOSTILE, name=HOSTILE[:60], subject=HOSTILE[:90], agent="ann", account=EMAIL,
                         address="x@example.org")  # fmt: skip
    await says(made, "A" * 1_000_000, office.clock.now() - timedelta(minutes=2))
    await says(made, "line\n" * 10_000, office.clock.now() - timedelta(minutes=1))
    newest = await says(made, HOSTILE, office.clock.now())
    mail = await Mail.create(account_id=2, uidvalidity=1, uid=1, outcome="contact", arrived_at=newest.at,
                             taken_at=newest.at)  # fmt: skip
    file = {"name": HOSTILE[:80], "content_type": HOSTILE[:40], "size": 3, "part": 1}
    await Message.filter(id=newest.id).update(
        mail_id=mail.id, files=json.dumps([file]), recipients=json.dumps([HOSTILE[:90]])
    )
    message_id = await office.desk.reply(made.id, Answer("hello"), login="ann")
    await Outbox.filter(message_id=message_id).update(state="failed", reply=HOSTILE)
    await office.drafts.keep(made.id, KeptDraft(HOSTILE), login="ann", seat="one")
    await office.drafts.keep(made.id, KeptDraft(HOSTILE + "more"), login="ann", seat="two")
    keys = (
        "f3",
        "f4",
        "f2",
        "ctrl+t",
        "ctrl+l",
        "ctrl+e",
        "ctrl+n",
        "ctrl+o",
        "f5",
        "f6",
        "f7",
        "ctrl+r",
        "alt+d",
        "2",
    )
    async with sit("ann", size=size) as person:
        await person.press("3")
        await person.sees("52;c;aGVsbG8=", "red]markup[/]")
        for key in keys:
            await person.press(key)
            await person.pilot.pause()
            assert not [c for c in person.text() if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)], key
            assert not set(person.text()) & set("\u202e\u2066\u2069\u200b"), key
            assert person.app.is_running
            await person.press("escape")


async def test_pasted_escape_sequences_are_made_visible(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter")
        person.app.post_message(events.Paste("a\x1b]52;c;eA==\x07b"))
        await person.until(lambda: desk.editor.area.text == "a␛]52;c;eA==␇b", "the paste")


async def test_a_thread_of_any_size_has_bounded_lines(office: Office) -> None:
    from core.views import thread

    made = await contact(office, "word " * 200_000)
    row, messages, notes = await thread(office.database, made.id)
    now = office.clock.now()
    lines = thread_lines(Talk(tuple(messages), tuple(notes)), 54, now.tzinfo, now)  # type: ignore[arg-type]
    assert len(lines) <= LINES + 5
    assert row.id == made.id
