"""Customers imported on the screen, by keys alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Customer, CustomerList
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from core.office import Office

ROWS = (
    "ref,first name,last name,mobile,due,who\n"
    "W1,Ann,[bold]Lee,07700 900777,3 Dec,x\n"
    "W2,Bo,Ek,oops,4 Dec,y\n"
    ",No,One,,,\n"
    "C0001,Ann,Leeds,07700 900000,5 Dec,z\n"
)


async def at_import(person: Any, path: Path) -> None:
    """The file is typed in on the import screen of the list south."""
    await person.press("4")
    await person.sees("campaign spring · ", "C0001")
    await person.press("down", "down")
    await person.sees("list south · 8 customers")
    await person.press("i")
    await person.sees("CSV or XLSX", "south · 8 customers")
    person.app.screen.fields.put("path", str(path))
    await person.sees("first name + last", "07700 900777 · oops")


async def at_new_list(person: Any, path: Path) -> None:
    """The same of a list that is not there yet."""
    await person.press("4")
    await person.sees("campaign spring · ", "C0001")
    await person.press("i")
    await person.sees("CSV or XLSX")
    person.app.screen.fields.put("list", "+")
    person.app.screen.fields.put("path", str(path))
    await person.sees("first name + last", "07700 900777 · oops")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(
    sit: Any, office: Office, looks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    await a_spring(office)
    (tmp_path / "west.csv").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    themes = THEMES if size == SMALL else [DARK.name]
    async with sit(size=size) as person:
        await at_import(person, Path("west.csv"))
        await looks(person, "chosen", themes[:1])
        await person.press("ctrl+t")
        await person.sees("4 rows: 2 would be added, 1 changed, 0 the same, 1 left out", "✖ left out", "▲ taken")
        await looks(person, "import", themes)


async def test_a_trial_names_every_bad_row_then_it_is_imported(
    sit: Any, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_spring(office)
    (tmp_path / "west.csv").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    async with sit() as person:
        await at_import(person, Path("west.csv"))
        await person.press("ctrl+t")
        await person.sees("4 rows: 2 would be added, 1 changed, 0 the same, 1 left out", "✖ left out", "▲ taken")
        assert not await Customer.filter(reference="W1").exists()
        await person.press("ctrl+s")
        await person.sees("2 customers come onto list south, 1 are changed", "Left out: 1. To be looked at: 1.")
        await person.press("y")
        await person.sees("2 customers added, 1 changed", "south · 10 customers")
    made = await Customer.get(reference="W1")
    assert (made.name, made.number) == ("Ann [bold]Lee", "+447700900777")
    assert (await Customer.get(reference="W2")).number_as_written == "oops"


async def test_another_column_is_chosen_and_known_customers_are_left_alone(
    sit: Any, office: Office, tmp_path: Path
) -> None:
    await a_spring(office)
    path = tmp_path / "west.csv"
    path.write_text(ROWS)
    async with sit() as person:
        await at_import(person, path)
        await person.press("tab", "tab", "space")
        await person.press("tab", "down", "enter")
        await person.sees("Which column is name?")
        await person.press(*"last", "enter")
        await person.sees("[bold]Lee · Ek")
        await person.press("ctrl+s")
        await person.sees("2 customers come onto list south, 0 are changed, 1 stay as they are.")
        await person.press("y")
        await person.sees("2 customers added, 0 changed")
    assert (await Customer.get(reference="W1")).name == "[bold]Lee"
    assert (await Customer.get(reference="C0001")).name == "Ann Lee"
    assert '"name": "last name"' in (await CustomerList.get(name="south")).mapping


async def test_a_trial_onto_a_new_list_leaves_nothing_and_the_import_makes_it(
    sit: Any, office: Office, tmp_path: Path
) -> None:
    await a_spring(office)
    path = tmp_path / "west.csv"
    path.write_text(ROWS)
    async with sit() as person:
        await at_new_list(person, path)
        await person.press("ctrl+t")
        await person.sees("A new list", "west")
        await person.press("enter")
        await person.sees("4 rows: 3 would be added", "Columns of the new list west")
        assert not await CustomerList.filter(name="west").exists()
        lines = await office.database.read("SELECT text FROM journal WHERE text LIKE '%west%'")
        assert lines == []
        await person.press("ctrl+s")
        await person.sees("3 customers come onto a new list west of campaign spring")
        await person.press("n")
        await person.until(lambda: not person.app.screen.is_modal, "the question to go")
        assert not await CustomerList.filter(name="west").exists()
        await person.press("ctrl+s")
        await person.sees("3 customers come onto a new list west of campaign spring")
        await person.press("y")
        await person.sees("3 customers added, 0 changed", "west · 3 customers")
    made = await CustomerList.get(name="west").select_related("campaign")
    assert made.campaign is not None and made.campaign.name == "spring"


async def test_a_new_list_of_a_name_that_is_taken_is_named_again(sit: Any, office: Office, tmp_path: Path) -> None:
    await a_spring(office)
    path = tmp_path / "south.csv"
    path.write_text(ROWS)
    async with sit() as person:
        await at_new_list(person, path)
        await person.press("ctrl+t")
        await person.sees("A new list", "south")
        await person.press("enter")
        await person.until(lambda: any("there is a list south already" in one for one in person.said()), "the refusal")
        await person.press("ctrl+t")
        await person.sees("A new list")
        await person.press(*"east", "enter")
        await person.sees("4 rows: 3 would be added", "Columns of the new list east")


async def test_a_file_that_is_none_is_said_and_nothing_runs(sit: Any, office: Office, tmp_path: Path) -> None:
    await a_spring(office)
    path = tmp_path / "picture.xlsx"
    path.write_bytes(b"\x89PNG\x1b]52;c;eA==\x07")
    async with sit() as person:
        await person.press("4")
        await person.sees("campaign spring · ")
        await person.press("i")
        await person.sees("CSV or XLSX")
        person.app.screen.fields.put("list", "south")
        person.app.screen.fields.put("path", str(path))
        await person.sees("✖ File")
        await person.press("ctrl+t")
        await person.until(lambda: person.said(), "the refusal")
        assert "\x1b" not in person.text() + "".join(person.said())
        await person.press("escape")
        await person.sees("campaign spring · ")


async def test_an_import_can_be_stopped(
    sit: Any, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_spring(office)
    path = tmp_path / "west.csv"
    path.write_text(ROWS)
    stopped = asyncio.Event()

    async def slow(*_: object, **__: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with sit() as person:
        await at_import(person, path)
        monkeypatch.setattr(office.imports, "run", slow)
        await person.press("ctrl+t")
        await person.until(lambda: person.app.screen.is_going, "the trial to begin")
        await person.press("escape")
        await asyncio.wait_for(stopped.wait(), 10)
        await person.sees("stopped")
        await person.press("escape")
        await person.sees("list south · 8 customers")
