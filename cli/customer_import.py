"""`postroom customer import`: a file of customers, with a bar on a terminal and JSON lines otherwise."""

from __future__ import annotations

import json as json_
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As
from cli.output import print_table, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.campaigns.importing import ImportResult, Progress
    from core.campaigns.reading import Problem
    from core.office import Office

app = typer.Typer(add_completion=False, rich_markup_mode=None)
SHOWN = 50
"""Problems that a person is shown; JSON lines have all of them."""


@app.command("import")
def import_(
    context: typer.Context,
    list_name: Annotated[str, typer.Argument(metavar="LIST", help="The list they go to.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, or a workbook (XLSX, XLS, ODS).")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Which column a field is; repeat it. FIELD= leaves it out."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update/--skip", help="Change customers who are on the list already, or leave them.")
    ] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")] = False,
    login: As = "",
) -> None:
    """Import customers: fields are reference, name, number, email, zone, owner, status, callback and the list's own.

    Columns are guessed by their names; the list remembers how they were mapped the last time. Run again, an import goes
    on where it was broken off and changes nothing twice.
    """
    mapping = dict(pair(one, "--map", "FIELD=COLUMN") for one in columns or ())
    live = sys.stdout.isatty() and not json

    async def work(office: Office) -> ImportResult:
        from core.campaigns import ImportWish

        wish = ImportWish(list_name, Path(file).expanduser(), mapping, update, dry_run)
        if not live:
            return await office.imports.run(wish, actor=login or COMMAND, on_progress=_say)
        with typer.progressbar(length=100, file=sys.stderr, label=f"import to {list_name}") as bar:

            def moved(progress: Progress) -> None:
                bar.update(100 * progress.octets // max(1, progress.total_octets) - bar.pos)

            return await office.imports.run(wish, actor=login or COMMAND, on_progress=moved)

    result = with_office(context, work)
    if live:
        _show(result)
    else:
        _line({"done": True, **{key: value for key, value in asdict(result).items() if key != "problems"}})


def pair(text: str, option: str, form: str) -> tuple[str, str]:
    """`NAME=VALUE` in two. Raises Wrong."""
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise Wrong(f"{option} wants {form}, not {text}")
    return key, value


def _say(progress: Progress) -> None:
    for problem in progress.problems:
        _line({"problem": asdict(problem)})
    _line({key: value for key, value in asdict(progress).items() if key != "problems"})


def _line(value: dict[str, object]) -> None:
    typer.echo(json_.dumps(value))


def _show(result: ImportResult) -> None:
    _problems(result.problems)
    would = "would be " if result.dry_run else ""
    typer.echo(
        f"{result.rows:,} rows: {result.added:,} {would}added, {result.updated:,} {would}changed,"
        f" {result.unchanged:,} stay as they are, {result.left_out:,} left out; {result.remarks:,} to look at"
    )


def _problems(problems: tuple[Problem, ...]) -> None:
    if not problems:
        return
    shown = [
        {"line": one.line, "column": one.column or "-", "what": "left out" if one.left_out else "taken",
         "reason": harmless(one.reason, lines=False)}
        for one in problems[:SHOWN]
    ]  # fmt: skip
    print_table({"line": "Line", "column": "Column", "what": "Row", "reason": "Why"}, shown, wide="reason")
    if len(problems) > SHOWN:
        typer.echo("... and more: --json says all of them")
