"""`postroom agent`: who takes work now, and why not."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json
from cli.output import age, print_json, print_rows, with_database, with_office
from cli.user import skill_words
from core.roles import COMMAND

if TYPE_CHECKING:
    from core.store import Database
    from core.views.people import AgentRow, Load

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Agents: who takes work now, and why not."
)

Who = Annotated[str, typer.Argument(metavar="[LOGIN]", help="Whose; else that of who does it.")]
As = Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who does it: a supervisor may.")]


@app.command("list")
def list_agents(
    context: typer.Context,
    everybody: Annotated[bool, typer.Option("--all", help="Those who are signed out as well.")] = False,
    json: Json = False,
) -> None:
    """Who is signed in: state, room, queues and skills."""
    now = datetime.now(UTC)

    async def work(database: Database) -> list[AgentRow]:
        from core.views.people import agents

        return await agents(database, now)

    rows = [row for row in with_database(context, work) if everybody or json or row.state != "signed out"]
    columns = {"login": "Login", "state": "State", "reason": "Reason", "since": "Since", "sms": "Texts",
               "email": "E-mails", "held": "Held", "queues": "Queues", "skills": "Skills"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="queues", empty="nobody is signed in", cells=lambda row: _shown(row, now))


def _shown(row: AgentRow, now: datetime) -> dict[str, object]:
    reason = "line silent" if row.silent else f"contact {row.wrapping}" if row.wrapping is not None else row.reason
    return {
        "login": row.login,
        "state": row.state,
        "reason": reason,
        "since": age((now - row.since).total_seconds()) if row.since is not None else None,
        "sms": _load(row.sms),
        "email": _load(row.email),
        "held": row.sms.held + row.email.held,
        "queues": ", ".join(row.queues),
        "skills": skill_words(row.skills),
    }


def _load(load: Load) -> str:
    """`2 of 3, 1 offered`."""
    return f"{load.used} of {load.capacity}" + (f", {load.offered} offered" if load.offered else "")


@app.command()
def ready(context: typer.Context, agent: Who = "", login: As = "") -> None:
    """Take work from now on; whoever is not signed in is now."""
    who, by = _whose(agent, login)
    with_office(context, lambda office: office.presence.ready(who, by=by))
    typer.echo(f"{who} is ready")


@app.command("not-ready")
def not_ready(
    context: typer.Context,
    agent: Who = "",
    reason: Annotated[str, typer.Option(help="Why: one of the desk's reasons, where it has any.")] = "",
    login: As = "",
) -> None:
    """Take no new work; what is open stays."""
    who, by = _whose(agent, login)
    with_office(context, lambda office: office.presence.not_ready(who, reason, by=by))
    typer.echo(f"{who} is not ready" + (f": {reason}" if reason else ""))


@app.command("sign-out")
def sign_out(context: typer.Context, agent: Who = "", login: As = "") -> None:
    """Go home; what is open or offered waits again, at its old place."""
    who, by = _whose(agent, login)
    back = with_office(context, lambda office: office.presence.sign_out(who, by=by))
    contacts = "1 contact waits" if back == 1 else f"{back} contacts wait"
    typer.echo(f"{who} is signed out" + (f"; {contacts} again" if back else ""))


@app.command()
def explain(context: typer.Context, agent: Who = "", login: As = "", json: Json = False) -> None:
    """Why an agent gets no work."""
    who, _ = _whose(agent, login)

    async def work(database: Database) -> list[str]:
        from core.views.agents_explained import why_no_work

        return await why_no_work(database, who, datetime.now(UTC))

    said = with_database(context, work)
    if json:
        print_json({"login": who, "reasons": said})
        return
    for sentence in said:
        typer.echo(sentence)


def _whose(agent: str, login: str) -> tuple[str, str]:
    """Whose state it is, and who says so: oneself, a supervisor, or whoever runs the command."""
    own = login or getpass.getuser()
    return agent or own, login or (COMMAND if agent else "")
