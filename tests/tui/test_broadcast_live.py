"""A broadcast that runs, on the screen, by keys alone."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Account, Broadcast, Contact, Outbox, Person, Queue, Variable
from core.models.states import ContactState, Role
from tests.flow.broadcasting import add, leaves, numbered, planned, sent_to, set_up, states_of
from tests.tui.conftest import LARGE, SMALL
from tui.screens import broadcast_recipients, broadcast_verbs
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office

BROKEN = "550 <+447700900003@sms.example> no such subscriber"


async def half_done(office: Office) -> int:
    """Twelve of thirty are sent, two failed, one is unknown; the rest waits in the outbox."""
    broadcast = await sent_to(office, 30)
    await office.broadcasts.feed()
    await Broadcast.all().update(rate_per_minute=240)
    await leaves(office, "failed", BROKEN, ["+447700900003"])
    await leaves(office, "failed", "552 mailbox full", ["+447700900004"])
    await leaves(office, "unknown", "the line went dead after the dot", ["+447700900005"])
    await leaves(office, addresses=[f"+4477009000{n:02}" for n in range(10, 22)])
    await office.broadcasts.feed()
    return broadcast


async def at_live(person: Any) -> None:
    await person.press("4")
    await person.sees("campaign spring · ")
    await person.press("b")
    await person.sees("Broadcasts · ")
    await person.press("enter")
    await person.sees("● sent ")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await half_done(office)
    await Broadcast.all().update(name="parcels of Friday")
    themes = THEMES if size == SMALL else [DARK.name]
    async with sit(size=size) as person:
        await at_live(person)
        await person.sees("l Ledger", "Esc Back")
        await looks(person, "running", themes)
        await person.press("escape")
        await person.sees("Broadcasts · 1 running")
        await looks(person, "list", themes[-1:])


async def test_what_happens_elsewhere_is_seen_within_a_second_and_only_words_change(sit: Any, office: Office) -> None:
    await half_done(office)
    async with sit() as person:
        await at_live(person)
        await person.sees("● sent 12", "✖ failed 2", "▲ unknown 1", "◌ waiting 15", "15 of 30", " 50 %")
        await person.sees("1 × 550 … no such subscriber", "1 × 552 mailbox full")
        before = [(one.id, one.region) for one in person.app.screen.walk_children()]
        await leaves(office, addresses=["+447700900022"])
        await office.broadcasts.feed()
        await person.sees("● sent 13", "◌ waiting 14", "16 of 30")
        assert [(one.id, one.region) for one in person.app.screen.walk_children()] == before
        await leaves(office)
        await office.broadcasts.feed()
        await person.sees("● sent 27", "◌ waiting 0")


async def test_it_is_paused_goes_on_and_is_cancelled_after_a_question(sit: Any, office: Office) -> None:
    broadcast = await half_done(office)
    async with sit() as person:
        await at_live(person)
        await person.press("p")
        await person.sees("▲ paused", "paused by sue")
        assert not await Outbox.filter(state="queued").exists()
        await person.press("p")
        await person.sees("● running")
        await person.press("x")
        await person.sees("15 have not got it and never will")
        await person.press("enter")
        await person.until(lambda: len(person.app.screen_stack) == 3, "the question to go")
        await person.press("x")
        await person.sees("never will")
        await person.press("y")
        await person.sees("○ cancelled 15")
    assert (await states_of(office, broadcast))["cancelled"] == 15


async def test_failures_are_looked_at_by_the_servers_words_and_tried_again(sit: Any, office: Office) -> None:
    broadcast = await half_done(office)
    async with sit() as person:
        await at_live(person)
        await person.press("f")
        await person.sees("Try all 2 again", "1 × 550 … no such subscriber")
        await person.press(*"550", "enter")
        await person.sees("✖ failed", "+447700900003", BROKEN.replace("<", "<")[:30])
        await person.press("escape", "f")
        await person.sees("Try all 2 again")
        await person.press("enter")
        await person.sees("to the 2 for whom it failed")
        await person.press("y")
        await person.sees("✖ failed 0", "nothing failed")
    assert "failed" not in await states_of(office, broadcast)


async def test_those_in_doubt_are_settled(sit: Any, office: Office) -> None:
    await half_done(office)
    async with sit() as person:
        await at_live(person)
        await person.press("u")
        await person.sees("In doubt", "+447700900005")
        await person.press("enter")
        await person.sees("What became of it?")
        await person.press(*"it went", "enter")
        await person.sees("1 message is settled")
        await office.broadcasts.feed()
        await person.sees("● sent 13", "▲ unknown 0")


async def test_a_list_that_is_not_whole_says_so(sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await half_done(office)
    for rows, state in ((4, "failed"), (3, "unknown")):
        await office.database.rows(
            f"UPDATE recipient SET state = '{state}', reason = '550 no' WHERE id IN"
            f" (SELECT id FROM recipient WHERE state = 'sent' ORDER BY id LIMIT {rows})"
        )
    monkeypatch.setattr(broadcast_verbs, "LISTED", 3)
    async with sit() as person:
        await at_live(person)
        await person.press("f")
        await person.sees("4 × 550 no")
        await person.press(*"4 × 550", "enter")
        await person.sees("3 of 4")
        await person.press("escape", "u")
        await person.sees("all that are listed: 3 of 4")


async def test_an_answer_opens_on_the_desk(sit: Any, office: Office) -> None:
    await half_done(office)
    office.clock.advance(seconds=60)  # type: ignore[attr-defined]
    now = office.clock.now()
    texts = await Account.get(id=1)
    made = await Contact.create(
        account=texts, channel="sms", address="+447700900012", state=ContactState.QUEUED, received_at=now,
        last_in_at=now, queue=await Queue.get(name="front"), preview="Not on Friday please", thread_key="r1",
    )  # fmt: skip
    async with sit() as person:
        await at_live(person)
        await person.sees("replies 1")
        await person.press("r")
        await person.sees("Not on Friday please")
        await person.press("enter")
        await person.until(lambda: person.app.screen.AREA == "desk", "the desk")
        await person.until(lambda: person.app.screen.contact and person.app.screen.contact.id == made.id, "the contact")


async def test_the_ledger_is_written(sit: Any, office: Office, tmp_path: Path) -> None:
    await half_done(office)
    path = tmp_path / "ledger.csv"
    async with sit() as person:
        await at_live(person)
        await person.press("l")
        await person.sees("broadcast-1.csv")
        person.app.screen._input.value = str(path)
        await person.press("enter")
        await person.sees("written:")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert sum(row["state"] == "sent" for row in rows) == 12


async def test_every_recipient_is_seen_by_pages_and_by_state(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_recipients, "PAGE", 12)
    await half_done(office)
    async with sit(size=LARGE) as person:
        await at_live(person)
        await person.press("w")
        await person.sees("all recipients · 1 to 12 of 30", "✖ failed", "550 <+447700900003@sms", "n Following")
        await person.press("n")
        await person.sees("13 to 24 of 30", "b Before")
        await person.press("n")
        await person.sees("25 to 30 of 30")
        await person.press("b", "b")
        await person.sees("1 to 12 of 30")
        await person.press("s")
        await person.sees("failed  2", "all 30")
        await person.press("down", "down", "down", "enter")
        await person.sees("failed · 1 to 2 of 2", "mailbox full")
        await person.press("question_mark")
        await person.sees("purpose", "broadcast")
        await person.press("escape")
        await person.sees("failed · 1 to 2 of 2")
        await person.press("escape")
        await person.sees("● sent 12")


async def test_it_is_explained_and_its_key_says_what_it_does(sit: Any, office: Office) -> None:
    await half_done(office)
    async with sit(size=LARGE) as person:
        await at_live(person)
        await person.sees("p Pause")
        await person.press("question_mark")
        await person.sees("confirmed", "became", "12 sent")
        await person.press("escape", "p")
        await person.sees("p Go on")
        await person.press("p")
        await person.sees("p Pause", "● running")
        await person.press("escape")
        await person.sees("Broadcasts · 1 running")
        await person.press("question_mark")
        await person.sees("resumed", "became", "12 sent")


async def test_a_second_person_says_yes(sit: Any, office: Office) -> None:
    await Variable.create(name="broadcast_approval_over", value="2")
    await set_up(office)
    await add(office, *numbered(3))
    await Person.create(login="eve", name="Eve", role=Role.SUPERVISOR)
    broadcast = await office.broadcasts.confirm(await planned(office), count=3, actor="eve")
    async with sit() as person:
        await person.press("4")
        await person.sees("campaign spring · ")
        await person.press("b")
        await person.sees("▲ to approve", "y Approve")
        await person.press("y")
        await person.sees("wants to send", "to 3 customers")
        await person.press("n")
        await person.until(lambda: len(person.app.screen_stack) == 2, "the question to go")
        await person.comes_to_rest()
        assert len(person.app.screen_stack) == 2, "the key does nothing else as well"
        await person.press("y")
        await person.sees("wants to send", "to 3 customers")
        await person.press("y")
        await person.sees("● running")
    assert (await Broadcast.get(id=broadcast)).approved_by == "sue"


async def test_an_agent_may_look_but_not_touch(sit: Any, office: Office) -> None:
    await half_done(office)
    async with sit("ann") as person:
        await at_live(person)
        await person.press("p")
        await person.until(lambda: any("ann is an agent" in one for one in person.said()), "the refusal")
        await person.sees("● running")
