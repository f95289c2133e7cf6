"""`postroom customer attempt`: one try to reach a customer, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json
from cli.output import print_json, with_office

if TYPE_CHECKING:
    from core.dialler import Done
    from core.office import Office


def attempt(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name.")],
    reference: Annotated[str, typer.Argument(metavar="REF", help="The customer's reference on one of its lists.")],
    outcome: Annotated[str, typer.Option(help="How it ended: one of 'postroom outcome list'.")],
    terminate: Annotated[bool, typer.Option("--terminate", help="The customer is given up, or done with.")] = False,
    callback: Annotated[
        str, typer.Option(metavar="TIME", help="Ring again then: 2026-03-02 14:30, in the customer's zone.")
    ] = "",
    personal: Annotated[bool, typer.Option("--personal", help="The same agent rings again.")] = False,
    list_name: Annotated[
        str, typer.Option("--list", metavar="LIST", help="On which list, where several have it.")
    ] = "",
    note: Annotated[str, typer.Option(help="A note on it.")] = "",
    key: Annotated[str, typer.Option(help="Told again with the same key it is the same attempt.")] = "",
    login: Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who rang.")] = "",
    json: Json = False,
) -> None:
    """Write down an attempt to reach a customer; what the campaign sends on it goes into the outbox."""

    async def work(office: Office) -> Done:
        from core.dialler import Told

        attempts = office.dialler.attempts
        at = await attempts.callback_time(campaign, reference, callback, list_name=list_name) if callback else None
        told = Told(outcome, terminate, at, personal, note)
        return await attempts.attempt(
            campaign, reference, told, person=login, key=f"command {key}" if key else None, list_name=list_name
        )

    show(with_office(context, work), reference, json=json)


def show(done: Done, reference: str, *, json: bool) -> None:
    """What came of an attempt, for a person or a program."""
    if json:
        print_json(done)
        return
    typer.echo(f"customer {reference} is {done.status.value}" + ("" if done.new else ": told before, nothing changed"))
    for letter in done.letters:
        what = "text" if letter.channel.value == "sms" else "e-mail"
        if letter.message_id is not None:
            typer.echo(f"{what} on {letter.event.value}: message {letter.message_id} is in the outbox")
        else:
            typer.echo(f"{what} on {letter.event.value}: not written, {letter.reason}")
