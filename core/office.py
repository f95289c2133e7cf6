"""The composition root: builds every station from an open database, and nothing else does."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import asynccontextmanager
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from core.clock import Clock
from core.reach import keep_back
from core.store import open_database, open_to_read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.broadcasts import Broadcasts
    from core.campaigns import Campaigns, Customers, Imports, Lists
    from core.canned import CannedReplies
    from core.desk import Desk
    from core.dialler import Dialler
    from core.distribution import Distribution
    from core.donotcontact import DoNotContacts
    from core.drafts import Drafts
    from core.engine import Engine
    from core.intake import Intake
    from core.optouts import OptOuts
    from core.outbox import Outbox, Settling
    from core.people import Presence, Users
    from core.scripts import Workshop
    from core.secrets import Vault
    from core.settings import Settings
    from core.store import Database
    from core.tallies import Tallies
    from core.waiting import Waiting

END_SECONDS = 9.5
"""From SIGTERM to the end of an engine's process, whatever keeps it."""
FEED_SECONDS = 0.2
STATIONS = ("core.outbox", "core.distribution", "core.desk.verbs", "core.waiting", "core.drafts", "core.optouts")


class Office:
    """All that a screen, a command or a test may use. A station is imported and built when it is first asked for."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        keep_back(settings)
        self.settings = settings
        self.database = database
        self.clock = clock
        self._vault: Vault | None = None
        self._opened = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether more can be done than read."""
        return self._vault is not None

    async def open(self) -> None:
        """Let everything be done, where one could only read. Raises WrongKey, KeyExposed, StoreBusy."""
        await self.database.connect()
        secrets = await asyncio.to_thread(import_module, "core.secrets")
        self._vault = await secrets.open_vault(self.database, self.settings)
        self._opened.set()

    async def opened(self) -> None:
        """Wait until more can be done than read."""
        await self._opened.wait()

    async def load(self) -> None:
        """Import the stations in a thread, so that none of them is waited for when it is needed."""
        for station in STATIONS:
            await asyncio.to_thread(import_module, station)

    @property
    def vault(self) -> Vault:
        """Seals and opens passwords."""
        if self._vault is None:
            raise RuntimeError("the office is open for reading alone")
        return self._vault

    @cached_property
    def outbox(self) -> Outbox:
        """What is to leave."""
        from core.outbox import Outbox

        return Outbox(self.database, self.clock, self.vault)

    @cached_property
    def settling(self) -> Settling:
        """Retries, cancels, and what became of messages in doubt."""
        from core.outbox import Settling

        return Settling(self.database, self.clock)

    @cached_property
    def distribution(self) -> Distribution:
        """Contacts to agents."""
        from core.distribution import Distribution

        return Distribution(self.database, self.clock)

    @cached_property
    def desk(self) -> Desk:
        """What agents do."""
        from core.desk import Desk

        return Desk(self.database, self.clock, self.outbox, self.distribution)

    @cached_property
    def people(self) -> Users:
        """Who works here."""
        from core.people import Users

        return Users(self.database, self.clock)

    @cached_property
    def presence(self) -> Presence:
        """Who is here and takes work."""
        from core.people import Presence

        return Presence(self.database, self.clock, self.distribution)

    @cached_property
    def dialler(self) -> Dialler:
        """Attempts to reach customers, and what is written on them."""
        from core.dialler import Dialler

        return Dialler(self.database, self.clock, self.outbox)

    @cached_property
    def tallies(self) -> Tallies:
        """What reports are made of."""
        from core.tallies import Tallies

        return Tallies(self.database)

    @cached_property
    def waiting(self) -> Waiting:
        """What supervisors do with those that wait."""
        from core.waiting import Waiting

        return Waiting(self.database, self.clock)

    @cached_property
    def drafts(self) -> Drafts:
        """What is typed and not sent."""
        from core.drafts import Drafts

        return Drafts(self.database, self.clock)

    @cached_property
    def canned(self) -> CannedReplies:
        """Replies by their word."""
        from core.canned import CannedReplies

        return CannedReplies(self.database, self.clock)

    @cached_property
    def optouts(self) -> OptOuts:
        """Who wants to hear nothing."""
        from core.optouts import OptOuts

        return OptOuts(self.database, self.clock)

    @cached_property
    def broadcasts(self) -> Broadcasts:
        """One template to many customers."""
        from core.broadcasts import Broadcasts

        return Broadcasts(self.database, self.clock, self.outbox)

    @cached_property
    def campaigns(self) -> Campaigns:
        """For whom and as whom we write of our own accord."""
        from core.campaigns import Campaigns

        return Campaigns(self.database, self.clock)

    @cached_property
    def lists(self) -> Lists:
        """Lists of customers."""
        from core.campaigns import Lists

        return Lists(self.database, self.clock)

    @cached_property
    def customers(self) -> Customers:
        """Those on the lists."""
        from core.campaigns import Customers

        return Customers(self.database, self.clock)

    @cached_property
    def imports(self) -> Imports:
        """Customers from files."""
        from core.campaigns import Imports

        return Imports(self.database, self.clock)

    @cached_property
    def donotcontact(self) -> DoNotContacts:
        """Whom a campaign, or the desk, does not write to."""
        from core.donotcontact import DoNotContacts

        return DoNotContacts(self.database, self.clock)

    @cached_property
    def routing(self) -> Workshop:
        """Scripts, calendars, variables and templates: set up, tried, replayed."""
        from core.scripts import Workshop

        return Workshop(self.database, self.clock, lambda: self.vault)

    async def close(self) -> None:
        """End what runs beside this process."""
        if "routing" in self.__dict__:
            await self.routing.close()

    def intake(self) -> Intake:
        """The first station."""
        from core.intake import Intake

        return Intake(self.database, self.clock, self.outbox)

    async def _feed_broadcasts(self) -> int:
        # Every commit of the outbox rings: what is looked at here is looked at five times a second at most.
        await asyncio.sleep(FEED_SECONDS)
        return await self.broadcasts.feed()

    async def _share_out(self) -> int:
        return await self.distribution.expire() + await self.distribution.share()

    async def _end_what_is_over(self) -> int:
        taken_back = await self.dialler.preview.expire()
        return taken_back + await self.desk.wake() + await self.desk.end_wrap_ups() + await self.presence.lose()

    def engine(self) -> Engine:
        """An engine of this process."""
        from importlib.metadata import version

        from core.engine import Engine
        from core.store import Leases
        from core.triage import Triage

        return Engine(
            database=self.database,
            clock=self.clock,
            leases=Leases(self.database, self.clock),
            vault=self.vault,
            intake=self.intake(),
            triage=Triage(self.database, self.clock, self.distribution, self.outbox),
            settling=self.settling,
            steps={
                "distribution": self._share_out,
                "broadcasts": self._feed_broadcasts,
            },
            chores={
                "timers": self._end_what_is_over,
                "tallies": self.tallies.fold,
                "results": self.dialler.watch.look,
            },
            version=version("postroom"),
        )


@asynccontextmanager
async def open_office(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Office]:
    """Open the database and whatever stands on it; closed at the end of the block."""
    database = await open_database(settings)
    office = Office(settings, database, clock or Clock())
    try:
        await office.open()
        yield office
    finally:
        try:
            await office.close()
        finally:
            await database.close()


@asynccontextmanager
async def open_office_to_read(settings: Settings, *, seen: bool = False) -> AsyncIterator[Office]:
    """As `open_office`, for a screen that shows first and works then: whoever opened it says `open`, and soon.

    A new desk has nothing to show, and is open; where the desk has been `seen`, it is not new.
    """
    database = await open_to_read(settings)
    office = Office(settings, database, Clock())
    try:
        if not seen and not await database.read("SELECT 1 FROM desk WHERE key_check <> ''"):
            await office.open()
        yield office
    finally:
        try:
            await office.close()
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
    import structlog

    structlog.get_logger("engine").warning("ended without signing off: the database did not answer in time")
    os._exit(0)
