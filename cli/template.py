"""`postroom template`: texts and e-mails with fields."""

from __future__ import annotations

import difflib
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import read_text
from cli.output import print_difference, print_json, print_table, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.office import Office
    from core.scripts.letters import Survey
    from core.scripts.templates import Preview, Wording
    from core.store import Database
    from core.views.calendars import TemplateRow, TemplateVersionRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Templates: texts and e-mails with fields, which routing scripts and campaigns send.",
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
    shown = [
        asdict(row) | {"body": " ".join(row.body.split()), "channel": f"{row.channel}{' + html' if row.html else ''}"}
        for row in rows
    ]
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

    async def work(office: Office) -> Wording | None:
        from core.scripts.templates import Wording
        from core.views.calendars import templates

        kept = {row.name: row.when_missing for row in await templates(office.database)}.get(name)
        instead = None if leave_out else kept if when_missing is None else when_missing
        wording = Wording(channel, text, subject, instead, markup)
        return await office.routing.templates.set(name, wording, actor=login or COMMAND)

    before = with_office(context, work)
    _warn(context, name)
    typer.echo(f"template {name} is {'there' if before is None else 'changed'}")
    if before is not None and before.html and not markup:
        typer.echo("it has no HTML any more: give --html to keep it; 'template versions' has what it said")


def _warn(context: typer.Context, name: str) -> None:
    """Name what no customer can have: a slip, most likely, and then nobody would get it."""

    async def work(database: Database) -> tuple[list[str], str]:
        from core.campaign_fields import STANDARD, nobody_has
        from core.templates import TemplateText, fields_of
        from core.views.calendars import template_named

        row = await template_named(database, name)
        lists = await database.read("SELECT own_fields FROM customer_list")
        used = fields_of(TemplateText(name, row.body, row.subject, row.when_missing, row.html))
        unknown = nobody_has(used, (one["own_fields"] for one in lists))
        known = [f"customer.{field}" for field in STANDARD]
        near = [close for field in unknown for close in difflib.get_close_matches(field, known, 1, 0.8)]
        return unknown, f", did you mean {near[0]}" if near else ""

    unknown, meant = with_database(context, work)
    if unknown:
        words = f"no list has {', '.join(unknown)}{meant}: as it is, a campaign's customer gets no such letter"
        typer.echo(words, err=True)


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


@app.command()
def versions(context: typer.Context, name: Name, json: Json = False) -> None:
    """What a template said, newest first."""

    async def work(database: Database) -> list[TemplateVersionRow]:
        from core.views.calendars import template_versions

        return await template_versions(database, name)

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    shown = [
        asdict(row) | {"body": " ".join(row.body.split()), "html": f"{len(row.html):,}" if row.html else ""}
        for row in rows
    ]
    columns = {"number": "Version", "at": "Since", "author": "By", "subject": "Subject", "body": "Body"}
    if any(row.html for row in rows):
        columns["html"] = "HTML"
    print_table(columns, shown, wide="body")


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


@app.command()
def preview(
    context: typer.Context,
    name: Name,
    customer: Annotated[str, typer.Option(metavar="REF", help="As this customer would read it.")] = "",
    list_name: Annotated[
        str, typer.Option("--list", metavar="LIST", help="Its customer; or, without one, the worst of the list's.")
    ] = "",
    campaign: Annotated[
        str, typer.Option(metavar="CAMPAIGN", help="The worst of the customers of all its lists.")
    ] = "",
    fields: Annotated[
        list[str] | None, typer.Option("--field", metavar="NAME=VALUE", help="A field; repeat it.")
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="Its HTML alone, as it would be sent: to look at in a browser.")
    ] = False,
    json: Json = False,
) -> None:
    """What a template says with its fields filled in: for a customer, the worst of a list or campaign, or nobody.

    For nobody, contact.name, contact.number and desk.name are made up.
    """
    if customer and fields:
        raise Wrong("a customer has fields of its own: leave --field out")
    if campaign and (customer or list_name):
        raise Wrong("a campaign is looked at as a whole: leave --customer and --list out")
    if campaign or (list_name and not customer):
        _survey(context, name, list_name, campaign, html=html, json=json)
        return

    async def work(database: Database) -> Preview:
        from core.scripts.letters import previewed_for
        from core.scripts.templates import previewed

        if customer:
            return await previewed_for(database, name, customer, list_name=list_name)
        return await previewed(database, name, dict(_field(one) for one in fields or ()))

    found = with_database(context, work)
    if json:
        print_json(found)
    elif html:
        _show_html(name, found)
    else:
        _show(found)


def _survey(context: typer.Context, name: str, list_name: str, campaign: str, *, html: bool, json: bool) -> None:
    async def work(database: Database) -> Survey:
        from core.scripts.letters import surveyed

        return await surveyed(database, name, list_name=list_name, campaign=campaign)

    found = with_database(context, work)
    if json:
        print_json(found)
        return
    if html:
        _show_html(name, found.worst)
        return
    if found.worst is not None:
        typer.echo(f"The worst of {found.written}, for {harmless(found.worst_for, lines=False)}:\n")
        _show(found.worst)
    if found.ucs2:
        typer.echo(f"{found.ucs2} need UCS-2")
    if found.left_out_count:
        typer.echo(f"{found.left_out_count} of {found.customers} would get none:")
        for reference, reason in found.left_out:
            typer.echo(harmless(f"{reference}: {reason}", lines=False))
    elif not found.customers:
        typer.echo("nobody is on that list" if list_name else "nobody is on a list of that campaign")


def _show(found: Preview) -> None:
    from core.mime import with_html

    if found.subject:
        typer.echo(f"Subject: {harmless(found.subject, lines=False)}\n")
    typer.echo(with_html(found.text, found.html))
    if found.parts:
        typer.echo(f"\n{found.characters} characters, {found.parts} parts of {found.encoding}")


def _show_html(name: str, found: Preview | None) -> None:
    if found is None or not found.html:
        raise Wrong(f"template {name} has no HTML, or nobody would get it: leave --html out to see why")
    typer.echo(harmless(found.html))


def _field(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise Wrong(f"--field wants NAME=VALUE, not {text}")
    return key, value
