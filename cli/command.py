"""The command's words, options and help. Nouns are imported when they are asked for: a cold `status` must be quick."""

from __future__ import annotations

import asyncio
import importlib
import sys
from difflib import get_close_matches
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from core.settings import find_settings

if TYPE_CHECKING:
    from typer._click.core import Command, Context

NOUNS = {
    "account": "cli.account",
    "agent": "cli.agent",
    "alarm": "cli.alarm",
    "apply": "cli.setup",
    "broadcast": "cli.broadcast",
    "calendar": "cli.calendar",
    "campaign": "cli.campaign",
    "canned": "cli.canned",
    "contact": "cli.contact",
    "customer": "cli.customer",
    "dialler": "cli.dialler",
    "doctor": "cli.doctor",
    "donotcontact": "cli.donotcontact",
    "export": "cli.setup",
    "keys": "cli.keys",
    "list": "cli.lists",
    "mail": "cli.mail",
    "message": "cli.message",
    "optout": "cli.optout",
    "outcome": "cli.outcome",
    "queue": "cli.queue",
    "reason": "cli.reason",
    "report": "cli.report",
    "script": "cli.script",
    "status": "cli.status",
    "template": "cli.template",
    "user": "cli.user",
    "variable": "cli.variable",
    "wallboard": "cli.wallboard",
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
    from cli.starting import on_a_terminal, open_screen

    if not no_ui and (not demo or on_a_terminal()):
        open_screen(db, login, demo=demo)
        return
    if demo:
        from demo.desk import run_demo

        asyncio.run(run_demo(find_settings(db) if db else None, live_log=sys.stdout))
        return
    from cli.logs import set_up_logs
    from core.office import run_engine

    set_up_logs()
    asyncio.run(run_engine(find_settings(db)))
