"""Reports on the screen: chosen, sorted, and written into files."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.conftest import LARGE, SMALL
from tests.tui.test_wallboard import a_shift
from tui.themes import THEMES
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office


async def at_reports(person: Any) -> None:
    await person.press("8")
    await person.sees("By queue · today", "as a whole", "Total")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, picture: Any, size: tuple[int, int]) -> None:
    await a_shift(office)
    async with sit(size=size) as person:
        await at_reports(person)
        for theme in THEMES:
            person.app.theme = theme
            await person.pilot.pause()
            await picture(person, f"queue-{theme}-{size[0]}x{size[1]}")
        person.app.screen.show_report(by="agent", step="quarter")
        await person.sees("By agent · today", "by quarter of an hour", "bob")
        await picture(person, f"agent-{size[0]}x{size[1]}")
        person.app.screen.show_report(by="contact")
        await person.sees("By contact · today", "Customer")
        await picture(person, f"contact-{size[0]}x{size[1]}")


async def test_kind_days_and_step_are_chosen_and_rows_sorted(sit: Any, office: Office) -> None:
    await a_shift(office)
    async with sit() as person:
        await at_reports(person)
        await person.answers("b", "account")
        await person.sees("By account · today", "texts@acme")
        await person.answers("d", "yesterday")
        await person.sees("By account · yesterday (01 Mar)", "0 arrived")
        await person.answers("d", "2026-03-01 to 2026-03-02")
        await person.sees("5 arrived")
        await person.answers("d", "soon")
        await person.until(lambda: any("soon is no range" in one for one in person.said()), "the refusal")
        await person.answers("t", "day")
        await person.sees("by day", "02 Mar 2026")
        await person.answers("b", "by queue")
        await person.sees("(none)", "front")
        rows: Rows = person.app.screen.query_one("#report-list-rows", Rows)
        await person.press("s", "s", "s")
        await person.until(lambda: rows.current_row and rows.current_row.name == "(none)", "the fewest entered")
        await person.press("S")
        await person.until(lambda: rows.current_row and rows.current_row.name == "front", "the most entered")
        await person.answers("b", "contact")
        await person.sees("By contact", "07700 900100")
        await person.press("enter")
        await person.until(lambda: person.app.screen.AREA == "desk", "the desk")


async def test_a_file_is_written_where_it_is_asked_and_never_over_another_without_a_question(
    sit: Any, office: Office, folder: Path
) -> None:
    await a_shift(office)
    path = folder / "day.csv"
    async with sit() as person:
        await at_reports(person)
        for kind in ("queue", "contact"):
            person.app.screen.show_report(by=kind)
            await person.press("e")
            await person.sees("A path that ends in")
            person.app.screen.query_one("Input").value = str(path.with_suffix(".txt"))
            await person.press("enter")
            await person.sees("a path that ends in .csv or .json")
            person.app.screen.query_one("Input").value = str(path)
            await person.press("enter")
            if kind == "contact":
                await person.sees("is there already")
                await person.press("y")
            await person.until(lambda: any("written" in one for one in person.said()), "the file")
            person.app.clear_notifications()
            (first, *more) = csv.DictReader(path.read_text("utf-8").splitlines())
            if kind == "queue":
                assert [first["entered"], *(row["entered"] for row in more)] == ["5", "0"]
        assert first["address"] == "'+447700900100" and len(more) == 4
        await person.press("e")
        await person.sees("A path that ends in")
        person.app.screen.query_one("Input").value = str(folder / "day.json")
        await person.press("enter")
        await person.until(
            lambda: (folder / "day.json").exists() and any("written" in one for one in person.said()), "it"
        )
        assert len(json.loads((folder / "day.json").read_text())["rows"]) == 5
        await person.press("e")
        await person.sees("A path that ends in")
        person.app.screen.query_one("Input").value = str(folder / "nowhere" / "day.json")
        await person.press("enter")
        await person.until(lambda: any("cannot be written" in one for one in person.said()), "the refusal")
