"""A template read through the eyes of real customers, on the screen."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.models import Customer, Template
from core.scripts import Preview, Survey
from core.views.choices import Price
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tui.screens.template_preview_words import letter_lines, survey_lines
from tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from core.office import Office
    from tests.tui.conftest import Sitting


async def a_long_spring(office: Office) -> None:
    """One customer with a name that takes two parts, one whose name makes it UCS-2, three who lack a field."""
    await a_spring(office)
    await Customer.filter(reference="C0002").update(name="Bartholomew Montgomery " * 7)
    await Customer.filter(reference="C0003").update(name="Zoë Łukasz")


async def at_preview(person: Sitting, chosen: str = "campaign spring") -> None:
    await person.press("5")
    await person.sees("Your boiler")
    await person.press("tab", "home")
    await person.sees("p Preview")
    await person.press("p")
    await person.sees("Who reads it?", "campaign spring", "list north")
    await person.press(*chosen, "enter")
    await person.sees("reminder as ")


async def test_the_longest_is_seen_first_with_its_parts_and_everybody_is_counted(sit: Any, office: Office) -> None:
    await a_long_spring(office)
    async with sit() as person:
        await at_preview(person)
        await person.sees(
            "24 customers", "21 would get it: 20 × 1 part, 1 × 2 parts = 22 parts", "3 would get none",
            "customer.due is empty", "1 need UCS-2",
        )  # fmt: skip
        await person.sees("2 of 24", "the longest", "2 parts of GSM-7", "Dear Bartholomew")
        await person.press("right")
        await person.sees("3 of 24", "1 part of UCS-2", "Ł (plain: L)", "Dear Zoë Łukasz")
        assert "the longest" not in person.text()
        await person.press("end")
        await person.sees("24 of 24", "gets none: template reminder")
        await person.press("u")
        await person.sees("3 of 24")
        await person.press("w")
        await person.sees("2 of 24", "the longest")
        await person.answers("g", "5")
        await person.sees("5 of 24", "Dear Eve Stone")
        await person.press("o")
        await person.sees("3 would get none", "C0008: template reminder")
        await person.press("escape", "escape")
        await person.sees("Calendars, variables, templates")


async def test_a_list_is_looked_at_and_a_field_that_nobody_has_is_named(sit: Any, office: Office) -> None:
    await a_long_spring(office)
    async with sit() as person:
        await at_preview(person, "list south")
        await person.sees("8 customers")
        await person.press("a")
        await person.sees("Who reads it?")
        await person.press(*"north", "enter")
        await person.sees("reminder as list north", "16 customers")
        await Template.filter(name="reminder").update(body="Dear {{ customer.nmae }}")
        person.app.screen.refresh_soon()
        await person.sees("✖ It can be written to none", "no field customer.nmae", "customer.name;")


def test_parts_have_their_price_where_one_is_known() -> None:
    survey = Survey(24, 21, None, "", 0, (), 3, by_parts={1: 20, 2: 1})
    pound = Price(Decimal("0.032"), "GBP")
    assert survey_lines(survey, pound)[0].plain.endswith("20 × 1 part, 1 × 2 parts = 22 parts, £0.704")
    said = Preview("sms", "", "Dear all", "GSM-7", 8, 2)
    (_, size) = letter_lines(None, said, "1 of 24", worst=True, price=pound)
    assert size.plain == "8 characters, 2 parts of GSM-7, £0.064"


async def test_without_customers_it_says_what_to_do(sit: Any, office: Office) -> None:
    await Template.create(name="reminder", channel="email", body="x")
    async with sit() as person:
        await person.press("5")
        await person.sees("reminder")
        await person.press("tab")
        await person.sees("p Preview")
        await person.press("p")
        await person.sees("there are no customers to read it yet")


async def test_the_preview_looks_as_accepted(sit: Any, office: Office, looks: Any) -> None:
    await a_long_spring(office)
    for size, themes in ((SMALL, (DARK.name, LIGHT.name)), (LARGE, (DARK.name,))):
        async with sit(size=size) as person:
            await at_preview(person)
            await person.sees("the longest")
            await person.press("right")
            await person.sees("3 of 24", "because of")
            await looks(person, "template-preview", themes)
