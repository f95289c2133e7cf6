"""`postroom broadcast`: one template to many customers; here list, show, ledger and answers.

What plans and starts one is in `broadcast_sending`, what is done with one that there is in `broadcast_verbs`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli import broadcast_sending, broadcast_verbs
from cli.broadcast_asking import Id
from cli.broadcast_watching import figures
from cli.files import new_text
from cli.options import Json
from cli.output import print_json, print_rows, with_database

if TYPE_CHECKING:
    from core.store import Database
    from core.views.broadcasts import BroadcastRow, LedgerRow, LiveRow
    from core.views.contact_rows import ContactRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Broadcasts: one template to many customers.",
)
app.add_typer(broadcast_sending.app)


@app.command("list")
def list_broadcasts(context: typer.Context, json: Json = False) -> None:
    """All broadcasts, those that run first."""

    async def work(database: Database) -> list[BroadcastRow]:
        from core.views.broadcasts import broadcasts

        return await broadcasts(database)

    columns = {"id": "ID", "state": "State", "name": "Name", "audience": "To", "planned": "Planned", "sent": "Sent",
               "failed": "Failed", "unknown": "Unknown", "reason": "Why"}  # fmt: skip
    print_rows(columns, with_database(context, work), json=json, wide="audience")


@app.command()
def show(context: typer.Context, broadcast_id: Id, json: Json = False) -> None:
    """One broadcast: what became of everybody, failures by the server's words, replies, what is left."""

    async def work(database: Database) -> LiveRow:
        from datetime import UTC, datetime

        from core.views.broadcasts import live

        return await live(database, broadcast_id, datetime.now(UTC))

    found = with_database(context, work)
    if json:
        print_json({**asdict(found.row), **{k: v for k, v in asdict(found).items() if k != "row"}})
        return
    for line in figures(found):
        typer.echo(line)


@app.command()
def ledger(
    context: typer.Context,
    broadcast_id: Id,
    state: Annotated[str, typer.Option(help="Only those in this state.")] = "",
    csv: Annotated[
        str, typer.Option("--csv", metavar="FILE", help="Write everybody there, a new file; - = stdout.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    after: Annotated[int, typer.Option(min=0, help="Only those behind this row's number.")] = 0,
    json: Json = False,
) -> None:
    """What became of each recipient."""
    if csv:
        with_database(context, lambda database: _written(database, broadcast_id, csv))
        return

    async def work(database: Database) -> list[LedgerRow]:
        from core.views.broadcasts import broadcast, ledger

        await broadcast(database, broadcast_id)
        return await ledger(database, broadcast_id, state=state, after=after, limit=limit)

    columns = {"id": "Row", "reference": "Customer", "name": "Name", "address": "To", "state": "State",
               "sent_at": "Sent", "reason": "Why"}  # fmt: skip
    print_rows(columns, with_database(context, work), json=json, wide="reason")


async def _written(database: Database, broadcast_id: int, path: str) -> None:
    from core.views.broadcasts import ledger_csv

    with new_text(path) as file:
        async for part in ledger_csv(database, broadcast_id):
            file.write(part)


@app.command()
def answers(
    context: typer.Context,
    broadcast_id: Id,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 200,
    json: Json = False,
) -> None:
    """Who answers it: the contacts of recipients who wrote after their message had left, the newest first."""

    async def work(database: Database) -> list[ContactRow]:
        from core.views.broadcasts import reply_ids
        from core.views.waiting import contacts_by_id

        ids = await reply_ids(database, broadcast_id, limit)
        found = await contacts_by_id(database, ids)
        return [found[one] for one in ids if one in found]

    columns = {"id": "Contact", "received_at": "Came", "address": "From", "name": "Name", "state": "State",
               "agent": "Agent", "text": "Text"}  # fmt: skip
    print_rows(columns, with_database(context, work), json=json, wide="text")


app.add_typer(broadcast_verbs.app)
