"""`postroom message`: what is to leave and what has left; settle, cancel, retry."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_json, print_rows, print_table, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.office import Office
    from core.store import Database
    from core.views import OutMessageRow, Step

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Messages: the outbox.")

Id = Annotated[int, typer.Argument(metavar="ID", help="The message's number.")]


@app.command("list")
def list_messages(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="queued, sending, sent, failed, unknown, ...")] = "",
    account: Annotated[str, typer.Option(help="Only of this account.")] = "",
    to: Annotated[str, typer.Option(help="Only to this number or address.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    json: Json = False,
) -> None:
    """Outgoing messages, newest first."""

    async def work(database: Database) -> list[OutMessageRow]:
        from core.models.states import OutboxState
        from core.views import MessageFilter, messages

        if state and state not in list(OutboxState):
            raise Wrong(f"there is no state {state}; there are: {', '.join(OutboxState)}")
        return await messages(database, MessageFilter(state, account, to, limit))

    rows = with_database(context, work)
    columns = {"id": "ID", "state": "State", "delivery": "Delivery", "account": "From", "to": "To", "attempts": "Tries",
               "reply": "Server's words", "text": "Text"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="text")


@app.command()
def explain(context: typer.Context, message_id: Id, json: Json = False) -> None:
    """What happened to a message."""

    async def work(database: Database) -> tuple[OutMessageRow, list[Step]]:
        from core.views import explain_message

        return await explain_message(database, message_id)

    row, steps = with_database(context, work)
    if json:
        print_json(asdict(row) | {"steps": steps})
        return
    typer.echo(f"Message {row.id}  {row.state}  {row.account} -> {row.to}")
    print_table({"at": "When", "who": "Who", "what": "What"}, [asdict(step) for step in steps], wide="what")


@app.command()
def settle(
    context: typer.Context,
    message_id: Id,
    sent: Annotated[bool, typer.Option("--sent", help="It went.")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="Send the same letter again.")] = False,
    fail: Annotated[bool, typer.Option("--fail", help="Give it up.")] = False,
    login: As = "",
) -> None:
    """Settle a message in doubt."""
    if [sent, resend, fail].count(True) != 1:
        raise Wrong("say what is known of it: --sent, --resend or --fail")

    async def work(office: Office) -> None:
        from core.outbox import Settlement

        how = Settlement.SENT if sent else Settlement.RESEND if resend else Settlement.FAIL
        await office.settling.settle(message_id, how, actor=login or COMMAND)

    with_office(context, work)
    typer.echo(f"message {message_id} is settled")


@app.command()
def cancel(context: typer.Context, message_id: Id, login: As = "") -> None:
    """Keep a queued message from leaving."""
    with_office(context, lambda office: office.settling.cancel(message_id, actor=login or COMMAND))
    typer.echo(f"message {message_id} is cancelled")


@app.command()
def retry(context: typer.Context, message_id: Id, login: As = "") -> None:
    """Try a failed message again, or a queued one at once."""
    with_office(context, lambda office: office.settling.retry(message_id, actor=login or COMMAND))
    typer.echo(f"message {message_id} is queued")
