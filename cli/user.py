"""`postroom user`: who works at the desk."""

from __future__ import annotations

import getpass
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_json, print_rows, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from core.office import Office
    from core.store import Database
    from core.views.people import UserRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Users: who works at the desk, and what for.",
)

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The user's login.")]
Name = Annotated[str | None, typer.Option(help="The name that colleagues see.")]
Role = Annotated[str | None, typer.Option(help="agent, supervisor or administrator.")]
Group = Annotated[list[str] | None, typer.Option(help="A group; again for others. It takes the place of those before.")]
Texts = Annotated[int | None, typer.Option("--texts", min=0, max=99, help="Room for so many texts at once.")]
Emails = Annotated[int | None, typer.Option("--e-mails", min=0, max=99, help="Room for so many e-mails at once.")]
Auto = Annotated[bool | None, typer.Option("--auto-accept/--ask", help="Whether what is offered opens by itself.")]


@app.command("list")
def list_users(context: typer.Context, json: Json = False) -> None:
    """All users, with their groups and skills."""

    async def work(database: Database) -> list[UserRow]:
        from core.views.people import users

        return await users(database)

    columns = {"login": "Login", "name": "Name", "role": "Role", "groups": "Groups", "skills": "Skills",
               "capacity_sms": "Texts", "capacity_email": "E-mails", "state": "State"}  # fmt: skip
    print_rows(columns, with_database(context, work), json=json, wide="skills", cells=_cells)


def _cells(row: UserRow) -> dict[str, object]:
    return {"groups": ", ".join(row.groups), "skills": skill_words(row.skills)}


@app.command()
def show(context: typer.Context, login: Login, json: Json = False) -> None:
    """All that is set up of a user."""
    row = _row(context, login)
    if json:
        print_json(row)
        return
    typer.echo(f"{row.login}  {harmless(row.name, lines=False)}".rstrip())
    typer.echo(f"{row.role}, {row.state}, {'with a' if row.password else 'without a'} password")
    typer.echo(f"groups  {', '.join(row.groups) or 'none'}\nskills  {skill_words(row.skills) or 'none'}")
    opens = "open by themselves" if row.auto_accept else "are accepted or refused"
    typer.echo(f"room    {row.capacity_sms} texts, {row.capacity_email} e-mails; offers {opens}")


@app.command()
def add(
    context: typer.Context,
    login: Login,
    name: Name = None,
    role: Role = None,
    group: Group = None,
    texts: Texts = None,
    emails: Emails = None,
    auto_accept: Auto = None,
    by: As = "",
) -> None:
    """Add a user: an agent with room for 3 texts and 5 e-mails, unless options say otherwise."""
    given = _given(name, role, group, texts, emails, auto_accept)

    async def work(office: Office) -> None:
        from core.people import User

        await office.people.save(replace(User(login), **given), actor=by or COMMAND, new=True)

    with_office(context, work)
    typer.echo(f"user {login} is there: 'postroom user password {login}' gives a password")


@app.command()
def change(
    context: typer.Context,
    login: Login,
    name: Name = None,
    role: Role = None,
    group: Group = None,
    no_groups: Annotated[bool, typer.Option("--no-groups", help="Take all groups away.")] = False,
    texts: Texts = None,
    emails: Emails = None,
    auto_accept: Auto = None,
    by: As = "",
) -> None:
    """Change what the options name; all else stays as it is."""
    if no_groups and group:
        raise Wrong("--no-groups takes all groups away: leave it out, or --group")
    given = _given(name, role, [] if no_groups else group, texts, emails, auto_accept)
    if not given:
        raise Wrong(f"say what is to change of {login}: --name, --role, --group, --texts, --e-mails, --auto-accept")

    async def work(office: Office) -> None:
        from core.people import User
        from core.views.people import user

        row = await user(office.database, login)
        stands = User(
            row.login, row.name, row.role, row.groups, row.skills, row.capacity_sms, row.capacity_email, row.auto_accept
        )
        await office.people.save(replace(stands, **given), actor=by or COMMAND)

    with_office(context, work)
    typer.echo(f"user {login} is changed")


@app.command()
def remove(context: typer.Context, login: Login, by: As = "") -> None:
    """Remove a user on whom nothing hangs: no contact and no message."""
    with_office(context, lambda office: office.people.remove(login, actor=by or COMMAND))
    typer.echo(f"user {login} is removed")


@app.command()
def password(context: typer.Context, login: Login, by: As = "") -> None:
    """Give a user a password: asked for twice on a terminal, else one line of the standard input."""
    _row(context, login)  # nobody types a password for a login that is not there
    words = _new_password(login)
    with_office(context, lambda office: office.people.set_password(login, words, actor=by or COMMAND))
    typer.echo(f"the password of {login} is set")


@app.command()
def skill(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The skill, as scripts ask for it.")],
    level: Annotated[int | None, typer.Argument(metavar="[LEVEL]", help="From 1 to 9; 9 is best.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
    by: As = "",
) -> None:
    """Give a user a skill of some level, or take it away."""
    if (level is None) != remove:
        raise Wrong("say the level of the skill, from 1 to 9, or --remove")
    if level is not None and not 1 <= level <= 9:
        raise Wrong(f"the level of {name} is {level}: it is 1 to 9")
    with_office(context, lambda office: office.people.set_skill(login, name, level or 0, actor=by or COMMAND))
    typer.echo(f"{login} has {name} no more" if remove else f"{login} has {name} at level {level}")


def skill_words(skills: Mapping[str, int]) -> str:
    """`french 3, tax 1`."""
    return ", ".join(f"{name} {level}" for name, level in skills.items())


def _row(context: typer.Context, login: str) -> UserRow:
    async def work(database: Database) -> UserRow:
        from core.views.people import user

        return await user(database, login)

    return with_database(context, work)


def _given(
    name: str | None,
    role: str | None,
    group: list[str] | None,
    texts: int | None,
    emails: int | None,
    auto: bool | None,
) -> dict[str, Any]:
    """What the options say, by the fields of a User."""
    said = {"name": name, "role": role, "groups": None if group is None else tuple(group), "capacity_sms": texts,
            "capacity_email": emails, "auto_accept": auto}  # fmt: skip
    return {key: value for key, value in said.items() if value is not None}


def _new_password(login: str) -> str:
    if sys.stdin.isatty():
        first = getpass.getpass(f"New password of {login}: ")
        if getpass.getpass("The same again: ") != first:
            raise Wrong("the two are not the same: nothing was changed, try again")
        return first
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Wrong("there is no password on the standard input: send it as one line, or run this on a terminal")
    return line
