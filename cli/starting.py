"""From the command to the screen, with nothing imported on the way that the first frame does not need.

While Textual is imported, which takes a while, a thread reads what will be shown first.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING, cast

from cli.memory import keep_memory_together
from core.clock import Clock
from core.errors import Wrong
from core.settings import find_settings
from core.store.glance import Glance, at_once
from core.views.sight import Sight, sight

if TYPE_CHECKING:
    from pathlib import Path

    from core.store import Database

PATIENCE_SECONDS = 0.1
"""How long the first frame waits for it; the screen reads by itself then."""


class Ahead(threading.Thread):
    """Reads the first sight of an SQLite desk. Whatever is wrong with the file is said by whoever opens it."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._sight: Sight | None = None

    def run(self) -> None:
        """The thread's own."""
        try:
            with closing(Glance(self._path)) as glance:
                self._sight = at_once(sight(cast("Database", glance), Clock().now()))
        except (sqlite3.Error, LookupError, ValueError):
            self._sight = None

    def sight(self) -> Sight | None:
        """What it has read; None where it has not, or not in time."""
        self.join(PATIENCE_SECONDS)
        return self._sight


def open_screen(db: str, login: str, *, demo: bool = False) -> None:
    """Open the screen on a database, or on the demo desk. Raises Wrong where there is no terminal."""
    if not on_a_terminal():
        raise Wrong("the screen needs a terminal: run the engine with 'postroom --no-ui', or see 'postroom --help'")
    keep_memory_together()
    settings = find_settings(db) if db or not demo else None
    ahead = None
    if settings is not None and settings.sqlite_path is not None and not demo:
        ahead = Ahead(settings.sqlite_path)
        ahead.start()
    import asyncio

    from cli.screen import run_demo_screen, run_screen

    if demo:
        from cli.logs import log_beside_the_screen

        log_beside_the_screen()
        asyncio.run(run_demo_screen(settings, login))
    else:
        assert settings is not None
        asyncio.run(run_screen(settings, login, ahead))


def on_a_terminal() -> bool:
    """Whether a person can see and type."""
    return sys.stdin.isatty() and sys.stdout.isatty()
