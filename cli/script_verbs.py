"""`postroom script` again: create, save, publish, activate, roll back, lock, copy, rename, delete, assign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import read_text
from cli.options import As, Json
from cli.output import print_json, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.scripts.values import typed_value

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from core.office import Office
    from core.scripts import Activated, Scripts

    Result = TypeVar("Result")

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The script's name.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="A file with the script, or - for standard input.")]
Number = Annotated[int, typer.Argument(metavar="N", help="The version's number.")]
Remark = Annotated[str, typer.Option(help="What is new in it.")]


def _scripts(context: typer.Context, work: Callable[[Scripts], Awaitable[Result]]) -> Result:
    async def within(office: Office) -> Result:
        return await work(office.routing.scripts)

    return with_office(context, within)


@app.command()
def create(
    context: typer.Context,
    name: Name,
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="A file, or - for standard input.")] = "",
    model: Annotated[str, typer.Option("--from", metavar="READY-MADE", help="Begin with a ready-made script.")] = "",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    login: As = "",
) -> None:
    """Make a script; it decides nothing until a version is active."""
    if bool(file) == bool(model):
        raise Wrong("say which file it is in, or which ready-made script it begins with (--from; `script ready-made`)")
    source = read_text(file) if file else ""

    async def work(scripts: Scripts) -> int:
        if model:
            return await scripts.create_from(model, name, actor=login or COMMAND)
        return await scripts.create(name, source, description=description, actor=login or COMMAND)

    _scripts(context, work)
    typer.echo(f"script {name} is there with v1, which is not active yet")


@app.command()
def save(context: typer.Context, name: Name, file: File, remark: Remark = "", login: As = "") -> None:
    """Make a new version, which decides nothing yet."""
    source = read_text(file)
    number = _scripts(context, lambda scripts: scripts.save(name, source, remark=remark, actor=login or COMMAND))
    typer.echo(f"v{number} of {name} is saved")


@app.command()
def publish(
    context: typer.Context, name: Name, file: File, remark: Remark = "", login: As = "", json: Json = False
) -> None:
    """Make a new version and let it decide from the next contact on; the script is made if there is none.

    A version that is not right is saved and not activated: exit code 1.
    """
    source = read_text(file)
    done = _scripts(context, lambda scripts: scripts.publish(name, source, remark=remark, actor=login or COMMAND))
    _say(name, done, json)


@app.command()
def activate(context: typer.Context, name: Name, number: Number, login: As = "", json: Json = False) -> None:
    """Let this version decide from the next contact on."""
    _say(name, _scripts(context, lambda scripts: scripts.activate(name, number, actor=login or COMMAND)), json)


@app.command()
def rollback(context: typer.Context, name: Name, login: As = "", json: Json = False) -> None:
    """Let the version decide that did before: the next lower one that was ever active."""
    _say(name, _scripts(context, lambda scripts: scripts.roll_back(name, actor=login or COMMAND)), json)


@app.command()
def deactivate(context: typer.Context, name: Name, login: As = "") -> None:
    """Let no version decide: contacts go to their account's own queue."""
    before = _scripts(context, lambda scripts: scripts.deactivate(name, actor=login or COMMAND))
    typer.echo(f"no version of {name} is active" + (f" (before: v{before})" if before else ", as before"))


def _say(name: str, activated: Activated, json: bool) -> None:
    if json:
        print_json({"script": name, "active": activated.number, "before": activated.before})
        return
    before = f" (before: v{activated.before})" if activated.before else ""
    if activated.before == activated.number:
        before = ", as before"
    typer.echo(f"v{activated.number} of {name} is active{before}")


@app.command()
def lock(context: typer.Context, name: Name, number: Number, login: As = "") -> None:
    """Keep a version from being deleted."""
    _lock(context, name, number, True, login)


@app.command()
def unlock(context: typer.Context, name: Name, number: Number, login: As = "") -> None:
    """Let a version be deleted again."""
    _lock(context, name, number, False, login)


def _lock(context: typer.Context, name: str, number: int, locked: bool, login: str) -> None:
    changed = _scripts(context, lambda scripts: scripts.set_locked(name, number, locked, actor=login or COMMAND))
    word = "locked" if locked else "unlocked"
    typer.echo(f"v{number} of {name} {'is' if changed else 'was'} {word}{'' if changed else ' already'}")


@app.command()
def copy(
    context: typer.Context,
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="What the copy is called.")],
    version: Annotated[int | None, typer.Option(help="Which; else the active one, else the newest.")] = None,
    login: As = "",
) -> None:
    """Make another script of a version of this one."""
    _scripts(context, lambda scripts: scripts.copy(name, new_name, number=version, actor=login or COMMAND))
    typer.echo(f"script {new_name} is there with v1, which is not active yet")


@app.command()
def rename(
    context: typer.Context,
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")],
    login: As = "",
) -> None:
    """Give a script another name."""
    _scripts(context, lambda scripts: scripts.rename(name, new_name, actor=login or COMMAND))
    typer.echo(f"script {name} is {new_name} now")


@app.command()
def delete(
    context: typer.Context,
    name: Name,
    version: Annotated[int | None, typer.Option(help="Only this version.")] = None,
    login: As = "",
) -> None:
    """Delete a script with all its versions, or one version."""

    async def work(scripts: Scripts) -> None:
        if version is not None:
            await scripts.delete_version(name, version, actor=login or COMMAND)
        else:
            await scripts.delete(name, actor=login or COMMAND)

    _scripts(context, work)
    typer.echo(f"script {name} is deleted" if version is None else f"v{version} of {name} is deleted")


@app.command()
def assign(
    context: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's address.")],
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The script's name; none = its own queue alone.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of this account's own; repeat it.")
    ] = None,
    login: As = "",
) -> None:
    """Route an account by a script. Settings that are given take the place of all it had."""
    values = None if settings is None else dict(_setting(one) for one in settings)

    _scripts(context, lambda scripts: scripts.set_on_account(account, name, values, actor=login or COMMAND))
    typer.echo(f"{account} is routed by {name}" if name else f"{account} is routed by no script")


def _setting(text: str) -> tuple[str, object]:
    key, separator, value = text.partition("=")
    if not separator or not key.strip():
        raise Wrong(f"--set wants KEY=VALUE, not {text}")
    return key.strip(), typed_value(value.strip())
