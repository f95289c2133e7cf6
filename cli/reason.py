"""`postroom reason`: the reasons an agent may give for taking no work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_json, print_table, with_database, with_office
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.store import Database

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Reasons: why an agent is not ready."
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The reason, as in lunch.")]


@app.command("list")
def list_reasons(context: typer.Context, json: Json = False) -> None:
    """All reasons; where there is none, an agent may say any."""

    async def work(database: Database) -> list[str]:
        from core.views.mine import reasons

        return await reasons(database)

    rows = [{"name": name} for name in with_database(context, work)]
    if json:
        print_json(rows)
        return
    print_table({"name": "Reason"}, rows)


@app.command()
def add(context: typer.Context, name: Name, login: As = "") -> None:
    """Add a reason."""
    with_office(context, lambda office: office.people.add_to_list("reason", name, actor=login or COMMAND))
    typer.echo(f"reason {name} is there")


@app.command()
def remove(context: typer.Context, name: Name, login: As = "") -> None:
    """Take a reason away; what was said with it stays as it is."""
    with_office(context, lambda office: office.people.remove_from_list("reason", name, actor=login or COMMAND))
    typer.echo(f"reason {name} is removed")
