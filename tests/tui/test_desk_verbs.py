"""The desk by keys alone: hold, transfer, take, close, note, and what is asked about a contact."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Contact, Note, Outcome
from core.models.states import ContactState
from tests.tui.conftest import BOTH, LARGE, SMALL
from tests.tui.desk_seeding import at_desk, burst
from tests.tui.seeding import EMAIL, contact, says, small_desk
from tui.dialogs import ChoiceDialog, Dialog, PageDialog
from tui.dialogs.holding import HoldDialog
from tui.dialogs.passing_on import TransferDialog

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def closed(person: Any) -> None:
    await person.until(lambda: not isinstance(person.app.screen, Dialog), "the dialog to close")


# -- hold ------------------------------------------------------------------------------------------------------------


async def test_a_contact_is_held_and_the_next_comes_before_the_person(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("ctrl+l", *"soon", "enter")
        await person.sees("“soon” is no time to come back at: say 45 min")
        await person.press(*["backspace"] * 4, *"45 min")
        await person.sees("back Today 10:45 GMT")
        await person.press("enter")
        await person.sees("is held until Today 10:45 · F9 takes it back", "45 min hold")
        await person.until(lambda: desk.contact is not None and desk.contact.name == "Ann Lee", "the next contact")
        gus = await Contact.get(name="Gus Hall")
        assert (gus.state, gus.held_until) == (ContactState.HELD, office.clock.now() + timedelta(minutes=45))
        await person.press("f9")
        await person.until(lambda: desk.contact is not None and desk.contact.name == "Gus Hall", "Gus again")
        assert (await Contact.get(name="Gus Hall")).state is ContactState.OPEN
        assert not any("back from hold" in words for words in person.said())


async def test_one_of_the_usual_times_is_a_key_away(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("ctrl+l")
        await person.sees("tomorrow 9:00", "back Today 10:15 GMT")
        await person.press("down", "down")
        await person.sees("back Today 11:00 GMT")
        await person.press("enter")
        await person.sees("is held until Today 11:00")


async def test_a_time_that_is_typed_counts_more_than_the_list(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("ctrl+l", *"11:00")
        await person.sees("back Today 11:00 GMT")
        await person.press("ctrl+s")
        await person.sees("is held until Today 11:00")
        assert (await Contact.get(name="Ann Lee", agent_id=1)).state is ContactState.HELD


async def test_when_its_time_has_come_the_person_is_told(sit: Any, office: Office, clock: FrozenClock) -> None:
    await small_desk(office)
    ann = await Contact.get(name="Ann Lee", agent_id=1)
    await office.desk.hold(ann.id, office.clock.now() + timedelta(hours=2), login="ann")
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.sees("2 h hold", "held until 12:00")
        clock.advance(hours=2)
        await office.desk.wake()
        await person.sees("Ann Lee is back from hold", "open 3 d")
        await office.desk.hold(ann.id, office.clock.now() + timedelta(hours=2), login="ann")
        await person.press("home")
        await at_desk(person, "Gus Hall")
        clock.advance(hours=2)
        await office.desk.wake()
        await person.sees("▲ Ann Lee", "back: Hello, where")
        await at_desk(person, "Ann Lee")
        await person.until(lambda: "▲ Ann Lee" not in person.text(), "the mark to go")


async def test_f8_brings_a_held_contact_back_without_ado(sit: Any, office: Office) -> None:
    await small_desk(office)
    ann = await Contact.get(name="Ann Lee", agent_id=1)
    await office.desk.hold(ann.id, office.clock.now() + timedelta(hours=2), login="ann")
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("f8")
        await person.sees("is yours · F9 takes it back", "open 3 d")
        await person.press("f9")
        await person.sees("2 h hold")
        assert not any("back from hold" in words for words in person.said())


# -- transfer --------------------------------------------------------------------------------------------------------


async def test_what_was_chosen_stays_while_the_note_is_typed(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        one = desk.contact.id if desk.contact else 0
        await person.press("ctrl+t")
        await person.until(lambda: isinstance(person.app.screen, TransferDialog), "the question")
        await person.press("down", "down", "tab", *"he knows her", "enter")
        await person.sees("is with bob")
    moved = await Contact.get(id=one).select_related("agent")
    assert moved.agent is not None and moved.agent.login == "bob"
    assert (await Note.get(contact_id=one)).text == "he knows her"


async def test_what_an_agent_gives_to_an_agent_is_not_hers_to_take_back_but_a_supervisors(
    sit: Any, office: Office
) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("ctrl+t", *"bob", "enter")
        await person.sees("is with bob")
        await person.press("f9")
        await person.sees("there is nothing to take back")
    async with sit("sue") as person:
        one = await Contact.get(name="Ann Lee", agent__login="bob")
        await person.app.open_contact(one.id)
        await person.sees("bob has this contact: Ctrl+T gives it to you", "with bob:")
        await person.press("ctrl+t", *"sue", "enter")
        await person.sees("is with sue · F9 takes it back")
        await person.press("f9")
        await person.sees("taken back")
        assert (await Contact.get(id=one.id).select_related("agent")).agent.login == "bob"  # type: ignore[union-attr]


async def test_a_name_that_nobody_has_is_no_target(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("ctrl+t", *"zzz", "enter")
        await person.sees("nothing of that name: type less")
        await person.press("escape")
        await closed(person)
    assert (await Contact.get(name="Ann Lee", agent_id=1)).state is ContactState.OPEN


# -- take, close, note -----------------------------------------------------------------------------------------------


async def test_taking_can_be_taken_back_into_its_queue(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        fay = await Contact.get(name="Fay Ng")
        await person.app.open_contact(fay.id)
        await person.sees("F8 takes this contact, so that you can answer")
        await person.press("f8")
        await person.sees("is yours · F9 takes it back", "Mine 3")
        await person.press("f9")
        await person.sees("Mine 2")
    fay = await Contact.get(id=fay.id)
    assert (fay.state, fay.agent_id) == (ContactState.QUEUED, None)


async def test_a_closed_contact_is_opened_again_and_closed_as_it_was(sit: Any, office: Office) -> None:
    await small_desk(office)
    old = await contact(office, "an old question", address="+447700900777", name="Ida Old", agent="ann")
    await office.desk.close(old.id, "spam", login="ann")
    async with sit("ann") as person:
        await person.app.open_contact(old.id)
        await person.sees("Ida Old", "closed: spam", "F8 opens this contact again")
        desk: Any = person.app.screen
        shown = {binding.binding.action for binding in desk.active_bindings.values()}
        assert not shown & {"send", "close", "hold", "transfer", "plain"} and shown >= {"take", "note", "explain"}
        await person.press("f8")
        await person.sees("open 3 min", "Mine 3")
        await person.press("f9")
        await person.sees("closed: spam")
    assert (await Contact.get(id=old.id)).outcome == "spam"


async def test_a_merged_contact_is_not_opened_again_and_says_where_its_messages_are(sit: Any, office: Office) -> None:
    one = await contact(office, "By text", name="Ann Lee", agent="ann")
    two = await contact(office, "By e-mail", name="Ann Lee", address="ann@example.org", account=EMAIL)
    await office.desk.merge(two.id, one.id, login="ann")
    async with sit("ann") as person:
        await person.app.open_contact(two.id)
        await person.sees(f"merged into contact {one.id}, which has its messages")
        await person.press("f8")
        await person.sees("cannot be reopened", f"merged into contact {one.id}; use that one")
    assert (await Contact.get(id=two.id)).state is ContactState.CLOSED


async def test_an_outcome_is_one_of_the_desks_or_any_words_where_it_names_none(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"unsent", "ctrl+e", *"never heard of", "enter")
        await person.sees("What you have written is not sent, and is kept", "nothing of that name")
        await person.press("escape", "escape")
        await closed(person)
        await Outcome.all().delete()
        desk._read_choices_at = -1e9
        desk.refresh_soon()
        await person.until(lambda: desk.found is not None and not desk.found.choices.outcomes, "no outcomes")
        await person.press("ctrl+e", *"as you like", "enter")
        await person.sees("closed: as you like")


async def test_a_note_of_nothing_is_none_and_of_something_stands_in_the_thread(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("ctrl+n", "space", "enter")
        await closed(person)
        await person.press("ctrl+n", *"call her", "enter")
        await person.sees("note 10:00 ann: call her")
    assert await Note.all().count() == 1


async def test_what_is_typed_while_a_question_opens_goes_into_it(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", *"Hello")
        await burst(person, "ctrl+t", *"bob", "enter")
        await person.sees("is with bob")
        await person.until(lambda: desk.contact is not None and desk.contact.name == "Gus Hall", "the next")
        kept = await office.drafts.kept((await Contact.get(name="Ann Lee", agent_id=2)).id, login="ann")
        assert [one.draft.text for one in kept] == ["Hello"]


# -- asking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["f4", "question_mark"])
async def test_anybody_asks_why(sit: Any, office: Office, key: str) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press(key)
        await person.until(lambda: isinstance(person.app.screen, PageDialog), "the explanation")
        await person.sees("Contact", "agent     ann", "+447700900123")
        await person.press("escape")
        await closed(person)


async def test_a_whole_message_is_read_and_of_several_long_ones_one_is_chosen(sit: Any, office: Office) -> None:
    await small_desk(office)
    ann = await Contact.get(name="Ann Lee", agent_id=1)
    async with sit("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("f3")
        await person.sees("I want a refund please, it arrived broken")
        await person.press("escape")
        await closed(person)
        for n in range(2):
            await says(ann, f"long {n}\n" + "line\n" * 500, office.clock.now() + timedelta(seconds=n))
        office.database.bell.ring()
        await person.sees("more lines: F3 shows the whole message")
        await person.press("f3")
        await person.until(lambda: isinstance(person.app.screen, ChoiceDialog), "the choice")
        await person.sees("long 0", "long 1")
        await person.press("down", "enter")
        await person.until(lambda: isinstance(person.app.screen, PageDialog), "the page")
        await person.sees("long 0")


async def test_every_thing_on_the_desk_is_reached_by_tab_and_back(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann", size=LARGE) as person:
        desk = await at_desk(person, "Ann Lee")
        seen = []
        for key in ("tab", "tab", "tab", "tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab"):
            await person.press(key)
            seen.append(desk.focused.id if desk.focused is not None else "")
        assert seen == [
            "thread", "answer", "earlier-rows", "mine-rows", "earlier-rows", "answer", "thread", "mine-rows"
        ]  # fmt: skip


# -- looks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_questions_look_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await small_desk(office)
    gus = await Contact.get(name="Gus Hall")
    await office.desk.hold(gus.id, office.clock.now() + timedelta(hours=2), login="ann")
    async with sit("ann", size=size) as person:
        await at_desk(person, "Ann Lee")
        await person.sees("2 h hold")
        await person.press("ctrl+l")
        await person.until(lambda: isinstance(person.app.screen, HoldDialog), "the question")
        await person.sees("back Today 10:15 GMT")
        await looks(person, "hold", BOTH)
        await person.press("escape", "ctrl+t", "tab", *"she is French")
        await person.sees("she is French", "agent bob")
        await looks(person, "transfer", BOTH)
