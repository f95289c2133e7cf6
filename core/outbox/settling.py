"""What people and other engines do with rows: settle the unknown, cancel, retry; take over from a dead engine."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core import journal, roles
from core.errors import NotFound, Refused
from core.models import Outbox
from core.models.fields import to_moment
from core.models.states import OutboxState
from core.outbox.claiming import Claimed
from core.outbox.flight import Flight, flight_path, read_flight
from core.outbox.recording import PUT_BACK, Finished, record_values, recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.clock import Clock
    from core.gateway.smtp import Result
    from core.store import Database


class Settlement(StrEnum):
    """What a person found out about a message in doubt."""

    SENT = "sent"
    RESEND = "resend"
    FAIL = "fail"


_AFTER = {
    Settlement.SENT: OutboxState.SENT,
    Settlement.RESEND: OutboxState.QUEUED,
    Settlement.FAIL: OutboxState.FAILED,
}


AFTER_DOUBT = "in doubt before: the same letter is sent again"
"""The reason of a broadcast's recipient while that is so."""


class Settling:
    """Changes of rows that no session has in hand."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def settle(self, message_id: int, how: Settlement, *, actor: str) -> None:
        """Settle a message in doubt: it went, send the same letter again, or give it up. Raises Refused, NotFound.

        A supervisor or an administrator does it.
        """
        await roles.supervisor_only(self.database, actor, roles.SETTLE)
        await self._change(message_id, {OutboxState.UNKNOWN}, _AFTER[how], f"settled: {how}", actor)

    async def cancel(self, message_id: int, *, actor: str) -> None:
        """Keep a queued message from leaving. Raises Refused when it is on its way or gone, NotFound.

        Who wrote it does it, or a supervisor or an administrator.
        """
        await self._its_own_or_supervisor(message_id, actor)
        await self._change(message_id, {OutboxState.QUEUED}, OutboxState.CANCELLED, "cancelled", actor)

    async def retry(self, message_id: int, *, actor: str) -> None:
        """Try a failed message again, or a queued one at once. Raises Refused, NotFound.

        Who wrote it does it, or a supervisor or an administrator. Of a broadcast that is paused its recipient waits.
        """
        await self._its_own_or_supervisor(message_id, actor)
        states = {OutboxState.FAILED, OutboxState.QUEUED, OutboxState.CANCELLED}
        await self._change(message_id, states, OutboxState.QUEUED, "to be tried again", actor)

    async def _its_own_or_supervisor(self, message_id: int, actor: str) -> None:
        written = await self.database.rows(
            "SELECT 1 FROM message m JOIN person p ON p.id = m.author_id WHERE m.id = ? AND p.login = ?",
            message_id, actor,
        )  # fmt: skip
        if not written:
            await roles.supervisor_only(self.database, actor, roles.NOT_ONES_OWN)

    async def _change(
        self, message_id: int, before: set[OutboxState], after: OutboxState, words: str, actor: str
    ) -> None:
        now = self.clock.now()
        async with self.database.transaction():
            broadcast = await self._broadcast(message_id)
            row = await Outbox.get_or_none(message_id=message_id).only("id", "state")
            if row is None:
                raise NotFound(f"there is no outgoing message {message_id}: 'postroom message list' shows them")
            was_in_doubt = before == {OutboxState.UNKNOWN}
            if after is OutboxState.QUEUED:
                _look_at(message_id, broadcast, was_in_doubt=was_in_doubt)
            fields: dict[str, object] = {"state": after, "claimed_by": ""}
            if after is OutboxState.QUEUED:
                fields |= {"due_at": now, "first_try_at": None, "attempts": 0}
            elif after is OutboxState.SENT:
                fields["sent_at"] = now
            if not await Outbox.filter(id=row.id, state__in=list(before)).update(**fields):
                found = await Outbox.get(id=row.id).only("id", "state")
                wanted = " or ".join(sorted(before))
                raise Refused(f"message {message_id} is {found.state}: this can be done while it is {wanted}")
            if broadcast is not None and broadcast["state"] == "paused" and after is OutboxState.QUEUED:
                await self._waits_again(row.id, message_id)
            else:
                reason = AFTER_DOUBT if was_in_doubt and after is OutboxState.QUEUED else ""
                await self._recipient_follows(message_id, after, reason)
            await journal.append(
                actor=actor, verb=words.partition(":")[0], kind="message", thing_id=message_id, text=words, at=now
            )

    async def _broadcast(self, message_id: int) -> dict[str, Any] | None:
        """Its broadcast, locked until the end of the transaction: nobody pauses or cancels it meanwhile."""
        locked = "" if self.database.is_sqlite else " FOR UPDATE OF b"
        rows = await self.database.rows(
            "SELECT b.id, b.state FROM broadcast b JOIN recipient r ON r.broadcast_id = b.id WHERE r.message_id = ?"
            + locked,
            message_id,
        )
        return rows[0] if rows else None

    async def _waits_again(self, row_id: int, message_id: int) -> None:
        """Of a paused broadcast nothing is in the outbox: its recipient gets another letter when it goes on."""
        await self.database.rows(
            "UPDATE recipient SET state = 'waiting', reason = '', due_at = 0, message_id = NULL WHERE message_id = ?",
            message_id,
        )
        await self.database.rows("DELETE FROM letter WHERE outbox_id = ?", row_id)
        await self.database.rows("DELETE FROM outbox WHERE id = ?", row_id)
        await self.database.rows("DELETE FROM message WHERE id = ?", message_id)

    async def _recipient_follows(self, message_id: int, after: OutboxState, reason: str) -> None:
        """A broadcast's recipient is what its message is; while that is to leave, its broadcast is not done."""
        rows = await self.database.rows(
            "UPDATE recipient SET state = ?, due_at = 0, reason = CASE WHEN state = 'queued' AND reason = ? THEN reason"
            " ELSE ? END WHERE message_id = ? RETURNING broadcast_id",
            after.value, AFTER_DOUBT if after is OutboxState.QUEUED else "", reason, message_id,
        )  # fmt: skip
        for row in rows if after is OutboxState.QUEUED else []:
            await self.database.rows(
                "UPDATE broadcast SET state = 'running', ended_at = NULL WHERE id = ? AND state = 'done'",
                row["broadcast_id"],
            )

    async def take_over_from_the_dead(self) -> int:
        """Free what engines that are no longer alive had in hand; how many of their rows are now in doubt."""
        now = to_moment(self.clock.now())
        dead = await self.database.read(
            "SELECT claimed_by AS holder FROM outbox WHERE claimed_by <> ''"
            " AND claimed_by NOT IN (SELECT holder FROM lease WHERE name LIKE 'engine:%' AND until >= ?)"
            " UNION SELECT holder FROM engine"
            " WHERE holder NOT IN (SELECT holder FROM lease WHERE name LIKE 'engine:%' AND until >= ?)",
            now, now,
        )  # fmt: skip
        in_doubt = 0
        for one in dead:
            in_doubt += await self._take_over(str(one["holder"]), now)
        return in_doubt

    async def _take_over(self, holder: str, now: int) -> int:
        path = self.database.settings.sqlite_path
        log = flight_path(path, holder) if path is not None else None
        flight = read_flight(log) if log is not None else Flight(is_alive=False)
        async with self.database.transaction():
            alive = await self.database.rows(
                "SELECT 1 FROM lease WHERE name = ? AND until >= ?" + self.database.for_share, f"engine:{holder}", now
            )
            if alive:
                return 0
            await self._free(holder)
            if flight.is_alive:
                return 0  # it stood still; what it has on its way it finishes
            await self.database.rows("DELETE FROM lease WHERE holder = ?", holder)
            await self.database.rows("DELETE FROM engine WHERE holder = ?", holder)
            await self._land(holder, flight.said)
            doubtful = await self._doubt(holder)
        if log is not None:
            log.unlink(missing_ok=True)
        return doubtful

    async def _free(self, holder: str) -> None:
        # What somebody has locked is left to the next time, here and below: it may not be dead after all, and wait for
        # what we have locked.
        await self.database.rows(
            "UPDATE outbox SET claimed_by = '' WHERE id IN (SELECT id FROM outbox WHERE claimed_by = ?"
            f" AND state <> 'sending'{self.database.skip_locked})",
            holder,
        )

    async def _land(self, holder: str, said: Mapping[int, Result | None] | None) -> None:
        """What the dead engine's flight log knows of its rows is recorded; those that had not begun wait again."""
        if said is None:
            return
        rows = await self.database.rows(
            "SELECT id, message_id, lane, due_at, attempts, first_try_at FROM outbox"
            f" WHERE claimed_by = ? AND state = 'sending'{self.database.skip_locked}",
            holder,
        )
        now = self.clock.now()
        landed = [
            record_values(Finished(_of_the_dead(row), result), now, holder)
            for row in rows
            if (result := said.get(row["id"])) is not None
        ]
        if landed:
            await self.database.many(*recorded(landed))
        await self.database.many(PUT_BACK, [(row["id"], holder) for row in rows if row["id"] not in said])

    async def _doubt(self, holder: str) -> int:
        rows = await self.database.rows(
            "UPDATE outbox SET state = 'unknown', claimed_by = '',"
            " reply = 'the engine died while it was on its way' WHERE id IN (SELECT id FROM outbox"
            f" WHERE claimed_by = ? AND state = 'sending'{self.database.skip_locked}) RETURNING message_id",
            holder,
        )
        for row in rows:
            await journal.append(
                actor="outbox",
                verb="in doubt",
                kind="message",
                thing_id=row["message_id"],
                text="the engine died while it was on its way: settle it as sent, resend or fail",
                at=self.clock.now(),
            )
        return len(rows)


def _look_at(message_id: int, broadcast: Mapping[str, Any] | None, *, was_in_doubt: bool) -> None:
    """Raise Refused where its broadcast is not to send it, or not now."""
    if broadcast is None:
        return
    its = f"message {message_id} belongs to broadcast {broadcast['id']}, which "
    if broadcast["state"] == "cancelled":
        raise Refused(its + "was cancelled: whoever has not got it is not to get it")
    if was_in_doubt and broadcast["state"] == "paused":
        raise Refused(its + "is paused: resume it first, then the same letter can be sent again")


def _of_the_dead(row: dict[str, Any]) -> Claimed:
    # Its attempt is counted already, as the recorder counts it once it has ended.
    return Claimed(row["lane"], row["due_at"], row["id"], row["attempts"] - 1, row["first_try_at"], "", (), None)
