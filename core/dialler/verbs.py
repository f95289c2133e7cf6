"""All that the dialler does, each part built when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from core.dialler.attempts import Attempts
from core.dialler.preview import Preview

if TYPE_CHECKING:
    from core.clock import Clock
    from core.dialler.results import Results
    from core.dialler.watching import Watch
    from core.outbox import Outbox
    from core.store import Database


class Dialler:
    """What a screen, a command or an engine uses."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.attempts = Attempts(database, clock, outbox)
        """`attempt` by reference, `attempt_by_id` for whom an agent has in hand."""
        self.preview = Preview(database, clock)
        """`next_customer`, `give_back`, `expire`."""
        self._database = database
        self._clock = clock

    @cached_property
    def results(self) -> Results:
        """Files of results."""
        from core.dialler.results import Results

        return Results(self._database, self._clock, self.attempts)

    @cached_property
    def watch(self) -> Watch:
        """The folders in which they are left."""
        from core.dialler.watching import Watch

        return Watch(self._database, self._clock, self.results)
