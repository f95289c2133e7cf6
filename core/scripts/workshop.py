"""All that sets up routing, each part built when it is first asked for, around one worker for checks and trials."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from core.routing.sandbox import Sandbox
from core.scripts.calendars import Calendars
from core.scripts.checking import Checking
from core.scripts.editing import Scripts
from core.scripts.replaying import Replays
from core.scripts.templates import Templates
from core.scripts.uses import Uses
from core.scripts.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.clock import Clock
    from core.scripts.trying import Bench
    from core.secrets import Vault
    from core.store import Database


class Workshop:
    """What a screen or a command uses; close it at the end, or a worker is left behind."""

    def __init__(self, database: Database, clock: Clock, vault: Callable[[], Vault]) -> None:
        self.database = database
        self.clock = clock
        self.vault = vault
        self.sandbox = Sandbox()
        """Starts its worker when it is first asked something."""

    @cached_property
    def checking(self) -> Checking:
        """What is wrong with a source; how it is drawn."""
        return Checking(self.database, self.sandbox)

    @cached_property
    def bench(self) -> Bench:
        """One contact through a source."""
        from core.scripts.trying import Bench

        return Bench(self.database, self.clock, self.vault, self.sandbox)

    @cached_property
    def uses(self) -> Uses:
        """What uses what."""
        return Uses(self.database, self.sandbox)

    @cached_property
    def scripts(self) -> Scripts:
        """Verbs on scripts and their versions."""
        return Scripts(self.database, self.clock, self.checking, self.uses)

    @cached_property
    def calendars(self) -> Calendars:
        """Verbs on opening hours."""
        return Calendars(self.database, self.clock, self.uses)

    @cached_property
    def replays(self) -> Replays:
        """Kept facts through a version."""
        return Replays(self.database, self.clock)

    @cached_property
    def variables(self) -> Variables:
        """Verbs on global variables."""
        return Variables(self.database, self.clock, self.uses)

    @cached_property
    def templates(self) -> Templates:
        """Verbs on templates."""
        return Templates(self.database, self.clock, self.uses)

    async def close(self) -> None:
        """End the worker."""
        await self.sandbox.close(for_good=True)
