"""Campaigns, lists and customers on the screen, by keys alone."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Campaign, Customer, CustomerList
from core.models.states import CustomerStatus
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office

HOSTILE = "\x1b]52;c;eA==\x07[bold red]x[/] [@click=app.quit]y[/] \u202eevil"
MANY = 20_000


async def at_campaigns(person: Any) -> None:
    await person.press("4")
    await person.sees("campaign spring · ", "C0001")


async def among_customers(person: Any) -> None:
    await at_campaigns(person)
    await person.press("enter")
    await person.until(lambda: person.app.screen.people.rows.has_focus, "the customers to have the focus")


async def test_the_keys_that_one_comes_for_are_seen_at_eighty_columns(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await among_customers(person)
        await person.sees("w Write", "b Broadcasts", "i Import", "r Ring", "n New", "F1 Help")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await a_spring(office, 60)
    async with sit(size=size) as person:
        await among_customers(person)
        await person.press("down", "space")
        await looks(person, "campaigns", THEMES if size == SMALL else [DARK.name])
        await person.press("escape", "enter")
        await person.sees("list        north, campaign spring")
        await looks(person, "customer", THEMES[-1:] if size == SMALL else [DARK.name])


async def test_a_list_is_chosen_filtered_and_sorted(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_campaigns(person)
        await person.press("down", "down")
        await person.sees("list south · 8 customers")
        await person.until(lambda: len(person.app.screen.people.rows.keys) == 8, "those of the list")
        await person.press("tab")
        await person.press("s", "s", "S")
        await person.until(lambda: person.app.screen.people.rows.current_row.name == "Ida Fox", "the last name")
        await person.press("slash", *"chlo", "enter")
        await person.until(lambda: len(person.app.screen.people.rows.keys) == 1, "the one with that word")
        await person.sees("/chlo: 1", "Chloé Dubois")
        await person.press("escape")
        await person.until(lambda: len(person.app.screen.people.rows.keys) == 8, "all again")


async def test_a_very_long_list_is_gone_through_at_once(sit: Any, office: Office) -> None:
    await a_spring(office, 1)
    await office.database.rows(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?) INSERT INTO customer"
        " (list_id, reference, name, number, number_as_written, email, zone, status, tries, outcome, own_fields,"
        " created_at, changed_at) SELECT (SELECT id FROM customer_list WHERE name = 'later'), 'L' || x, 'Name ' || x,"
        " '', '', '', '', 'unused', 0, '', '{}', 0, 0 FROM n",
        MANY,
    )
    async with sit() as person:
        await at_campaigns(person)
        await person.press("end")
        await person.sees(f"list later · {MANY:,} customers", "L1 ")
        await person.press("tab", "end")
        await person.sees(f"L{MANY}")
        await person.press("pageup", "slash", *"19999", "enter")
        await person.sees("Name 19999")


async def test_a_campaign_is_judged_as_it_is_typed_and_set_up(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_campaigns(person)
        await person.press("n", "enter")
        await person.sees("A new campaign")
        form = person.app.screen
        form.set_text("name", "winter")
        form.set_text("quiet_hours", "8-20")
        await person.sees("8-20 are no quiet hours")
        form.set_text("quiet_hours", "20:00-08:00")
        form.set_text("results_folder", "/srv/results")
        await person.press("tab", "enter", "down", "enter", "ctrl+s")
        await person.sees("campaign winter is set", "campaign winter · 0 customers")
        made = await Campaign.get(name="winter")
        assert (made.quiet_hours, made.sms_account_id, made.per_days) == ("20:00-08:00", 1, 7)
        assert made.results_folder == "/srv/results"
        await person.press("e")
        await person.sees("Campaign winter")
        await person.press("end", *"2", "ctrl+s")
        await person.sees("campaign winter2 is set", "campaign winter2 · 0 customers")
        await person.press("D")
        await person.sees("Delete campaign winter2?")
        await person.press("y")
        await person.sees("campaign winter2 is deleted")
        assert not await Campaign.exists(name="winter2")


async def test_a_list_is_made_given_to_a_campaign_and_deleted_after_a_count(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_campaigns(person)
        await person.press("n", "down", "enter")
        await person.sees("A new list")
        await person.press(*"west", "ctrl+s")
        await person.sees("list west is set", "└ west")
        assert (await CustomerList.get(name="west").select_related("campaign")).campaign.name == "spring"  # type: ignore[union-attr]
        await person.press("home", "down", "D")
        await person.sees("Delete list north with 16 customers")
        await person.press("enter")
        assert await CustomerList.exists(name="north")
        await person.press("D")
        await person.sees("Delete list north with 16 customers")
        await person.press("y")
        await person.sees("list north is deleted")
        assert await Customer.all().count() == 8


async def test_a_customer_is_looked_at_and_changed(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await among_customers(person)
        await person.press("enter")
        await person.sees("due         1 Dec")
        await person.press("escape", "e")
        await person.sees("Customer C0001")
        form = person.app.screen
        form.set_text("number", "bogus")
        await person.sees("no telephone number")
        form.set_text("number", "07700 900321")
        await person.press("ctrl+s")
        await person.sees("customer C0001 is set", "07700 900321")
        assert (await Customer.get(reference="C0001")).number == "+447700900321"


async def test_a_status_is_set_by_hand_and_taken_back(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await among_customers(person)
        await person.press("space", "space", "t")
        await person.sees("Status of 2 customers")
        await person.press(*"termin", "enter")
        await person.sees("2 customers: terminated")
        assert await Customer.filter(reference__in=["C0001", "C0002"], status=CustomerStatus.TERMINATED).count() == 2
        await person.press("f9")
        await person.sees("taken back")
        assert await Customer.filter(reference__in=["C0001", "C0002"], status=CustomerStatus.UNUSED).count() == 2
        await person.press("home", "t", *"call", "enter")
        await person.sees("When is the customer to be rung again?")
        await person.press(*"14:30", "enter")
        await person.sees("C0001: call-back", "14:30")
        assert (await Customer.get(reference="C0001")).callback_at is not None


async def test_customers_are_written_into_a_file(sit: Any, office: Office, tmp_path: Path) -> None:
    await a_spring(office)
    path = tmp_path / "out.csv"
    async with sit() as person:
        await at_campaigns(person)
        await person.press("x")
        await person.sees("Export customers")
        person.app.screen._input.value = str(path)
        await person.press("enter")
        await person.sees("written:")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    assert (rows[0]["reference"], rows[0]["number"], rows[0]["due"]) == ("C0001", "'+447700900000", "1 Dec")
    assert path.stat().st_mode & 0o077 == 0


async def test_an_agent_may_look_but_not_touch(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit("ann") as person:
        await at_campaigns(person)
        for key in ("n", "e", "D", "i", "x", "w", "t"):
            if key == "t":
                await person.press("tab")
            person.app.clear_notifications()
            await person.press(key)
            await person.until(lambda: any("ann is an agent" in one for one in person.said()), f"a refusal of {key}")
            assert len(person.app.screen_stack) == 1


async def test_hostile_names_are_harmless_wherever_they_are_shown(sit: Any, office: Office) -> None:
    await a_spring(office)
    await Campaign.all().update(name=HOSTILE[:90], words=HOSTILE)
    await CustomerList.filter(name="north").update(name=HOSTILE[:99], own_fields='["due"]')
    await Customer.all().update(name=HOSTILE, email=HOSTILE, outcome=HOSTILE)
    await Customer.filter(reference="C0001").update(reference="[red]R")
    async with sit() as person:
        await person.press("4")
        await person.sees("[bold red]x", "[red]R")
        await person.press("enter", "enter")
        await person.sees("list        ")
        for keys in (
            ["escape"],
            ["e"],
            ["escape", "t"],
            ["escape", "tab", "r"],
            ["escape", "w"],
            ["ctrl+s"],
            ["ctrl+s"],
        ):
            await person.press(*keys)
            await person.comes_to_rest()
            shown = person.text() + "".join(person.said())
            assert not any(bad in shown for bad in ("\x1b", "\x07", "\u202e"))
        await person.sees("[3 Plan]", "will get it")
        await person.press("enter")
        await person.sees("[4 Preview]", "Dear ")
        assert not any(bad in person.text() for bad in ("\x1b", "\x07", "\u202e"))
