"""`postroom contact` again: take, reply, forward, hold, resume, note, transfer, close, reopen."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As
from cli.output import with_office
from core.errors import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from core.office import Office

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Id = Annotated[int, typer.Argument(metavar="ID", help="The contact's number.")]


def who(login: str) -> str:
    """The login given, else that of the person at the keyboard."""
    return login or getpass.getuser()


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
            return await office.desk.take(contact_id, login=who(login))
        return await office.desk.take_next(queue, login=who(login))

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
    everyone: Annotated[bool, typer.Option("--all", help="Copies to all who got the customer's e-mail.")] = False,
    subject: Annotated[str, typer.Option(help="Of an e-mail; else the contact's.")] = "",
    cc: Annotated[list[str] | None, typer.Option(help="One more recipient of an e-mail; again for others.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file to send with an e-mail; again for others.")] = None,
    override: Annotated[str, typer.Option(metavar="REASON", help="Send although the customer opted out.")] = "",
    login: As = "",
) -> None:
    """Answer the customer of a contact you have."""
    from core.desk.files import read_file

    words = words_of(text)
    files = [read_file(str(path)) for path in attach or []]

    async def work(office: Office) -> int:
        from core.desk import Answer
        from core.views.customer import also_written_to

        others = await also_written_to(office.database, contact_id) if everyone else ()
        copies = dict.fromkeys((*others, *(cc or ())))
        answer = Answer(words, subject, tuple(copies), tuple(files), override)
        return await office.desk.reply(contact_id, answer, login=who(login))

    typer.echo(f"message {with_office(context, work)} is in the outbox")


@app.command()
def forward(
    context: typer.Context,
    contact_id: Id,
    to: Annotated[str, typer.Option(help="The e-mail address it goes to.")],
    text: Annotated[str, typer.Argument(help="What to say above it; - reads the standard input.")] = "",
    files: Annotated[bool, typer.Option("--files", help="With the files that came with its messages.")] = False,
    login: As = "",
) -> None:
    """Send the contact's messages on as an e-mail."""
    words = words_of(text)

    async def work(office: Office) -> int:
        from core.views.files import content_of, files_that_came

        came = await files_that_came(office.database, contact_id, own=True) if files else []
        attachments = [await content_of(office.database, file) for file in came]
        return await office.desk.forward(contact_id, to, words, login=who(login), attachments=attachments)

    typer.echo(f"message {with_office(context, work)} is in the outbox")


@app.command()
def hold(
    context: typer.Context,
    contact_id: Id,
    for_: Annotated[str, typer.Option("--for", metavar="SPAN", help="So long: 45 min, 2 h, 3 days.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Until then: 14:30, tomorrow, tue 9:00.")] = "",
    login: As = "",
) -> None:
    """Lay a contact aside until a time of the desk's zone, or until its customer writes."""
    if bool(for_) == bool(until):
        raise Wrong("say --for how long or --until when, as in --for '2 h' or --until 'tue 9:00'")

    async def work(office: Office) -> datetime:
        from core.clock import zone_named
        from core.desk.waking import span, wake_time
        from core.views.standing import standing

        now = office.clock.now()
        zone = zone_named((await standing(office.database, now)).timezone)
        if for_ and not _is_span(span, for_):
            raise Wrong(f"--for {for_} is no length of time: say 45 min, 2 h or 3 days")
        at = wake_time(for_ or until, now, zone)
        await office.desk.hold(contact_id, at, login=who(login))
        return at.astimezone(zone)

    at = with_office(context, work)
    typer.echo(f"contact {contact_id} is held until {at:%Y-%m-%d %H:%M %Z}")


def _is_span(span: Callable[[str], int | None], text: str) -> bool:
    try:
        return span(text) is not None
    except ValueError:
        return False


@app.command()
def resume(context: typer.Context, contact_id: Id, login: As = "") -> None:
    """Bring a held contact back before its time, or one out of its wrap-up."""

    async def work(office: Office) -> None:
        from core.views.contact import contact

        wrapping = (await contact(office.database, contact_id)).state == "wrap-up"
        await (office.desk.back_from_wrap_up if wrapping else office.desk.resume)(contact_id, login=who(login))

    with_office(context, work)
    typer.echo(f"contact {contact_id} is open again")


@app.command()
def note(
    context: typer.Context,
    contact_id: Id,
    text: Annotated[str, typer.Argument(help="The note; - reads the standard input.")] = "-",
    login: As = "",
) -> None:
    """Leave a line beside the thread."""
    words = words_of(text)
    with_office(context, lambda office: office.desk.note(contact_id, words, login=who(login)))
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
        await office.desk.transfer(contact_id, login=who(login), queue=queue, agent=agent, note=note, priority=priority)

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
    with_office(context, lambda office: office.desk.close(contact_id, outcome, login=who(login)))
    typer.echo(f"contact {contact_id} is closed: {outcome}")


@app.command()
def reopen(context: typer.Context, contact_id: Id, login: As = "") -> None:
    """Open a closed contact again."""
    with_office(context, lambda office: office.desk.reopen(contact_id, login=who(login)))
    typer.echo(f"contact {contact_id} is yours")


def words_of(text: str) -> str:
    """What is said on the command line, or on the standard input for `-`."""
    return sys.stdin.read().rstrip("\n") if text == "-" else text
