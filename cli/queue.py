"""`postroom queue`: what waits where."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import age, print_json, print_table, with_database

if TYPE_CHECKING:
    from core.store import Database
    from core.views import QueueRow

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Queues: who waits where.")


@app.callback()
def _noun() -> None:
    pass


@app.command("list")
def list_queues(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False
) -> None:
    """All queues: waiting, the oldest, the service level of today."""

    async def work(database: Database) -> list[QueueRow]:
        from core.views import queues

        return await queues(database, datetime.now(UTC))

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    shown = [asdict(row) | {"oldest": age(row.oldest_seconds) if row.waiting else None} for row in rows]
    columns = {"name": "Queue", "waiting": "Waiting", "oldest": "Oldest", "service_level": "SL %", "ready": "Agents",
               "open": "Open"}  # fmt: skip
    print_table(columns, shown)
