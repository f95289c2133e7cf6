"""`postroom calendar`: opening hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import read_bytes
from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from core.errors import NotFound, Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.office import Office
    from core.scripts.calendars import Holidays
    from core.store import Database
    from core.views.calendars import CalendarRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Calendars: opening hours that routing scripts ask.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The calendar's name.")]
Open = Annotated[list[str] | None, typer.Option("--open", metavar="HOURS", help="mon-fri 09:00-17:30; repeat it.")]
Closed = Annotated[list[str] | None, typer.Option("--closed", metavar="DAYS", help="2026-12-25 Christmas; repeat it.")]
Zone = Annotated[str | None, typer.Option("--timezone", metavar="ZONE", help="Europe/London; else the desk's.")]


@app.command("list")
def list_calendars(context: typer.Context, json: Json = False) -> None:
    """All calendars: open now or not, and until when."""
    rows = with_database(context, _rows)
    columns = {"name": "Calendar", "now": "Now", "until": "Until", "zone": "Zone", "exceptions": "Exceptions",
               "open": "Open"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="open", cells=_cells)


def _cells(row: CalendarRow) -> dict[str, object]:
    is_open = "open" if row.is_open else "closed"
    return {"now": is_open, "until": row.next_change, "exceptions": len(row.closed), "open": "; ".join(row.open)}


async def _rows(database: Database) -> list[CalendarRow]:
    from core.views.calendars import calendars

    return await calendars(database, datetime.now(UTC))


@app.command()
def show(context: typer.Context, name: Name, json: Json = False) -> None:
    """One calendar: its hours and its exceptions."""
    rows = with_database(context, _rows)
    found = next((row for row in rows if row.name == name), None)
    if found is None:
        raise NotFound(f"there is no calendar {name}; there are: {', '.join(row.name for row in rows) or 'none yet'}")
    if json:
        print_json(found)
        return
    typer.echo(f"{found.name}  {'open' if found.is_open else 'closed'}  {found.zone}")
    for line in found.open:
        typer.echo(f"open    {harmless(line, lines=False)}")
    for line in found.closed:
        typer.echo(f"closed  {harmless(line, lines=False)}")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    hours: Open = None,
    closed: Closed = None,
    timezone: Zone = None,
    login: As = "",
    json: Json = False,
) -> None:
    """Make a calendar."""

    async def work(office: Office) -> None:
        from core.scripts.calendars import Hours

        wanted = Hours(tuple(hours or ()), tuple(closed or ()), timezone or "")
        await office.routing.calendars.add(name, wanted, actor=login or COMMAND)

    with_office(context, work)
    _say(context, name, "there", json)


@app.command()
def change(
    context: typer.Context,
    name: Name,
    hours: Open = None,
    closed: Closed = None,
    timezone: Zone = None,
    login: As = "",
    json: Json = False,
) -> None:
    """Give a calendar other hours; what is not said stays as it is, and "" clears it."""
    if hours is None and closed is None and timezone is None:
        raise Wrong("say what shall be otherwise: --open, --closed or --timezone")

    async def work(office: Office) -> None:
        from core.scripts.calendars import Hours
        from core.scripts.names import missing

        rows = {row.name: row for row in await _rows(office.database)}
        if name not in rows:
            raise missing("calendar", name, list(rows))
        wanted = Hours(rows[name].open, rows[name].closed, rows[name].timezone)
        if hours is not None:
            wanted = replace(wanted, open=tuple(filter(None, hours)))
        if closed is not None:
            wanted = replace(wanted, closed=tuple(filter(None, closed)))
        if timezone is not None:
            wanted = replace(wanted, timezone=timezone)
        await office.routing.calendars.change(name, wanted, actor=login or COMMAND)

    with_office(context, work)
    _say(context, name, "changed", json)


def _say(context: typer.Context, name: str, what: str, json: bool) -> None:
    if json:
        print_json(next(row for row in with_database(context, _rows) if row.name == name))
    else:
        typer.echo(f"calendar {name} is {what}")


@app.command("import")
def import_(
    context: typer.Context,
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE.ics", help="An iCalendar file, or - for standard input.")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="From this day on; else from today.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="To this day; else two years on.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be added.")] = False,
    login: As = "",
    json: Json = False,
) -> None:
    """Close the calendar on the holidays of an iCalendar file. Days it has something for already stay as they are."""
    content, begin, end = read_bytes(file), _date(first), _date(last)

    async def work(office: Office) -> Holidays:
        calendars = office.routing.calendars
        if dry_run:
            return await calendars.holidays(name, content, first=begin, last=end)
        return await calendars.import_holidays(name, content, first=begin, last=end, actor=login or COMMAND)

    found = with_office(context, work)
    if json:
        print_json({"name": name, "added": found.added, "known": found.known, "dry_run": dry_run})
        return
    for line in found.added:
        typer.echo(f"closed  {harmless(line, lines=False)}")
    known = f"; {found.known} days were there already" if found.known else ""
    typer.echo(f"{len(found.added)} exceptions {'would be ' if dry_run else ''}added to {name}{known}")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as err:
        raise Wrong(f"{text} is no day: write it as 2026-12-25") from err


@app.command()
def delete(context: typer.Context, name: Name, login: As = "", json: Json = False) -> None:
    """Delete a calendar that no active script asks."""
    with_office(context, lambda office: office.routing.calendars.delete(name, actor=login or COMMAND))
    if json:
        print_json({"name": name, "deleted": True})
    else:
        typer.echo(f"calendar {name} is deleted")
