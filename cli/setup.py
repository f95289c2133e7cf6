"""`postroom apply` and `postroom export`: the desk as a file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import settings_of, with_database, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless, one_line

if TYPE_CHECKING:
    from core.blueprint import Blueprint, Change
    from core.office import Office
    from core.store import Database

_LONGEST_VALUE = 60


def apply(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A desk.toml, or - for standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="The key is lost: forget all stored passwords, take those of the file.")
    ] = False,
) -> None:
    """Make the desk what FILE says; what FILE does not speak of stays as it is."""
    if dry_run and new_key:
        raise Wrong("--new-key cannot be tried out: leave out --dry-run, or --new-key")
    blueprint = _blueprint(file)
    if new_key:
        from core.accounts import give_up_key

        asyncio.run(give_up_key(settings_of(context), actor=COMMAND))

    async def work(office: Office) -> list[Change]:
        from core.blueprint import apply as apply_blueprint

        return await apply_blueprint(office.database, office.vault, blueprint, actor=COMMAND, dry_run=dry_run)

    changes = with_office(context, work)
    for change in changes:
        _show(change, dry_run)
    if not changes:
        typer.echo("nothing to do")


def export(context: typer.Context) -> None:
    """Write the desk to standard output as a desk.toml, without its passwords."""

    async def work(database: Database) -> str:
        from core.blueprint import export as export_desk

        return await export_desk(database)

    typer.echo(with_database(context, work), nl=False)


def _blueprint(file: str) -> Blueprint:
    from core.blueprint import parse_blueprint, read_blueprint

    if file != "-":
        return read_blueprint(Path(file))
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise Wrong("standard input is not text in UTF-8: send it as UTF-8") from err
    return parse_blueprint(text, source="standard input", folder=Path.cwd())


def _show(change: Change, dry_run: bool) -> None:
    done = {"add": "added", "change": "changed"}[change.what]
    thing = f"{change.kind} {change.name}".rstrip()
    typer.echo(f"{thing}: {f'would be {done}' if dry_run else done}")
    if change.remark:
        typer.echo(f"    {harmless(change.remark, lines=False)}")
    for key, (old, new) in change.fields.items():
        if change.what == "change":
            typer.echo(f"    {key}: {_value(old)} -> {_value(new)}")
        elif dry_run and new:
            typer.echo(f"    {key}: {_value(new)}")


def _value(text: str) -> str:
    return one_line(text, _LONGEST_VALUE) or '""'
