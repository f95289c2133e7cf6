"""`postroom list`: lists of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_rows, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.office import Office
    from core.store import Database
    from core.views.customers import ListRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Lists of customers: 'postroom customer import' fills them, a campaign writes to them.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The list's name.")]


@app.command("list")
def list_lists(
    context: typer.Context,
    campaign: Annotated[str, typer.Option(help="Only those of this campaign.")] = "",
    json: Json = False,
) -> None:
    """All lists, with how many customers are in each status."""

    async def work(database: Database) -> list[ListRow]:
        from core.views.customers import lists

        return await lists(database, campaign=campaign)

    columns = {"name": "List", "campaign": "Campaign", "customers": "Customers"} | statuses()
    print_rows(columns, with_database(context, work), json=json, wide="name", cells=lambda row: row.statuses)


@app.command()
def create(
    context: typer.Context,
    name: Name,
    campaign: Annotated[str, typer.Option(help="The campaign it belongs to; else none yet.")] = "",
    login: As = "",
) -> None:
    """Make an empty list."""
    with_office(context, lambda office: office.lists.create(name, actor=login or COMMAND, campaign=campaign))
    typer.echo(f"list {name} is there: 'postroom customer import' fills it")


@app.command("set")
def set_(
    context: typer.Context,
    name: Name,
    campaign: Annotated[str | None, typer.Option(help="Give it to this campaign; '' = to none.")] = None,
    new_name: Annotated[str, typer.Option("--name", help="Another name.")] = "",
    login: As = "",
) -> None:
    """Give a list to a campaign, or another name."""
    if campaign is None and not new_name:
        raise Wrong(f"say what is to change of list {name}: --campaign or --name")

    async def work(office: Office) -> None:
        if campaign is not None:
            await office.lists.move(name, campaign, actor=login or COMMAND)
        if new_name:
            await office.lists.rename(name, new_name, actor=login or COMMAND)

    with_office(context, work)
    typer.echo(f"list {new_name or name} is changed")


@app.command()
def delete(
    context: typer.Context,
    name: Name,
    with_customers: Annotated[
        bool, typer.Option("--with-customers", help="With all customers on it, and their attempts.")
    ] = False,
    login: As = "",
) -> None:
    """Delete a list; with its customers only if you say so."""

    async def work(office: Office) -> int:
        return await office.lists.delete(name, actor=login or COMMAND, with_customers=with_customers)

    gone = with_office(context, work)
    typer.echo(f"list {name} is deleted, with {gone:,} customers")


def statuses() -> dict[str, str]:
    """Columns of the sums by status."""
    from core.campaigns.customers import STATUSES

    return {status: status.capitalize() for status in STATUSES}
