"""`postroom contact`: list, show, explain, its customer and its files.

What changes one is in `contact_verbs`, what is offered in `contact_offers`, what people do together in
`contact_together`, what supervisors do with those that wait in `contact_waiting`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import contact_offers, contact_together, contact_verbs, contact_waiting
from cli.options import Json
from cli.output import print_json, print_rows, print_table, with_database
from core.errors import Wrong
from core.text import harmless

if TYPE_CHECKING:
    from core.mail import FileToSend
    from core.store import Database
    from core.views import ContactRow, MessageRow, NoteRow
    from core.views.broadcasts import Answered
    from core.views.customer import CustomerRow
    from core.views.files import FileRow

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Contacts: the work itself.")

Id = Annotated[int, typer.Argument(metavar="ID", help="The contact's number.")]


@app.command("list")
def list_contacts(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="new, queued, open, closed, ...; all = every state.")] = "unclosed",
    queue: Annotated[str, typer.Option(help="Only of this queue.")] = "",
    agent: Annotated[str, typer.Option(help="Only those with this agent.")] = "",
    account: Annotated[str, typer.Option(help="Only of this account.")] = "",
    address: Annotated[str, typer.Option(help="Only of this customer's number or address.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    json: Json = False,
) -> None:
    """Contacts: first those that wait, in the order they will be given out."""

    async def work(database: Database) -> list[ContactRow]:
        from core.models.states import ContactState
        from core.views import ContactFilter, contacts

        known = [*ContactState, "unclosed", "all"]
        if state not in known:
            raise Wrong(f"there is no state {state}; there are: {', '.join(known)}")
        which = ContactFilter("" if state == "all" else state, queue, agent, account, address, limit=limit)
        return await contacts(database, which)

    rows = with_database(context, work)
    columns = {"id": "ID", "state": "State", "queue": "Queue", "priority": "P", "agent": "Agent", "address": "From",
               "received_at": "Received", "text": "Text"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="text")


@app.command()
def show(context: typer.Context, contact_id: Id, json: Json = False) -> None:
    """A contact with its thread and notes."""

    async def work(database: Database) -> tuple[ContactRow, list[MessageRow], list[NoteRow], Answered | None]:
        from core.views import thread
        from core.views.broadcasts import answered

        return *await thread(database, contact_id), await answered(database, contact_id)

    row, messages, notes, broadcast = with_database(context, work)
    if json:
        print_json(asdict(row) | {"thread": messages, "notes": notes, "answers_broadcast": broadcast})
        return
    who = harmless(f"{row.address} {row.name}", lines=False)
    typer.echo(f"Contact {row.id}  {row.state}  {who}".rstrip())
    typer.echo(f"{row.account}  queue {row.queue or '-'}  priority {row.priority}  agent {row.agent or '-'}"
               + (f"  outcome {row.outcome}" if row.outcome else "")
               + (f"  until {row.held_until:%Y-%m-%d %H:%M}Z" if row.held_until else ""))  # fmt: skip
    if broadcast is not None:
        name = harmless(broadcast.name, lines=False)
        typer.echo(f"answers broadcast {name} #{broadcast.id} of {broadcast.sent_at:%Y-%m-%d %H:%M}Z")
    if row.subject and row.channel == "email":
        typer.echo(f"Subject: {harmless(row.subject, lines=False)}")
    lines = [(m.at, _message_lines(m)) for m in messages] + [(n.at, [f"note by {n.author}: {n.text}"]) for n in notes]
    for at, said in sorted(lines, key=lambda line: line[0]):
        typer.echo(f"\n{at:%Y-%m-%d %H:%M:%S}Z  {harmless(said[0])}")
        for line in said[1:]:
            typer.echo(f"    {harmless(line)}")


def _message_lines(message: MessageRow) -> list[str]:
    if message.direction == "in":
        head = f"<- {message.name or message.address}" + (" (automatic)" if message.automatic else "")
    else:
        who = message.author or "automatic"
        said = f", {message.delivery}" if message.delivery else ""
        head = f"-> by {who}, message {message.id}, {message.state}{said}"
    body = harmless(message.text).splitlines() or [""]
    files = [f"[file {one['name']}, {one['size']} octets]" for one in message.files]
    return [head, *body, *files, *(f"({mark})" for mark in message.marks)]


@app.command()
def explain(context: typer.Context, contact_id: Id, json: Json = False) -> None:
    """Why a contact is where it is; of one that waits, how many are before it and who could take it now."""

    async def work(database: Database) -> list[object]:
        from core.views import explain_contact

        return list(await explain_contact(database, contact_id, datetime.now(UTC)))

    steps = with_database(context, work)
    if json:
        print_json(steps)
        return
    print_table({"at": "When", "who": "Who", "what": "What"}, [asdict(step) for step in steps], wide="what")  # type: ignore[call-overload]


@app.command()
def customer(context: typer.Context, contact_id: Id, json: Json = False) -> None:
    """Who it is: what is known of the address, and its other contacts."""

    async def work(database: Database) -> CustomerRow:
        from core.views.customer import customer

        return await customer(database, contact_id)

    row = with_database(context, work)
    if json:
        print_json(row)
        return
    typer.echo(f"{row.address}  {harmless(row.name, lines=False)}".rstrip())
    since = f", since {row.first_at:%Y-%m-%d}" if row.first_at else ""
    typer.echo(f"{row.received} received, {row.sent} sent{since}")
    if row.opted_out_at is not None:
        typer.echo(f"opted out {row.opted_out_at:%Y-%m-%d}: {harmless(row.opted_out_by, lines=False)}")
    if row.listed_at is not None:
        words = harmless(row.listed_by, lines=False)
        typer.echo(f"on the do-not-contact list since {row.listed_at:%Y-%m-%d}: {words}")
    columns = {"id": "ID", "state": "State", "outcome": "Outcome", "received_at": "Received", "text": "Text"}
    print_table(columns, [asdict(one) for one in row.earlier], wide="text")


@app.command()
def files(context: typer.Context, contact_id: Id, json: Json = False) -> None:
    """Files that came with the messages of its thread, the newest first."""

    async def work(database: Database) -> list[FileRow]:
        from core.views.files import files_that_came

        return await files_that_came(database, contact_id)

    rows = with_database(context, work)
    columns = {
        "number": "File",
        "name": "Name",
        "content_type": "Type",
        "size": "Octets",
        "sender": "From",
        "at": "Came",
    }
    print_rows(columns, rows, json=json, wide="name")


@app.command()
def save(
    context: typer.Context,
    contact_id: Id,
    number: Annotated[int, typer.Argument(metavar="FILE", help="Its number, as `contact files` says it.")],
    to: Annotated[Path | None, typer.Option(help="Where to; else here, under its own name made safe.")] = None,
) -> None:
    """Save a file that came with a message; never over one that is there."""

    async def work(database: Database) -> FileToSend:
        from core.views.files import content_of, files_that_came, named

        return await content_of(database, named(await files_that_came(database, contact_id), number))

    from core.desk.files import free_place, safe_name, write_file

    file = with_database(context, work)
    place = free_place(Path.cwd(), file.name) if to is None else to / safe_name(file.name) if to.is_dir() else to
    typer.echo(f"saved as {write_file(str(place), file.content)}")


for verbs in (contact_verbs, contact_offers, contact_together, contact_waiting):
    app.add_typer(verbs.app)
