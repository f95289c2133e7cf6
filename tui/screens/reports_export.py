"""A report into a file: where is asked, and nothing is written over without a question."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.reach import typed, wrong_to_write
from core.text import one_line
from core.views.report_files import csv_lines, json_of, json_of_contacts, plain_contact, plain_rows
from core.views.reports import contact_report, report
from tui import dialogs

if TYPE_CHECKING:
    from pathlib import Path

    from core.views.reports import ContactReportRow
    from core.views.stepping import Range
    from tui.app import PostroomApp

PART = 5000
ENDINGS = (".csv", ".json")


async def export(house: PostroomApp, by: str, within: Range, step: str) -> None:
    """Ask for a path, and write the report there. Raises Wrong where it cannot be written."""
    day = within.since.astimezone(house.zone)
    usual = f"report-{by}-{day:%Y-%m-%d}.csv"
    question = "A path that ends in .csv or .json; in CSV nothing from outside can become a formula."
    said = await house.push_screen_wait(dialogs.TextDialog("Export", question, value=usual, check=_path_wrong))
    if said is None:
        return
    path = typed(said)
    there = await asyncio.to_thread(path.exists)
    if there:
        asked = dialogs.ConfirmDialog("Export", f"{path} is there already. Write over it?", "Write over")
        if not await house.push_screen_wait(asked):
            return
    text = await _text(house, by, within, step, as_json=path.suffix.lower() == ".json")
    await asyncio.to_thread(_write, path, text, there)
    house.notify(f"written: {path}", markup=False)


async def _text(house: PostroomApp, by: str, within: Range, step: str, *, as_json: bool) -> str:
    database, now = house.office.database, house.now()
    if by != "contact":
        told = await report(database, by, within, now, step)
        return json_of(told) if as_json else "".join(csv_lines(plain_rows(told)))
    rows: list[ContactReportRow] = []
    while part := await contact_report(database, within, now, after=rows[-1].contact if rows else 0, limit=PART):
        rows += part
    return json_of_contacts(rows) if as_json else "".join(csv_lines([plain_contact(row) for row in rows]))


def _write(path: Path, text: str, over: bool) -> None:
    try:
        with path.open("w" if over else "x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        words = one_line(error.strerror or str(error), 100)
        raise Wrong(f"{path} cannot be written: {words}; choose another place") from error


def _path_wrong(text: str) -> str:
    if not text.strip().lower().endswith(ENDINGS):
        return "a path that ends in .csv or .json"
    return wrong_to_write(typed(text))
