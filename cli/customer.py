"""`postroom customer`: those on the lists."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli import attempt, customer_import
from cli.options import As, Json
from cli.output import print_json, print_rows, print_table, with_database, with_office
from core.errors import NotFound, Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from datetime import datetime

    from core.campaigns import Audience
    from core.office import Office
    from core.store import Database
    from core.views.customer_records import CustomerStory
    from core.views.customers import CustomerRecord

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Customers: who stands on the lists."
)

List = Annotated[str, typer.Option("--list", metavar="LIST", help="Only of this list.")]
Campaign = Annotated[str, typer.Option(help="Only of this campaign.")]
Status = Annotated[
    list[str] | None,
    typer.Option(help="unused, callback, 'in progress', contacted or terminated; repeat it for several."),
]
Words = Annotated[str, typer.Option(help="Each of these must stand in reference, name, number, address or fields.")]
Reference = Annotated[str, typer.Argument(metavar="REFERENCE", help="What the list calls the customer.")]


@app.command("list")
def list_customers(
    context: typer.Context,
    list_name: List = "",
    campaign: Campaign = "",
    status: Status = None,
    words: Words = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 200,
    after: Annotated[int, typer.Option(metavar="ID", help="Those behind this id: the next page.")] = 0,
    json: Json = False,
) -> None:
    """Customers in the order they came in."""

    async def work(database: Database) -> list[CustomerRecord]:
        from core.views.customers import customers

        return await customers(database, _audience(list_name, campaign, status, words), after=after, limit=limit)

    rows = with_database(context, work)
    columns = {"reference": "Reference", "name": "Name", "number": "Number", "email": "E-mail", "list": "List",
               "status": "Status", "callback_at": "Call back", "tries": "Tries", "outcome": "Outcome",
               "owner": "Owner"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="name", cells=_cells)


def _cells(row: CustomerRecord) -> dict[str, object]:
    return {"number": row.number or row.number_as_written}


@app.command()
def show(context: typer.Context, reference: Reference, list_name: List = "", json: Json = False) -> None:
    """All that is known of a customer: fields, attempts, messages."""

    async def work(database: Database) -> CustomerStory:
        from core.campaigns import Customers
        from core.clock import Clock
        from core.views.customer_records import customer_story

        return await customer_story(database, await Customers(database, Clock()).find(list_name, reference))

    story = with_database(context, work)
    if json:
        print_json(story)
        return
    for label, value in _told(story.record).items():
        typer.echo(f"{harmless(label, lines=False):<16} {harmless(value, lines=False)}")
    if story.attempts:
        typer.echo("\nAttempts")
        columns = {"at": "When", "outcome": "Outcome", "contact": "Reached", "person": "By", "source": "From"}
        print_table(columns, [asdict(one) for one in story.attempts])
    if story.messages:
        typer.echo("\nMessages")
        columns = {"at": "When", "direction": "Way", "state": "State", "why": "Why", "text": "Text"}
        print_table(columns, [asdict(one) for one in story.messages], wide="text")
    for step in story.history:
        typer.echo(f"{step.at:%Y-%m-%d %H:%M:%S}Z  {step.who}  {harmless(step.what, lines=False)}")


@app.command("set")
def set_(
    context: typer.Context,
    reference: Reference,
    list_name: List = "",
    name: Annotated[str | None, typer.Option(help="The customer's name.")] = None,
    number: Annotated[str | None, typer.Option(help="A telephone number; '' = none.")] = None,
    email: Annotated[str | None, typer.Option(help="An e-mail address; '' = none.")] = None,
    zone: Annotated[str | None, typer.Option(help="A time zone such as Europe/Paris; '' = by the number.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="LOGIN", help="Whose customer it is; '' = nobody's.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=VALUE", help="One of the list's own fields; repeat it.")
    ] = None,
    login: As = "",
) -> None:
    """Change what is known of a customer; what you do not say stays as it is."""
    own = dict(customer_import.pair(one, "--field", "FIELD=VALUE") for one in field or ())
    if all(one is None for one in (name, number, email, zone, owner)) and not own:
        raise Wrong(
            f"say what is to change of customer {reference}: --name, --number, --email, --zone, --owner, --field"
        )

    async def work(office: Office) -> None:
        from core.campaigns import CustomerChange

        change = CustomerChange(name, number, email, zone, owner, own or None)
        customer_id = await office.customers.find(list_name, reference)
        await office.customers.change(customer_id, change, actor=login or COMMAND)

    with_office(context, work)
    typer.echo(f"customer {reference} is changed")


@app.command("set-status")
def set_status(
    context: typer.Context,
    reference: Reference,
    status: Annotated[str, typer.Argument(help="unused, callback, 'in progress', contacted or terminated.")],
    list_name: List = "",
    at: Annotated[
        str, typer.Option(metavar="TIME", help="Of a call-back, as 2026-03-02 14:30 in the customer's zone.")
    ] = "",
    by: Annotated[str, typer.Option(metavar="LOGIN", help="Who promised to call back; else anybody.")] = "",
    login: As = "",
) -> None:
    """Set a customer's status by hand."""

    async def work(office: Office) -> None:
        customer_id = await office.customers.find(list_name, reference)
        when = await _moment(office, customer_id, at)
        await office.customers.set_status(
            customer_id, status, actor=login or COMMAND, callback_at=when, callback_for=by
        )

    with_office(context, work)
    typer.echo(f"customer {reference} is {status}")


@app.command()
def export(
    context: typer.Context, list_name: List = "", campaign: Campaign = "", status: Status = None, words: Words = ""
) -> None:
    """Customers as CSV, which 'customer import' reads back."""

    async def work(database: Database) -> None:
        from core.views.customer_files import export_lines

        async for line in export_lines(database, _audience(list_name, campaign, status, words)):
            typer.echo(line, nl=False)

    with_database(context, work)


async def _moment(office: Office, customer_id: int, at: str) -> datetime | None:
    """The time by the customer's clock."""
    from core.campaigns.cells import callback_of
    from core.sms import zone_of
    from core.views.customers import customer_record_by_id

    record = await customer_record_by_id(office.database, customer_id)
    desk = await office.database.read("SELECT timezone FROM desk WHERE id = 1")
    return callback_of(at, zone_of(record.zone, record.number, desk[0]["timezone"] if desk else "UTC"))


def _audience(list_name: str, campaign: str, status: list[str] | None, words: str) -> Audience:
    from core.campaigns import Audience
    from core.campaigns.customers import STATUSES

    for one in status or ():
        if one not in STATUSES:
            raise NotFound(f"there is no status {one}; there are: {', '.join(STATUSES)}")
    return Audience(campaign=campaign, list=list_name, statuses=tuple(status or ()), words=words)


def _told(row: CustomerRecord) -> dict[str, str]:
    due = f"{row.callback_at:%Y-%m-%d %H:%M} UTC, {row.callback_for or 'anybody'}" if row.callback_at else ""
    said = {
        "customer": row.reference,
        "name": row.name,
        "number": row.number or (f"{row.number_as_written} (no telephone number)" if row.number_as_written else ""),
        "e-mail": row.email,
        "zone": row.zone,
        "list": row.list,
        "campaign": row.campaign,
        "no texts": f"since {row.no_texts_since:%Y-%m-%d %H:%M} UTC" if row.no_texts_since else "",
        "no e-mails": f"since {row.no_mails_since:%Y-%m-%d %H:%M} UTC" if row.no_mails_since else "",
        "do not contact": f"since {row.barred_since:%Y-%m-%d %H:%M} UTC" if row.barred_since else "",
        "status": row.status,
        "call back": due,
        "owner": row.owner,
        "tries": f"{row.tries}{f', the last: {row.outcome}' if row.outcome else ''}",
    } | {f"  {name}": value for name, value in row.fields.items()}
    return {label: value for label, value in said.items() if value}


for verbs in (customer_import,):
    app.add_typer(verbs.app)
app.command("attempt")(attempt.attempt)
