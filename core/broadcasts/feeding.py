"""Feeding: what an engine does for broadcasts at each turn. Several engines may do it at once.

A broadcast is in the outbox only a little ahead of what leaves: so it can be paused, shares with others, and what is
put there in the bulk lane never delays a person's reply.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core import journal
from core.broadcasts import settling
from core.broadcasts.freezing import discard_left_over
from core.broadcasts.portions import PORTION, Portions
from core.broadcasts.taking_back import take_back
from core.clock import from_moment, to_moment
from core.models.states import BroadcastState, RecipientState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.outbox import Outbox
    from core.store import Database
    from core.store.database import Row

AHEAD = 2_000
"""Rows of all broadcasts that are due in the outbox at a time."""
LEFT_OVER = timedelta(hours=1)
IN_TIME = timedelta(minutes=1)
"""A start is not missed that an engine sees within this."""
_OPEN = (
    "SELECT b.id, b.state, b.starts_at, b.late_minutes FROM broadcast b WHERE b.digest <> '' AND (b.state IN"
    " ('scheduled', 'running', 'paused') OR (b.state = 'cancelled' AND b.ended_at IS NULL)) ORDER BY b.id"
)


class Feeding:
    """The turns of one engine."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.portions = Portions(database, clock, outbox)
        self._swept_at: datetime | None = None

    async def turn(self) -> int:
        """Begin what is due, follow what has left, take back what is paused, feed what runs; how much it did."""
        now = self.clock.now()
        done = await self._sweep(now)
        rows = await self.database.look(_OPEN)
        running: list[int] = []
        for row in rows:
            state = BroadcastState(row["state"])
            if state is BroadcastState.SCHEDULED:
                state = await self._due(row, now)
                done += state is not BroadcastState.SCHEDULED
            done += await self._follow(row["id"], state, now)
            if state is BroadcastState.RUNNING:
                running.append(row["id"])
        done += await self._feed(running, now)
        for row in rows:
            done += await settling.end(self.database, row["id"], now) if row["state"] != "scheduled" else 0
        return done

    async def _sweep(self, now: datetime) -> int:
        if self._swept_at is not None and now - self._swept_at < LEFT_OVER:
            return 0
        self._swept_at = now
        return await discard_left_over(self.database, now, LEFT_OVER)

    async def _due(self, row: Row, now: datetime) -> BroadcastState:
        """A scheduled one begins, or, where that was missed by too much, pauses and asks."""
        starts_at = from_moment(row["starts_at"])
        if starts_at > now:
            return BroadcastState.SCHEDULED
        late = now - starts_at
        state, verb, reason = BroadcastState.RUNNING, "started", ""
        if late > max(timedelta(minutes=row["late_minutes"]), IN_TIME):
            state, verb = BroadcastState.PAUSED, "paused"
            reason = f"its start was missed by {_said(late)}: resume to send now"
        async with self.database.transaction():
            changed = await self.database.rows(
                "UPDATE broadcast SET state = ?, reason = ?, started_at = ? WHERE id = ? AND state = 'scheduled'"
                " RETURNING id",
                state.value, reason, to_moment(now) if state is BroadcastState.RUNNING else None, row["id"],
            )  # fmt: skip
            if changed:
                await journal.append(
                    actor=settling.ACTOR, verb=verb, kind="broadcast", thing_id=row["id"], text=reason, at=now
                )
        return state if changed else BroadcastState.SCHEDULED

    async def _follow(self, broadcast_id: int, state: BroadcastState, now: datetime) -> int:
        """Recipients follow their messages; of one that does not run, what came back to the outbox is taken out."""
        became = await settling.settle(self.database, broadcast_id)
        if became["failed"]:
            self.portions.failed.add(broadcast_id)
        if state is BroadcastState.RUNNING:
            await self._is_braked(broadcast_id, now)
        taken = 0
        if state in (BroadcastState.PAUSED, BroadcastState.CANCELLED):
            taken = await self._out_of_the_outbox(broadcast_id, state, now)
        if state is BroadcastState.CANCELLED:
            taken += await cancel_waiting(self.database, broadcast_id)
        return became.total() + taken

    async def _out_of_the_outbox(self, broadcast_id: int, state: BroadcastState, now: datetime) -> int:
        there = await self.database.look(
            "SELECT 1 FROM recipient r JOIN outbox o ON o.message_id = r.message_id WHERE r.broadcast_id = ?"
            " AND r.state = 'queued' AND o.state = 'queued' LIMIT 1",
            broadcast_id,
        )
        if not there:
            return 0
        becomes = RecipientState.CANCELLED if state is BroadcastState.CANCELLED else RecipientState.WAITING
        async with self.database.transaction():
            still = await self.database.rows("SELECT state FROM broadcast WHERE id = ?", broadcast_id)
            if still[0]["state"] != state.value:
                return 0
            return await take_back(self.database, broadcast_id, becomes, now)

    async def _feed(self, running: Sequence[int], now: datetime) -> int:
        """In turn a part of each, until each has its share of what may be ahead."""
        if not running:
            return 0
        ahead = await self.database.look(
            "SELECT r.broadcast_id, count(*) AS n FROM outbox o JOIN recipient r ON r.message_id = o.message_id"
            " WHERE o.state = 'queued' AND o.lane = 2 AND o.due_at <= ? GROUP BY r.broadcast_id",
            to_moment(now),
        )
        share, taken = AHEAD // len(running), {row["broadcast_id"]: int(row["n"]) for row in ahead}
        # A few at a time would cost as much as many: while enough is ahead, it waits until there is room for a part.
        room = {
            id_: share - ahead_of
            for id_ in running
            if share - (ahead_of := taken.get(id_, 0)) >= PORTION or ahead_of <= share // 2
        }
        done = 0
        while room:
            for id_ in list(room):
                fed = await self.portions.put(id_, min(PORTION, room[id_]), now) if room[id_] > 0 else 0
                done += fed
                room[id_] -= fed
                if await self._is_braked(id_, now) or fed < PORTION or room[id_] <= 0:
                    del room[id_]
        return done

    async def _is_braked(self, broadcast_id: int, now: datetime) -> bool:
        """Whether too many have failed; asked where somebody has, as long as too few have left to judge by."""
        if broadcast_id not in self.portions.failed:
            return False
        braked = await settling.brake(self.database, broadcast_id, now)
        if braked is not None:
            self.portions.failed.discard(broadcast_id)
        return bool(braked)


async def cancel_waiting(database: Database, broadcast_id: int) -> int:
    """Of a cancelled one, all who wait are cancelled: in parts, so that nobody else waits for a million."""
    done = 0
    while await database.look(
        "SELECT 1 FROM recipient WHERE broadcast_id = ? AND state = 'waiting' LIMIT 1", broadcast_id
    ):
        async with database.transaction():
            rows = await database.rows(
                "UPDATE recipient SET state = 'cancelled', due_at = 0, reason = '' WHERE id IN"
                f" (SELECT id FROM recipient WHERE broadcast_id = ? AND state = 'waiting' LIMIT 5000"
                f"{database.skip_locked}) RETURNING id",
                broadcast_id,
            )
        done += len(rows)
    return done


def _said(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"
