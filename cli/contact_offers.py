"""`postroom contact` again: what is offered, accepted and refused, the next one, and wrap-up."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.contact_verbs import Id, who
from cli.options import As
from cli.output import print_json, with_office
from core.errors import Refused

if TYPE_CHECKING:
    from core.office import Office
    from core.views import ContactRow

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="The contact as one JSON document.")]
LOOK_SECONDS = 0.5
"""How often is looked for an offer whose ring was missed."""


@app.command("next")
def next_(
    context: typer.Context,
    wait: Annotated[float, typer.Option(metavar="SECONDS", min=0, max=86_400, help="So long at most.")] = 0,
    login: As = "",
    json: Json = False,
) -> None:
    """Accept what is offered to you; exit code 1 when nothing is."""

    async def work(office: Office) -> ContactRow:
        end = time.monotonic() + wait
        while True:
            ring = office.database.bell.listen()
            contact_id = await office.desk.next(login=who(login))
            if contact_id is not None:
                return await _row(office, contact_id)
            left = end - time.monotonic()
            if left <= 0:
                raise Refused(await _nothing(office, who(login)))
            from core.store.bell import heard

            await heard(ring, min(left, LOOK_SECONDS))

    _say(with_office(context, work), json)


async def _nothing(office: Office, login: str) -> str:
    from core.views.agents_explained import why_no_work
    from core.views.people import user

    why = (await why_no_work(office.database, login, datetime.now(UTC)))[0]
    if (await user(office.database, login)).auto_accept:
        why += f"; what comes to {login} opens by itself: 'postroom contact list --agent {login}' shows it"
    return f"nothing is offered to {login}: {why}"


@app.command()
def accept(context: typer.Context, contact_id: Id, login: As = "", json: Json = False) -> None:
    """Open a contact that is offered to you."""

    async def work(office: Office) -> ContactRow:
        await office.desk.accept(contact_id, login=who(login))
        return await _row(office, contact_id)

    _say(with_office(context, work), json)


@app.command()
def refuse(
    context: typer.Context,
    contact_id: Id,
    why: Annotated[str, typer.Option(help="A word for the journal.")] = "",
    login: As = "",
) -> None:
    """Let an offer go; the contact keeps its place."""
    with_office(context, lambda office: office.desk.refuse(contact_id, login=who(login), why=why))
    typer.echo(f"contact {contact_id} waits again")


@app.command("wrap-up")
def wrap_up(context: typer.Context, contact_id: Id, login: As = "", json: Json = False) -> None:
    """Finish a contact; while its wrap-up lasts nothing new is offered."""

    async def work(office: Office) -> tuple[int, ContactRow]:
        seconds = await office.desk.wrap_up(contact_id, login=who(login))
        row = await _row(office, contact_id)
        if not seconds:
            raise Refused(f"{row.queue or 'its queue'} has no wrap-up: close contact {contact_id} with its outcome")
        return seconds, row

    seconds, row = with_office(context, work)
    if json:
        print_json(row)
        return
    typer.echo(f"contact {contact_id} is in wrap-up for {seconds} s")


@app.command("extend-wrap-up")
def extend_wrap_up(
    context: typer.Context,
    contact_id: Id,
    seconds: Annotated[int, typer.Option(help="So much longer.")] = 60,
    login: As = "",
) -> None:
    """Let a wrap-up last longer."""
    with_office(context, lambda office: office.desk.extend_wrap_up(contact_id, seconds, login=who(login)))
    typer.echo(f"the wrap-up of contact {contact_id} lasts {seconds} s longer")


async def _row(office: Office, contact_id: int) -> ContactRow:
    from core.views.contact import contact

    return await contact(office.database, contact_id)


def _say(row: ContactRow, json: bool) -> None:
    if json:
        print_json(row)
    else:
        typer.echo(f"contact {row.id} is yours")
