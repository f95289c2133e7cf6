"""`postroom variable`: global variables of routing scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from core.roles import COMMAND
from core.scripts.values import shown_value, typed_value

if TYPE_CHECKING:
    from core.store import Database
    from core.views.calendars import VariableRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Variables: values that all routing scripts read.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The variable's name.")]


@app.command("list")
def list_variables(context: typer.Context, json: Json = False) -> None:
    """All variables."""

    async def work(database: Database) -> list[VariableRow]:
        from core.views.calendars import variables

        return await variables(database)

    rows = with_database(context, work)
    columns = {"name": "Variable", "value": "Value"}
    print_rows(columns, rows, json=json, wide="value", cells=lambda row: {"value": shown_value(row.value)})


@app.command("set")
def set_(
    context: typer.Context,
    name: Name,
    value: Annotated[str, typer.Argument(metavar="VALUE", help='true, 12, ["a", "b"]; all else is a text.')],
    text: Annotated[bool, typer.Option("--text", help="It is a text, whatever it looks like.")] = False,
    login: As = "",
    json: Json = False,
) -> None:
    """Give a variable its value; it acts on the next contact."""
    given = value if text else typed_value(value)
    with_office(context, lambda office: office.routing.variables.set(name, given, actor=login or COMMAND))
    if json:
        print_json({"name": name, "value": given})
    else:
        typer.echo(f"{name} = {shown_value(given)}")


@app.command()
def delete(context: typer.Context, name: Name, login: As = "") -> None:
    """Delete a variable that no active script reads."""
    with_office(context, lambda office: office.routing.variables.delete(name, actor=login or COMMAND))
    typer.echo(f"variable {name} is deleted")
