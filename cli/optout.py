"""`postroom optout`: who wants no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import new_text
from cli.options import As, Json
from cli.output import print_rows, with_database, with_office
from core.errors import Refused
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.store import Database
    from core.views import OptOutRow

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Who wants no more.")

Address = Annotated[str, typer.Argument(help="A number or an e-mail address.")]


@app.command("list")
def list_opt_outs(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    json: Json = False,
) -> None:
    """Opt-outs that stand, newest first, with the evidence."""

    async def work(database: Database) -> list[OptOutRow]:
        from core.views import opt_outs

        return await opt_outs(database, ended=every)

    rows = with_database(context, work)
    columns = {"address": "Address", "channel": "Channel", "at": "Since", "source": "How", "ended_at": "Ended"}
    print_rows(columns, rows, json=json)


@app.command()
def add(
    context: typer.Context,
    address: Address,
    reason: Annotated[str, typer.Option(help="How you know.")] = "recorded by hand",
    login: As = "",
) -> None:
    """Record that an address wants no more."""
    if not with_office(context, lambda office: office.optouts.add(address, by=login or COMMAND, reason=reason)):
        raise Refused(f"{address} has opted out already")
    typer.echo(f"{address} gets no more")


@app.command()
def remove(
    context: typer.Context,
    address: Address,
    reason: Annotated[str, typer.Option(help="Why; the journal keeps it.")] = "",
    login: As = "",
) -> None:
    """End an opt-out; its evidence is kept."""
    if not with_office(context, lambda office: office.optouts.remove(address, by=login or COMMAND, reason=reason)):
        raise Refused(f"{address} has not opted out")
    typer.echo(f"{address} may be written to again")


@app.command()
def export(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A new CSV file, or - for standard output.")],
    ended: Annotated[
        bool, typer.Option("--ended", help="Those that have ended, in place of those that stand.")
    ] = False,
) -> None:
    """Write opt-outs into a file with the evidence, newest first, however many there are."""

    async def work(database: Database) -> int:
        from core.views.barred import BarredFilter, barred_lines

        count = -1  # the names of the columns
        with new_text(file) as out:
            async for line in barred_lines(database, BarredFilter("ended" if ended else "opted out")):
                out.write(line)
                count += 1
        return count

    count = with_database(context, work)
    if file != "-":
        typer.echo(f"{count:,} opt-outs in {file}")
