"""Drafts on the screen: kept as typed, at two terminals of one person, and through whatever happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from core.drafts import KeptDraft
from core.models import Contact, Message, TypedDraft
from core.store import StoreBusy
from tests.tui.desk_seeding import at_desk
from tests.tui.seeding import small_desk

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def ann_id(office: Office) -> int:
    return int((await Contact.get(name="Ann Lee", agent_id=1)).id)


async def stored(office: Office, *texts: str) -> None:
    """Wait until these drafts of ann's, and no others, are in the database."""
    one = await ann_id(office)
    for _ in range(500):
        kept = [each.draft.text for each in await office.drafts.kept(one, login="ann")]
        if sorted(kept) == sorted(texts):
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"in the database: {kept}")


async def elsewhere(office: Office, text: str, seat: str = "another") -> None:
    """Ann types this at another terminal."""
    await office.drafts.keep(await ann_id(office), KeptDraft(text), login="ann", seat=seat)


async def test_a_draft_of_another_terminal_is_there_and_says_from_when(
    sit: Any, office: Office, clock: FrozenClock
) -> None:
    await small_desk(office)
    await elsewhere(office, "Dear Ann")
    clock.advance(minutes=5)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.sees("Dear Ann", "kept from 10:00")
        await person.press("enter", *", so")
        await stored(office, "Dear Ann, so")
        await person.until(lambda: "kept from" not in person.text(), "the past to be forgotten")
        assert (await TypedDraft.get()).seat == desk.seat


async def test_a_terminal_that_only_looks_on_follows_the_other(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await elsewhere(office, "Dear")
        office.database.bell.ring()
        await person.until(lambda: desk.editor.area.text == "Dear", "the other's words")
        await elsewhere(office, "Dear Ann")
        office.database.bell.ring()
        await person.until(lambda: desk.editor.area.text == "Dear Ann", "more of them")
        await elsewhere(office, "")
        office.database.bell.ring()
        await person.until(lambda: desk.editor.area.text == "", "an empty editor, since it was sent there")


async def test_two_terminals_that_both_type_overwrite_nothing_and_one_chooses(
    sit: Any, office: Office, clock: FrozenClock
) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("alt+d")
        await person.sees("what you typed stands here alone")
        await person.press("enter", *"here")
        await stored(office, "here")
        clock.advance(minutes=1)
        await elsewhere(office, "there")
        office.database.bell.ring()
        await person.sees("▲ typed elsewhere too: Alt+D")
        assert desk.editor.area.text == "here"
        await person.press(*" too")
        await stored(office, "here too", "there")
        await person.press("alt+d")
        await person.sees("Typed at two terminals", "here  here too", "10:01  there")
        await person.press("down", "enter")
        await person.until(lambda: desk.editor.area.text == "there", "the other's words")
        await stored(office, "there")
        await person.press("f9")
        await person.until(lambda: desk.editor.area.text == "here too", "my words again")
        await stored(office, "here too", "there")
        await person.press("alt+d")
        await person.sees("Which one goes on?")
        await person.press("enter")
        await stored(office, "here too")
        await person.until(lambda: "typed elsewhere" not in person.text(), "the notice to go")


async def test_the_other_terminal_that_goes_on_with_mine_takes_it_over(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"Dear")
        await stored(office, "Dear")
        office.database.bell.ring()
        await person.until(lambda: desk.found is not None and desk.found.kept.own, "it to be known as mine")
        (mine,) = await office.drafts.kept(await ann_id(office), login="ann")
        await office.drafts.keep(await ann_id(office), KeptDraft("Dear Ann"), login="ann", seat="b", instead_of=mine)
        office.database.bell.ring()
        await person.until(lambda: desk.editor.area.text == "Dear Ann", "what became of it there")
        await person.press(*"!")
        await stored(office, "Dear Ann!")


async def test_a_draft_that_was_sent_does_not_come_back(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"Soon", "ctrl+s")
        await person.sees("it is in the outbox")
        await stored(office)
        await person.press("escape", "up", "down")
        await person.until(lambda: desk.contact is not None and desk.contact.name == "Ann Lee", "Ann again")
        assert desk.editor.area.text == "" and await Message.filter(text="Soon").count() == 1


async def test_a_draft_on_its_way_into_the_database_is_not_there_after_it_was_sent(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_desk(office)
    keep, begun, go_on = office.drafts.keep, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any, **named: Any) -> None:
        begun.set()
        await go_on.wait()
        await keep(*arguments, **named)

    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter")
        monkeypatch.setattr(office.drafts, "keep", slow)
        await person.press("x")
        await asyncio.wait_for(begun.wait(), 5)
        await person.press("ctrl+s")
        for _ in range(20):
            await person.pilot.pause(0.02)
        assert await Message.filter(text="x").count() == 0, "the answer waits for the draft"
        monkeypatch.setattr(office.drafts, "keep", keep)
        go_on.set()
        await person.sees("it is in the outbox")
        await stored(office)


async def test_what_was_read_before_a_letter_was_typed_does_not_take_it_away(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_desk(office)
    kept, reading, go_on = office.drafts.kept, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any, **named: Any) -> Any:
        found = await kept(*arguments, **named)
        reading.set()
        await go_on.wait()
        return found

    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"Dear")
        await stored(office, "Dear")
        office.database.bell.ring()
        await person.until(lambda: desk.found is not None and desk.found.kept.own, "it to be known as mine")
        (mine,) = await office.drafts.kept(await ann_id(office), login="ann")
        await office.drafts.keep(await ann_id(office), KeptDraft("Dear Ann"), login="ann", seat="b", instead_of=mine)
        monkeypatch.setattr(office.drafts, "kept", slow)
        office.database.bell.ring()
        await asyncio.wait_for(reading.wait(), 5)
        await person.press("!")
        await person.until(lambda: not desk.unsaved, "it to be written")
        monkeypatch.setattr(office.drafts, "kept", kept)
        go_on.set()
        office.database.bell.ring()
        await person.sees("typed elsewhere too")
        assert desk.editor.area.text == "Dear!"
        await stored(office, "Dear!", "Dear Ann")


async def test_what_the_other_terminal_had_typed_is_there_after_mine_was_sent(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"mine")
        await stored(office, "mine")
        await elsewhere(office, "the other's")
        await person.press("ctrl+s")
        await person.sees("it is in the outbox")
        await person.until(lambda: desk.editor.area.text == "the other's", "what is not sent")
        await person.sees("kept from 10:00")


async def test_a_database_that_is_busy_loses_no_letter(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        keep = office.drafts.keep

        async def busy(*_: object, **__: object) -> None:
            raise StoreBusy("the database is busy: it is tried again")

        monkeypatch.setattr(office.drafts, "keep", busy)
        await person.press("enter", *"Hell")
        await person.sees("the database is busy")
        monkeypatch.setattr(office.drafts, "keep", keep)
        await person.press("o")
        await stored(office, "Hello")
        assert desk.editor.area.text == "Hello"


async def test_the_app_does_not_end_before_all_is_written(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        keep = office.drafts.keep

        async def busy(*_: object, **__: object) -> None:
            raise StoreBusy("the database is busy")

        monkeypatch.setattr(office.drafts, "keep", busy)
        await person.press("enter", *"Hello", "ctrl+q")
        await person.sees("what you typed cannot be written down yet, so Postroom stays open")
        assert person.app.is_running
        monkeypatch.setattr(office.drafts, "keep", keep)
        await person.press("ctrl+q")
    await stored(office, "Hello")
