"""The journal screen by keys alone, and the page that explains whatever a line is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core import journal
from core.models import Message, Person
from tests.tui.conftest import LARGE, SMALL
from tests.tui.outgoing import ESCAPES, put, write
from tests.tui.seeding import contact
from tui.dialogs import PageDialog
from tui.screens.journal import JournalScreen
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from core.models import Contact
    from core.office import Office


async def at_journal(person: Any) -> Rows:
    """Open the journal."""
    await person.press("7")
    await person.until(lambda: isinstance(person.app.screen, JournalScreen), "the journal")
    rows: Rows = person.app.screen.query_one("#journal-rows", Rows)
    await person.until(lambda: rows.current_row, "the lines")
    return rows


async def a_day(office: Office) -> tuple[Contact, int]:
    """A contact, a cancelled message, and lines about both, about an account and about nothing."""
    one = await contact(office, "Where is my order?", name="Ann Lee")
    message_id = await put(office, "It comes on Friday")
    await Message.filter(id=message_id).update(author=await Person.get(login="bob"))
    await office.settling.cancel(message_id, actor="bob")
    async with office.database.transaction():
        await journal.append(actor="ann", verb="transferred", kind="contact", thing_id=one.id, text="to billing",
                             at=office.clock.now())  # fmt: skip
    await write(office, 1, actor="intake", verb="fetched", kind="account", thing=2, text="contacts")
    await write(office, 1, text="new contacts, each into its account's own queue")
    return one, message_id


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await a_day(office)
    async with sit(size=size) as person:
        await at_journal(person)
        await person.press("down", "down")
        await person.sees("ann transferred  to billing", "contact 1 07700 900123", "1 queue late")
        if size == LARGE:
            await person.sees("texts@acme.example", "state     queued", "0 before it in front")
        await looks(person, "journal")


@pytest.mark.parametrize("key", ["enter", "question_mark"])
async def test_a_line_opens_what_it_is_about(sit: Any, office: Office, key: str) -> None:
    one, message_id = await a_day(office)
    async with sit(size=LARGE) as person:
        await at_journal(person)
        for words in (
            ("triage queued", "new contacts, each into"),
            ("Account help@acme.example", "fetched: contacts 0"),
            (f"Contact {one.id}", "transferred: to billing", "+447700900123 Ann Lee"),
            (f"Message {message_id}", "cancelled: cancelled", "It comes on Friday"),
        ):
            await person.press(key)
            await person.until(lambda: isinstance(person.app.screen, PageDialog), "the page")
            await person.sees(*words)
            await person.press("escape")
            await person.until(lambda: isinstance(person.app.screen, JournalScreen), "the journal")
            await person.press("down")


async def test_filters_go_together_and_are_dropped_together(sit: Any, office: Office) -> None:
    one, _ = await a_day(office)
    async with sit(size=LARGE) as person:
        rows = await at_journal(person)
        await person.sees("Journal · every line")
        await person.answers("a", "texts")
        await person.sees("Journal · texts@acme.example")
        await person.until(lambda: len(rows.keys) == 2, "the account's lines")
        await person.answers("w", "ann")
        await person.sees("Journal · texts@acme.example · by ann")
        await person.until(lambda: len(rows.keys) == 1, "ann's line")
        await person.press("x")
        await person.sees("Journal · every line")
        await person.until(lambda: len(rows.keys) == 4, "every line")
        await person.answers("k", "message")
        await person.sees("about a message")
        await person.until(lambda: len(rows.keys) == 1, "the message's line")
        await person.press("x")
        await person.sees("Journal · every line")
        await person.press("down", "down", "c")
        await person.sees("Lines about which contact?", str(one.id))
        await person.press("enter")
        await person.sees(f"Journal · contact {one.id}")
        await person.press("c", "backspace", "enter")
        await person.sees("Journal · every line")


async def test_words_are_found_in_every_column_and_escape_shows_all(sit: Any, office: Office) -> None:
    await a_day(office)
    async with sit() as person:
        rows = await at_journal(person)
        for words in ("billing", "07700", "bob", "help@acme"):
            await person.press("slash", *["at" if c == "@" else c for c in words], "enter")
            await person.until(lambda: 1 <= len(rows.keys) <= 2, words)
            await person.press("escape")
            await person.until(lambda: len(rows.keys) == 4, "every line")


async def test_what_is_no_number_is_no_contact(sit: Any, office: Office) -> None:
    await write(office, 1)
    async with sit() as person:
        await at_journal(person)
        await person.press("c", "x", "enter")
        await person.sees("a contact's number, as in 12")
        await person.press("backspace", *"999", "enter")
        await person.sees("Journal · contact 999", "no line")
        await person.press("question_mark")
        await person.sees("there is no line to explain: x drops all filters")


async def test_lines_that_come_are_counted_and_nothing_jumps(sit: Any, office: Office) -> None:
    await write(office, 60)
    async with sit() as person:
        rows = await at_journal(person)
        await person.press("down", "down", "down")
        here = rows.current
        await write(office, 3, text="later")
        await person.sees("3 new ↑")
        assert rows.current == here
        await write(office, 250, text="flood")
        await person.sees("253 new ↑")
        assert rows.current == here and "line 56" in person.text()
        await person.press("home")
        await person.sees("flood 249")
        assert rows.new_above == rows.new_below == 0


async def test_a_long_journal_is_read_by_pages_and_forgotten_again(sit: Any, office: Office) -> None:
    await write(office, 1500)
    async with sit() as person:
        rows = await at_journal(person)
        assert len(rows.keys) <= 400
        last = 0
        while rows.current != 1:
            known = len(rows.keys)
            await person.press("end")
            assert rows.current != last, "it went nowhere"
            last = rows.current
            if last != 1:
                await person.until(lambda known=known: len(rows.keys) > known, "a page more")
        assert rows.keys == list(range(1500, 0, -1)) and rows.new_below == 0
        await person.sees("line 0")
        await person.press("home")
        office.database.bell.ring()
        await person.until(lambda: len(rows.keys) <= 400, "what is far away to be forgotten")
        await person.sees("line 1499")


async def test_a_hostile_line_is_harmless(sit: Any, office: Office) -> None:
    await write(office, 1, actor="\x1b[31mann", verb="[bold]did[/]", text=ESCAPES + "x" * 5_000)
    async with sit(size=LARGE) as person:
        await at_journal(person)
        await person.sees("␛[31mann", "[bold]did[/]", "␛]52;c;eA==␇", "[@click=app.quit]press[/]")
        assert not set("\x1b\x07\x9b\u202e") & set(person.text())
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, PageDialog), "the page")
        await person.sees("[@click=app.quit]press[/]")
        assert not set("\x1b\x07\x9b\u202e") & set(person.text())
