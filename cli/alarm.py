"""`postroom alarm`: what somebody should look at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_json, print_table, with_database

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
def list_alarms(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False
) -> None:
    """All alarms, what is broken first; none is good news."""

    async def work(database: Database) -> list[Alarm]:
        from core.views.alarms import alarms

        return await alarms(database, datetime.now(UTC))

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    shown = [{"how": "broken" if row.broken else "look", "words": row.words, "since": row.since} for row in rows]
    print_table({"how": "Alarm", "since": "Since", "words": "What"}, shown, wide="words", empty="nothing is wrong")
