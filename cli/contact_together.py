"""`postroom contact` again: asking, whispering, merging, taking over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.contact_verbs import Id, who, words_of
from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from core.text import harmless

if TYPE_CHECKING:
    from core.store import Database
    from core.views.mine import QuestionRow
    from core.views.shadow import Typed

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def ask(
    context: typer.Context,
    contact_id: Id,
    colleague: Annotated[str, typer.Argument(metavar="LOGIN", help="Whom.")],
    question: Annotated[str, typer.Argument(help="The question; - reads the standard input.")] = "-",
    login: As = "",
) -> None:
    """Ask a colleague about a contact that stays yours."""
    text = words_of(question)
    number = with_office(context, lambda office: office.desk.ask(contact_id, colleague, text, login=who(login)))
    typer.echo(f"question {number} is with {colleague}")


@app.command()
def questions(
    context: typer.Context,
    login: As = "",
    json: Json = False,
) -> None:
    """Questions that wait for your answer, the oldest first."""

    async def work(database: Database) -> list[QuestionRow]:
        from core.views.mine import questions_for

        return await questions_for(database, who(login))

    rows = with_database(context, work)
    columns = {"id": "Question", "contact": "Contact", "author": "Of", "at": "Asked", "text": "Text"}
    print_rows(columns, rows, json=json, wide="text")


@app.command()
def draft(
    context: typer.Context,
    contact_id: Id,
    json: Json = False,
) -> None:
    """What the agent who has a contact has typed for it and not sent."""

    async def work(database: Database) -> Typed | None:
        from core.views.shadow import shadow

        return (await shadow(database, contact_id)).typed

    typed = with_database(context, work)
    if json:
        print_json(typed)
    elif typed is None:
        typer.echo("nothing is typed")
    else:
        typer.echo(harmless(typed.text))


@app.command("answer-question")
def answer_question(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="QUESTION", help="Its number, as `contact questions` says it.")],
    text: Annotated[str, typer.Argument(help="The answer; - reads the standard input.")] = "-",
    login: As = "",
) -> None:
    """Answer what a colleague has asked you."""
    said = words_of(text)
    with_office(context, lambda office: office.desk.answer_question(number, said, login=who(login)))
    typer.echo(f"question {number} is answered")


@app.command()
def whisper(
    context: typer.Context,
    contact_id: Id,
    text: Annotated[str, typer.Argument(help="The line; - reads the standard input.")] = "-",
    login: As = "",
) -> None:
    """Say a line to the agent who has a contact, as a supervisor; the customer never sees it."""
    said = words_of(text)
    with_office(context, lambda office: office.desk.whisper(contact_id, said, login=who(login)))
    typer.echo("whispered")


@app.command()
def merge(
    context: typer.Context,
    contact_id: Id,
    into: Annotated[int, typer.Option(metavar="ID", help="The contact of yours that it becomes a part of.")],
    login: As = "",
) -> None:
    """Make a contact a part of another one of the same customer."""
    with_office(context, lambda office: office.desk.merge(contact_id, into, login=who(login)))
    typer.echo(f"contact {contact_id} is a part of contact {into}")


@app.command("take-over")
def take_over(context: typer.Context, contact_id: Id, login: As = "") -> None:
    """Take a contact from whoever has it, as a supervisor."""
    with_office(context, lambda office: office.desk.transfer(contact_id, login=who(login), agent=who(login)))
    typer.echo(f"contact {contact_id} is yours")
