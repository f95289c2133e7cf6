"""A message that comes while one writes: counted, marked, never in the way, and asked about before an answer leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.drafts import KeptDraft
from core.models import Contact, Outbox
from tests.tui.conftest import BOTH, LARGE, SMALL
from tests.tui.desk_seeding import at_desk, writes
from tests.tui.seeding import says, small_desk
from tui.dialogs import ConfirmDialog, Dialog

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def ann_of(office: Office) -> Contact:
    return await Contact.get(name="Ann Lee", agent_id=1)


async def closed(person: Any) -> None:
    await person.until(lambda: not isinstance(person.app.screen, Dialog), "the dialog to close")


async def test_what_comes_while_one_writes_is_marked_and_asked_about(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"It comes on Monday", "left", "left")
        at = desk.editor.area.cursor_location
        await writes(office, await ann_of(office), "never mind, it is here")
        await person.sees("── 1 new since you began to write", "never mind, it is here", "▲ 1 new · to 07700 900123")
        assert desk.editor.area.text == "It comes on Monday" and desk.editor.area.cursor_location == at
        assert desk.focused is desk.editor.area
        await person.press("ctrl+s")
        await person.until(lambda: isinstance(person.app.screen, ConfirmDialog), "the question")
        await person.sees("Ann Lee has written since you began", "never mind, it is here", "Send all the same")
        await person.press("enter")
        await closed(person)
        assert await Outbox.all().count() == 0 and desk.editor.area.text == "It comes on Monday"
        await person.until(lambda: "new since" not in person.text(), "the mark to go, since it was looked at")
        await person.press("ctrl+s")
        await person.sees("it is in the outbox")


async def test_one_who_knows_sends_all_the_same(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", *"Yes")
        await writes(office, await ann_of(office), "please")
        await person.sees("▲ 1 new")
        await person.press("ctrl+s")
        await person.until(lambda: isinstance(person.app.screen, ConfirmDialog), "the question")
        await person.press("y")
        await person.sees("it is in the outbox")


async def test_what_comes_before_one_writes_is_not_asked_about(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter")
        await writes(office, await ann_of(office), "are you there?")
        await person.sees("are you there?")
        await person.press(*"Yes", "ctrl+s")
        await person.sees("it is in the outbox")


async def test_who_goes_to_the_thread_has_looked(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"Yes")
        await writes(office, await ann_of(office), "hello?")
        await person.sees("▲ 1 new")
        await person.press("shift+tab")
        await person.until(lambda: not desk.fresh and "▲ 1 new" not in person.text(), "it to be seen")
        await person.press("tab", "ctrl+s")
        await person.sees("it is in the outbox")


async def test_what_came_after_a_draft_was_left_is_new_when_one_comes_back(
    sit: Any, office: Office, clock: FrozenClock
) -> None:
    await small_desk(office)
    ann = await ann_of(office)
    await office.drafts.keep(ann.id, KeptDraft("It comes on"), login="ann", seat="yesterday")
    clock.advance(minutes=30)
    await says(ann, "it came", clock.now())
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.sees("It comes on", "── 1 new since you began to write", "▲ 1 new")


async def test_a_message_in_the_very_moment_of_sending_is_told_and_the_words_stay(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"Yes")
        ann = await ann_of(office)
        await says(ann, "no", office.clock.now())
        await Contact.filter(id=ann.id).update(message_count=ann.message_count + 1)  # and no bell
        await person.press("ctrl+s")
        await person.sees("has a new message: look at it before you answer")
        await person.until(lambda: desk.editor.area.text == "Yes", "the words")
        office.database.bell.ring()
        await person.sees("▲ 1 new")
    assert await Outbox.all().count() == 0


async def test_a_thread_that_is_read_further_up_does_not_jump(sit: Any, office: Office) -> None:
    await small_desk(office)
    ann = await ann_of(office)
    for n in range(30):
        await says(ann, f"line {n}", office.clock.now() - timedelta(minutes=60 - n))
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.sees("I want a refund")
        await person.press("tab", "home")
        await person.sees("Hello, where is my order?", "line 3")
        before = person.text()
        await writes(office, ann, "the newest")
        await person.sees("1 new ↓")
        lines = [line[25:] for line in person.text().splitlines()[3:12]]
        assert lines == [line[25:] for line in before.splitlines()[3:12]]
        assert "the newest" not in "\n".join(lines)
        await person.press("end")
        await person.sees("the newest")
        await person.until(lambda: "1 new ↓" not in person.text(), "the count to go")


async def test_another_contact_that_is_written_to_is_marked_in_the_list(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("enter", *"Dear Gus")
        ann = await ann_of(office)
        await writes(office, ann, "hurry up")
        await Contact.filter(id=ann.id).update(preview="hurry up")
        office.database.bell.ring()
        await person.sees("▲ Ann Lee", "1 new: hurry up")
        assert desk.contact is not None and desk.contact.name == "Gus Hall"
        await person.press("escape", "down")
        await person.until(lambda: desk.contact is not None and desk.contact.name == "Ann Lee", "Ann")
        await person.until(lambda: "▲ Ann Lee" not in person.text(), "the mark to go")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_news_look_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await small_desk(office)
    async with sit("ann", size=size) as person:
        await at_desk(person, "Ann Lee")
        await person.press("enter", *"It comes on Monday")
        await writes(office, await ann_of(office), "never mind, it is here")
        await person.sees("▲ 1 new")
        await looks(person, "news", BOTH)
        await person.press("ctrl+s")
        await person.sees("Send all the same")
        await looks(person, "asked", BOTH)
