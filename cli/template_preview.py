"""`postroom template` again: preview, what a template says to its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json
from cli.output import print_json, with_database
from cli.template_history import Name
from core.errors import Wrong
from core.text import harmless

if TYPE_CHECKING:
    from core.scripts.letters import Survey
    from core.scripts.templates import Preview
    from core.store import Database

app = typer.Typer(add_completion=False, rich_markup_mode=None)


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
