"""From the command to the screen, with nothing imported on the way that the first frame does not need."""

from __future__ import annotations

import asyncio
import sys

from core.errors import Wrong
from core.settings import find_settings


def open_screen(db: str, login: str, *, demo: bool = False) -> None:
    """Open the screen on a database, or on the demo desk. Raises Wrong where there is no terminal."""
    from cli.screen import run_demo_screen, run_screen

    if not on_a_terminal():
        raise Wrong("the screen needs a terminal: run the engine with 'postroom --no-ui', or see 'postroom --help'")
    if demo:
        from cli.logs import log_beside_the_screen

        log_beside_the_screen()
        asyncio.run(run_demo_screen(find_settings(db) if db else None, login))
    else:
        asyncio.run(run_screen(find_settings(db), login))


def on_a_terminal() -> bool:
    """Whether a person can see and type."""
    return sys.stdin.isatty() and sys.stdout.isatty()
