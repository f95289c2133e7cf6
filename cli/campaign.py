"""`postroom campaign`: for whom, and as whom, we write of our own accord."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.lists import statuses
from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.campaigns import CampaignSettings
    from core.office import Office
    from core.store import Database
    from core.views.customers import CampaignRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Campaigns: lists of customers, as whom they are written to, and what they get on the dialler's events.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The campaign's name.")]
Account = Annotated[str | None, typer.Option(metavar="ADDRESS", help="The account that writes; '' = none.")]
Template = Annotated[str | None, typer.Option(metavar="TEMPLATE", help="What is written on this event; '' = nothing.")]
Hours = Annotated[str | None, typer.Option(metavar="20:00-08:00", help="In the customer's zone; '' = none.")]
Region = Annotated[str | None, typer.Option(help="How numbers are read, such as GB; '' = the desk's.")]
Most = Annotated[int | None, typer.Option(help="A customer gets at most so many; 0 = no cap.")]
Days = Annotated[int | None, typer.Option(help="In so many days.")]
Words = Annotated[str | None, typer.Option(help="What an agent says who rings.")]
Folder = Annotated[str | None, typer.Option(metavar="FOLDER", help="Where a dialler leaves its files of results.")]


@app.command("list")
def list_campaigns(context: typer.Context, json: Json = False) -> None:
    """All campaigns, with how many customers are in each status."""
    columns = {"name": "Campaign", "sms_account": "Texts as", "email_account": "E-mails as", "lists": "Lists"}
    print_rows(columns | statuses(), _campaigns(context), json=json, wide="lists", cells=_cells)


def _cells(row: CampaignRow) -> dict[str, object]:
    return {**row.statuses, "lists": ", ".join(row.lists)}


@app.command()
def show(context: typer.Context, name: Name, json: Json = False) -> None:
    """How a campaign is set up, and how far it is."""
    row = _campaign(_campaigns(context), name)
    if json:
        print_json(row)
        return
    cap = f"{row.most_messages} in {row.per_days} days" if row.most_messages else "none"
    said = {
        "campaign": row.name,
        "texts as": row.sms_account,
        "e-mails as": row.email_account,
        "on the first try": ", ".join(filter(None, (row.first_try_sms, row.first_try_email))),
        "when given up without contact": ", ".join(filter(None, (row.no_contact_sms, row.no_contact_email))),
        "quiet hours": row.quiet_hours,
        "region": row.region or "the desk's",
        "at most": cap,
        "results in": row.results_folder,
        "lists": ", ".join(row.lists),
        "customers": f"{row.customers:,}: " + ", ".join(f"{n:,} {status}" for status, n in row.statuses.items()),
    }
    for label, value in said.items():
        typer.echo(f"{label:<30} {harmless(value or '-', lines=False)}")
    if row.words:
        typer.echo(f"\n{harmless(row.words)}")


@app.command()
def create(
    context: typer.Context,
    name: Name,
    sms_account: Account = None,
    email_account: Account = None,
    first_try_sms: Template = None,
    first_try_email: Template = None,
    no_contact_sms: Template = None,
    no_contact_email: Template = None,
    quiet_hours: Hours = None,
    region: Region = None,
    most_messages: Most = None,
    per_days: Days = None,
    words: Words = None,
    results_folder: Folder = None,
    login: As = "",
) -> None:
    """Make a campaign."""
    _save(context, name, "", login, new=True)


@app.command("set")
def set_(
    context: typer.Context,
    name: Name,
    new_name: Annotated[str, typer.Option("--name", help="Another name.")] = "",
    sms_account: Account = None,
    email_account: Account = None,
    first_try_sms: Template = None,
    first_try_email: Template = None,
    no_contact_sms: Template = None,
    no_contact_email: Template = None,
    quiet_hours: Hours = None,
    region: Region = None,
    most_messages: Most = None,
    per_days: Days = None,
    words: Words = None,
    results_folder: Folder = None,
    login: As = "",
) -> None:
    """Change a campaign; what you do not say stays as it is."""
    _save(context, name, new_name, login, new=False)


@app.command()
def delete(context: typer.Context, name: Name, login: As = "") -> None:
    """Delete a campaign that has no lists any more."""
    with_office(context, lambda office: office.campaigns.delete(name, actor=login or COMMAND))
    typer.echo(f"campaign {name} is deleted")


def _save(context: typer.Context, name: str, new_name: str, login: str, *, new: bool) -> None:
    async def work(office: Office) -> None:
        from core.campaigns import CampaignSettings
        from core.views.customers import campaigns

        names = {one.name for one in fields(CampaignSettings)} - {"name"}
        said = {key: value for key, value in context.params.items() if key in names and value is not None}
        if not new and not said and not new_name:
            raise Wrong(f"say what is to change of campaign {name}: 'postroom campaign set --help' shows what can")
        settings = CampaignSettings(name) if new else _settings(_campaign(await campaigns(office.database), name))
        settings = replace(settings, **said, name=new_name or name)
        await office.campaigns.save(settings, actor=login or COMMAND, new=new, was="" if new else name)

    with_office(context, work)
    typer.echo(f"campaign {new_name or name} is {'there' if new else 'changed'}")


def _settings(row: CampaignRow) -> CampaignSettings:
    from core.campaigns import CampaignSettings

    return CampaignSettings(**{one.name: getattr(row, one.name) for one in fields(CampaignSettings)})


def _campaigns(context: typer.Context) -> list[CampaignRow]:
    async def work(database: Database) -> list[CampaignRow]:
        from core.views.customers import campaigns

        return await campaigns(database)

    return with_database(context, work)


def _campaign(rows: list[CampaignRow], name: str) -> CampaignRow:
    for row in rows:
        if row.name == name:
            return row
    raise Wrong(f"there is no campaign {name}; there are: {', '.join(row.name for row in rows[:20]) or 'none yet'}")
