"""The broadcast wizard, step by step, by keys alone."""

from __future__ import annotations

import asyncio
import csv
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Broadcast, Customer, Message, OptOut, OutgoingServer, Recipient
from core.models.states import Channel
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office


async def at_who(person: Any) -> None:
    await person.press("4")
    await person.sees("campaign spring · ", "C0001")
    await person.press("w")
    await person.sees("[1 Who]", "campaign spring · 24 customers", "15 customers, before anybody is left out")


async def at_plan(person: Any) -> None:
    await at_who(person)
    await person.press("ctrl+s")
    await person.sees("[2 What]", "Dear {{ customer.name }}")
    await person.press("ctrl+s")
    await person.sees("[3 Plan]", "will get it")


async def at_confirm(person: Any) -> None:
    await at_plan(person)
    await person.press("enter")
    await person.sees("[4 Preview]", "1 of ")
    await person.press("enter")
    await person.sees("[5 When]", "spring reminder")
    await person.press("ctrl+s")
    await person.sees("[6 Confirm]", "Type the number")


async def a_rich_spring(office: Office) -> None:
    """Some are left out for each reason, some are dear."""
    await a_spring(office, 64)
    await OutgoingServer.all().update(rate_per_minute=6)
    await OptOut.create(address="+447700900000", channel=Channel.SMS, at=office.clock.now(), source="STOP")
    await Customer.filter(reference="C0009").update(number="+447700900001")
    await Customer.filter(reference="C0010").update(number="", number_as_written="")
    await Customer.filter(reference="C0002").update(name="Bartholomew Montgomery " * 6)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_each_step_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await a_rich_spring(office)
    themes = THEMES if size == SMALL else [DARK.name]
    async with sit(size=size) as person:
        await person.press("4")
        await person.sees("campaign spring · ")
        await person.press("w")
        await person.sees("40 customers, before")
        await looks(person, "who", themes)
        await person.press("ctrl+s")
        await person.sees("Dear {{ customer.name }}")
        await looks(person, "what", themes)
        await person.press("ctrl+s")
        await person.sees("will get it")
        await looks(person, "plan", themes)
        await person.press("a")
        await person.sees("left out ──")
        await looks(person, "left-out", themes)
        await person.press("escape", "enter")
        await person.sees("Dear Bartholomew")
        await looks(person, "preview", themes)
        await person.press("enter")
        await person.sees("[5 When]", "at 6/min")
        await looks(person, "when", themes)
        await person.press("ctrl+s")
        await person.sees("[6 Confirm]", "pauses when")
        await looks(person, "confirm", themes)


async def test_each_message_says_its_parts_and_what_makes_it_dear(sit: Any, office: Office) -> None:
    await a_spring(office)
    await Customer.filter(reference="C0001").update(name="Łukasz Lee")
    async with sit() as person:
        await at_plan(person)
        await person.press("enter")
        await person.sees("1 of ", "1 part of UCS-2", "UCS-2 because of Ł (plain: L)", "Dear Łukasz Lee")
        await person.press("right")
        await person.sees("2 of ", "1 part of GSM-7")
        assert "because of" not in person.text()


async def test_what_is_typed_survives_going_back_and_leaving(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_who(person)
        await person.press("tab", "space", *["tab"] * 5, *"person")
        await person.sees("3 customers, before anybody is left out")
        await person.press("ctrl+s")
        await person.sees("[2 What]")
        await person.press("enter", "down", "enter")
        await person.sees("reminder by mail", "help@acme.example")
        await person.press("ctrl+s")
        await person.sees("[3 Plan]", "3 will get it")
        await person.press("escape")
        await person.sees("[2 What]", "reminder by mail")
        await person.press("escape")
        await person.sees("[1 Who]", "person", "3 customers, before")
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1, "the campaigns")
        await person.press("w")
        await person.sees("[1 Who]", "person", "3 customers, before")
        await person.press("ctrl+s")
        await person.sees("reminder by mail")
        assert not await Broadcast.exists()


async def test_fields_that_are_wrong_are_named_and_hold_one_up(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_who(person)
        await person.press("tab", "space", "tab", "space", "ctrl+s")
        await person.sees("[1 Who]", "tick at least one status")
        await person.press("space", "ctrl+s", "ctrl+s")
        await person.sees("will get it")
        await person.press("enter", "enter")
        await person.sees("[5 When]")
        await person.press(*"ish", "ctrl+s")
        await person.sees("[5 When]", "is no time to come back at")
        person.app.screen.when.put("starts", "14:30")
        await person.press("ctrl+s")
        await person.sees("[6 Confirm]", "begins    Today 14:30")


async def test_those_left_out_are_looked_at_by_reason_and_exported(sit: Any, office: Office, tmp_path: Path) -> None:
    await a_rich_spring(office)
    path = tmp_path / "out.csv"
    async with sit() as person:
        await person.press("4")
        await person.sees("campaign spring · ")
        await person.press("w")
        await person.sees("40 customers, before")
        await person.press("ctrl+s", "ctrl+s")
        await person.sees("opted out", "number not valid", "same number twice", "template error", "no number")
        await person.press("o")
        await person.sees("1 opted out", "C0001")
        await person.press("escape", "d")
        await person.sees("1 same number twice", "C0009")
        await person.press("escape", "t")
        await person.sees("8 template error", "template error: template reminder, body line 1:", "customer.due")
        await person.press("escape", "f")
        await person.sees("nobody is left out for that reason")
        await person.press("e")
        await person.sees("A file that is not there yet")
        person.app.screen._input.value = str(path)
        await person.press("enter")
        await person.sees("written:")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1 + 1 + 1 + 8 + 8
    assert {row["reason"] for row in rows} == {
        "opted out", "no number", "number not valid", "same number twice", "template error"
    }  # fmt: skip


async def test_each_recipients_message_is_browsed_and_one_is_sent_to_oneself(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_plan(person)
        await person.press("enter")
        await person.sees("1 of 9", "Dear Ann Lee")
        await person.press("right")
        await person.sees("2 of 9", "Dear Bartholomew Montgomery")
        await person.press("end")
        await person.sees("9 of 9")
        await person.press("g", *"12")
        await person.sees("a number from 1 to 9")
        await person.press(*["backspace"] * 2, "3", "enter")
        await person.sees("3 of 9", "Chloé")
        await person.press("w")
        await person.sees("The longest message", "GSM-7")
        await person.press("escape", "t")
        await person.sees("Send a test")
        await person.press(*"07700 900999", "enter")
        await person.sees("the test is in the outbox")
        assert (await Message.get(address="+447700900999")).text == "Dear Chloé Dubois, your boiler is due on 1 Dec."
        assert not await Recipient.exists()


async def test_only_the_right_number_confirms_it(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_confirm(person)
        await person.press("8", "enter")
        await person.sees("9 will get it: type that number")
        assert not await Broadcast.exists()
        await person.press("backspace", "9", "enter")
        await person.sees("● running", "0 of 9")
        made = await Broadcast.get()
        assert (made.name, made.planned, made.by, made.brake_percent) == ("spring reminder 2 Mar", 9, "sue", 10)
        await person.press("escape")
        await person.sees("campaign spring · ")


async def test_planning_shows_how_far_it_is_and_can_be_stopped(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_spring(office)
    plan, stopped = office.broadcasts.plan, asyncio.Event()

    async def slow(request: object, progress: Any) -> None:
        progress(7, 24)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    monkeypatch.setattr(office.broadcasts, "plan", slow)
    async with sit() as person:
        await at_who(person)
        await person.press("ctrl+s", "ctrl+s")
        await person.sees("7 of 24 customers looked at")
        await person.press("enter")
        await person.sees("[3 Plan]")
        await person.press("escape")
        await person.sees("[2 What]")
        await asyncio.wait_for(stopped.wait(), 10)
        monkeypatch.setattr(office.broadcasts, "plan", plan)
        await person.press("ctrl+s")
        await person.sees("9 will get it")
        await Customer.filter(reference="C0001").delete()
        await person.press("r")
        await person.sees("8 will get it")


async def test_a_plan_that_cannot_be_made_goes_back_to_what_is_wrong(sit: Any, office: Office) -> None:
    await a_spring(office)
    from core.models import Template

    await Template.filter(name="reminder").update(body="{% for x in y %}")
    async with sit() as person:
        await at_who(person)
        await person.press("ctrl+s")
        await person.sees("[2 What]", "{% for x in y %}")
        await person.press("ctrl+s")
        await person.sees("template reminder", "[2 What]")
