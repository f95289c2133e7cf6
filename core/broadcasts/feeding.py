"""Feeding: what an engine does for broadcasts at each turn. Several engines may do it at once.

A broadcast is in the outbox only a little ahead of what leaves: so it can be paused, shares with others, and what is
put there in the bulk lane never delays a person's reply.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import consent, journal
from core.broadcasts import settling
from core.broadcasts.freezing import discard_left_over
from core.broadcasts.saying import COLUMNS, Sayer
from core.broadcasts.taking_back import take_back
from core.clock import from_moment, to_moment, zone_named
from core.errors import Wrong
from core.models.states import BroadcastState, Purpose, RecipientState
from core.outbox import Draft
from core.templates import TemplateText, TemplateWrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.outbox import Outbox
    from core.store import Database
    from core.store.database import Row

AHEAD = 2_000
"""Rows of all broadcasts that are due in the outbox at a time."""
MOST_PUT_OFF = 20_000
"""Rows of one broadcast in the outbox, with those that are tried again later."""
PART = 250
"""Messages that one transaction writes."""
BURST_SECONDS = 2.0
"""Of its rate, so much is let go at once: an engine looks at least once a second."""
LEFT_OVER = timedelta(hours=1)
_OPEN = (
    "SELECT b.id, b.state, b.starts_at, b.late_minutes FROM broadcast b WHERE b.digest <> '' AND (b.state IN"
    " ('scheduled', 'running', 'paused') OR (b.state = 'cancelled' AND b.ended_at IS NULL)) ORDER BY b.id"
)


class Feeding:
    """The turns of one engine."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self._swept_at: datetime | None = None

    async def turn(self) -> int:
        """Begin what is due, follow what has left, take back what is paused, feed what runs; how much it did."""
        now = self.clock.now()
        done = await self._sweep(now)
        rows = await self.database.read(_OPEN)
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
        if late > timedelta(minutes=row["late_minutes"]):
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
        if became["failed"] and state is BroadcastState.RUNNING:
            await settling.brake(self.database, broadcast_id, now)
        taken = 0
        if state in (BroadcastState.PAUSED, BroadcastState.CANCELLED):
            taken = await self._out_of_the_outbox(broadcast_id, state, now)
        if state is BroadcastState.CANCELLED:
            taken += await cancel_waiting(self.database, broadcast_id)
        return became.total() + taken

    async def _out_of_the_outbox(self, broadcast_id: int, state: BroadcastState, now: datetime) -> int:
        there = await self.database.read(
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
        ahead = await self.database.read(
            "SELECT r.broadcast_id, count(*) AS n FROM outbox o JOIN recipient r ON r.message_id = o.message_id"
            " WHERE o.state = 'queued' AND o.lane = 2 AND o.due_at <= ? GROUP BY r.broadcast_id",
            to_moment(now),
        )
        share, taken = AHEAD // len(running), {row["broadcast_id"]: int(row["n"]) for row in ahead}
        # A few at a time would cost as much as many: while enough is ahead, it waits until there is room for a part.
        room = {
            id_: share - ahead_of
            for id_ in running
            if share - (ahead_of := taken.get(id_, 0)) >= PART or ahead_of <= share // 2
        }
        done = 0
        while room:
            for id_ in list(room):
                fed = await self._feed_one(id_, min(PART, room[id_]), now) if room[id_] > 0 else 0
                done += fed
                room[id_] -= fed
                if fed < PART or room[id_] <= 0:
                    del room[id_]
        return done

    async def _feed_one(self, broadcast_id: int, most: int, now: datetime) -> int:
        """A part of one broadcast into the outbox; how many recipients it changed."""
        if not await self.database.read(
            "SELECT 1 FROM recipient WHERE broadcast_id = ? AND state = 'waiting' AND due_at <= ? LIMIT 1",
            broadcast_id, to_moment(now),
        ):  # fmt: skip
            return 0
        return await self._feed_within(broadcast_id, most, now)

    async def _feed_within(self, broadcast_id: int, most: int, now: datetime) -> int:
        locked = "" if self.database.is_sqlite else " FOR UPDATE OF b SKIP LOCKED"
        async with self.database.transaction():
            # Locked until the end: whoever pauses it waits for us, and another engine feeds another one.
            rows = await self.database.rows(
                "SELECT b.*, k.name AS campaign_name, k.quiet_hours FROM broadcast b"
                f" LEFT JOIN campaign k ON k.id = b.campaign_id WHERE b.id = ? AND b.state = 'running'{locked}",
                broadcast_id,
            )
            if not rows:
                return 0
            queued = await self.database.rows(
                "SELECT count(*) AS n FROM recipient WHERE broadcast_id = ? AND state = 'queued'", broadcast_id
            )
            rate = rows[0]["rate_per_minute"]
            tokens = await self._tokens(broadcast_id, rate, now) if rate > 0 else float(most)
            allowed = min(most, int(tokens), MOST_PUT_OFF - queued[0]["n"])
            if allowed <= 0:
                return 0
            changed, put = await self._put(rows[0], allowed, now)
            if rate > 0:
                await self.database.rows(
                    "UPDATE bucket SET tokens = ?, at = ? WHERE name = ?",
                    tokens - put, to_moment(now), _bucket(broadcast_id),
                )  # fmt: skip
        return changed

    async def _put(self, row: Row, most: int, now: datetime) -> tuple[int, int]:
        """The next recipients: put, held, or failed; how many there were, and how many were put."""
        next_ones = await self.database.rows(
            f"SELECT r.id AS recipient_id, r.address, r.customer_id AS whose, {COLUMNS} FROM recipient r"
            " LEFT JOIN customer c ON c.id = r.customer_id WHERE r.broadcast_id = ? AND r.state = 'waiting'"
            f" AND r.due_at <= ? ORDER BY r.due_at, r.id LIMIT {most}",
            row["id"], to_moment(now),
        )  # fmt: skip
        (desk,) = await self.database.rows("SELECT name, region, timezone FROM desk WHERE id = 1")
        template = TemplateText(row["template"], row["body"], row["subject"], row["when_missing"], row["html"])
        try:
            sayer = Sayer(template, desk=desk, campaign=row["campaign_name"] or "")
        except TemplateWrong as error:  # this program reads templates more strictly than the one that confirmed it
            return await self._stop(row["id"], str(error), now)
        drafts: list[tuple[int, Draft]] = []
        others: list[tuple[object, ...]] = []
        for one in next_ones:
            if one["id"] is None:
                others.append(("failed", 0, "the customer has been deleted", one["recipient_id"]))
                continue
            until = _quiet_until(now, row["quiet_hours"] or "", sayer, one)
            if until is not None:
                zone = sayer.zone(one)
                words = f"held until {until.astimezone(zone_named(zone)):%H:%M} {zone} (quiet hours)"
                others.append(("waiting", to_moment(until), words, one["recipient_id"]))
                continue
            try:
                drafts.append((one["recipient_id"], _draft(row, one, sayer)))
            except TemplateWrong as error:
                others.append(("failed", 0, str(error), one["recipient_id"]))
        put, refused = await self._into_the_outbox(drafts)
        if len(refused) > 1 and not put and len({words for _, words in refused}) == 1:
            return await self._stop(row["id"], refused[0][1], now)  # it is not them, it is the account or its gateway
        await self.database.many(
            "UPDATE recipient SET state = ?, due_at = ?, reason = ? WHERE id = ?",
            [*others, *(("failed", 0, words, id_) for id_, words in refused)],
        )
        await self.database.many(
            "UPDATE recipient SET state = 'queued', due_at = 0, reason = '', message_id = ? WHERE id = ?", put
        )
        return len(next_ones), len(put)

    async def _stop(self, broadcast_id: int, reason: str, now: datetime) -> tuple[int, int]:
        """Pause it where nobody could get it as things are; joins the caller's transaction."""
        await self.database.rows("UPDATE broadcast SET state = 'paused', reason = ? WHERE id = ?", reason, broadcast_id)
        await journal.append(
            actor=settling.ACTOR, verb="paused", kind="broadcast", thing_id=broadcast_id, text=reason, at=now
        )
        return 0, 0

    async def _into_the_outbox(
        self, drafts: Sequence[tuple[int, Draft]]
    ) -> tuple[list[tuple[int, int]], list[tuple[int, str]]]:
        """Those that were put, with their messages' ids, and those that could not be, with the reason."""
        try:
            ids = await self.outbox.put_many([draft for _, draft in drafts])
        except Wrong as error:
            if len(drafts) == 1:
                return [], [(drafts[0][0], str(error))]
            # Letters are written before any row: one that cannot be is found by halves.
            half = len(drafts) // 2
            first, second = await self._into_the_outbox(drafts[:half]), await self._into_the_outbox(drafts[half:])
            return first[0] + second[0], first[1] + second[1]
        return [(message, recipient) for message, (recipient, _) in zip(ids, drafts, strict=True)], []

    async def _tokens(self, broadcast_id: int, rate_per_minute: int, now: datetime) -> float:
        """What its bucket holds; its row is locked with the broadcast's."""
        rows = await self.database.rows("SELECT tokens, at FROM bucket WHERE name = ?", _bucket(broadcast_id))
        if not rows:
            await self.database.rows(
                "INSERT INTO bucket (name, tokens, at) VALUES (?, 1, ?)", _bucket(broadcast_id), to_moment(now)
            )
            return 1.0
        passed = max(timedelta(0), now - from_moment(rows[0]["at"])).total_seconds()
        most = max(1.0, rate_per_minute / 60 * BURST_SECONDS)
        return min(most, float(rows[0]["tokens"]) + passed * rate_per_minute / 60)


async def cancel_waiting(database: Database, broadcast_id: int) -> int:
    """Of a cancelled one, all who wait are cancelled: in parts, so that nobody else waits for a million."""
    done = 0
    while await database.read(
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


def _quiet_until(now: datetime, hours: str, sayer: Sayer, one: Mapping[str, Any]) -> datetime | None:
    try:
        return consent.quiet_until(now, hours, sayer.zone(one)) if hours else None
    except Wrong:
        return None  # hours that nobody can read: the gate holds it, and says so


def _draft(row: Row, one: Mapping[str, Any], sayer: Sayer) -> Draft:
    said = sayer.say(one)
    return Draft(
        account_id=row["account_id"],
        address=one["address"],
        text=said.text,
        subject=said.subject,
        html=said.html,
        name=one["name"],
        purpose=Purpose.BROADCAST,
    )


def _bucket(broadcast_id: int) -> str:
    return f"broadcast:{broadcast_id}"


def _said(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"
