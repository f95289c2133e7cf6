"""The queues screen at 80x24 by keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.models import Contact
from core.models.states import ContactState
from tests.tui.conftest import LARGE, SMALL
from tests.tui.seeding import contact, many, small_desk
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from core.office import Office


async def in_front(person: Any) -> Rows:
    """Into the contacts of the queue front."""
    await person.sees("front")
    await person.press("down")
    await person.sees("front · ")
    await person.press("enter")
    rows: Rows = person.app.screen.query_one("#waiting-rows", Rows)
    await person.until(lambda: rows.has_focus and rows.current_row, "the contacts")
    return rows


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await small_desk(office)
    async with sit(size=size) as person:
        await in_front(person)
        await person.press("space")
        await person.sees("1 selected", "What time do you open")
        await looks(person, "queues")


async def test_a_contact_that_comes_is_counted_and_moves_nothing_under_the_cursor(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit() as person:
        rows = await in_front(person)
        await person.press("down")
        here = rows.current
        await contact(office, "me first", address="+447700900999", priority=9)
        office.database.bell.ring()
        await person.sees("1 new ↑")
        assert rows.current == here
        await person.press("up")
        await person.until(lambda: rows.new_above == 0, "the count to end")


async def test_a_contact_that_somebody_else_takes_stays_under_the_cursor_until_the_person_moves(
    sit: Any, office: Office
) -> None:
    await small_desk(office)
    async with sit() as person:
        rows = await in_front(person)
        here = rows.current
        await office.desk.take(here, login="bob")
        await person.sees("front · 6 waiting")
        assert rows.current == here
        await person.press("t")
        await person.sees("cannot be taken: it is open with bob")
        await person.press("down")
        await person.until(lambda: here not in rows.keys, "it to go")


async def test_taking_and_taking_it_back(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        rows = await in_front(person)
        taken = rows.current
        await person.press("t")
        await person.sees(f"contact {taken} is yours · F9 takes it back")
        assert (await Contact.get(id=taken)).state is ContactState.OPEN
        await person.press("f9")
        await person.sees("taken back")
        assert (await Contact.get(id=taken)).state is ContactState.QUEUED


async def test_closing_many_counts_them_first_and_no_is_the_default(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit() as person:
        await in_front(person)
        await person.press("ctrl+a", "b")
        await person.sees("Close 7 contacts", "With which outcome?")
        await person.press(*"spam", "enter")
        await person.sees("Close 7 contacts with the outcome spam?")
        await person.press("enter")
        await person.until(lambda: len(person.app.screen_stack) == 1, "the question to go")
        assert await Contact.filter(state=ContactState.CLOSED).count() == 0
        await person.answers("b", "spam")
        await person.sees("Nobody will answer them")
        await person.press("y")
        await person.sees("7 contacts closed: spam")
        assert await Contact.filter(state=ContactState.CLOSED, outcome="spam").count() == 7
        await person.press("f9")
        await person.sees("front · 7 waiting")


async def test_priority_and_another_queue(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit() as person:
        rows = await in_front(person)
        first = rows.current
        await person.press("p", "x")
        await person.sees("It is 0 now.", "a whole number from -99 to 99")
        await person.press("backspace", "5", "enter")
        await person.sees(f"contact {first} at priority 5")
        assert (await Contact.get(id=first)).priority == 5
        await person.answers("m", "bill")
        await person.sees("moved to billing")
        await person.sees("front · 6 waiting")
        await person.press("f9")
        await person.sees("front · 7 waiting")


async def test_assigning_one_and_many_counts_them_first_and_can_be_taken_back(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit() as person:
        rows = await in_front(person)
        first = rows.current
        await person.answers("a", "bob")
        await person.sees(f"contact {first} assigned to bob")
        assert await Contact.filter(id=first, agent__login="bob").exists()
        await person.press("ctrl+a")
        await person.answers("a", "ann")
        await person.sees("Assign 6 contacts to ann, who has 2 open?")
        await person.press("y")
        await person.sees("6 contacts assigned to ann")
        assert await Contact.filter(state=ContactState.OPEN, agent__login="ann").count() == 8
        await person.press("f9")
        await person.until(lambda: len(rows.keys) == 6, "all of them back")
        await person.answers("a", "bob")
        await person.until(lambda: rows.current != first and len(rows.keys) == 5, "one to go")


async def test_an_agent_assigns_nothing(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await in_front(person)
        await person.answers("a", "bob")
        await person.until(lambda: any("take it first" in one for one in person.said()), "the refusal")


async def test_an_agent_is_told_why_not(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await in_front(person)
        await person.press("p", "5", "enter")
        await person.sees("ann is an agent")


async def test_the_filter_looks_in_number_name_and_text_and_takes_its_signs_literally(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit() as person:
        rows = await in_front(person)
        await person.press("slash", *"saturday bo")
        await person.until(lambda: len(rows.keys) == 1 and rows.current_row.name == "Bo Chan", "one row")
        await person.press("escape")
        await person.until(lambda: len(rows.keys) == 7, "all rows")
        await person.press("slash", "%")
        await person.until(lambda: not rows.keys, "no row")


async def test_order_goes_by_column_and_either_way(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit() as person:
        rows = await in_front(person)
        await person.press("s", "s", "s")
        await person.sees("From↑")
        await person.until(lambda: rows.current_row and rows.current_row.address.endswith("200"), "the lowest number")
        await person.press("S")
        await person.sees("From↓")
        await person.until(lambda: rows.current_row and rows.current_row.address.endswith("206"), "the highest number")


async def test_why_a_contact_is_here(sit: Any, office: Office) -> None:
    await small_desk(office)
    async with sit() as person:
        await in_front(person)
        await person.press("question_mark")
        await person.sees("Why contact", "queued in front", "before it in front")
        await person.press("end")
        await person.sees("nobody could take it now", "not by bob: bob has never signed in")


async def test_a_hundred_thousand_are_listed_and_only_those_seen_are_read(sit: Any, office: Office) -> None:
    await many(office, 100_000)
    async with sit() as person:
        rows = await in_front(person)
        await person.sees("100,000 waiting")
        await person.press("end")
        await person.until(lambda: rows.current_row is not None, "the last row")
        assert rows.current_row.address.endswith("00099999")
        assert len(rows._found) < 500


async def test_a_row_that_is_hostile_is_harmless(sit: Any, office: Office) -> None:
    hostile = "\x1b]52;c;eA==\x07\x1b[2J[bold]x[/][@click=app.quit]q[/] \u202egnitirw " + "A" * 100_000
    made = await contact(office, "hello", name="[red]n")
    await Contact.filter(id=made.id).update(preview=hostile[:200])
    async with sit() as person:
        await in_front(person)
        await person.sees("␛]52;c;eA==␇", "[red]n")
        assert not set(person.text()) & {"\x1b", "\x07", "\u202e"}
        assert all(len(line) <= 80 for line in person.text().splitlines())
