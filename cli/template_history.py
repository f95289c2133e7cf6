"""`postroom template` again: versions, diff, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_difference, print_json, print_rows, with_database, with_office
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.store import Database
    from core.views.calendars import TemplateVersionRow

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The template's name.")]


@app.command()
def versions(context: typer.Context, name: Name, json: Json = False) -> None:
    """What a template said, newest first."""

    async def work(database: Database) -> list[TemplateVersionRow]:
        from core.views.calendars import template_versions

        return await template_versions(database, name)

    rows = with_database(context, work)
    columns = {"number": "Version", "at": "Since", "author": "By", "subject": "Subject", "body": "Body"}
    if any(row.html for row in rows):
        columns["html"] = "HTML"
    print_rows(columns, rows, json=json, wide="body", cells=_cells)


def _cells(row: TemplateVersionRow) -> dict[str, object]:
    return {"body": " ".join(row.body.split()), "html": f"{len(row.html):,}" if row.html else ""}


@app.command()
def diff(
    context: typer.Context,
    name: Name,
    old: Annotated[int, typer.Argument(metavar="A", help="Number of a version, as 'template versions' shows it.")],
    new: Annotated[int, typer.Argument(metavar="[B]", help="Number of another one; without it, what it says now.")] = 0,
    json: Json = False,
) -> None:
    """What differs between two versions, or between one and what the template says now."""

    async def work(database: Database) -> list[str]:
        from core.scripts.sources import compared
        from core.views.template_history import template_history, version_of

        history = await template_history(database, name)
        first, second = version_of(history, name, old), version_of(history, name, new) if new else history[0]
        new_name = f"{name} v{new}" if new else f"{name} now"
        return compared(first.text, second.text, old_name=f"{name} v{old}", new_name=new_name)

    lines = with_database(context, work)
    if json:
        print_json({"template": name, "old": old, "new": new or None, "lines": lines})
        return
    print_difference(lines)


@app.command()
def restore(
    context: typer.Context,
    name: Name,
    number: Annotated[int, typer.Argument(metavar="VERSION", help="As 'template versions' shows it.")],
    login: As = "",
) -> None:
    """Let a template say again what it said."""
    with_office(context, lambda office: office.routing.templates.restore(name, number, actor=login or COMMAND))
    typer.echo(f"template {name} says again what version {number} said")
