"""`postroom template`: texts and e-mails with fields; here list, set, show and delete.

What they said before is in `template_history`, what customers would read in `template_preview`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import template_history, template_preview
from cli.files import read_text
from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from cli.template_history import Name
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.office import Office
    from core.scripts.templates import Wording
    from core.store import Database
    from core.views.calendars import TemplateRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Templates: texts and e-mails with fields, which routing scripts and campaigns send.",
)


@app.command("list")
def list_templates(context: typer.Context, json: Json = False) -> None:
    """All templates."""

    async def work(database: Database) -> list[TemplateRow]:
        from core.views.calendars import templates

        return await templates(database)

    columns = {"name": "Template", "channel": "Channel", "subject": "Subject", "body": "Body"}
    print_rows(columns, with_database(context, work), json=json, wide="body", cells=_cells)


def _cells(row: TemplateRow) -> dict[str, object]:
    return {"body": " ".join(row.body.split()), "channel": f"{row.channel}{' + html' if row.html else ''}"}


@app.command("set")
def set_(
    context: typer.Context,
    name: Name,
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="A file with its body, or - for stdin.")] = "",
    body: Annotated[str, typer.Option(help="Its body, instead of a file.")] = "",
    channel: Annotated[str, typer.Option(help="sms or email.")] = "sms",
    subject: Annotated[str, typer.Option(help="Of an e-mail.")] = "",
    html: Annotated[
        str, typer.Option(metavar="FILE", help="Of an e-mail: the same as HTML, sent beside it; - for stdin.")
    ] = "",
    when_missing: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What a letter says for a field that a customer has nothing for."),
    ] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="A customer who lacks a field gets no letter, as at first.")
    ] = False,
    login: As = "",
) -> None:
    """Make a template, or change it. Who lacks a field gets no letter, or one that says --when-missing for it."""
    if bool(file) == bool(body):
        raise Wrong("say what it says: a file with it, or --body")
    if file == html == "-":
        raise Wrong("standard input holds one of them: name a file for the other")
    text, markup = body or read_text(file), read_text(html) if html else ""
    if html and not markup.strip():
        raise Wrong(f"{html} is empty: leave --html out for a template of text alone")

    async def work(office: Office) -> tuple[Wording | None, str]:
        from core.campaign_fields import nobody_has_words
        from core.scripts.letters import fields_of_lists
        from core.scripts.templates import Wording
        from core.views.calendars import templates

        kept = {row.name: row.when_missing for row in await templates(office.database)}.get(name)
        instead = None if leave_out else kept if when_missing is None else when_missing
        wording = Wording(channel, text, subject, instead, markup)
        before = await office.routing.templates.set(name, wording, actor=login or COMMAND)
        return before, nobody_has_words(wording.named(name), await fields_of_lists(office.database))

    before, slip = with_office(context, work)
    if slip:
        typer.echo(slip, err=True)
    typer.echo(f"template {name} is {'there' if before is None else 'changed'}")
    if before is not None and before.html and not markup:
        typer.echo("it has no HTML any more: give --html to keep it; 'template versions' has what it said")


@app.command()
def show(context: typer.Context, name: Name, json: Json = False) -> None:
    """A template as it is written."""

    async def work(database: Database) -> TemplateRow:
        from core.views.calendars import template_named

        return await template_named(database, name)

    row = with_database(context, work)
    if json:
        print_json(row)
        return
    typer.echo(f"Channel: {row.channel}")
    if row.when_missing is not None:
        typer.echo(f"Instead of a missing field: {harmless(row.when_missing, lines=False)}")
    if row.subject:
        typer.echo(f"Subject: {harmless(row.subject, lines=False)}")
    typer.echo(f"\n{harmless(row.body)}")
    if row.html:
        typer.echo(f"\n── HTML ──\n\n{harmless(row.html)}")


@app.command()
def delete(context: typer.Context, name: Name, login: As = "") -> None:
    """Delete a template that no active script sends."""
    with_office(context, lambda office: office.routing.templates.delete(name, actor=login or COMMAND))
    typer.echo(f"template {name} is deleted")


app.add_typer(template_history.app)
app.add_typer(template_preview.app)
