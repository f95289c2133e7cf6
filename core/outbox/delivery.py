"""Delivery: a pool of SMTP sessions that empties the outbox.

A claimed row is `queued` and ours; it becomes `sending` in a commit before its DATA; what became of it is committed
before the session takes its next one is on its way. So a process that dies leaves at most one row a session in doubt.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from core.errors import PostroomError
from core.models.fields import to_moment
from core.models.states import Health
from core.outbox.claiming import Claimed, Claims
from core.outbox.flight import FlightLog, boot, flight_path
from core.outbox.hand import ENOUGH, Hand, any_of
from core.outbox.recording import Recorder
from core.outbox.seat import Seat
from core.store import StoreBusy, heard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.clock import Clock
    from core.gateway.smtp import SmtpSession
    from core.store import Database

SLOW_POLL = 5.0
GATHER_SECONDS = 0.02
"""Between two looks for rows while there is little in hand: every commit of ours rings the bell, too."""
URGENT_SECONDS = 0.04
"""Between two looks for rows that go before those in hand, while there are enough of these."""
IDLE_SECONDS = 30.0
"""A session with nothing to send is closed after this."""
LONGEST_PAUSE = 60.0
CROWDED_PAUSE = 30.0
"""Before another session is tried where the server gave some and no more."""
BUSY_PAUSE = 1.0
"""Before another try where the database did not answer or has no room."""

log = structlog.get_logger("outbox")


class Delivery:
    """The sessions of one engine. `run` works until `stop` is called, then finishes what is on its way."""

    def __init__(
        self, database: Database, clock: Clock, holder: str, open_session: Callable[[], Awaitable[SmtpSession]]
    ) -> None:
        self.database = database
        self.clock = clock
        self.claims = Claims(database, clock, holder)
        self.flight_log = _new_log(database, holder)
        self.recorder = Recorder(database, clock, holder, self.flight_log)
        self.open_session = open_session
        self.connections = 1
        self.sessions_open = 0
        self.stopping = asyncio.Event()
        self._hand = Hand()
        self._strays = True
        """Rows may be claimed in our name that are not in hand."""
        self._failures = 0
        self._resume_at = 0.0
        self._opening = asyncio.Lock()
        self._crowded_until = 0.0

    def stop(self) -> None:
        """Take nothing new; `run` returns when what is on its way is recorded."""
        self.stopping.set()

    async def run(self, connections: int, rate_per_minute: int) -> None:
        """Deliver until stopped. Cancelled, it records what it knows before it goes."""
        self.connections = max(1, connections)
        recorder = asyncio.create_task(self.recorder.serve(), name="outbox recorder")
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self.connections):
                    group.create_task(Seat(self).work(), name=f"outbox session {number + 1}")
                group.create_task(self._claiming(rate_per_minute), name="outbox claiming")
        finally:
            await asyncio.shield(self._let_go(recorder))

    async def _let_go(self, recorder: asyncio.Task[None]) -> None:
        self.recorder.end()
        await asyncio.gather(recorder, return_exceptions=True)  # the seats were told what went wrong
        self._hand.drop()
        with suppress(StoreBusy):  # whoever takes over from us frees them
            await self.claims.give_back()
        if self.flight_log is not None:
            self.flight_log.close()

    async def _claiming(self, rate_per_minute: int) -> None:
        while not self.stopping.is_set():
            ring = self.database.bell.listen()
            pause = self._resume_at - asyncio.get_running_loop().time()
            if pause > 0:
                await heard(self.stopping, pause)
                continue
            try:
                wait = await self._claim(rate_per_minute)
            except StoreBusy as error:
                log.warning("nothing claimed", error=str(error))
                self._strays = True
                await heard(self.stopping, BUSY_PAUSE)
                continue
            if self._hand.low.is_set():
                if wait > 0:
                    await any_of((ring, self.stopping), min(wait, SLOW_POLL))
                    if len(self._hand):
                        await heard(self.stopping, GATHER_SECONDS)
            elif not await any_of((self._hand.low, self.stopping), URGENT_SECONDS) and wait > 0:
                await any_of((ring, self._hand.low, self.stopping), min(wait, SLOW_POLL))

    async def _claim(self, rate_per_minute: int) -> float:
        """Take rows in hand; the seconds until there may be more to take."""
        if self._strays:
            self._hand.drop()
            await self.claims.give_back(self._hand.out)
            self._strays = False
        above = self._hand.last_lane if len(self._hand) >= ENOUGH else None
        room = 2 * ENOUGH - len(self._hand) + (ENOUGH if above else 0)
        if above == 0 or room <= 0:
            return SLOW_POLL
        rows, wait = await self.claims.take(room, rate_per_minute, above=above)
        self._hand.add(rows)
        return wait if rows else max(wait, GATHER_SECONDS)  # what is due may be another engine's this very moment

    def take_now(self, most: int) -> list[Claimed]:
        """The rows that are next, at most so many; none when we are stopping."""
        if self.stopping.is_set():
            return []
        # What is in hand is shared among the seats, so that none waits behind another's flight.
        return self._hand.take(min(most, max(1, len(self._hand) // self.connections)))

    def done_with(self, rows: list[Claimed]) -> None:
        """A seat has begun these, or they were not ours any more."""
        self._hand.done_with(rows)

    async def wait_for_work(self) -> bool:
        """Wait for rows in hand or the stop; False after a long while without."""
        return await any_of((self._hand.filled, self.stopping), IDLE_SECONDS)

    async def open(self) -> SmtpSession | None:
        """A new session; None when the server cannot be had now, or gives no more than there are."""
        async with self._opening:  # one after another, so that it is known whether others have one
            if self._is_pausing() or self._crowded_for() > 0:
                return None
            try:
                session = await self.open_session()
            except PostroomError as error:
                await self._not_opened(error)
                return None
            self.sessions_open += 1
            self._failures = 0
            await self._note_health(Health.OK, "")
            return session

    async def stand_by(self, rows: list[Claimed]) -> None:
        """What a seat does with its rows when there is no session for it: others have one, or nobody."""
        self.done_with(rows)
        if self._is_pausing():
            await self._give_up()
        else:
            self._hand.add(rows)
            await heard(self.stopping, self._crowded_for())

    async def close(self, session: SmtpSession) -> None:
        """Close a session politely."""
        self.sessions_open -= 1
        self._crowded_until = 0.0
        await session.close()

    async def _not_opened(self, error: PostroomError) -> None:
        if self.sessions_open == 0:
            await self._server_failed(error)
            return
        self._crowded_until = asyncio.get_running_loop().time() + CROWDED_PAUSE * random.uniform(0.5, 1.0)
        log.info("no more sessions for now", error=str(error), sessions=self.sessions_open)

    def _crowded_for(self) -> float:
        return self._crowded_until - asyncio.get_running_loop().time() if self.sessions_open else 0.0

    def _is_pausing(self) -> bool:
        return self._resume_at > asyncio.get_running_loop().time()

    async def _server_failed(self, error: PostroomError) -> None:
        """Leave it alone for a while, and all rows to other engines: they may reach it."""
        self._failures += 1
        pause = min(LONGEST_PAUSE, 2.0 ** min(self._failures, 6)) * random.uniform(0.5, 1.0)
        self._resume_at = asyncio.get_running_loop().time() + pause
        log.warning("outgoing server failed", error=str(error), retry_in=round(pause, 1))
        await self._give_up()
        await self._note_health(Health.BROKEN, str(error))

    async def _give_up(self) -> None:
        self._hand.drop()
        self._strays = True
        with suppress(StoreBusy):
            await self.claims.give_back(self._hand.out)

    async def _note_health(self, health: Health, words: str) -> None:
        with suppress(StoreBusy):  # the log has it too
            await self.database.rows(
                "UPDATE outgoing_server SET health = ?, error = ?, error_at = ? WHERE health <> ? OR error <> ?",
                health, words, to_moment(self.clock.now()) if words else None, health, words,
            )  # fmt: skip


def _new_log(database: Database, holder: str) -> FlightLog | None:
    """None where only the database can say what had begun: on PostgreSQL, and where a log would not be trusted."""
    path = database.settings.sqlite_path
    if path is None or not boot():
        return None
    try:
        return FlightLog(flight_path(path, holder))
    except OSError as error:
        log.warning("letters leave one by one: no log can be written", error=str(error))
        return None
