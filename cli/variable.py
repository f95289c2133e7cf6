"""`postroom variable`: global variables of routing scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_json, print_table, with_database, with_office
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
As = Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who does it.")]


@app.command("list")
def list_variables(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False
) -> None:
    """All variables."""

    async def work(database: Database) -> list[VariableRow]:
        from core.views.calendars import variables

        return await variables(database)

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    shown = [{"name": row.name, "value": shown_value(row.value)} for row in rows]
    print_table({"name": "Variable", "value": "Value"}, shown, wide="value")


@app.command("set")
def set_(
    context: typer.Context,
    name: Name,
    value: Annotated[str, typer.Argument(metavar="VALUE", help='true, 12, ["a", "b"]; all else is a text.')],
    text: Annotated[bool, typer.Option("--text", help="It is a text, whatever it looks like.")] = False,
    login: As = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
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
