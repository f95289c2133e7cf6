"""`postroom template`: texts and e-mails with fields."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import read_text
from cli.output import print_json, print_table, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.office import Office
    from core.store import Database
    from core.views.calendars import TemplateRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Templates: texts and e-mails with fields, which routing scripts send.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The template's name.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
As = Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who does it.")]


@app.command("list")
def list_templates(context: typer.Context, json: Json = False) -> None:
    """All templates."""

    async def work(database: Database) -> list[TemplateRow]:
        from core.views.calendars import templates

        return await templates(database)

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    shown = [asdict(row) | {"body": " ".join(row.body.split())} for row in rows]
    columns = {"name": "Template", "channel": "Channel", "subject": "Subject", "body": "Body"}
    print_table(columns, shown, wide="body")


@app.command("set")
def set_(
    context: typer.Context,
    name: Name,
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="A file with its body, or - for stdin.")] = "",
    body: Annotated[str, typer.Option(help="Its body, instead of a file.")] = "",
    channel: Annotated[str, typer.Option(help="sms or email.")] = "sms",
    subject: Annotated[str, typer.Option(help="Of an e-mail.")] = "",
    login: As = "",
) -> None:
    """Make a template, or change it."""
    if bool(file) == bool(body):
        raise Wrong("say what it says: a file with it, or --body")
    text = body or read_text(file)

    async def work(office: Office) -> bool:
        from core.scripts.templates import Wording

        wording = Wording(channel, text, subject)
        return await office.routing.templates.set(name, wording, actor=login or COMMAND) is None

    new = with_office(context, work)
    typer.echo(f"template {name} is {'there' if new else 'changed'}")


@app.command()
def delete(context: typer.Context, name: Name, login: As = "") -> None:
    """Delete a template that no active script sends."""
    with_office(context, lambda office: office.routing.templates.delete(name, actor=login or COMMAND))
    typer.echo(f"template {name} is deleted")


@app.command()
def preview(
    context: typer.Context,
    name: Name,
    fields: Annotated[
        list[str] | None, typer.Option("--field", metavar="NAME=VALUE", help="A field; repeat it.")
    ] = None,
    json: Json = False,
) -> None:
    """What a template says with its fields filled in; contact.name, contact.number and desk.name are made up."""

    async def work(database: Database) -> dict[str, object]:
        from core.scripts.templates import previewed

        return asdict(await previewed(database, name, dict(_field(one) for one in fields or ())))

    found = with_database(context, work)
    if json:
        print_json(found)
        return
    if found["subject"]:
        typer.echo(f"Subject: {harmless(str(found['subject']), lines=False)}\n")
    typer.echo(harmless(str(found["text"])))
    if found["parts"]:
        typer.echo(f"\n{found['characters']} characters, {found['parts']} parts of {found['encoding']}")


def _field(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise Wrong(f"--field wants NAME=VALUE, not {text}")
    return key, value
