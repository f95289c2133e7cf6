"""What people do with broadcasts. Each is one line in the journal, and for supervisors alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core import journal
from core.broadcasts import planning, settling
from core.broadcasts.feeding import Feeding, cancel_waiting
from core.broadcasts.freezing import approval_over, begun, freeze
from core.broadcasts.judging import right_address
from core.broadcasts.plans import Timing
from core.broadcasts.taking_back import PART, forget, take_back
from core.clock import to_moment
from core.errors import NotFound, Refused, Wrong
from core.models.states import BroadcastState, Channel, Purpose, RecipientState
from core.outbox import Draft
from core.roles import COMMAND, supervisor_only
from core.sms import to_e164

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from core.broadcasts.plans import Example, LeftOut, Plan, Preview, Request
    from core.clock import Clock
    from core.outbox import Outbox
    from core.store import Database
    from core.store.database import Row

AT_ONCE = Timing()
DEED = "send, pause or end broadcasts"


class Broadcasts:
    """Plan, confirm, pause, resume, cancel; and the engine's step that feeds the outbox.

    `actor` is a login or `roles.COMMAND`. What changes something raises Refused to an agent.
    """

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self._feeding = Feeding(database, clock, outbox)

    async def plan(self, request: Request, progress: Callable[[int, int], None] | None = None) -> Plan:
        """What would happen; writes nothing. `progress` gets customers looked at, and of how many. Raises Wrong."""
        return await planning.plan(self.database, self.outbox.vault, request, self.clock.now(), progress)

    async def preview(self, plan: Plan, number: int) -> Preview:
        """The nth recipient's own message; 1 is the first. Raises NotFound."""
        return await planning.preview(self.database, self.outbox.vault, plan, number)

    def left_out(self, plan: Plan, reason: LeftOut | None = None) -> AsyncIterator[tuple[LeftOut, Example]]:
        """Everybody who is left out, for one reason or for any: to look at, and to export."""
        return planning.left_out(self.database, self.outbox.vault, plan, reason)

    async def approval_over(self) -> int | None:
        """Above how many recipients a second person is asked (variable `broadcast_approval_over`); None = never."""
        return await approval_over(self.database)

    async def confirm(
        self,
        plan: Plan,
        *,
        count: int,
        actor: str,
        name: str = "",
        timing: Timing = AT_ONCE,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Freeze it, and start it or schedule it; its number. `count` is what the person typed.

        Raises Refused where it is not the plan's number, or where the audience has changed since the plan.
        """
        await supervisor_only(self.database, actor, DEED)
        if not plan.recipients:
            why = f": {plan.wrong[0]}" if plan.wrong is not None else ""
            raise Refused("nobody would get it: the plan leaves everybody out" + why)
        if count != plan.recipients:
            raise Refused(f"{count:,} is not the number of the plan: it is for {plan.recipients:,} recipients")
        if timing.rate_per_minute < 0 or not 0 <= timing.brake_percent <= 100 or timing.late_minutes < 0:
            raise Wrong("a rate and a lateness are 0 or more, and a brake is a number of a hundred")
        most = await approval_over(self.database)
        if actor == COMMAND and most is not None and plan.recipients > most:
            raise Refused(f"two people decide on more than {most:,} recipients: say who confirms it, with --as LOGIN")
        now = self.clock.now()
        if timing.starts_at is not None and timing.starts_at < now - timedelta(minutes=1):
            raise Wrong(f"{timing.starts_at:%Y-%m-%d %H:%M} is over: name a later time, or none to begin at once")
        name = " ".join(name.split()) or plan.template.name
        return await freeze(
            self.database, self.outbox.vault, plan, now, actor=actor, name=name, timing=timing, progress=progress
        )

    async def approve(self, broadcast_id: int, *, actor: str) -> None:
        """The second person's yes, where the desk asks for one. Raises Refused for whoever confirmed it.

        It takes a login: of the command alone nobody knows who gave it.
        """
        if actor == COMMAND:
            raise Refused(f"a second person approves broadcast {broadcast_id}: say who does, with --as LOGIN")
        await supervisor_only(self.database, actor, DEED)
        now = self.clock.now()
        async with self.database.transaction():
            row = await self._row(broadcast_id, BroadcastState.PLANNED)
            if row["by"] == actor:
                raise Refused(f"{actor} has confirmed this broadcast: a second person approves it")
            # One whose hour has come meanwhile begins, or asks, as any that is scheduled.
            state = BroadcastState.RUNNING if row["starts_at"] is None else BroadcastState.SCHEDULED
            await self.database.rows(
                "UPDATE broadcast SET state = ?, approved_by = ?, started_at = ? WHERE id = ?",
                state.value, actor[:64], to_moment(now) if state is BroadcastState.RUNNING else None, broadcast_id,
            )  # fmt: skip
            await self._tell(actor, "approved", broadcast_id)

    async def test(self, plan: Plan, number: int, address: str, *, actor: str) -> int:
        """Send the nth recipient's message to oneself; the message's id. Raises Wrong for no such address."""
        await supervisor_only(self.database, actor, DEED)
        shown = await self.preview(plan, number)
        if plan.request.channel is Channel.SMS:
            rows = await self.database.read("SELECT region FROM desk WHERE id = 1")
            address = to_e164(address, rows[0]["region"])
        else:
            address = right_address(address)
        accounts = await self.database.read("SELECT id FROM account WHERE address = ?", plan.request.account)
        async with self.database.transaction():
            message = await self.outbox.put(
                Draft(
                    accounts[0]["id"],
                    address,
                    shown.text,
                    Purpose.CHECK,
                    name=shown.name,
                    subject=shown.subject,
                    html=shown.html,
                )
            )
            await journal.append(
                actor=actor, verb="tested", kind="message", thing_id=message,
                text=f"template {plan.template.name} as recipient {number} would get it", at=self.clock.now(),
            )  # fmt: skip
        return message

    async def pause(self, broadcast_id: int, *, actor: str, reason: str = "") -> None:
        """Nothing more leaves: what waits in the outbox is taken back. Raises Refused, NotFound."""
        await supervisor_only(self.database, actor, DEED)
        words = reason or f"paused by {actor}"
        if not await settling.pause(self.database, broadcast_id, self.clock.now(), actor=actor, reason=words):
            await self._row(broadcast_id, BroadcastState.RUNNING, BroadcastState.SCHEDULED)

    async def resume(self, broadcast_id: int, *, actor: str) -> None:
        """Go on where it paused; a scheduled one starts now. Raises Refused, NotFound."""
        await supervisor_only(self.database, actor, DEED)
        now = self.clock.now()
        async with self.database.transaction():
            row = await self._row(broadcast_id, BroadcastState.PAUSED, BroadcastState.SCHEDULED)
            starts_at = row["starts_at"] if row["state"] == "paused" and row["started_at"] is None else None
            state = begun(starts_at, now)
            sent, failed = await settling.sent_and_failed(self.database, broadcast_id)
            await self.database.rows(
                "UPDATE broadcast SET state = ?, reason = '', brake_sent = ?, brake_failed = ?,"
                " started_at = COALESCE(started_at, ?) WHERE id = ?",
                state.value, sent, failed, to_moment(now) if state is BroadcastState.RUNNING else None, broadcast_id,
            )  # fmt: skip
            await self._tell(actor, "resumed", broadcast_id)

    async def cancel(self, broadcast_id: int, *, actor: str) -> None:
        """End it: whoever has not got it does not get it. Raises Refused, NotFound."""
        await supervisor_only(self.database, actor, DEED)
        now = self.clock.now()
        async with self.database.transaction():
            may = [state for state in BroadcastState if state not in (BroadcastState.DONE, BroadcastState.CANCELLED)]
            await self._row(broadcast_id, *may)
            await self.database.rows(
                "UPDATE broadcast SET state = 'cancelled', reason = ? WHERE id = ?",
                f"cancelled by {actor}", broadcast_id,
            )  # fmt: skip
            await take_back(self.database, broadcast_id, RecipientState.CANCELLED, now)
            await self._tell(actor, "cancelled", broadcast_id)
        await cancel_waiting(self.database, broadcast_id)
        await settling.settle(self.database, broadcast_id)
        await settling.end(self.database, broadcast_id, now)

    async def retry_failed(self, broadcast_id: int, *, actor: str) -> int:
        """Those that failed wait again; how many. Raises Refused, NotFound."""
        await supervisor_only(self.database, actor, DEED)
        done = 0
        _, failed = await settling.sent_and_failed(self.database, broadcast_id)
        # Not until there are none: what is tried again may fail again meanwhile.
        while (part := await self._retry(broadcast_id, actor, is_first=not done)) and (done := done + part) < failed:
            pass
        return done

    async def feed(self) -> int:
        """One turn of the engine: start what is due, feed the outbox, settle; how many rows it changed."""
        return await self._feeding.turn()

    async def _retry(self, broadcast_id: int, actor: str, *, is_first: bool) -> int:
        async with self.database.transaction():
            may = (BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.DONE)
            row = await self._row(broadcast_id, *may)
            failed = await self._failed(broadcast_id)
            if not failed:
                return 0
            await self.database.many(
                "UPDATE recipient SET state = 'waiting', due_at = 0, message_id = NULL,"
                " reason = 'failed before: ' || reason WHERE id = ?",
                [(one["id"],) for one in failed],
            )
            if gone := [one for one in failed if one["row_id"] is not None]:
                await forget(self.database, gone)
            if is_first:
                state = "running" if row["state"] == "done" else row["state"]
                sent, _ = await settling.sent_and_failed(self.database, broadcast_id)
                await self.database.rows(
                    "UPDATE broadcast SET state = ?, ended_at = NULL, brake_sent = ?, brake_failed = 0 WHERE id = ?",
                    state, sent, broadcast_id,
                )  # fmt: skip
                await self._tell(actor, "failed ones tried again", broadcast_id)
        return len(failed)

    async def _failed(self, broadcast_id: int) -> list[Row]:
        """The next that have failed, with their rows of the outbox (or none), locked both: nobody else retries them."""
        locked = "" if self.database.is_sqlite else " FOR UPDATE"
        people = await self.database.rows(
            f"SELECT id, message_id FROM recipient WHERE broadcast_id = ? AND state = 'failed' LIMIT {PART}{locked}",
            broadcast_id,
        )
        messages = [one["message_id"] for one in people if one["message_id"] is not None]
        rows: list[Row] = []
        if messages:
            rows = await self.database.rows(
                "SELECT id, message_id FROM outbox WHERE state = 'failed' AND message_id IN"
                f" ({', '.join('?' * len(messages))}){locked}",
                *messages,
            )
        row_of = {row["message_id"]: row["id"] for row in rows}
        return [
            one | {"row_id": row_of.get(one["message_id"])}
            for one in people
            if one["message_id"] is None or one["message_id"] in row_of
        ]

    async def _row(self, broadcast_id: int, *states: BroadcastState) -> Row:
        """The broadcast, locked until the end of the transaction. Raises NotFound, Refused in any other state."""
        locked = "" if self.database.is_sqlite else " FOR UPDATE"
        rows = await self.database.rows(f"SELECT * FROM broadcast WHERE id = ? AND digest <> ''{locked}", broadcast_id)
        if not rows:
            raise NotFound(f"there is no broadcast {broadcast_id}: 'postroom broadcast list' shows them")
        if rows[0]["state"] not in states:
            wanted = " or ".join(states)
            if rows[0]["state"] == BroadcastState.PLANNED:
                raise Refused(
                    f"broadcast {broadcast_id} waits for a second person:"
                    f" 'postroom broadcast approve {broadcast_id} --as LOGIN'"
                )
            raise Refused(f"broadcast {broadcast_id} is {rows[0]['state']}: this can be done while it is {wanted}")
        return rows[0]

    async def _tell(self, actor: str, verb: str, broadcast_id: int) -> None:
        await journal.append(actor=actor, verb=verb, kind="broadcast", thing_id=broadcast_id, at=self.clock.now())
