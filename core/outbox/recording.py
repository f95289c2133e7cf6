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
    from collections.abc import Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.gateway.smtp import Result
    from core.outbox.claiming import Claimed
    from core.outbox.flight import FlightLog
    from core.store import Database
    from core.store.database import Row, Statement

REFUSED_FOR_NOW = timedelta(minutes=1)
NOT_REACHED = timedelta(seconds=2)

RECORD = (
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

    def __init__(self, database: Database, clock: Clock, holder: str, flight_log: FlightLog | None = None) -> None:
        self.database = database
        self.clock = clock
        self.holder = holder
        self.flight_log = flight_log
        self._finished: list[Finished] = []
        self._starting: list[Claimed] = []
        self._committed: asyncio.Future[set[int]] | None = None
        self._something = asyncio.Event()
        self._broken: BaseException | None = None

    async def start(self, rows: Sequence[Claimed], finished: Sequence[Finished]) -> list[Claimed]:
        """Commit that these rows are `sending`, and what became of others; those that were still ours to start."""
        self._starting += rows
        started = await self._commit_with(finished)
        return [row for row in rows if row.id in started]

    async def record(self, finished: Sequence[Finished]) -> None:
        """Commit what became of rows."""
        await self._commit_with(finished)

    async def put_back(self, rows: Sequence[Claimed]) -> None:
        """Rows marked `sending` that did not begin to leave wait again as if they had never been marked."""
        marks = ", ".join("?" * len(rows))
        sql = (
            "UPDATE outbox SET state = 'queued', claimed_by = '', attempts = attempts - 1"
            f" WHERE id IN ({marks}) AND state = 'sending' AND claimed_by = ?"
        )
        await self._surely([(sql, [(*[row.id for row in rows], self.holder)])], None)

    async def serve(self) -> None:
        """Commit whatever has gathered, again and again; what gathers meanwhile goes into the next commit."""
        while True:
            await self._something.wait()
            # One turn of the loop lets sessions that became ready together share this commit.
            await asyncio.sleep(0)
            await self.flush()

    async def flush(self) -> None:
        """Commit once what has gathered."""
        self._something.clear()
        finished, self._finished = self._finished, []
        starting, self._starting = self._starting, []
        committed, self._committed = self._committed, None
        if committed is None:
            return
        try:
            started = await self._commit(finished, [row.id for row in starting])
        except BaseException as error:
            self._broken = error
            committed.set_exception(error)
            raise
        if self.flight_log is not None:
            self.flight_log.recorded(one.row.id for one in finished)
        if not committed.done():
            committed.set_result(started)

    async def _commit_with(self, finished: Sequence[Finished]) -> set[int]:
        if self._broken is not None:
            raise self._broken
        self._finished += finished
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        self._something.set()
        return await asyncio.shield(self._committed)

    async def _commit(self, finished: list[Finished], starting: list[int]) -> set[int]:
        now = self.clock.now()
        changes = [(RECORD, [record_values(one, now, self.holder) for one in finished])] if finished else []
        last: tuple[str, tuple[object, ...]] | None = None
        if starting:
            marks = ", ".join("?" * len(starting))
            sql = (
                "UPDATE outbox SET state = 'sending', attempts = attempts + 1,"
                f" first_try_at = COALESCE(first_try_at, ?) WHERE id IN ({marks}) AND state = 'queued'"
                " AND claimed_by = ? RETURNING id"
            )
            last = (sql, (to_moment(now), *starting, self.holder))
        return {row["id"] for row in await self._surely(changes, last)}

    async def _surely(self, changes: Sequence[Statement], last: tuple[str, Sequence[object]] | None) -> list[Row]:
        """Commit, tried again while the database has no room or does not answer: mail has already left."""
        while True:
            try:
                return await self.database.commit_together(changes, last)
            except StoreBusy:
                await asyncio.sleep(0.5)


def record_values(one: Finished, now: datetime, holder: str) -> tuple[object, ...]:
    """The values of `RECORD` for one attempt that has ended."""
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
    return (state.value, result.code, words, due, sent_at, row.id, holder)
