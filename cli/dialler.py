"""`postroom dialler`: whom to ring next, and files of a dialler's results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json
from cli.output import print_json, print_rows, with_database, with_office
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.dialler import NextCustomer
    from core.store import Database
    from core.views.dialler import DiallingRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="The dialler: whom to ring next, and files of results.",
)

Campaign = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name.")]
Who = Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who rings.")]
SHOWN = 20


@app.command("list")
def list_campaigns(context: typer.Context, login: Who = "", json: Json = False) -> None:
    """Campaigns to ring for: call-backs that are due, customers nobody has tried."""

    async def work(database: Database) -> list[DiallingRow]:
        from core.clock import Clock
        from core.views.dialler import dialling

        return await dialling(database, Clock().now(), login)

    rows = with_database(context, work)
    columns = {"campaign": "Campaign", "due": "Due", "own_due": "Own", "unused": "Unused", "in_hand": "In hand",
               "next_due": "Next call-back"}  # fmt: skip
    print_rows(columns, rows, json=json)


@app.command("next")
def next_(context: typer.Context, campaign: Campaign, login: Who = "", json: Json = False) -> None:
    """Hand out the next customer: due call-backs first, then those nobody has tried. Then: customer attempt."""
    found = with_office(context, lambda office: office.dialler.preview.next_customer(campaign, login))
    if json:
        print_json(found)
    elif found is None:
        typer.echo("nobody is to be rung now")
    else:
        _show(found)


@app.command("give-back")
def give_back(
    context: typer.Context,
    customer_id: Annotated[int, typer.Argument(metavar="ID", help="As 'dialler next' shows it.")],
    login: Who = "",
) -> None:
    """Ring somebody else, and leave this customer as it was."""
    with_office(context, lambda office: office.dialler.preview.give_back(customer_id, login=login))
    typer.echo("given back")


@app.command("import")
def import_(
    context: typer.Context,
    campaign: Campaign,
    file: Annotated[Path, typer.Argument(help="CSV or JSON lines: reference or number, outcome, terminate, callback.")],
    login: Who = "",
    json: Json = False,
) -> None:
    """Read a file of a dialler's results; a file that comes again tells nothing twice."""
    found = with_office(context, lambda office: office.dialler.results.read_in(campaign, file, actor=login or COMMAND))
    if json:
        print_json(found)
    else:
        typer.echo(f"{found.attempts} attempts, {found.repeated} told before, {found.bad_count} bad lines")
        for bad in found.bad[:SHOWN]:
            typer.echo(harmless(f"line {bad.line}: {bad.reason}", lines=False), err=True)
    if found.bad_count:
        raise typer.Exit(1)


def _show(found: NextCustomer) -> None:
    lines = [f"{found.number}  {found.name or found.reference}", f"reference {found.reference}, list {found.list}"]
    lines.append(f"customer number {found.customer_id}, zone {found.zone}, yours until {found.until:%H:%M} UTC")
    if found.callback_at is not None:
        whose = "your call-back" if found.is_personal else "call-back"
        lines.append(f"{whose}, promised for {found.callback_at:%Y-%m-%d %H:%M} UTC")
    if found.quiet_until is not None:
        lines.append(f"it is night there: quiet until {found.quiet_until:%H:%M} UTC")
    if found.no_texts_since is not None:
        lines.append(f"wants no texts since {found.no_texts_since:%Y-%m-%d %H:%M} UTC")
    if found.tries:
        lines.append(f"tried {found.tries} times, last: {found.outcome}")
    lines += [f"{name}: {value}" for name, value in found.fields.items()]
    for line in lines:
        typer.echo(harmless(line, lines=False))
    if found.words:
        typer.echo("\n" + harmless(found.words))
