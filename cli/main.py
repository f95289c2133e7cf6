"""The command `postroom`. Nouns are imported when they are asked for: a cold `postroom status` must be quick."""

from __future__ import annotations

import asyncio
import importlib
import io
import os
import sys
import traceback
from difflib import get_close_matches
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from core.errors import PostroomError, Wrong
from core.settings import find_settings
from core.text import harmless

if TYPE_CHECKING:
    from typer._click.core import Command, Context


NOUNS = {
    "account": "cli.account",
    "apply": "cli.setup",
    "contact": "cli.contact",
    "doctor": "cli.doctor",
    "export": "cli.setup",
    "mail": "cli.mail",
    "message": "cli.message",
    "optout": "cli.optout",
    "queue": "cli.queue",
    "status": "cli.status",
}
"""Each word after `postroom`, and the module that has it: a Typer app named `app`, or a function of the word's name."""


class Nouns(TyperGroup):
    """The nouns, imported one at a time."""

    def list_commands(self, ctx: Context) -> list[str]:
        """All nouns, sorted."""
        return sorted(NOUNS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The noun's own group or command."""
        if cmd_name not in NOUNS:
            if not cmd_name.startswith("-"):
                near = get_close_matches(cmd_name, NOUNS)
                ctx.fail(f"No such command '{cmd_name}'." + (f" Did you mean '{near[0]}'?" if near else ""))
            return None
        module = importlib.import_module(NOUNS[cmd_name])
        noun = getattr(module, "app", None)
        if noun is None:
            noun = typer.Typer(add_completion=False, rich_markup_mode=None)
            noun.command(cmd_name)(getattr(module, cmd_name))
        command = typer.main.get_command(noun)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Nouns,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A contact desk for texts and e-mails. With --no-ui it runs the engine alone, until SIGTERM or Ctrl+C.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"postroom {version('postroom')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    db: Annotated[
        str, typer.Option(metavar="URL", help="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.")
    ] = "",
    no_ui: Annotated[bool, typer.Option("--no-ui", help="Run the engine alone.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="A complete desk with its own mail servers and customers.")
    ] = False,
    login: Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who sits here.")] = "",
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = db
    if context.invoked_subcommand is not None:
        return
    if not no_ui and (not demo or _on_a_terminal()):
        from cli.logs import log_beside_the_screen
        from cli.screen import run_demo_screen, run_screen

        _need_a_terminal()
        log_beside_the_screen()
        if demo:
            asyncio.run(run_demo_screen(find_settings(db) if db else None, login))
        else:
            asyncio.run(run_screen(find_settings(db), login))
        return
    if demo:
        from demo.desk import run_demo

        asyncio.run(run_demo(find_settings(db) if db else None, live_log=sys.stdout))
        return
    from cli.logs import set_up_logs
    from core.office import run_engine

    set_up_logs()
    asyncio.run(run_engine(find_settings(db)))


def _on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _need_a_terminal() -> None:
    if not _on_a_terminal():
        raise Wrong("the screen needs a terminal: run the engine with 'postroom --no-ui', or see 'postroom --help'")


def main() -> None:
    """Run a command; what goes wrong is one line on stderr and an exit code: 1 it failed, 2 the question was wrong."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a letter that the terminal lacks is no reason to stop
    try:
        app(prog_name="postroom")
    except PostroomError as error:
        sys.exit(_say(str(error), 2 if isinstance(error, Wrong) else 1))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains again while it exits
        sys.exit(1)
    except BaseExceptionGroup as group:
        sys.exit(_from_group(group))
    except Exception as error:  # noqa: BLE001 - the border of the command: no traceback reaches a person
        sys.exit(_unforeseen(error))


def _from_group(group: BaseExceptionGroup[Any]) -> int:
    known, rest = group.split(PostroomError)
    if rest is None and known is not None:
        first: BaseException = known
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        return _say(str(first), 1)
    return _unforeseen(group)


def _unforeseen(error: BaseException) -> int:
    from platformdirs import user_state_path

    try:
        folder = user_state_path("postroom", appauthor=False, ensure_exists=True)
        path = folder / "last-error.txt"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(traceback.format_exception(error)))  # it may hold what customers wrote
        where = f"; {path} has the details for whoever mends it"
    except OSError:
        where = ""
    return _say(f"something nobody foresaw ({type(error).__name__}){where}", 1)


def _say(words: str, code: int) -> int:
    for line in harmless(words).splitlines() or [""]:
        print(f"postroom: {line}", file=sys.stderr)  # noqa: T201 - the one place where errors are said
    return code
