"""`postroom contact` again: what a supervisor does with those that wait, one or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.contact_verbs import who
from cli.options import As
from cli.output import with_office

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from core.waiting import Waiting

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Ids = Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers of contacts that wait.")]


@app.command()
def priority(
    context: typer.Context,
    contact_ids: Ids,
    to: Annotated[int, typer.Option(help="From -99 to 99; a higher one is given out first.")],
    login: As = "",
) -> None:
    """Give contacts that wait another priority, as a supervisor."""
    priorities = dict.fromkeys(contact_ids, to)
    _each(context, contact_ids, f"at priority {to}", lambda waiting: waiting.prioritise(priorities, login=who(login)))


@app.command()
def move(
    context: typer.Context,
    contact_ids: Ids,
    queue: Annotated[str, typer.Option(help="To this queue; each keeps the place of its arrival.")],
    login: As = "",
) -> None:
    """Give contacts that wait to another queue, as a supervisor."""
    _each(context, contact_ids, f"in {queue}", lambda waiting: waiting.move(contact_ids, queue=queue, login=who(login)))


@app.command("close-waiting")
def close_waiting(
    context: typer.Context,
    contact_ids: Ids,
    outcome: Annotated[str, typer.Option(help="How they end.")],
    login: As = "",
) -> None:
    """Close contacts that wait, unanswered, as a supervisor."""
    done = f"closed: {outcome}"
    _each(context, contact_ids, done, lambda waiting: waiting.close(contact_ids, outcome, login=who(login)))


def _each(
    context: typer.Context, contact_ids: list[int], done: str, verb: Callable[[Waiting], Coroutine[Any, Any, int]]
) -> None:
    """Do it, and say with how many; exit code 1 where one of them did not wait."""
    asked = len(set(contact_ids))
    changed = with_office(context, lambda office: verb(office.waiting))
    left = asked - changed
    typer.echo(f"{changed} of {asked} {done}" + (f"; {left} did not wait and stay as they are" if left else ""))
    if left:
        raise typer.Exit(1)
