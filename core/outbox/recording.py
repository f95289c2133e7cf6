"""Group commits: one marks the next row of every session `sending` and records what became of their last ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from core.gateway.smtp import Verdict
from core.models.fields import from_moment, to_moment
from core.models.states import OutboxState
from core.outbox.backoff import GIVE_UP_AFTER, retry_at
from core.store import StoreBusy
from core.store.bulk import for_all, in_one_row, unpacked

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
BUSY_PAUSE = 0.5
HURRY_SECONDS = 2.0

_RECORD = (
    "UPDATE outbox SET state = came.column1, code = came.column2, reply = came.column3, due_at = came.column4,"
    " sent_at = came.column5, claimed_by = '' FROM {rows} AS came WHERE outbox.id = came.column6"
    " AND ((outbox.state = 'sending' AND outbox.claimed_by = came.column7) OR outbox.state = 'unknown')"
)
_RECORD_TYPES = ("TEXT", "INT", "TEXT", "BIGINT", "BIGINT", "BIGINT", "TEXT")
_MARKED = ("id", "due_at", "attempts + 1 AS attempts", "COALESCE(first_try_at, ?) AS first_try_at")
_UNMARK = "UPDATE outbox SET state = 'queued', attempts = attempts - 1"
_STILL_OURS = " WHERE id = ? AND state = 'sending' AND claimed_by = ?"
_LET_GO = "UPDATE outbox SET claimed_by = '' WHERE id = ? AND state = 'queued' AND claimed_by = ?"
PUT_BACK = f"{_UNMARK}, claimed_by = ''{_STILL_OURS}"

log = structlog.get_logger("outbox")


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
        self._committed: asyncio.Future[dict[int, Row]] | None = None
        self._something = asyncio.Event()
        self._broken: Exception | None = None
        self._ending = False
        self._give_up_at = float("inf")

    async def start(self, rows: Sequence[Claimed], finished: Sequence[Finished]) -> list[Claimed]:
        """Commit that these rows are `sending`, and what became of others; those that were still ours to start."""
        # A row may be in hand twice, where somebody has it tried again meanwhile: one commit starts it once.
        there = {row.id for row in self._starting}
        first = list({row.id: row for row in rows if row.id not in there}.values())
        self._starting += first
        started = await self._commit_with(finished)
        return [_as_marked(row, started[row.id]) for row in first if row.id in started]

    async def record(self, finished: Sequence[Finished]) -> None:
        """Commit what became of rows."""
        await self._commit_with(finished)

    async def put_back(self, rows: Sequence[Claimed]) -> None:
        """Rows marked `sending` that did not begin to leave wait again as if they had never been marked."""
        ids = [(row.id, self.holder) for row in rows]
        # In two commits: a server may go away after it has committed, and what is said once more must then not touch
        # rows that were let go, claimed anew and have begun to leave.
        await self._surely([(_UNMARK + _STILL_OURS, ids)])
        await self._surely([(_LET_GO, ids)])

    async def serve(self) -> None:
        """Commit whatever has gathered, again and again, until the end; what gathers meanwhile is the next commit."""
        try:
            while not self._ending or self._committed is not None:
                await self._something.wait()
                # One turn of the loop lets sessions that became ready together share this commit.
                await asyncio.sleep(0)
                await self.flush()
        finally:
            self._broken = self._broken or StoreBusy("the recorder has ended")

    def end(self) -> None:
        """Commit what has gathered, and no more."""
        self._ending = True
        self._something.set()

    def hurry(self) -> None:
        """We are about to go: a database that does not answer is waited for two more seconds."""
        self._give_up_at = min(self._give_up_at, asyncio.get_running_loop().time() + HURRY_SECONDS)

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
            self._broken = error if isinstance(error, Exception) else StoreBusy("the recorder was cancelled")
            committed.set_exception(self._broken)
            committed.exception()  # looked at here, since there may be nobody any more who waits for it
            raise
        if self.flight_log is not None:
            self.flight_log.recorded(one.row.id for one in finished)
        committed.set_result(started)

    async def _commit_with(self, finished: Sequence[Finished]) -> dict[int, Row]:
        if self._broken is not None:
            raise self._broken
        self._finished += finished
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        self._something.set()
        return await asyncio.shield(self._committed)

    async def _commit(self, finished: list[Finished], starting: list[int]) -> dict[int, Row]:
        now = self.clock.now()
        changes = [recorded([record_values(one, now, self.holder) for one in finished])] if finished else []
        if not starting:
            await self._surely(changes)
            return {}
        where = f"WHERE id IN ({', '.join('?' * len(starting))}) AND state = 'queued' AND claimed_by = ?"
        mark = (
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, first_try_at = COALESCE(first_try_at, ?)"
            f" {where}"
        )
        values = (to_moment(now), *starting, self.holder)
        # A server that went away while it committed may have marked them: unmarked first, they are found again.
        again = [*changes, (_UNMARK + _STILL_OURS, [(id_, self.holder) for id_ in starting])]
        if self.database.is_sqlite:
            look = in_one_row(_MARKED, f"FROM outbox {where}")
            rows = unpacked(_MARKED, (await self._surely(changes, (look, values), again, [(mark, [values])]))[0])
        else:
            last = (f"{mark} RETURNING id, due_at, attempts, first_try_at", values)
            rows = await self._surely(changes, last, again)
        return {row["id"]: row for row in rows}

    async def _surely(
        self,
        changes: Sequence[Statement],
        last: tuple[str, Sequence[object]] | None = None,
        again: Sequence[Statement] | None = None,
        after: Sequence[Statement] = (),
    ) -> list[Row]:
        """Commit, tried again while the database has no room or does not answer: mail has already left."""
        while True:
            try:
                return await self.database.commit_together(changes, last, after)
            except StoreBusy as error:
                if asyncio.get_running_loop().time() > self._give_up_at:
                    raise
                log.warning("not recorded yet", error=str(error))
                changes = changes if again is None else again
                await asyncio.sleep(BUSY_PAUSE)


def _as_marked(row: Claimed, marked: Row) -> Claimed:
    """As the database had it when it was marked: somebody may have had it tried anew while it was in hand."""
    due, attempts, first_try = marked["due_at"], marked["attempts"] - 1, marked["first_try_at"]
    if (row.due, row.attempts) == (due, attempts) and row.first_try in (None, first_try):
        return row
    return replace(row, due=due, attempts=attempts, first_try=first_try)


def recorded(values: Sequence[Sequence[object]]) -> Statement:
    """The statement that writes what became of rows, each as `record_values` has it."""
    return for_all(_RECORD, _RECORD_TYPES, values)


def record_values(one: Finished, now: datetime, holder: str) -> tuple[object, ...]:
    """What `recorded` writes of one attempt that has ended."""
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
