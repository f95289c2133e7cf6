"""Group commits: one marks the next row of every session `sending` and records what became of their last ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from core.gateway.smtp import Verdict
from core.models.fields import from_moment, to_moment
from core.models.states import OutboxState
from core.outbox.backoff import GIVE_UP_AFTER, retry_at
from core.store import StoreBusy

if TYPE_CHECKING:
    from datetime import datetime

    from core.clock import Clock
    from core.gateway.smtp import Result
    from core.outbox.claiming import Claimed
    from core.store import Database

REFUSED_FOR_NOW = timedelta(minutes=1)
NOT_REACHED = timedelta(seconds=2)

_RECORD = (
    "UPDATE outbox SET state = ?, code = ?, reply = ?, due_at = ?, sent_at = ?, claimed_by = ''"
    " WHERE id = ? AND ((state = 'sending' AND claimed_by = ?) OR state = 'unknown')"
)


@dataclass(frozen=True, slots=True)
class Finished:
    """One attempt that has ended."""

    row: Claimed
    result: Result


class Recorder:
    """Gathers what the sessions want committed and commits it together. Run `serve` in a task beside them."""

    def __init__(self, database: Database, clock: Clock, holder: str) -> None:
        self.database = database
        self.clock = clock
        self.holder = holder
        self.sent = 0
        self._finished: list[Finished] = []
        self._starting: dict[int, asyncio.Future[bool]] = {}
        self._recorded: list[asyncio.Future[None]] = []
        self._something = asyncio.Event()

    async def start(self, row: Claimed, finished: Finished | None) -> bool:
        """Commit that this row is `sending`, and what became of the last one. False: it is not ours any more."""
        if finished is not None:
            self._finished.append(finished)
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._starting[row.id] = future
        self._something.set()
        return await future

    async def record(self, finished: Finished) -> None:
        """Commit what became of a row."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._finished.append(finished)
        self._recorded.append(future)
        self._something.set()
        await future

    async def serve(self) -> None:
        """Commit whatever has gathered, again and again; what gathers meanwhile goes into the next commit."""
        while True:
            await self._something.wait()
            # One turn of the loop lets sessions that became ready together share this commit.
            await asyncio.sleep(0)
            await self.flush()

    async def flush(self) -> None:
        """Commit once; tried again while the database has no room or does not answer, since mail has already left."""
        self._something.clear()
        finished, self._finished = self._finished, []
        starting, self._starting = self._starting, {}
        recorded, self._recorded = self._recorded, []
        if not finished and not starting:
            return
        started = await self._commit(finished, list(starting))
        self.sent += sum(1 for one in finished if one.result.verdict is Verdict.ACCEPTED)
        for id_, future in starting.items():
            if not future.done():
                future.set_result(id_ in started)
        for done in recorded:
            if not done.done():
                done.set_result(None)

    async def _commit(self, finished: list[Finished], starting: list[int]) -> set[int]:
        now = self.clock.now()
        changes = [(_RECORD, [self._values(one, now) for one in finished])] if finished else []
        last: tuple[str, tuple[object, ...]] | None = None
        if starting:
            marks = ", ".join("?" * len(starting))
            sql = (
                "UPDATE outbox SET state = 'sending', attempts = attempts + 1,"
                f" first_try_at = COALESCE(first_try_at, ?) WHERE id IN ({marks}) AND state = 'queued'"
                " AND claimed_by = ? RETURNING id"
            )
            last = (sql, (to_moment(now), *starting, self.holder))
        while True:
            try:
                return {row["id"] for row in await self.database.commit_together(changes, last)}
            except StoreBusy:
                await asyncio.sleep(0.5)

    def _values(self, one: Finished, now: datetime) -> tuple[object, ...]:
        row, result = one.row, one.result
        words = result.reply
        if result.refused:
            words += "; refused: " + ", ".join(f"{address} ({why})" for address, why in result.refused)
        due, state, sent_at = row.due, OutboxState.FAILED, None
        if result.verdict is Verdict.ACCEPTED:
            state, sent_at = OutboxState.SENT, to_moment(now)
        elif result.verdict is Verdict.IN_DOUBT:
            state = OutboxState.UNKNOWN
        elif result.verdict is not Verdict.REFUSED:
            first_try = from_moment(row.first_try) if row.first_try is not None else now
            first_wait = REFUSED_FOR_NOW if result.verdict is Verdict.DEFERRED else NOT_REACHED
            due_at = retry_at(now, row.attempts + 1, first_wait)
            if due_at - first_try <= GIVE_UP_AFTER:
                state, due = OutboxState.QUEUED, to_moment(due_at)
            else:
                words = f"given up after {GIVE_UP_AFTER.days * 24} h: {words}"
        return (state.value, result.code, words, due, sent_at, row.id, self.holder)
