"""The wallboard and what a supervisor does from it, by keys alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.desk import Answer
from core.drafts import KeptDraft
from core.models import Agent, Contact, Note, NotReadyReason, Queue
from core.models.states import ContactState
from tests.flow.test_distribution import arrive
from tests.tui.conftest import LARGE, SMALL
from tui.themes import THEMES
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from core.office import Office


async def a_shift(office: Office) -> list[int]:
    """Ann has answered one and types at another, bob is at lunch, two wait."""
    await NotReadyReason.create(name="lunch")
    await Queue.create(name="returns")
    ids = await arrive(office, 5)
    await Contact.all().update(received_at=office.clock.now() - timedelta(seconds=44))
    await office.presence.ready("ann")
    await office.presence.not_ready("bob", "lunch")
    for one in ids[:3]:
        await office.desk.take(one, login="ann")
    await office.desk.reply(ids[0], Answer("On its way"), login="ann")
    office.clock.advance(seconds=95)  # type: ignore[attr-defined]
    await office.desk.close(ids[0], "done", login="ann")
    await office.desk.hold(ids[2], office.clock.now() + timedelta(hours=2), login="ann")
    await office.drafts.keep(ids[1], KeptDraft("It comes on Fri"), login="ann", seat="north")
    return ids


async def at_ann(person: Any) -> Rows:
    await person.press("9")
    await person.sees("front", "Agents")
    rows: Rows = person.app.screen.query_one("#board-agents-rows", Rows)
    rows.focus()
    await person.until(lambda: rows.has_focus and rows.current_row, "the agents")
    assert rows.current_row.login == "ann"
    return rows


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, picture: Any, size: tuple[int, int]) -> None:
    await a_shift(office)
    async with sit(size=size) as person:
        for theme in THEMES:
            person.app.theme = theme
            await at_ann(person)
            person.app.screen.queues.rows.go_to((await Queue.get(name="front")).id)
            await person.sees("front      in")
            await person.sees("not ready", "answered")
            await picture(person, f"wallboard-{theme}-{size[0]}x{size[1]}")
        await person.press("enter")
        await person.sees("Contacts of ann")
        await person.press("enter")
        await person.sees("It comes on Fri")
        for theme in THEMES:
            person.app.theme = theme
            await person.pilot.pause()
            await picture(person, f"shadow-{theme}-{size[0]}x{size[1]}")


async def test_a_change_is_seen_within_a_second_and_moves_nothing(sit: Any, office: Office) -> None:
    ids = await a_shift(office)
    async with sit() as person:
        await at_ann(person)
        await person.sees("2 waiting", "1 answered")
        await office.desk.reply(ids[1], Answer("Friday"), login="ann")
        await person.sees("2 answered")
        await person.press("v")
        await person.until(lambda: not person.app.screen.agents.display, "the queues alone")
        await person.press("v")
        await person.until(lambda: not person.app.screen.queues.display, "the agents alone")
        await person.press("v")
        await person.until(lambda: person.app.screen.queues.display, "both")
        await person.press("enter")
        await person.until(lambda: person.app.screen.AREA == "queues", "the queue")


async def test_a_supervisor_sets_a_state_and_signs_somebody_out(sit: Any, office: Office) -> None:
    await a_shift(office)
    async with sit() as person:
        await at_ann(person)
        await person.press("n")
        await person.sees("ann not ready", "lunch")
        await person.press("enter")
        await person.sees("ann is not ready: lunch")
        await person.press("r")
        await person.sees("Let ann take work")
        await person.press("y")
        await person.sees("ann is ready")
        await person.press("o")
        await person.sees("Sign ann out?", "Her contact goes back")
        await person.press("enter")
        await person.until(lambda: len(person.app.screen_stack) == 1, "the question to go")
        assert (await Agent.get(person__login="ann")).state == "ready"
        await person.press("question_mark")
        await person.sees("Why ann gets no work")
        await person.press("escape", "o", "y")
        await person.sees("ann is signed out")


async def test_over_her_shoulder_whisper_and_take_over_with_the_draft(sit: Any, office: Office) -> None:
    ids = await a_shift(office)
    async with sit() as person:
        await at_ann(person)
        await person.press("enter")
        await person.sees("Contacts of ann")
        await person.press("enter")
        await person.sees("ann types", "It comes on Fri", "Where is it?")
        await office.drafts.keep(ids[1], KeptDraft("It comes on Friday [b]x\x1b[2J"), login="ann", seat="north")
        await person.sees("It comes on Friday [b]x")
        assert "\x1b" not in person.text()
        await person.answers("w", "say when")
        await person.sees("whispered")
        assert (await Note.get(contact_id=ids[1])).text == "say when"
        await person.press("o")
        await person.sees("What she has typed comes with it")
        await person.press("y")
        await person.until(lambda: person.app.screen.AREA == "desk", "the desk")
        row = await Contact.get(id=ids[1]).select_related("agent")
        assert row.agent is not None
        assert (row.state, row.agent.login) == (ContactState.OPEN, "sue")
        (kept,) = await office.drafts.kept(ids[1], login="sue")
        assert kept.draft.text.startswith("It comes on Friday")


async def test_another_priority_puts_it_back_and_it_moves_to_another_queue(sit: Any, office: Office) -> None:
    ids = await a_shift(office)
    async with sit() as person:
        await at_ann(person)
        await person.press("enter", "enter")
        await person.sees("ann types")
        await person.press("p")
        await person.sees("It goes back into front")
        await person.press("backspace", "7", "enter")
        await person.sees("waits in front at 7")
        assert (await Contact.get(id=ids[1])).priority == 7
        await person.press("enter")
        await person.sees("ann types nothing")
        await person.answers("m", "bill")
        await person.sees("moved to billing")
        assert (await Contact.get(id=ids[2])).queue_id == (await Queue.get(name="billing")).id


async def test_a_reason_is_seen_at_eighty_columns_and_help_comes_over_her_shoulder_too(
    sit: Any, office: Office
) -> None:
    await a_shift(office)
    async with sit() as person:
        await at_ann(person)
        await person.sees("○ not ready", "lunch")
        await person.press("enter", "enter")
        await person.sees("ann types", "w Whisper", "F1 Help")
        await person.press("f1")
        await person.sees("Say a line to the agent")
        await person.press("escape")
        await person.sees("ann types")


async def test_an_agent_may_look_but_not_touch(sit: Any, office: Office) -> None:
    await a_shift(office)
    async with sit("bob") as person:
        await at_ann(person)
        await person.press("r", "y")
        await person.until(lambda: any("bob is an agent" in one for one in person.said()), "the refusal")
