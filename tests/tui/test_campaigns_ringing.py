"""Ringing customers on the screen, by keys alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.consent import opt_out
from core.models import Attempt, Customer, Outcome
from core.models.states import Channel, CustomerStatus
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from core.office import Office


async def at_ringing(person: Any) -> None:
    await person.press("4")
    await person.sees("campaign spring · ", "C0001")
    await person.press("r")
    await person.sees("Ringing for spring", "Chloé Dubois", "07700 900002", "Good day Chloé Dubois, it is Acme.")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await a_spring(office)
    await Outcome.create(name="no answer")
    themes = THEMES if size == SMALL else [DARK.name]
    async with sit("ann", size=size) as person:
        await at_ringing(person)
        await person.sees("3 call-backs", "yours for 10 min")
        await looks(person, "ringing", themes)
        await person.press("o")
        await person.sees("Call to Chloé Dubois")
        await looks(person, "outcome", themes)


async def test_an_outcome_with_a_call_back_brings_the_next_customer(sit: Any, office: Office) -> None:
    await a_spring(office)
    await Outcome.create(name="no answer")
    await Outcome.create(name="talked", contact=True)
    async with sit("ann") as person:
        await at_ringing(person)
        await person.press("n")
        await person.sees("say first how this call ended")
        await person.press("o")
        await person.sees("Call to Chloé Dubois")
        await person.press("tab", *"so")
        await person.sees("is no time to come back at")
        form = person.app.screen
        form.set_text("callback", "2 h")
        form.set_text("note", "was in a meeting")
        await person.press("tab", "space", "ctrl+s")
        await person.sees("Outcome: say how the call ended", "was in a meeting")
        assert not await Attempt.exists()
        await person.press("enter", "down", "enter", "ctrl+s")
        await person.sees("C0003: ▲ call-back", "Ann Lee")
        rung = await Customer.get(reference="C0003")
        assert (rung.status, rung.tries, rung.outcome) == (CustomerStatus.CALLBACK, 3, "no answer")
        made = await Attempt.get()
        assert (made.note, made.source) == ("was in a meeting", "agent")
        assert (await rung.callback_for.get()).login == "ann"  # type: ignore[union-attr]
        await person.press("o", "enter")
        await person.sees("talked")
        await person.press("down", "down", "enter", "ctrl+s")
        await person.sees("C0001: ● contacted", "Bartholomew")


async def test_no_outcome_is_chosen_until_she_chooses_and_her_note_stays(sit: Any, office: Office) -> None:
    await a_spring(office)
    await Outcome.create(name="no answer")
    async with sit("ann") as person:
        await at_ringing(person)
        await person.press("o")
        await person.sees("Call to Chloé Dubois", "choose one")
        form = person.app.screen
        form.set_text("note", "moved to Leeds")
        await person.press("ctrl+s")
        await person.sees("✖ Outcome", "Outcome: say how the call ended")
        assert person.app.screen is form and form.focused is not None and form.focused.id == "field-outcome"
        assert not await Attempt.exists()
        await person.press("enter", "down", "enter", "ctrl+s")
        await person.until(lambda: person.app.screen is not form, "the form to go")
        await person.sees("C0003:")
    assert (await Attempt.get()).note == "moved to Leeds"


async def test_what_she_typed_comes_again_where_the_outcome_is_not_taken(sit: Any, office: Office) -> None:
    await a_spring(office)
    await Outcome.create(name="no answer")
    async with sit("ann") as person:
        await at_ringing(person)
        await person.press("o")
        await person.sees("Call to Chloé Dubois")
        form = person.app.screen
        form.set_text("note", "moved to Leeds")
        await person.press("enter", "down", "enter")
        await Outcome.filter(name="no answer").update(name="nobody there")
        await person.press("ctrl+s")
        await person.until(lambda: person.app.screen is not form, "the form anew")
        await person.comes_to_rest()
        await person.sees("Call to Chloé Dubois", "moved to Leeds", "there is no outcome")


async def test_who_is_let_go_or_left_goes_back(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit("ann") as person:
        await at_ringing(person)
        assert (await Customer.get(reference="C0003")).handed_to_id is not None
        await person.press("l")
        await person.sees("Nobody is to be rung now", "n looks again")
        assert (await Customer.get(reference="C0003")).handed_to_id is None
        await person.press("n")
        await person.sees("Chloé Dubois")
        await person.press("escape")
        await person.sees("campaign spring · ")
        assert (await Customer.get(reference="C0003")).handed_to_id is None


async def test_a_long_call_keeps_its_customer_while_the_screen_is_open(sit: Any, office: Office) -> None:
    await a_spring(office)
    await Outcome.create(name="no answer")
    async with sit("ann") as person:
        await at_ringing(person)
        screen = person.app.screen
        soon = office.clock.now() + timedelta(minutes=2)
        await Customer.filter(reference="C0003").update(handed_until=soon)
        await person.press("o")
        await person.sees("Call to Chloé Dubois")
        screen.customer = replace(screen.customer, until=soon)
        for _ in range(200):
            if (await Customer.get(reference="C0003")).handed_until > soon:
                break
            await asyncio.sleep(0.05)
        assert (await Customer.get(reference="C0003")).handed_until > soon + timedelta(minutes=7)


async def test_she_sees_that_the_customer_wants_no_texts(sit: Any, office: Office) -> None:
    await a_spring(office)
    chloe = await Customer.get(reference="C0003")
    async with office.database.transaction():
        await opt_out(office.database, channel=Channel.SMS, address=chloe.number, source="STOP", at=office.clock.now())
    async with sit("ann") as person:
        await at_ringing(person)
        await person.sees("wants no texts since")
