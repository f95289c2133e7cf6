"""`postroom canned`: replies that agents write by their word."""

from __future__ import annotations

import getpass
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import read_text
from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from core.canned import CannedReply
    from core.office import Office
    from core.store import Database

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Canned replies: what agents write with a slash and a word.",
)

Word = Annotated[str, typer.Argument(metavar="WORD", help="What is typed after the slash.")]
File = Annotated[str, typer.Argument(metavar="[FILE]", help="A file with what it says, or - for stdin.")]
Text = Annotated[str, typer.Option(help="What it says, instead of a file: {{ customer.first_name }} is a field.")]


@app.command("list")
def list_replies(
    context: typer.Context,
    channel: Annotated[str, typer.Option(help="Only those for sms or email.")] = "",
    json: Json = False,
) -> None:
    """All canned replies."""
    if channel not in ("", "sms", "email"):
        raise Wrong(f"there is no channel {channel}; there are: sms, email")
    rows = _replies(context, channel)
    columns = {"word": "Word", "channel": "Channel", "text": "Text"}
    print_rows(columns, rows, json=json, wide="text", cells=_cells)


def _cells(row: CannedReply) -> dict[str, object]:
    return {"channel": row.channel or "both", "text": " ".join(row.text.split())}


@app.command()
def show(
    context: typer.Context,
    word: Word,
    contact: Annotated[int | None, typer.Option(help="As it is written to the customer of this contact.")] = None,
    json: Json = False,
    login: As = "",
) -> None:
    """What a canned reply says, with its fields as they stand, or filled in for a contact."""
    if contact is not None:
        who = login or getpass.getuser()
        typer.echo(harmless(with_office(context, lambda office: office.canned.rendered(word, contact, who))))
        return
    row = _reply(_replies(context), word)
    if json:
        print_json(row)
        return
    typer.echo(harmless(row.text))


@app.command()
def add(
    context: typer.Context,
    word: Word,
    file: File = "",
    text: Text = "",
    channel: Annotated[str, typer.Option(help="sms or email; else for both.")] = "",
    login: As = "",
) -> None:
    """Add a canned reply."""
    if bool(file) == bool(text):
        raise Wrong("say what it says: a file with it, or --text")
    words = text or read_text(file).rstrip("\n")

    async def work(office: Office) -> None:
        from core.canned import CannedReply

        await office.canned.save(CannedReply(word, words, channel), actor=login or COMMAND, new=True)

    with_office(context, work)
    typer.echo(f"canned reply /{word} is there")


@app.command()
def change(
    context: typer.Context,
    word: Word,
    file: File = "",
    text: Text = "",
    channel: Annotated[str | None, typer.Option(help="sms or email; '' = both.")] = None,
    login: As = "",
) -> None:
    """Change what a canned reply says, or its channel."""
    if file and text:
        raise Wrong("say what it says once: a file with it, or --text")
    if not (file or text) and channel is None:
        raise Wrong(f"say what is to change of /{word}: a file with what it says, --text or --channel")
    words = text or (read_text(file).rstrip("\n") if file else "")

    async def work(office: Office) -> None:
        row = _reply(await office.canned.every(), word)
        changed = replace(row, text=words or row.text, channel=row.channel if channel is None else channel)
        await office.canned.save(changed, actor=login or COMMAND)

    with_office(context, work)
    typer.echo(f"canned reply /{word} is changed")


@app.command()
def remove(context: typer.Context, word: Word, login: As = "") -> None:
    """Remove a canned reply."""
    with_office(context, lambda office: office.canned.remove(word, actor=login or COMMAND))
    typer.echo(f"canned reply /{word} is removed")


def _replies(context: typer.Context, channel: str = "") -> list[CannedReply]:
    async def work(database: Database) -> list[CannedReply]:
        from core.canned import CannedReplies
        from core.clock import Clock

        return await CannedReplies(database, Clock()).every(channel=channel)

    return with_database(context, work)


def _reply(rows: list[CannedReply], word: str) -> CannedReply:
    for row in rows:
        if row.word == word.lstrip("/"):
            return row
    raise Wrong(
        f"there is no canned reply /{word}; there are: {', '.join(row.word for row in rows[:20]) or 'none yet'}"
    )
