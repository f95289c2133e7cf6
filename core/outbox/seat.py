"""A seat: one SMTP session at work, from row to row."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from core.gateway.smtp import Letter, Result, Verdict
from core.outbox.recording import Finished

if TYPE_CHECKING:
    from core.gateway.smtp import SmtpSession
    from core.outbox.claiming import Claimed, Claims
    from core.outbox.recording import Recorder


class Pool(Protocol):
    """What a seat needs of the delivery it belongs to."""

    claims: Claims
    recorder: Recorder
    stopping: asyncio.Event

    def take_now(self) -> Claimed | None:
        """The row that is next."""

    async def wait_for_work(self) -> bool:
        """False after a long while without work."""

    async def open(self) -> SmtpSession | None:
        """A new session."""

    async def close(self, session: SmtpSession) -> None:
        """Close a session."""


class Seat:
    """Takes a row, marks it `sending`, sends it, and keeps what became of it for the commit that marks the next."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._session: SmtpSession | None = None
        self._finished: Finished | None = None

    async def work(self) -> None:
        """Until the pool stops."""
        try:
            while (row := await self._next_row()) is not None:
                await self._deliver(row)
        finally:
            await asyncio.shield(self._record())
            await asyncio.shield(self._close())

    async def _next_row(self) -> Claimed | None:
        while True:
            row = self.pool.take_now()
            if row is not None:
                return row
            if self._finished is not None:
                await self._record()
            elif self.pool.stopping.is_set():
                return None
            elif not await self.pool.wait_for_work():
                await self._close()

    async def _deliver(self, row: Claimed) -> None:
        if self._session is not None and not self._session.alive:
            await self._close()
        if self._session is None:
            await self._record()
            self._session = await self.pool.open()
            if self._session is None:
                return
        letter = await self.pool.claims.letter_of(row)
        finished, self._finished = self._finished, None
        if await self.pool.recorder.start(row, finished):
            self._finished = await self._send(self._session, row, letter)

    async def _send(self, session: SmtpSession, row: Claimed, letter: bytes) -> Finished:
        try:
            result = await session.send(Letter(row.sender, row.recipients, letter))
        except asyncio.CancelledError:
            verdict = Verdict.IN_DOUBT if session.may_have_left else Verdict.NOT_SENT
            self._finished = Finished(row, Result(verdict, 0, "the engine was stopped while it was on its way"))
            raise
        return Finished(row, result)

    async def _record(self) -> None:
        finished, self._finished = self._finished, None
        if finished is not None:
            await self.pool.recorder.record(finished)

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await self.pool.close(session)
