"""`postroom account`: the mailboxes we poll and send as."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_rows, with_database, with_office
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.office import Office
    from core.store import Database
    from core.views import AccountRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Accounts: the mailboxes that are polled and the addresses that are sent as.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's address.")]


@app.command("list")
def list_accounts(context: typer.Context, json: Json = False) -> None:
    """All accounts: their health, and where each mail on the server went."""

    async def work(database: Database) -> list[AccountRow]:
        from core.views import accounts

        return await accounts(database, datetime.now(UTC))

    rows = with_database(context, work)
    columns = {"address": "Account", "kind": "Kind", "status": "Status", "on_server": "Server", "accounted": "Known",
               "unfetched": "To fetch", "last_poll": "Last poll", "error": "Error"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="error")


@app.command()
def check(context: typer.Context, name: Name, json: Json = False) -> None:
    """Log in, look at the folder, send a test mail to itself and wait for it; exit code 1 when something fails."""

    async def work(office: Office) -> bool:
        from cli.steps import follow
        from core.checkup import check_account

        return await follow(check_account(office.database, office.vault, name), as_json=json)

    if not with_office(context, work):
        raise typer.Exit(1)


@app.command()
def enable(context: typer.Context, name: Name, login: As = "") -> None:
    """Poll the account's mailbox again."""
    _switch(context, name, True, login)


@app.command()
def disable(context: typer.Context, name: Name, login: As = "") -> None:
    """Leave the account's mailbox alone; what is in the outbox leaves all the same."""
    _switch(context, name, False, login)


def _switch(context: typer.Context, name: str, enabled: bool, login: str) -> None:
    async def work(database: Database) -> bool:
        from core.accounts import set_enabled

        return await set_enabled(database, name, enabled, actor=login or COMMAND)

    changed = with_database(context, work)
    word = "enabled" if enabled else "disabled"
    typer.echo(f"{name} is {word}" if changed else f"{name} was {word} already")
