"""A file of customers, imported twice; then what a screen reads of them, and all of them written down."""

from __future__ import annotations

import asyncio
import csv
import resource
from pathlib import Path
from time import perf_counter

from benchmarks.sides import asked, say
from benchmarks.sides.crowd import settings_of
from core.campaigns import Audience, ImportWish
from core.office import Office, open_office
from core.roles import COMMAND
from core.views import customers as views
from core.views.customer_files import export_lines

COLUMNS = ("Customer no", "First name", "Last name", "Mobile", "E-mail", "Time zone", "Tariff")


def _write(path: Path, many: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for n in range(many):
            writer.writerow(
                (f"C{n:08}", "Ann", f"Lee {n}", f"07{700_000_000 + n}", f"c{n}@home.example", "Europe/London", "gold")
            )


async def _measure(url: str, key: str, file: str, customers: int) -> dict[str, float]:
    path = Path(file)
    _write(path, customers)
    async with open_office(settings_of(url, key)) as office:
        await office.lists.create("leads", actor=COMMAND)
        found = {}
        for name in ("seconds", "again"):
            began = perf_counter()
            result = await office.imports.run(ImportWish("leads", path), actor=COMMAND)
            found[name] = perf_counter() - began
            if (result.added or result.unchanged) != customers or result.problems:
                raise RuntimeError(f"of {customers} rows {result.added} were added, {result.unchanged} unchanged")
        found["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return found | await _reading(office, customers)


async def _reading(office: Office, customers: int) -> dict[str, float]:
    database, leads = office.database, Audience(list="leads")
    found = {}
    for name, work in (
        ("page", views.customers(database, leads, limit=60)),
        ("ids", views.customer_ids(database, leads)),
        ("sums", views.campaigns(database)),
        ("words", views.customers(database, Audience(list="leads", words="nobody has this"), limit=60)),
    ):
        began = perf_counter()
        await work
        found[name] = 1000 * (perf_counter() - began)
    began = perf_counter()
    lines = 0
    async for _ in export_lines(database, leads):
        lines += 1
    found["export"] = perf_counter() - began
    if lines != customers + 1:
        raise RuntimeError(f"{lines} lines were exported")
    return found


if __name__ == "__main__":
    say(**asyncio.run(_measure(**asked())))
