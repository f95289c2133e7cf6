"""A seat: one SMTP session at work, from row to row."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol

import structlog

from core.gateway.smtp import Letter, Result, Verdict
from core.outbox.recording import Finished
from core.store import StoreBusy, heard

if TYPE_CHECKING:
    from core.gateway.smtp import SmtpSession
    from core.outbox.claiming import Claimed, Claims
    from core.outbox.flight import FlightLog
    from core.outbox.recording import Recorder

BUSY_PAUSE = 1.0
MOST_AT_ONCE = 50
FLIGHT_SECONDS = 0.05
"""A flight is as many rows as a session is likely to send in this time; one where letters take longer."""

log = structlog.get_logger("outbox")


class Pool(Protocol):
    """What a seat needs of the delivery it belongs to."""

    claims: Claims
    recorder: Recorder
    flight_log: FlightLog | None
    """None where only the database may say what had begun: then a flight is one row."""
    stopping: asyncio.Event

    def take_now(self, most: int) -> list[Claimed]:
        """The rows that are next."""

    def done_with(self, rows: list[Claimed]) -> None:
        """These have begun, or were not ours any more."""

    async def wait_for_work(self) -> bool:
        """False after a long while without work."""

    async def open(self) -> SmtpSession | None:
        """A new session, if one can be had."""

    async def stand_by(self, rows: list[Claimed]) -> None:
        """There is no session for these rows now."""

    async def close(self, session: SmtpSession) -> None:
        """Close a session."""


class Seat:
    """Takes a flight of rows, marks them `sending` in one commit, sends them, and keeps the results for the next."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._session: SmtpSession | None = None
        self._flight: deque[Claimed] = deque()
        self._coming: tuple[list[Claimed], asyncio.Future[list[Claimed]]] | None = None
        """The next flight, while it is being marked."""
        self._finished: list[Finished] = []
        self._pace = FLIGHT_SECONDS
        """Seconds a letter takes, lately."""
        self._asks_ahead = True
        """Whether the next letter's envelope may leave with the end of one."""
        self._asked_ahead = False
        self._ahead_failed = False

    async def work(self) -> None:
        """Until the pool stops."""
        try:
            while await self._next_flight():
                while self._flight and not self.pool.stopping.is_set() and await self._have_session():
                    await self._fetch_ahead()
                    await self._send_next()
                if self._flight or self.pool.stopping.is_set():
                    await self._put_back()
        except asyncio.CancelledError:
            self.pool.recorder.hurry()
            raise
        finally:
            await asyncio.shield(self._let_go())

    async def _next_flight(self) -> bool:
        """Rows marked `sending`, at least one; False when there are to be no more."""
        while not self._flight:
            _heed_a_cancel()
            if self._coming is not None:
                await self._land()
                continue
            rows = self.pool.take_now(self._flight_size())
            if rows and await self._have_session():
                self._start(rows)
            elif rows:
                await self.pool.stand_by(rows)
            elif self._finished:
                await self._record()
            elif self.pool.stopping.is_set():
                return False
            elif not await self.pool.wait_for_work():
                await self._close()
        return True

    async def _fetch_ahead(self) -> None:
        """Have the next flight marked while this one leaves, so that no session waits for a commit."""
        if self._coming is not None:
            if self._coming[1].done():
                await self._land()
        elif self.pool.flight_log is not None and 2 * len(self._flight) <= self._flight_size():
            rows = self.pool.take_now(self._flight_size())
            if rows:
                self._start(rows)

    def _start(self, rows: list[Claimed]) -> None:
        finished, self._finished = self._finished, []
        self._coming = rows, asyncio.ensure_future(self.pool.recorder.start(rows, finished))

    async def _land(self) -> None:
        """The next flight is marked, and becomes part of this one."""
        assert self._coming is not None
        rows, starting = self._coming
        cancelled = False
        while not starting.done():
            try:
                await asyncio.wait([starting])
            except asyncio.CancelledError:
                # They are marked in a moment, whoever is cancelled; known to be ours, they can be put back.
                self.pool.recorder.hurry()
                cancelled = True
        self._coming = None
        self._flight.extend(starting.result())
        self.pool.done_with(rows)
        if cancelled:
            raise asyncio.CancelledError

    def _flight_size(self) -> int:
        if self.pool.flight_log is None:
            return 1
        return max(1, min(MOST_AT_ONCE, int(FLIGHT_SECONDS / max(self._pace, 1e-6))))

    async def _have_session(self) -> bool:
        if self._session is not None and not self._session.alive:
            await self._close()
        if self._session is None:
            await self._record()
            # The next session does without, should it be that which ended this one.
            self._asks_ahead, self._asked_ahead, self._ahead_failed = not self._ahead_failed, False, False
            self._session = await self.pool.open()
        return self._session is not None

    async def _send_next(self) -> None:
        _heed_a_cancel()
        row, flight_log = self._flight[0], self.pool.flight_log
        letter = await self.pool.claims.letter_of(row)
        if flight_log is not None:
            try:
                flight_log.begin(row.id)
            except StoreBusy:
                await heard(self.pool.stopping, BUSY_PAUSE)
                return
        self._flight.popleft()
        began = asyncio.get_running_loop().time()
        await self._send(row, letter)
        self._pace += (asyncio.get_running_loop().time() - began - self._pace) / 4

    async def _send(self, row: Claimed, letter: bytes) -> None:
        session, flight_log = self._session, self.pool.flight_log
        assert session is not None
        result = Result(Verdict.IN_DOUBT, 0, "the engine was stopped while it was on its way")
        try:
            following = self._following()
            result = await session.send(Letter(row.sender, row.recipients, letter), following)
            self._ahead_failed = self._asked_ahead and result.verdict is Verdict.NOT_SENT
            self._asked_ahead = following is not None
        except asyncio.CancelledError:
            if not session.may_have_left:
                result = Result(Verdict.NOT_SENT, 0, "the engine was stopped before it left")
            raise
        finally:
            if flight_log is not None:
                goes_on = bool(self._flight) and session.alive and not self.pool.stopping.is_set()
                flight_log.end(row.id, result, goes_on=goes_on)
            self._finished.append(Finished(row, result))

    def _following(self) -> Letter | None:
        """The next letter of this flight: it is marked `sending`, and is logged as begun in its own turn."""
        if not self._flight or not self._asks_ahead or self.pool.stopping.is_set():
            return None
        row = self._flight[0]
        return Letter(row.sender, row.recipients, row.letter) if row.letter is not None else None

    async def _put_back(self) -> None:
        """Rows that are marked and did not begin: the server went away, or we are stopping."""
        if self._coming is not None:
            await self._land()
        if self._flight:
            await self.pool.recorder.put_back(list(self._flight))
            self._flight.clear()  # not before: whoever is cancelled while it waits does it once more

    async def _record(self) -> None:
        finished, self._finished = self._finished, []
        if finished:
            await self.pool.recorder.record(finished)

    async def _let_go(self) -> None:
        try:
            await self._put_back()
            await self._record()
        except StoreBusy as error:
            log.warning("not recorded: whoever takes over from this engine settles it", error=str(error))
        finally:
            await self._close()

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await self.pool.close(session)


def _heed_a_cancel() -> None:
    """Raises CancelledError where a library has swallowed it: `asyncio.wait_for` of Python 3.11 may (bpo-37658)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
