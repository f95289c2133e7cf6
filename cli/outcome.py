"""`postroom outcome`: how a contact may end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_rows, with_database, with_office
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.store import Database
    from core.views.people import OutcomeRow

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Outcomes: how a contact may end."
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The outcome, as in no answer.")]


@app.command("list")
def list_outcomes(context: typer.Context, json: Json = False) -> None:
    """All outcomes; where there is none, a contact may be closed with any."""

    async def work(database: Database) -> list[OutcomeRow]:
        from core.views.people import outcome_rows

        return await outcome_rows(database)

    rows = with_database(context, work)
    print_rows({"name": "Outcome", "contact": "Reached"}, rows, json=json)


@app.command()
def add(
    context: typer.Context,
    name: Name,
    reached: Annotated[
        bool, typer.Option("--reached/--not-reached", help="Whether the customer was reached with it.")
    ] = True,
    login: As = "",
) -> None:
    """Add an outcome: one with which the customer was reached, unless you say --not-reached."""
    with_office(
        context, lambda office: office.people.add_to_list("outcome", name, actor=login or COMMAND, reached=reached)
    )
    said = "reached" if reached else "not reached"
    typer.echo(f"outcome {name} is there: the customer was {said} with it")


@app.command()
def remove(context: typer.Context, name: Name, login: As = "") -> None:
    """Take an outcome away; contacts that ended with it keep it."""
    with_office(context, lambda office: office.people.remove_from_list("outcome", name, actor=login or COMMAND))
    typer.echo(f"outcome {name} is removed")
