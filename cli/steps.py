"""The steps of a check, printed as they end."""

from __future__ import annotations

import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

import typer

from cli.output import print_json
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from core.checkup import Step

_WORDS = {True: "ok", False: "FAILED", None: "-"}
_COLOURS = {True: "green", False: "red", None: None}
_CLEAR_LINE = "\r\x1b[K"


async def follow(steps: AsyncGenerator[Step, None], *, as_json: bool) -> bool:
    """Show each step; True when none failed. On a terminal the step that runs is named until it ends."""
    found: list[Step] = []
    live = sys.stdout.isatty() and not as_json
    async with aclosing(steps):
        async for step in steps:
            if live:
                typer.echo(f"{_CLEAR_LINE}        {step.name} ..." if step.running else _CLEAR_LINE, nl=False)
            if not step.running:
                found.append(step)
                if not as_json:
                    _show(step)
    if as_json:
        keys = ("name", "ok", "detail", "remedy")
        print_json([{key: getattr(step, key) for key in keys} for step in found])
    return all(step.ok is not False for step in found)


def _show(step: Step) -> None:
    word = typer.style(f"{_WORDS[step.ok]:<6}", fg=_COLOURS[step.ok])
    typer.echo(f"{word}  {harmless(step.name, lines=False)}: {harmless(step.detail, lines=False)}")
    if step.remedy:
        typer.echo(f"        what to do: {harmless(step.remedy, lines=False)}")
