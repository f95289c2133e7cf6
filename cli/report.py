"""`postroom report`: what happened, by queue, agent, class, account or contact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_table, with_database, with_office
from core.errors import Wrong

if TYPE_CHECKING:
    from datetime import tzinfo

    from core.store import Database
    from core.views.report_files import Plain
    from core.views.reports import Report

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Reports: what happened, counted."
)

Since = Annotated[
    str, typer.Option(metavar="DAY", help="From this day on: 2026-11-22; or today, yesterday, this week, last 30 days.")
]
Until = Annotated[str, typer.Option(metavar="DAY", help="Up to the end of this day.")]
By = Annotated[str, typer.Option(help="In steps of an hour or a day, or total.")]
Format = Annotated[str, typer.Option("--format", help="table, csv or json; times are in seconds.")]
FORMATS = ("table", "csv", "json")
_ALWAYS = ("arrived", "entered", "taken", "answered", "closed", "service_level_percent", "average_wait_s",
           "longest_wait_s", "average_handling_s")  # fmt: skip
_OF_AGENTS = ("taken", "missed", "refused", "replies", "handled", "average_handling_s", "signed_in_s", "ready_s",
              "not_ready_s")  # fmt: skip
PART = 5000


@app.command()
def queue(
    context: typer.Context, since: Since = "today", until: Until = "", by: By = "total", format_: Format = "table"
) -> None:
    """What came into each queue, and how soon it was answered."""
    _print(context, "queue", since, until, by, format_)


@app.command()
def agent(
    context: typer.Context, since: Since = "today", until: Until = "", by: By = "total", format_: Format = "table"
) -> None:
    """What each agent did, and how her time went."""
    _print(context, "agent", since, until, by, format_)


@app.command("class")
def class_(
    context: typer.Context, since: Since = "today", until: Until = "", by: By = "total", format_: Format = "table"
) -> None:
    """The same by call class."""
    _print(context, "class", since, until, by, format_)


@app.command()
def account(
    context: typer.Context, since: Since = "today", until: Until = "", by: By = "total", format_: Format = "table"
) -> None:
    """The same by account."""
    _print(context, "account", since, until, by, format_)


@app.command()
def contact(context: typer.Context, since: Since = "today", until: Until = "", format_: Format = "table") -> None:
    """Every contact that arrived, a line each."""
    _known(format_)

    async def work(database: Database) -> list[Plain]:
        from core.views.report_files import plain_contact
        from core.views.reports import contact_report
        from core.views.stepping import range_of

        now = datetime.now(UTC)
        within = range_of(_range(since, until), now, await _zone(database))
        found: list[Plain] = []
        after = 0
        while rows := await contact_report(database, within, now, after=after, limit=PART):
            found += [plain_contact(row) for row in rows]
            after = rows[-1].contact
        return found

    rows = with_database(context, work)
    if format_ == "json":
        from cli.output import print_json

        print_json({"report": "contact", "rows": rows})
        return
    if format_ == "csv":
        _csv(rows)
        return
    columns = ("contact", "arrived", "address", "queue", "agent", "class", "state", "outcome", "waited", "handled")
    print_table({key: key.capitalize() for key in columns}, rows, wide="address")


@app.command()
def recompute(context: typer.Context) -> None:
    """Count the whole log again; reports are right all the while."""
    events = with_office(context, lambda office: office.tallies.make_anew())
    typer.echo(f"counted {events} events again")


def _print(context: typer.Context, kind: str, since: str, until: str, step: str, format_: str) -> None:
    _known(format_)

    async def work(database: Database) -> Report:
        from core.views.reports import report
        from core.views.stepping import range_of

        now = datetime.now(UTC)
        within = range_of(_range(since, until), now, await _zone(database))
        return await report(database, kind, within, now, step)

    from core.views.report_files import json_of, plain_rows

    told = with_database(context, work)
    if format_ == "json":
        typer.echo(json_of(told))
        return
    rows = plain_rows(told)
    if format_ == "csv":
        _csv(rows)
        return
    names = {"since": "From"} if step != "total" else {}
    names |= {kind: kind.capitalize()}
    names |= {key: _heading(key) for key in (_OF_AGENTS if kind == "agent" else _ALWAYS)}
    shown = [row | {"since": str(row["since"])[:16].replace("T", " ")} for row in rows]
    print_table(names, shown, wide=kind)


def _csv(rows: list[Plain]) -> None:
    from core.views.report_files import csv_lines

    for line in csv_lines(rows):
        typer.echo(line, nl=False)


def _heading(key: str) -> str:
    """`average_wait_s` as `Average wait s`."""
    return "SL %" if key == "service_level_percent" else key.replace("_", " ").capitalize()


def _range(since: str, until: str) -> str:
    return f"{since} to {until}" if until else since


def _known(format_: str) -> None:
    if format_ not in FORMATS:
        raise Wrong(f"there is no format {format_}; there are: {', '.join(FORMATS)}")


async def _zone(database: Database) -> tzinfo:
    from core.views.figures import desk_zone

    return await desk_zone(database)
