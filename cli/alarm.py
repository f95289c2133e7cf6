"""`postroom alarm`: what somebody should look at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from cli.options import Json
from cli.output import print_rows, with_database

if TYPE_CHECKING:
    from core.store import Database
    from core.views.alarms import Alarm

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Alarms: what somebody should look at."
)


@app.callback()
def _noun() -> None:
    pass


@app.command("list")
def list_alarms(context: typer.Context, json: Json = False) -> None:
    """All alarms, what is broken first; none is good news."""

    async def work(database: Database) -> list[Alarm]:
        from core.views.alarms import alarms

        return await alarms(database, datetime.now(UTC))

    rows = with_database(context, work)
    columns = {"broken": "Alarm", "since": "Since", "words": "What"}
    print_rows(columns, rows, json=json, wide="words", empty="nothing is wrong", cells=_cells)


def _cells(row: Alarm) -> dict[str, object]:
    return {"broken": "broken" if row.broken else "look"}
