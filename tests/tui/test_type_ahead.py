"""Keys typed before the question they are meant for is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from core.views.journal import journal_actors
from tests.tui.test_journal import a_day, at_journal
from tui import type_ahead
from tui.screens.journal import JournalScreen

if TYPE_CHECKING:
    from core.office import Office
    from core.store import Database


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Until it is set, the journal does not know who could be asked for."""
    gate = asyncio.Event()

    async def slow(database: Database) -> list[str]:
        await gate.wait()
        return await journal_actors(database)

    monkeypatch.setattr("tui.screens.journal.journal_actors", slow)
    return gate


async def asking(person: Any) -> None:
    """The journal is about to ask who did it."""
    await person.press("w")
    await person.until(lambda: any(worker.group == "asking" for worker in person.app.workers), "somebody to ask")


def only_bob(person: Any) -> bool:
    """Whether the journal shows what bob did, and nothing stands over it."""
    return isinstance(person.app.screen, JournalScreen) and person.app.screen.which.actor == "bob"


async def test_what_is_typed_before_a_question_is_there_is_its_answer(
    sit: Any, office: Office, gate: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type_ahead, "PATIENCE_SECONDS", 60.0)
    await a_day(office)
    async with sit() as person:
        rows = await at_journal(person)
        await person.press("down")
        here = rows.current
        await asking(person)
        await person.press("b", "o", "b", "enter")
        assert (rows.current, len(person.app.screen_stack)) == (here, 1), "nothing behind it has moved"
        gate.set()
        await person.until(lambda: only_bob(person), "the lines of bob")


async def test_a_paste_before_a_question_is_its_answer_too(
    sit: Any, office: Office, gate: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type_ahead, "PATIENCE_SECONDS", 60.0)
    await a_day(office)
    async with sit() as person:
        await at_journal(person)
        await asking(person)
        person.app.post_message(events.Paste("bob"))
        await person.press("enter")
        gate.set()
        await person.until(lambda: only_bob(person), "the lines of bob")


async def test_a_question_that_does_not_come_keeps_nobody_from_the_keys(
    sit: Any, office: Office, gate: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type_ahead, "PATIENCE_SECONDS", 0.05)
    await a_day(office)
    async with sit() as person:
        rows = await at_journal(person)
        first = rows.current
        await asking(person)
        await person.press("down")
        await person.until(lambda: rows.current != first, "the next line")
        monkeypatch.setattr(type_ahead, "PATIENCE_SECONDS", 60.0)
        await person.press("up")
        await person.until(lambda: rows.current == first, "the first line: it is not waited for twice")
        gate.set()
        await person.sees("What who did?")
