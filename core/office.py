"""The composition root: builds every station from an open database, and nothing else does."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from core.clock import Clock
from core.desk import Desk
from core.distribution import Distribution
from core.drafts import Drafts
from core.optouts import OptOuts
from core.outbox import Outbox, Settling
from core.secrets import Vault, open_vault
from core.store import Database, open_database
from core.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.engine import Engine
    from core.intake import Intake
    from core.settings import Settings

END_SECONDS = 9.5
"""From SIGTERM to the end of an engine's process, whatever keeps it."""


@dataclass(frozen=True)
class Office:
    """All that a screen, a command or a test may use."""

    settings: Settings
    database: Database
    clock: Clock
    vault: Vault
    outbox: Outbox
    settling: Settling
    distribution: Distribution
    desk: Desk
    waiting: Waiting
    drafts: Drafts
    optouts: OptOuts

    def intake(self) -> Intake:
        """The first station, imported only where mails are read."""
        from core.intake import Intake

        return Intake(self.database, self.clock, self.outbox)

    def engine(self) -> Engine:
        """An engine of this process."""
        from core.engine import Engine
        from core.store import Leases
        from core.triage import Triage

        return Engine(
            database=self.database,
            clock=self.clock,
            leases=Leases(self.database, self.clock),
            vault=self.vault,
            intake=self.intake(),
            triage=Triage(self.database, self.clock, self.distribution),
            settling=self.settling,
            wake=self.desk.wake,
            version=version("postroom"),
        )


@asynccontextmanager
async def open_office(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Office]:
    """Open the database and build the stations; closed at the end of the block."""
    clock = clock or Clock()
    database = await open_database(settings)
    try:
        vault = await open_vault(database, settings)
        outbox = Outbox(database, clock, vault)
        distribution = Distribution(database, clock)
        yield Office(
            settings=settings,
            database=database,
            clock=clock,
            vault=vault,
            outbox=outbox,
            settling=Settling(database, clock),
            distribution=distribution,
            desk=Desk(database, clock, outbox, distribution),
            waiting=Waiting(database, clock),
            drafts=Drafts(database, clock),
            optouts=OptOuts(database, clock),
        )
    finally:
        await database.close()


async def run_engine(settings: Settings) -> None:
    """Run an engine alone until SIGTERM or SIGINT; then it drains, and this process ends within `END_SECONDS`."""
    async with open_office(settings) as office:
        engine = office.engine()

        def end() -> None:
            engine.stop()
            last = threading.Timer(END_SECONDS, _end_now)
            last.daemon = True
            last.start()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end)
        await engine.run()


def _end_now() -> None:
    # A database that is locked or stands still would keep us as long as it likes. To end at any instant loses nothing.
    structlog.get_logger("engine").warning("ended without signing off: the database did not answer in time")
    os._exit(0)
