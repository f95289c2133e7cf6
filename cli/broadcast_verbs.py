"""`postroom broadcast` again: pause, resume, cancel, approve, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.broadcast_asking import Id
from cli.options import As
from cli.output import with_office
from core.roles import COMMAND

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from core.broadcasts import Broadcasts

    Result = TypeVar("Result")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _broadcasts(context: typer.Context, verb: Callable[[Broadcasts], Awaitable[Result]]) -> Result:
    return with_office(context, lambda office: verb(office.broadcasts))


@app.command()
def pause(context: typer.Context, broadcast_id: Id, reason: str = "", login: As = "") -> None:
    """Let nothing more leave."""
    _broadcasts(context, lambda verbs: verbs.pause(broadcast_id, actor=login or COMMAND, reason=reason))
    typer.echo(f"broadcast {broadcast_id} is paused")


@app.command()
def resume(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """Go on where it paused; start now what is scheduled."""
    _broadcasts(context, lambda verbs: verbs.resume(broadcast_id, actor=login or COMMAND))
    typer.echo(f"broadcast {broadcast_id} goes on")


@app.command()
def cancel(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """End it: whoever has not got it does not get it."""
    _broadcasts(context, lambda verbs: verbs.cancel(broadcast_id, actor=login or COMMAND))
    typer.echo(f"broadcast {broadcast_id} is cancelled")


@app.command()
def approve(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """The second person's yes, where the variable broadcast_approval_over asks for one."""
    _broadcasts(context, lambda verbs: verbs.approve(broadcast_id, actor=login or COMMAND))
    typer.echo(f"broadcast {broadcast_id} is approved")


@app.command()
def retry(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """Try those again that have failed."""
    number = _broadcasts(context, lambda verbs: verbs.retry_failed(broadcast_id, actor=login or COMMAND))
    typer.echo(f"{number} are tried again")
