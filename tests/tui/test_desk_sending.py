"""What leaves the desk: to whom, with what, what became of it, and trying again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from core.desk import Answer
from core.models import Contact, Gateway, Message, Outbox
from core.models.states import OutboxState
from core.views import thread
from core.views.choices import Price, choices
from tests.flow.mails import email
from tests.flow.test_desk_answers import with_file
from tests.tui.conftest import BOTH, LARGE, SMALL
from tests.tui.desk_seeding import CAT, at_desk, burst, mail_desk
from tests.tui.seeding import small_desk
from tui.dialogs import ChoiceDialog
from tui.dialogs.passing_on import ForwardDialog
from tui.widgets.editor import cost
from tui.widgets.thread_lines import Talk, thread_lines

if TYPE_CHECKING:
    from core.office import Office

COPIES = "Cc: eve@x.example, texts@acme.example, bo@x.example\r\n"


async def sent_by_ann(office: Office, *texts: str) -> list[int]:
    ann = await Contact.get(name="Ann Lee", agent_id=1)
    return [await office.desk.reply(ann.id, Answer(text), login="ann") for text in texts]


# -- to whom ---------------------------------------------------------------------------------------------------------


async def test_copies_go_to_everybody_and_to_nobody_by_one_key(sit: Any, office: Office) -> None:
    await mail_desk(office, email(CAT, "Photo", "see", headers=COPIES))
    async with sit("ann") as person:
        desk = await at_desk(person, "Cat")
        await person.sees("also to eve@x.example")
        await person.press("enter", "ctrl+r")
        await person.sees("it goes to eve@x.example, bo@x.example too", "cc eve@x.example")
        await person.press("ctrl+r")
        await person.sees("it goes to the customer alone")
        assert desk.editor.draft.cc == ""
        await person.press("ctrl+r", *"Hello", "ctrl+s")
        await person.sees("it is in the outbox", "cc eve@x.example, bo@x.example")
    sent = await Message.get(direction="out")
    assert json.loads(sent.recipients) == ["eve@x.example", "bo@x.example"]


async def test_to_all_says_so_where_there_is_nobody_else(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Gus Hall")
        await person.press("ctrl+r")
        await person.sees("the customer wrote to nobody but us")
        await at_desk(person, "Ann Lee")
        assert "reply_all" not in {one.binding.action for one in person.app.screen.active_bindings.values()}


async def test_the_heading_offers_those_who_were_written_to(sit: Any, office: Office) -> None:
    await mail_desk(office, email(CAT, "RE: Photo", "see", headers=COPIES))
    async with sit("ann") as person:
        desk = await at_desk(person, "Cat")
        await person.press("f5")
        await person.sees("Re: Photo", "The customer wrote to eve@x.example, bo@x.example too.")
        await person.press("tab", *"EVE@x.example, not an address", "ctrl+s")
        await person.sees("not an address is not an e-mail address")
        await person.press(*["backspace"] * 16, "tab", "tab", "enter", "ctrl+s")
        await person.until(lambda: desk.editor.draft.cc == "EVE@x.example, bo@x.example", "the copies")


# -- forward ---------------------------------------------------------------------------------------------------------


async def test_a_contact_is_forwarded_with_its_files_and_taken_back(sit: Any, office: Office) -> None:
    await mail_desk(office, with_file(CAT))
    async with sit("ann") as person:
        await at_desk(person, "Cat")
        await person.press("ctrl+o", *"nobody", "enter")
        await person.sees("one e-mail address, as in name@example.org", "with 1 file, ")
        await person.press(*"@x.example", "enter", *"Please look", "ctrl+s")
        await person.sees("forwarded to nobody@x.example · F9 takes it back", "▤ photo.jpg")
        await person.press("f9")
        await person.sees("○ cancelled")
    message = await Message.get(direction="out")
    assert (message.text.splitlines()[0], len(json.loads(message.files))) == ("Please look", 1)
    assert (await Outbox.get()).state is OutboxState.CANCELLED


async def test_files_are_left_out_by_a_key(sit: Any, office: Office) -> None:
    await mail_desk(office, with_file(CAT))
    async with sit("ann") as person:
        await at_desk(person, "Cat")
        await person.press("ctrl+o", *"a@x.example", "tab", "tab", "space", "ctrl+s")
        await person.sees("forwarded to a@x.example")
    assert (await Message.get(direction="out")).files == "[]"


# -- sending ---------------------------------------------------------------------------------------------------------


async def test_nothing_is_not_sent_and_something_is_sent_once(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", "space", "ctrl+s")
        await person.sees("there is nothing to send yet: write something first")
        await person.press(*"Hello")
        await burst(person, "ctrl+s", "ctrl+s", "ctrl+s")
        await person.sees("it is in the outbox", "◌ queued")
    assert await Outbox.all().count() == 1


async def test_what_is_typed_while_an_answer_leaves_is_the_next_answer(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter")
        await burst(person, *"One", "ctrl+s", *"Two")
        await person.sees("it is in the outbox")
        await person.until(lambda: desk.editor.area.text == "Two" and not desk.unsaved, "the next answer")
    assert (await Message.get(direction="out")).text == "One"
    kept = await office.drafts.kept((await Contact.get(name="Ann Lee", agent_id=1)).id, login="ann")
    assert [one.draft.text for one in kept] == ["Two"]


async def test_what_could_not_leave_stands_before_what_was_typed_since(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_desk(office)
    reply = office.desk.reply

    async def after_bob_took_it(*words: Any, **more: Any) -> int:
        await Contact.filter(name="Ann Lee").update(agent_id=2)
        return await reply(*words, **more)

    monkeypatch.setattr(office.desk, "reply", after_bob_took_it)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter")
        await burst(person, *"One", "ctrl+s", *"Two")
        await person.sees("it is open with bob")
        await person.until(lambda: desk.editor.area.text == "One\nTwo", "both")


async def test_what_was_read_before_it_was_typed_takes_no_letter_of_it(sit: Any, office: Office) -> None:
    """Somebody takes the contact while she types: the news of it is older than her words."""
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter")
        read = desk.found
        await person.press(*"One")
        assert read is not None and desk.typed > read.typed
        desk.load_draft(read, replace(desk.editor.addressee, closed_to="bob has this contact"))
        assert desk.editor.area.text == "One" and desk.editor.area.read_only


async def test_letters_that_are_typed_and_not_told_yet_stay_too(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter")
        assert desk.found is not None
        desk.editor.area.insert("One")
        assert desk.editor.draft.text == ""
        desk.load_draft(desk.found, replace(desk.editor.addressee, closed_to="bob has this contact"))
        assert desk.editor.area.text == "One"


async def test_a_close_right_after_an_answer_is_not_told_of_a_new_message(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", *"Bye")
        await burst(person, "ctrl+s", "ctrl+e", *"answered", "enter")
        await person.sees("closed: answered")
    assert not any("new message" in words for words in person.said())
    assert await Outbox.all().count() == 1


async def test_a_text_of_any_language_says_what_it_costs_and_why(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", "漢", *" ok ")
        person.app.post_message(events.Paste("’"))
        await person.sees("▲ 6 of 70 · 1 part · ’ +1 makes it UCS-2: Ctrl+G plain")
        await person.press("ctrl+g")
        await person.sees("no plain twin for 漢 (U+6F22)", "漢 makes it UCS-2")
        assert desk.editor.area.text == "漢 ok '"
        await person.press("ctrl+g")
        assert desk.editor.area.text == "漢 ok '"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 of 160 · 1 part"),
        ("a" * 160, "160 of 160 · 1 part"),
        ("a" * 161, "161 of 306 · 2 parts"),
        ("€" * 81, "162 of 306 · 2 parts"),
        ("ç", "▲ 1 of 70 · 1 part · ç makes it UCS-2: Ctrl+G plain"),
        ("👍", "▲ 2 of 70 · 1 part · 👍 makes it UCS-2"),
        ("a\u200bb", "▲ 3 of 70 · 1 part · U+200B makes it UCS-2: Ctrl+G plain"),
        ("\u00a0", "▲ 1 of 70 · 1 part · U+00A0 makes it UCS-2: Ctrl+G plain"),
        ("漢字’" * 30, "▲ 90 of 134 · 2 parts · ’ +2 makes it UCS-2: Ctrl+G plain"),
    ],
)
def test_the_counter_names_the_character(text: str, words: str) -> None:
    assert cost(text, sms=True)[0] == words


def test_an_e_mail_is_counted_in_characters() -> None:
    assert [cost(text, sms=False)[0] for text in ("", "ç", "ab")] == ["0 characters", "1 character", "2 characters"]


# -- what became of it -----------------------------------------------------------------------------------------------

GATE = "held back 2026-11-19 10:00 UTC:"
LISTED = "the address is on the campaign's do-not-contact list"
QUIET = "held until 08:00 Europe/London (quiet hours)"
FATES = [
    ({"state": "queued"}, "◌ queued", ""),
    ({"state": "queued", "reply": "421 try later"}, "◌ queued", "421 try later"),
    ({"state": "sending"}, "◌ on its way", ""),
    ({"state": "sent"}, "✓ sent", ""),
    ({"state": "sent", "delivery": "delivered"}, "● delivered", ""),
    ({"state": "sent", "delivery": "delayed", "delivery_reason": "phone is off"}, "▲ delayed", "phone is off"),
    ({"state": "sent", "delivery": "failed", "delivery_reason": "no such number"}, "✖ not delivered", "no such number"),
    ({"state": "failed", "reply": "550 no such user"}, "✖ failed", "550 no such user; r tries again"),
    ({"state": "unknown", "reply": ""}, "▲ in doubt", "a supervisor settles it in 6 Outbox"),
    ({"state": "cancelled"}, "○ cancelled", ""),
    ({"state": "suppressed"}, "○ not sent", ""),
    ({"state": "suppressed", "reply": f"{GATE} the address has opted out"}, "○ not sent", "the address has opted out"),
    ({"state": "suppressed", "reply": f"{GATE} {LISTED}"}, "○ not sent", LISTED),
    ({"state": "queued", "reply": QUIET}, "◌ held", QUIET),
]


@pytest.mark.parametrize(("fields", "fate", "told"), FATES)
async def test_every_message_says_in_glyph_and_word_what_became_of_it(
    office: Office, fields: dict[str, str], fate: str, told: str
) -> None:
    await small_desk(office)
    await sent_by_ann(office, "Hello")
    await Outbox.all().update(**fields)
    row, messages, notes = await thread(office.database, (await Contact.get(name="Ann Lee", agent_id=1)).id)
    lines = thread_lines(Talk(tuple(messages), tuple(notes), row.address), 54, UTC, office.clock.now())
    said = [text.strip() for text, _ in lines]
    at = next(n for n, text in enumerate(said) if text.startswith(fate))
    assert said[at] == f"{fate} 10:00 ann"
    assert " ".join(said[at + 1 :]) == told


async def test_what_failed_is_tried_again_from_the_thread(sit: Any, office: Office) -> None:
    await small_desk(office)
    await sent_by_ann(office, "Hello")
    await Outbox.all().update(state=OutboxState.FAILED, reply="550 no such user")
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.sees("✖ failed 10:00 ann", "550 no such user")
        await person.press("tab", "r")
        await person.sees("it is tried again", "◌ queued 10:00 ann")
        await person.press("r")
        await person.sees("nothing has failed here")


async def test_of_several_that_failed_one_is_chosen_also_while_writing(sit: Any, office: Office) -> None:
    await small_desk(office)
    first, _ = await sent_by_ann(office, "First", "Second")
    await Outbox.all().update(state=OutboxState.FAILED)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", "r", "alt+r")
        await person.until(lambda: isinstance(person.app.screen, ChoiceDialog), "the question")
        await person.press(*"First", "enter")
        await person.sees("it is tried again")
    assert (await Outbox.get(message_id=first)).state is OutboxState.QUEUED
    assert await Outbox.filter(state=OutboxState.FAILED).count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": OutboxState.UNKNOWN}, "a supervisor settles it in the outbox"),
        ({"state": OutboxState.SENT, "delivery": "failed"}, "it left and was not delivered"),
    ],
)
async def test_what_cannot_be_tried_again_here_says_where(
    sit: Any, office: Office, fields: dict[str, Any], words: str
) -> None:
    await small_desk(office)
    await sent_by_ann(office, "Hello")
    await Outbox.all().update(**fields)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("r")
        await person.sees(words)


# -- looks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_what_leaves_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    one = await mail_desk(office, with_file(CAT), email(CAT, "Photo", "and one thing more", headers=COPIES))
    for n, (fields, _, _) in enumerate(FATES):
        message_id = await office.desk.reply(one.id, Answer(f"Answer {n}"), login="ann")
        await Outbox.filter(message_id=message_id).update(**fields)
        await Message.filter(id=message_id).update(at=office.clock.now() - timedelta(minutes=20 - n))
    async with sit("ann", size=size) as person:
        await at_desk(person, "Cat")
        await person.sees("◌ held")
        await looks(person, "fates", BOTH)
        await person.press("ctrl+o", *"depot@example.org")
        await person.until(lambda: isinstance(person.app.screen, ForwardDialog), "the question")
        await person.sees("with 1 file")
        await looks(person, "forward", BOTH)
        await person.press("escape", "f5")
        await person.sees("The customer wrote to")
        await looks(person, "heading", BOTH)


async def test_the_counter_says_what_a_text_costs(sit: Any, office: Office) -> None:
    await small_desk(office)
    for gateway in await Gateway.all():
        gateway.overrides = {**gateway.overrides, "price_per_part": "0.032", "currency": "GBP"}
        await gateway.save()
    assert {price.of(3) for price in (await choices(office.database)).prices.values()} == {"£0.096"}
    assert cost("x" * 161, sms=True, price=Price(Decimal("0.05"), "CHF"))[0].endswith("2 parts · 0.10 CHF")
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.sees("1 part · £0.032")
