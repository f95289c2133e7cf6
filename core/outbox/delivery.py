"""Delivery: a pool of SMTP sessions that empties the outbox.

A claimed row is `queued` and ours; it becomes `sending` in a commit before its DATA; what became of it is committed
before the session takes its next one is on its way. So a process that dies leaves at most one row a session in doubt.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from core.errors import PostroomError
from core.models.fields import to_moment
from core.models.states import Health
from core.outbox.claiming import Claimed, Claims
from core.outbox.flight import FlightLog, flight_path
from core.outbox.recording import Recorder
from core.outbox.seat import Seat
from core.store import StoreBusy, heard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.clock import Clock
    from core.gateway.smtp import SmtpSession
    from core.store import Database

SLOW_POLL = 5.0
IN_HAND = 400
"""Rows claimed ahead of the sessions."""
IDLE_SECONDS = 30.0
"""A session with nothing to send is closed after this."""
LONGEST_PAUSE = 60.0
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
        path = database.settings.sqlite_path
        self.flight_log = FlightLog(flight_path(path, holder)) if path is not None else None
        self.recorder = Recorder(database, clock, holder, self.flight_log)
        self.open_session = open_session
        self.connections = 1
        self.sessions_open = 0
        self._in_hand: list[Claimed] = []
        self._arrived = asyncio.Condition()
        self._low = asyncio.Event()
        self.stopping = asyncio.Event()
        self._failures = 0
        self._resume_at = 0.0

    def stop(self) -> None:
        """Take nothing new; `run` returns when what is on its way is recorded."""
        self.stopping.set()
        self._low.set()

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
            recorder.cancel()
            await asyncio.shield(self._let_go())

    async def _let_go(self) -> None:
        await self.recorder.flush()
        self._in_hand.clear()
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
            wait = SLOW_POLL
            room = IN_HAND - len(self._in_hand)
            if room > 0:
                try:
                    rows, wait = await self.claims.take(room, rate_per_minute)
                except StoreBusy as error:
                    log.warning("nothing claimed", error=str(error))
                    await heard(self.stopping, BUSY_PAUSE)
                    continue
                if rows:
                    await self._hand_out(rows)
            self._low.clear()
            if len(self._in_hand) >= IN_HAND // 2:
                await self._low.wait()
            else:
                await self._next_work(ring, min(wait, SLOW_POLL) if wait > 0 else 0.01)

    async def _next_work(self, ring: asyncio.Event, seconds: float) -> None:
        waiting = [asyncio.create_task(event.wait()) for event in (ring, self._low, self.stopping)]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _hand_out(self, rows: list[Claimed]) -> None:
        async with self._arrived:
            for row in rows:
                heapq.heappush(self._in_hand, row)
            self._arrived.notify_all()

    def take_now(self, most: int) -> list[Claimed]:
        """The rows that are next, at most so many; none when we are stopping."""
        if self.stopping.is_set():
            return []
        # What is in hand is shared among the seats, so that none waits behind another's flight.
        share = max(1, len(self._in_hand) // self.connections)
        rows = [heapq.heappop(self._in_hand) for _ in range(min(most, share, len(self._in_hand)))]
        if len(self._in_hand) < IN_HAND // 2:
            self._low.set()
        return rows

    async def wait_for_work(self) -> bool:
        """Wait for rows in hand or the stop; False after a long while without."""

        async def work() -> None:
            async with self._arrived:
                await self._arrived.wait_for(lambda: bool(self._in_hand))

        waiting = {asyncio.create_task(work()), asyncio.create_task(self.stopping.wait())}
        try:
            done, _ = await asyncio.wait(waiting, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return bool(done)

    async def open(self) -> SmtpSession | None:
        """A new session; None when the server cannot be had now, and then all that is in hand is given back."""
        try:
            session = await self.open_session()
        except PostroomError as error:
            await self._server_failed(error)
            # Another engine may reach the server.
            self._in_hand.clear()
            with suppress(StoreBusy):  # they are given back when this engine ends, at the latest
                await self.claims.give_back()
            return None
        self.sessions_open += 1
        self._failures = 0
        await self._note_health(Health.OK, "")
        return session

    async def close(self, session: SmtpSession) -> None:
        """Close a session politely."""
        self.sessions_open -= 1
        await session.close()

    async def _server_failed(self, error: PostroomError) -> None:
        self._failures += 1
        pause = min(LONGEST_PAUSE, 2.0 ** min(self._failures, 6)) * random.uniform(0.5, 1.0)
        self._resume_at = asyncio.get_running_loop().time() + pause
        log.warning("outgoing server failed", error=str(error), retry_in=round(pause, 1))
        await self._note_health(Health.BROKEN, str(error))

    async def _note_health(self, health: Health, words: str) -> None:
        with suppress(StoreBusy):  # the log has it too
            await self.database.rows(
                "UPDATE outgoing_server SET health = ?, error = ?, error_at = ? WHERE health <> ? OR error <> ?",
                health, words, to_moment(self.clock.now()) if words else None, health, words,
            )  # fmt: skip
