"""`postroom donotcontact`: whom a campaign, or the whole desk, is not to write to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import new_text
from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from core.errors import NotFound, Refused
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.donotcontact import Entry
    from core.store import Database

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Do not contact: addresses that a campaign, or the whole desk, does not write to.",
)

Address = Annotated[str, typer.Argument(help="A number or an e-mail address.")]
OfCampaign = Annotated[str, typer.Option("--campaign", metavar="NAME", help="Of one campaign; else of the whole desk.")]
SHOWN = 10


@app.command("list")
def list_entries(
    context: typer.Context,
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help="What stands in the address.")] = "",
    campaign: Annotated[str | None, typer.Option(metavar="NAME", help="Only that one's; '' = only the desk's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 500,
    json: Json = False,
) -> None:
    """Who is on the lists, newest first."""

    async def work(database: Database) -> list[Entry]:
        from core.donotcontact import entries

        return await entries(database, campaign=campaign, words=words, limit=limit)

    rows = with_database(context, work)
    columns = {"address": "Address", "channel": "Channel", "campaign": "Campaign", "at": "Since", "source": "How"}
    print_rows(columns, rows, json=json, wide="source", cells=lambda row: {"campaign": row.campaign or "(all)"})


@app.command()
def add(
    context: typer.Context,
    address: Address,
    campaign: OfCampaign = "",
    reason: Annotated[str, typer.Option(help="How you know.")] = "recorded by hand",
    login: As = "",
) -> None:
    """Put an address on a list."""
    actor = login or COMMAND
    if not with_office(
        context, lambda office: office.donotcontact.add(address, actor=actor, campaign=campaign, reason=reason)
    ):
        raise Refused(f"{address} is on that list already")
    typer.echo(f"{address} gets nothing from {f'campaign {campaign}' if campaign else 'this desk'} by itself any more")


@app.command()
def remove(
    context: typer.Context,
    address: Address,
    campaign: OfCampaign = "",
    reason: Annotated[str, typer.Option(help="Why; the journal keeps it.")] = "",
    login: As = "",
) -> None:
    """Take an address off a list."""
    actor = login or COMMAND
    if not with_office(
        context, lambda office: office.donotcontact.remove(address, actor=actor, campaign=campaign, reason=reason)
    ):
        raise Refused(f"{address} is not on that list")
    typer.echo(f"{address} may be written to again")


@app.command()
def export(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A new CSV file, or - for standard output; 'import' reads it.")],
    campaign: OfCampaign = "",
) -> None:
    """Write a list into a file, newest first, however long it is."""

    async def work(database: Database) -> int:
        from core.campaigns.naming import missing
        from core.views.barred import BarredFilter, barred_lines

        if campaign and not await database.read("SELECT 1 FROM campaign WHERE name = ?", campaign):
            raise NotFound(await missing(database, "campaign", campaign))
        count = -1  # the names of the columns
        with new_text(file) as out:
            async for line in barred_lines(database, BarredFilter("campaign" if campaign else "desk", campaign)):
                out.write(line)
                count += 1
        return count

    count = with_database(context, work)
    if file != "-":
        typer.echo(f"{count:,} addresses in {file}")


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="One address a line, or a CSV with a column number or email.")],
    campaign: OfCampaign = "",
    json: Json = False,
    login: As = "",
) -> None:
    """Put every address of a file on a list."""
    found = with_office(
        context, lambda office: office.donotcontact.take_in(file, actor=login or COMMAND, campaign=campaign)
    )
    if json:
        print_json(found)
    else:
        typer.echo(f"{found.added} added, {found.known} were on it, {found.bad_count} lines cannot be read")
        for line, reason in found.bad[:SHOWN]:
            typer.echo(f"line {line}: {reason}", err=True)
    if found.bad_count:
        raise typer.Exit(1)
