"""`postroom contact`: list, show, explain; take, reply, forward, note, transfer, close, reopen."""

from __future__ import annotations

import getpass
import sys
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_json, print_table, with_database, with_office
from core.errors import Wrong
from core.mail import FileToSend
from core.text import harmless

if TYPE_CHECKING:
    from core.office import Office
    from core.store import Database
    from core.views import ContactRow, MessageRow, NoteRow

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Contacts: the work itself.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="The contact's number.")]
As = Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who does it.")]


def _who(login: str) -> str:
    """The login given, else that of the person at the keyboard."""
    return login or getpass.getuser()


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
        which = ContactFilter("" if state == "all" else state, queue, agent, account, address, limit)
        return await contacts(database, which)

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    columns = {"id": "ID", "state": "State", "queue": "Queue", "priority": "P", "agent": "Agent", "address": "From",
               "received_at": "Received", "text": "Text"}  # fmt: skip
    print_table(columns, [asdict(row) for row in rows], wide="text")


@app.command()
def show(context: typer.Context, contact_id: Id, json: Json = False) -> None:
    """A contact with its thread and notes."""

    async def work(database: Database) -> tuple[ContactRow, list[MessageRow], list[NoteRow]]:
        from core.views import thread

        return await thread(database, contact_id)

    row, messages, notes = with_database(context, work)
    if json:
        print_json(asdict(row) | {"thread": messages, "notes": notes})
        return
    typer.echo(f"Contact {row.id}  {row.state}  {row.address} {row.name}".rstrip())
    typer.echo(f"{row.account}  queue {row.queue or '-'}  priority {row.priority}  agent {row.agent or '-'}"
               + (f"  outcome {row.outcome}" if row.outcome else ""))  # fmt: skip
    if row.subject and row.channel == "email":
        typer.echo(f"Subject: {harmless(row.subject, lines=False)}")
    lines = [(m.at, _message_lines(m)) for m in messages] + [(n.at, [f"note by {n.author}: {n.text}"]) for n in notes]
    for at, said in sorted(lines, key=lambda line: line[0]):
        typer.echo(f"\n{at:%Y-%m-%d %H:%M:%S}Z  {said[0]}")
        for line in said[1:]:
            typer.echo(f"    {line}")


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
    """Why a contact is where it is."""

    async def work(database: Database) -> list[object]:
        from core.views import explain_contact

        return list(await explain_contact(database, contact_id))

    steps = with_database(context, work)
    if json:
        print_json(steps)
        return
    print_table({"at": "When", "who": "Who", "what": "What"}, [asdict(step) for step in steps], wide="what")  # type: ignore[call-overload]


@app.command()
def take(
    context: typer.Context,
    contact_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="Which; or --queue for the next.")] = None,
    queue: Annotated[str, typer.Option(help="Take the first that waits in this queue.")] = "",
    login: As = "",
) -> None:
    """Take a contact: a chosen one, or the next of a queue."""
    if (contact_id is None) == (not queue):
        raise Wrong("say which contact (its ID) or --queue NAME for the next of a queue")

    async def work(office: Office) -> int | None:
        if contact_id is not None:
            return await office.desk.take(contact_id, login=_who(login))
        return await office.desk.take_next(queue, login=_who(login))

    taken = with_office(context, work)
    if taken is None:
        typer.echo(f"nobody waits in {queue}")
        raise typer.Exit(1)
    typer.echo(f"contact {taken} is yours")


@app.command()
def reply(
    context: typer.Context,
    contact_id: Id,
    text: Annotated[str, typer.Argument(help="What to say; - or nothing reads it from the standard input.")] = "-",
    subject: Annotated[str, typer.Option(help="Of an e-mail; else the contact's.")] = "",
    cc: Annotated[list[str] | None, typer.Option(help="One more recipient of an e-mail; again for others.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file to send with an e-mail; again for others.")] = None,
    override: Annotated[str, typer.Option(metavar="REASON", help="Send although the customer opted out.")] = "",
    login: As = "",
) -> None:
    """Answer the customer of a contact you have."""
    words = _words(text)
    files = [_file(path) for path in attach or []]

    async def work(office: Office) -> int:
        from core.desk import Answer

        answer = Answer(words, subject, tuple(cc or ()), tuple(files), override)
        return await office.desk.reply(contact_id, answer, login=_who(login))

    typer.echo(f"message {with_office(context, work)} is in the outbox")


@app.command()
def forward(
    context: typer.Context,
    contact_id: Id,
    to: Annotated[str, typer.Option(help="The e-mail address it goes to.")],
    text: Annotated[str, typer.Argument(help="What to say above it; - reads the standard input.")] = "",
    login: As = "",
) -> None:
    """Send the contact's messages on as an e-mail."""
    words = _words(text)
    message = with_office(context, lambda office: office.desk.forward(contact_id, to, words, login=_who(login)))
    typer.echo(f"message {message} is in the outbox")


@app.command()
def note(
    context: typer.Context,
    contact_id: Id,
    text: Annotated[str, typer.Argument(help="The note; - reads the standard input.")] = "-",
    login: As = "",
) -> None:
    """Leave a line beside the thread."""
    words = _words(text)
    with_office(context, lambda office: office.desk.note(contact_id, words, login=_who(login)))
    typer.echo("noted")


@app.command()
def transfer(
    context: typer.Context,
    contact_id: Id,
    queue: Annotated[str, typer.Option(help="To this queue.")] = "",
    agent: Annotated[str, typer.Option(help="To this agent.")] = "",
    priority: Annotated[int | None, typer.Option(help="With this priority; else the one it has.")] = None,
    note: Annotated[str, typer.Option(help="A note for whoever gets it.")] = "",
    login: As = "",
) -> None:
    """Give a contact to a queue or to another agent."""

    async def work(office: Office) -> None:
        await office.desk.transfer(
            contact_id, login=_who(login), queue=queue, agent=agent, note=note, priority=priority
        )

    with_office(context, work)
    typer.echo(f"contact {contact_id} is with {queue or agent}")


@app.command()
def close(
    context: typer.Context,
    contact_id: Id,
    outcome: Annotated[str, typer.Option(help="How it ended.")] = "done",
    login: As = "",
) -> None:
    """Close a contact with an outcome."""
    with_office(context, lambda office: office.desk.close(contact_id, outcome, login=_who(login)))
    typer.echo(f"contact {contact_id} is closed: {outcome}")


@app.command()
def reopen(context: typer.Context, contact_id: Id, login: As = "") -> None:
    """Open a closed contact again."""
    with_office(context, lambda office: office.desk.reopen(contact_id, login=_who(login)))
    typer.echo(f"contact {contact_id} is yours")


def _words(text: str) -> str:
    return sys.stdin.read().rstrip("\n") if text == "-" else text


def _file(path: Path) -> FileToSend:
    import mimetypes

    try:
        content = path.read_bytes()
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}") from error
    return FileToSend(path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", content)
