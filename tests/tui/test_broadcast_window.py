"""The send window on the screens: typed, judged at its field, planned, confirmed, and seen while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.broadcasts import Timing
from core.models import Broadcast, Campaign, Customer, OutgoingServer
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tests.tui.test_broadcast_wizard import at_plan
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from core.office import Office

HOURS = "mon-fri 9:00-17:00, sat 10:00-12:00"


async def a_spring_overseas(office: Office) -> None:
    """Some live in New York, where it is five in the morning."""
    await a_spring(office)
    await Campaign.all().update(quiet_hours="20:00-08:00")
    await OutgoingServer.all().update(rate_per_minute=6)
    for one in await Customer.filter(number__gt="").order_by("id"):
        if one.id % 3 == 0:
            await Customer.filter(id=one.id).update(number=f"+1212555{one.id:04}")


async def at_when(person: Any) -> None:
    await at_plan(person)
    await person.press("enter")
    await person.sees("[4 Preview]", "1 of ")
    await person.press("enter")
    await person.sees("[5 When]", "Send window", "at 6/min")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_steps_with_hours_look_as_accepted(
    sit: Any, office: Office, looks: Any, size: tuple[int, int]
) -> None:
    await a_spring_overseas(office)
    themes = THEMES if size == SMALL else [DARK.name]
    async with sit(size=size) as person:
        await person.press("4")
        await person.sees("campaign spring · ")
        await person.press("w")
        await person.sees("15 customers, before")
        await person.press("ctrl+s")
        await person.sees("Dear {{ customer.name }}")
        await person.press("ctrl+s")
        await person.sees("will get it")
        await person.press("enter", "enter")
        await person.sees("[5 When]", "at 6/min")
        person.app.screen.when.begin("send_hours")
        await person.press(*"20:30-22:00", "ctrl+s")
        await person.sees("lies wholly within")
        await looks(person, "when-wrong", themes)
        person.app.screen.when.put("send_hours", HOURS)
        await person.sees("leaves mon-fri 09:00-17:00, sat 10:00-12:00", "wait for the send window")
        await looks(person, "when-hours", themes)
        await person.press("ctrl+s")
        await person.sees("[6 Confirm]", "by the customer's clock")
        await looks(person, "confirm-hours", themes)
        await person.press("escape", "escape", "escape")
        await person.sees("[3 Plan]", "by the customer's clock", "wait for the send window, the last until today 14:00")
        await looks(person, "plan-hours", themes)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_panel_of_one_with_hours_looks_as_accepted(
    sit: Any, office: Office, looks: Any, size: tuple[int, int]
) -> None:
    await a_spring_overseas(office)
    themes = THEMES if size == SMALL else [DARK.name]
    async with sit(size=size) as person:
        await at_when(person)
        plan = person.app.screen.plan
        timing = Timing(send_hours=HOURS)
        await office.broadcasts.confirm(plan, count=plan.recipients, actor="sue", timing=timing)
        await office.broadcasts.feed()
        await person.press(*["escape"] * 5)
        await person.press("b")
        await person.sees("● running")
        await person.press("enter")
        await person.sees("leaves mon-fri 09:00-17:00, sat 10:00-12:00 by the customer's clock", "held ", "until Today")
        await looks(person, "panel-hours", themes)


async def test_hours_are_judged_at_their_field_and_frozen_with_the_broadcast(sit: Any, office: Office) -> None:
    await a_spring_overseas(office)
    async with sit() as person:
        await at_when(person)
        await person.press("tab", "tab", *"whenever", "ctrl+s")
        await person.sees("[5 When]", "✖ Send window", "'whenever' is no day")
        await person.press(*["backspace"] * 8, *"21:00-07:00", "ctrl+s")
        await person.sees("[5 When]", "lies wholly within")
        await person.press(*["backspace"] * 11, *"9:00 - 17:00")
        await person.sees("wait for the send window", "leaves 09:00-17:00 by the customer's clock")
        await person.press("ctrl+s")
        await person.sees("[6 Confirm]", "hours", "leaves 09:00-17:00 by the customer's clock")
        await person.press("escape", "escape", "escape")
        await person.sees("[3 Plan]", "leaves 09:00-17:00 by the customer's clock")
        count = person.app.screen.plan.recipients
        await person.press("enter", "enter")
        await person.sees("[5 When]", "9:00 - 17:00")
        await person.press("ctrl+s")
        await person.sees("[6 Confirm]")
        await person.press(*str(count), "enter")
        await person.sees("● running", "leaves 09:00-17:00 by the customer's clock")
        assert (await Broadcast.get()).send_hours == "09:00-17:00"
        await person.press("question_mark")
        await person.sees("leaves", "09:00-17:00 by the customer's clock")


async def test_hours_that_were_typed_are_kept_when_one_goes_away(sit: Any, office: Office) -> None:
    await a_spring_overseas(office)
    async with sit() as person:
        await at_when(person)
        person.app.screen.when.put("send_hours", "9:00-12:00")
        await person.press(*["escape"] * 5)
        await person.until(lambda: len(person.app.screen_stack) == 1, "the campaigns")
        await person.press("w")
        await person.sees("[1 Who]", "15 customers, before")
        await person.press("ctrl+s")
        await person.sees("Dear {{ customer.name }}")
        await person.press("ctrl+s")
        await person.sees("[3 Plan]", "leaves 09:00-12:00 by the customer's clock")
