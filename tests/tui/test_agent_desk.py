"""What comes to an agent by itself, and how she ends it: offers, canned replies, wrap-up, questions, merging."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.canned import CannedReply
from core.models import CallClass, Contact, Message, Note, Queue
from tests.tui.conftest import LARGE
from tests.tui.seeding import EMAIL, contact, outcomes, says, small_desk
from tests.tui.test_agent import attend
from tests.tui.test_desk import at_desk
from tui.screens.desk import DeskScreen

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

__all__ = ["attend"]


async def opened_desk(person: Any) -> DeskScreen:
    """The desk, whether or not somebody is before her."""
    await person.press("3")
    await person.until(lambda: isinstance(person.app.screen, DeskScreen), "the desk")
    desk: DeskScreen = person.app.screen
    await person.until(lambda: desk.found is not None, "what is on it")
    return desk


async def test_an_offer_is_shown_at_once_and_enter_accepts_it_and_writing_begins(
    attend: Any, office: Office, looks: Any
) -> None:
    async with attend("ann") as person:
        desk = await opened_desk(person)
        await person.sees("you are not ready: F10 and contacts come")
        await looks(person, "empty")
        await person.press("f10")
        await person.sees("you are ready")
        one = await contact(office, "I want a refund please", name="Ann Lee")
        assert await office.distribution.share() == 1
        await person.sees("offered, ", "offered to you: Enter accepts, Ctrl+D refuses", "I want a refund")
        await person.sees("⏎ Accept  Ctrl+D Refuse  F10 ")
        assert "⏎ Open" not in person.text()
        await looks(person, "offered")
        await person.press("enter")
        await person.until(lambda: desk.is_mine and person.app.focused is desk.editor.area, "the editor")
        await person.press(*"Hi")
        await person.until(lambda: desk.editor.area.text == "Hi", "her words")
        two = await contact(office, "Another one", name="Bo Chan", address="+447700900456")
        await office.distribution.share()
        await person.sees("▲ Bo Chan is offered")
        assert desk.contact is not None
        assert (desk.contact.id, desk.editor.area.text) == (one.id, "Hi")
        await looks(person, "offered-while-writing", themes=("postroom-dark",))
        await person.press("escape")
        await person.sees("⏎ Open")
        await person.press("down")
        await person.until(lambda: desk.contact is not None and desk.contact.id == two.id, "the other")
        await person.sees("⏎ Accept  Ctrl+D Refuse")
        await person.press("ctrl+d")
        await person.until(lambda: desk.contact is not None and desk.contact.id == one.id, "the first again")
        await two.refresh_from_db()
        assert two.state.value == "queued"


async def test_offers_stand_as_they_are_given_out_and_the_one_that_is_read_stays_until_it_is_answered(
    attend: Any, office: Office
) -> None:
    minute = timedelta(minutes=1)
    young = await contact(office, "Young", name="Young", address="+447700900101", ago=minute)
    old = await contact(office, "Old", name="Old", address="+447700900102", ago=9 * minute)
    dear = await contact(office, "Dear", name="Dear", address="+447700900103", priority=5)
    async with attend("ann") as person:
        desk = await opened_desk(person)
        await person.press("f10")
        await person.sees("● ready")
        await office.database.rows("UPDATE person SET capacity_sms = 9 WHERE login = 'ann'")
        assert await office.distribution.share() == 3
        await person.until(lambda: desk.mine.rows.keys == [dear.id, old.id, young.id], "the order")
        await person.until(lambda: desk.contact is not None and desk.contact.id == dear.id, "the first of them")
        assert desk.found is not None
        assert desk.waiting_words(desk.found) == ""
        dearest = await contact(office, "Dearest", name="Dearest", address="+447700900104", priority=9)
        assert await office.distribution.share() == 1
        await person.until(lambda: desk.mine.rows.keys[0] == dearest.id, "the new one above it")
        await person.comes_to_rest()
        await person.press("enter")
        await person.until(lambda: desk.is_mine, "the editor")
        assert desk.contact is not None
        assert desk.contact.id == dear.id


async def test_who_has_just_held_a_contact_is_shown_the_next_offer(attend: Any, office: Office) -> None:
    one = await contact(office, "First", name="First", address="+447700900101", agent="ann")
    async with attend("ann") as person:
        desk = await at_desk(person, "First")
        await person.press("f10", "enter")
        await person.until(lambda: person.app.focused is desk.editor.area, "the editor")
        await person.press("ctrl+l", *"2 h", "enter")
        await person.until(lambda: desk.contact is not None and desk.contact.state == "held", "the hold")
        two = await contact(office, "Second", name="Second", address="+447700900102")
        assert await office.distribution.share() == 1
        await person.until(lambda: desk.contact is not None and desk.contact.id == two.id, "the next")
        await person.press("enter")
        await person.until(lambda: desk.is_mine and desk.contact is not None and desk.contact.id == two.id, "hers")
        await one.refresh_from_db()
        assert one.state.value == "held"


async def test_several_offers_that_run_out_are_told_in_one_line(
    attend: Any, office: Office, clock: FrozenClock
) -> None:
    async with attend("ann") as person:
        await opened_desk(person)
        await person.press("f10")
        await person.sees("● ready")
        for number in ("+447700900101", "+447700900102"):
            await contact(office, "Hello", address=number)
        assert await office.distribution.share() == 2
        await person.sees("offered to you")
        clock.advance(seconds=31)
        assert await office.distribution.expire() == 2
        await person.until(lambda: "2 offers ran out: they wait for everybody" in person.said(), "the words")
        assert not any("the offer of" in one for one in person.said())


async def test_an_offer_that_runs_out_goes_and_who_takes_what_comes_writes_at_once(
    attend: Any, office: Office, clock: FrozenClock
) -> None:
    async with attend("ann") as person:
        desk = await opened_desk(person)
        await person.press("f10")
        await person.sees("● ready")
        await contact(office, "I want a refund please", name="Ann Lee")
        await office.distribution.share()
        await person.sees("offered to you")
        clock.advance(seconds=31)
        assert await office.distribution.expire() == 1
        await person.until(lambda: any("Ann Lee" in one and "ran out" in one for one in person.said()), "the words")
        await person.until(lambda: desk.contact is None, "an empty desk")
        await office.database.rows("UPDATE person SET auto_accept = ? WHERE login = 'ann'", True)
        await office.presence.heard("ann", person.app.seat)
        await office.distribution.share()
        await person.until(lambda: desk.is_mine and person.app.focused is desk.editor.area, "the editor")


async def test_a_canned_reply_takes_three_keys_and_can_be_undone(attend: Any, office: Office, looks: Any) -> None:
    await office.canned.save(
        CannedReply("label", "Hello {{ customer.first_name }}, a label is on its way."), actor="sue"
    )
    await office.canned.save(CannedReply("late", "Sorry for the wait, {{ customer.name }}."), actor="sue")
    await office.canned.save(CannedReply("hours", "We open at nine."), actor="sue")
    await contact(office, "It is broken", name="Ann Lee", agent="ann")
    await contact(office, "Hello?", address="+447700900456", agent="ann")
    async with attend("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("enter", "/", "h", "tab")
        await person.until(lambda: desk.editor.area.text == "We open at nine.", "the reply")
        await person.press("ctrl+z")
        await person.until(lambda: desk.editor.area.text == "/h", "what was typed")
        await person.press("backspace", "backspace", *"So: /label", "enter")
        await person.until(lambda: desk.editor.area.text == "So: Hello Ann, a label is on its way.", "the other")
        await person.press("space", "/", "l", "tab")
        await person.sees("Canned reply to Ann Lee", "/label", "/late")
        await looks(person, "canned")
        await person.press("down", "enter")
        await person.until(lambda: desk.editor.area.text.endswith("way. Sorry for the wait, Ann Lee."), "the third")
        await person.press("escape")
        await at_desk(person, "")
        await person.press("enter", *"Dear /late", "tab")
        await person.until(lambda: any("customer's name, which is not known" in one for one in person.said()), "why")
        assert desk.editor.area.text == "Dear /late"


async def test_the_word_of_a_canned_reply_is_never_sent_in_its_place(attend: Any, office: Office) -> None:
    await office.canned.save(CannedReply("hi", "Hello {{ customer.name }}"), actor="sue")
    await contact(office, "Hello?", agent="ann", address="+447700900456")
    async with attend("ann") as person:
        desk = await opened_desk(person)
        await person.until(lambda: desk.contact is not None and "hi" in " ".join(desk.editor.area.words), "the words")
        await person.press("enter")
        await person.until(lambda: person.app.focused is desk.editor.area, "the editor")
        await person.press(*"/hi", "tab")
        await person.until(lambda: any("which is not known" in one for one in person.said()), "what it lacks")
        await person.press("ctrl+s")
        await person.until(lambda: any("/hi is not written out yet" in one for one in person.said()), "the words")
        assert desk.editor.area.text == "/hi"
        assert await Message.filter(direction="out").count() == 0


async def test_ctrl_e_wraps_up_with_outcome_class_and_note(
    attend: Any, office: Office, clock: FrozenClock, looks: Any
) -> None:
    await Queue.filter(name="front").update(wrap_up_seconds=60)
    await outcomes()
    for name in ("Refund", "Order"):
        await CallClass.get_or_create(name=name)
    one = await contact(office, "It is broken", name="Ann Lee", agent="ann")
    async with attend("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("ctrl+e")
        await person.sees("Wrap-up of Ann Lee", "F5 1 min more", "◌ wrap-up")
        await looks(person, "wrap-up")
        await person.press("f5")
        await person.sees("◌ 2 min left")
        await person.press("f8")
        await person.until(lambda: desk.is_mine and desk.contact and desk.contact.state == "open", "it open again")
        await person.press("ctrl+e")
        await person.sees("Wrap-up of Ann Lee")
        await person.press("escape")
        await person.sees("wrap-up: It is brok")
        await person.press("ctrl+e", *"answ", "tab", "tab", *"label sent", "ctrl+e")
        await person.sees(f"contact {one.id} closed: answered")
    await one.refresh_from_db()
    assert (one.state.value, one.outcome) == ("closed", "answered")
    assert (await Note.get(contact_id=one.id)).text == "label sent"


async def test_a_wrap_up_that_is_over_closes_its_strip(attend: Any, office: Office, clock: FrozenClock) -> None:
    await Queue.filter(name="front").update(wrap_up_seconds=60)
    one = await contact(office, "It is broken", name="Ann Lee", agent="ann")
    async with attend("ann") as person:
        desk = await at_desk(person, "Ann Lee")
        await person.press("ctrl+e")
        await person.until(lambda: desk._wrapping is not None, "the wrap-up")
        clock.advance(seconds=61)
        await office.desk.end_wrap_ups()
        await person.until(lambda: any("is over" in said for said in person.said()), "the words")
        await person.until(lambda: person.app.screen is desk, "the desk")
    assert (await Contact.get(id=one.id)).outcome == "not given"


async def test_a_colleague_is_asked_and_answers_and_a_whisper_is_marked(
    attend: Any, office: Office, looks: Any
) -> None:
    await small_desk(office)
    ann = await Contact.get(name="Ann Lee", state="open")
    async with attend("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("alt+q", *"bob", "enter")
        await person.press(*"Do we refund this?", "enter")
        await person.sees("bob is asked", "ann asks bob: Do we refund this?")
    async with attend("bob") as person:
        desk = await opened_desk(person)
        await person.sees("ann asks", "I want a refund please")
        assert not desk.is_mine
        await person.press("enter")
        await person.sees("ann asks about contact")
        await looks(person, "asked")
        await person.press(*"Ye", "escape", "enter")
        await person.sees("Ye")
        await person.press(*"s", "enter")
        await person.sees("ann has your answer")
        await person.until(lambda: desk.found is not None and not desk.found.questions, "no question")
    async with attend("ann", size=LARGE) as person:
        await at_desk(person, "Ann Lee")
        await office.desk.whisper(ann.id, "Offer a voucher", login="sue")
        await person.sees("bob answers ann: Yes", "▪ 10:00 sue whispers to ann, not to the")
        await person.until(lambda: any("sue whispers to you alone" in one for one in person.said()), "the toast")
        await looks(person, "whispered", themes=("postroom-dark", "postroom-light"))


async def test_another_contact_of_the_customer_is_merged_after_a_question(
    attend: Any, office: Office, clock: FrozenClock, looks: Any
) -> None:
    one = await contact(office, "By text", name="Ann Lee", agent="ann")
    two = await contact(office, "By e-mail", name="Ann Lee", address="ann@example.org", account=EMAIL)
    await says(two, "And more", clock.now())
    await CallClass.get_or_create(name="Refund")
    async with attend("ann") as person:
        await at_desk(person, "Ann Lee")
        await person.press("alt+m")
        await person.sees("ann@example.org", "same name")
        await looks(person, "merging")
        await person.press("enter", "y")
        await person.sees("By e-mail", "And more")
        await person.press("alt+c", *"ref", "enter")
        await person.sees("is of the class Refund")
    assert await Message.filter(contact_id=one.id).count() == 3
