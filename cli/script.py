"""`postroom script`: routing scripts, their versions and runs; see also `script_verbs` and `script_trying`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import script_trying, script_verbs
from cli.options import Json
from cli.output import print_difference, print_json, print_rows, print_table, with_database
from core.text import harmless

if TYPE_CHECKING:
    from core.store import Database
    from core.views.runs import RunRow
    from core.views.scripts import ScriptRow, SourceRow, VersionRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Routing scripts: where contacts go, decided by what a supervisor writes.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The script's name.")]


@app.command("list")
def list_scripts(context: typer.Context, json: Json = False) -> None:
    """All scripts: which version decides, for which accounts, and how it does today (UTC)."""

    async def work(database: Database) -> list[ScriptRow]:
        from core.views.scripts import scripts

        return await scripts(database, datetime.now(UTC))

    rows = with_database(context, work)
    columns = {"name": "Script", "active": "Active", "newest": "Newest", "runs": "Runs", "errors": "Errors",
               "p95": "95 %", "accounts": "Accounts", "description": "Description"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="description", cells=_cells)


def _cells(row: ScriptRow) -> dict[str, object]:
    return {
        "active": f"v{row.active}" if row.active else None,
        "newest": f"v{row.newest}" if row.newest else None,
        "accounts": ", ".join(row.accounts),
        "p95": f"{row.p95_ms:.1f} ms" if row.p95_ms is not None else None,
    }


@app.command()
def show(
    context: typer.Context,
    name: Name,
    version: Annotated[int | None, typer.Option(help="Which; else the active one, else the newest.")] = None,
    json: Json = False,
) -> None:
    """What a version says."""

    async def work(database: Database) -> SourceRow:
        from core.views.scripts import script_source

        return await script_source(database, name, version)

    row = with_database(context, work)
    if json:
        print_json(row)
        return
    typer.echo(harmless(row.source), nl=False)


@app.command()
def versions(context: typer.Context, name: Name, json: Json = False) -> None:
    """All versions of a script, the newest first."""

    async def work(database: Database) -> list[VersionRow]:
        from core.views.scripts import script_versions

        return await script_versions(database, name)

    rows = with_database(context, work)
    columns = {"number": "Version", "active": "Active", "locked": "Locked", "at": "Saved", "author": "By",
               "runs": "Runs", "errors": "Errors", "remark": "Remark"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="remark")


@app.command()
def runs(
    context: typer.Context,
    name: Name,
    version: Annotated[int | None, typer.Option(help="Only of this version.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Only those that failed.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """What a script decided lately, the newest first."""

    async def work(database: Database) -> list[RunRow]:
        from core.views.runs import script_runs
        from core.views.stretch import Stretch

        return await script_runs(database, name, version=version, errors=errors, stretch=Stretch(limit))

    from core.scripts.wording import decision_words

    rows = with_database(context, work)
    if json:
        print_json([_plain_run(row) for row in rows])
        return
    shown = [
        asdict(row)
        | {
            "version": f"v{row.version}" if row.version else None,
            "result": decision_words(row.decision) if row.decision else f"line {row.line}: {row.error}",
        }
        for row in rows
    ]
    columns = {"contact": "Contact", "at": "When", "version": "Version", "event": "Event", "account": "Account",
               "result": "Result"}  # fmt: skip
    print_table(columns, shown, wide="result")


def _plain_run(row: RunRow) -> dict[str, object]:
    return asdict(row) | {"decision": row.decision.to_plain() if row.decision else None}


@app.command()
def diff(
    context: typer.Context,
    name: Name,
    old: Annotated[int, typer.Argument(metavar="A", help="Number of a version.")],
    new: Annotated[int, typer.Argument(metavar="B", help="Number of another one.")],
    json: Json = False,
) -> None:
    """What differs between two versions."""

    async def work(database: Database) -> list[str]:
        from core.scripts.sources import compared
        from core.views.scripts import script_source

        first, second = [(await script_source(database, name, number)).source for number in (old, new)]
        return compared(first, second, old_name=f"{name} v{old}", new_name=f"{name} v{new}")

    lines = with_database(context, work)
    if json:
        print_json({"script": name, "old": old, "new": new, "lines": lines})
        return
    print_difference(lines)


app.add_typer(script_verbs.app)
app.add_typer(script_trying.app)
