"""`postroom queue`: what waits where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from cli.options import Json
from cli.output import age, print_rows, with_database

if TYPE_CHECKING:
    from core.store import Database
    from core.views import QueueRow

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Queues: who waits where.")


@app.callback()
def _noun() -> None:
    pass


@app.command("list")
def list_queues(context: typer.Context, json: Json = False) -> None:
    """All queues: waiting, the oldest, the service level of today."""

    async def work(database: Database) -> list[QueueRow]:
        from core.views import queues

        return await queues(database, datetime.now(UTC))

    rows = with_database(context, work)
    columns = {"name": "Queue", "waiting": "Waiting", "oldest": "Oldest", "service_level": "SL %", "ready": "Agents",
               "open": "Open"}  # fmt: skip
    print_rows(columns, rows, json=json, cells=_cells)


def _cells(row: QueueRow) -> dict[str, object]:
    return {"oldest": age(row.oldest_seconds) if row.waiting else None}
