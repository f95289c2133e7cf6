"""Portions: the next recipients of one broadcast, from waiting into the outbox.

Their letters are written before the transaction in which they are put: while it is open, nothing else is committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from core import consent, journal
from core.broadcasts import settling
from core.broadcasts.saying import COLUMNS, Sayer
from core.clock import from_moment, to_moment
from core.errors import Wrong
from core.models.states import Purpose
from core.outbox import Draft
from core.store.bulk import for_all
from core.templates import TemplateText, TemplateWrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.outbox import Outbox, Written
    from core.store import Database
    from core.store.database import Row

PORTION = 500
"""Messages that one transaction writes."""
MOST_PUT_OFF = 20_000
"""Rows of one broadcast in the outbox, with those that are tried again later."""
BURST_SECONDS = 2.0
"""Of its rate, so much is let go at once: an engine looks at least once a second."""
_BROADCAST = (
    "SELECT b.*, k.name AS campaign_name, k.quiet_hours FROM broadcast b LEFT JOIN campaign k ON k.id = b.campaign_id"
    " WHERE b.id = ? AND b.state = 'running'"
)
_PUT = (
    "UPDATE recipient SET state = 'queued', due_at = 0, reason = '', message_id = put.column2"
    " FROM {rows} AS put WHERE recipient.id = put.column1"
)


@dataclass(frozen=True, slots=True)
class _Portion:
    """What is to become of some recipients, by their ids."""

    letters: Sequence[tuple[int, Written]] = ()
    others: Sequence[tuple[str, int, str, int]] = ()
    """State, due, reason, id of those who get none now."""
    stop: str = ""
    """Why nobody could get it as things are."""


class Portions:
    """Puts them for one engine; another that puts the same ones at the same time finds them gone."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self.failed: set[int] = set()
        """Broadcasts of which somebody has failed since the brake has judged."""

    async def put(self, broadcast_id: int, most: int, now: datetime) -> int:
        """At most so many of a running one; how many recipients it changed."""
        rows = await self.database.look(_BROADCAST, broadcast_id)
        if not rows:
            return 0
        allowed = min(most, int(await self._tokens(rows[0], now)), MOST_PUT_OFF - await self._in_the_outbox(rows[0]))
        if allowed <= 0:
            return 0
        portion = await self._written(rows[0], allowed, now)
        if not (portion.letters or portion.others or portion.stop):
            return 0
        return await self._commit(broadcast_id, portion, now)

    async def _in_the_outbox(self, row: Row) -> int:
        counted = await self.database.look(
            "SELECT count(*) AS n FROM recipient WHERE broadcast_id = ? AND state = 'queued'", row["id"]
        )
        return int(counted[0]["n"])

    async def _written(self, row: Row, most: int, now: datetime) -> _Portion:
        """The next recipients' letters; those that are held or fail, with the reason."""
        keeps_hours = bool(row["quiet_hours"] or row["send_hours"])
        # A slow rate is for what leaves: those who are held are passed by, however many they are.
        looked_at = PORTION if keeps_hours else most
        next_ones = await self.database.look(
            f"SELECT r.id AS recipient_id, r.address, {COLUMNS} FROM recipient r"
            " LEFT JOIN customer c ON c.id = r.customer_id WHERE r.broadcast_id = ? AND r.state = 'waiting'"
            f" AND r.due_at <= ? ORDER BY r.due_at, r.id LIMIT {looked_at}",
            row["id"], to_moment(now),
        )  # fmt: skip
        if not next_ones:
            return _Portion()
        (desk,) = await self.database.look("SELECT name, region, timezone FROM desk WHERE id = 1")
        template = TemplateText(row["template"], row["body"], row["subject"], row["when_missing"], row["html"])
        try:
            sayer = Sayer(template, desk=desk, campaign=row["campaign_name"] or "")
        except TemplateWrong as error:  # this program reads templates more strictly than the one that confirmed it
            return _Portion(stop=str(error))
        drafts: list[tuple[int, Draft]] = []
        others: list[tuple[str, int, str, int]] = []
        waits = lru_cache(maxsize=None)(partial(_waits, now, row["quiet_hours"] or "", row["send_hours"]))
        for one in next_ones:
            if len(drafts) == most:
                break
            id_ = one["recipient_id"]
            if one["id"] is None:
                others.append(("failed", 0, "the customer has been deleted", id_))
                continue
            if keeps_hours and (held := waits(sayer.zone(one))) is not None:
                others.append(("waiting", to_moment(held.until), held.why, id_))
                continue
            try:
                drafts.append((id_, _draft(row, one, sayer)))
            except TemplateWrong as error:
                others.append(("failed", 0, str(error), id_))
        letters, refused = await self._letters(drafts)
        if len(refused) > 1 and not letters and len({words for _, words in refused}) == 1:
            return _Portion(stop=refused[0][1])  # it is not them, it is the account or its gateway
        return _Portion(letters, [*others, *(("failed", 0, words, id_) for id_, words in refused)])

    async def _letters(
        self, drafts: Sequence[tuple[int, Draft]]
    ) -> tuple[list[tuple[int, Written]], list[tuple[int, str]]]:
        """The letters that could be written, and why the others could not be."""
        try:
            written = await self.outbox.letters([draft for _, draft in drafts])
        except Wrong as error:
            if len(drafts) == 1:
                return [], [(drafts[0][0], str(error))]
            # One that cannot be written is found by halves.
            half = len(drafts) // 2
            first, second = await self._letters(drafts[:half]), await self._letters(drafts[half:])
            return first[0] + second[0], first[1] + second[1]
        return [(id_, one) for (id_, _), one in zip(drafts, written, strict=True)], []

    async def _commit(self, broadcast_id: int, portion: _Portion, now: datetime) -> int:
        locked = "" if self.database.is_sqlite else " FOR UPDATE SKIP LOCKED"
        async with self.database.transaction():
            # Locked until the end: whoever pauses it waits for us, and another engine feeds another one.
            rows = await self.database.rows(
                f"SELECT id, rate_per_minute FROM broadcast WHERE id = ? AND state = 'running'{locked}", broadcast_id
            )
            if not rows:
                return 0
            if portion.stop:
                return await self._stop(broadcast_id, portion.stop, now)
            tokens = await self._tokens(rows[0], now)
            waiting = await self._still_waiting(portion)
            letters = [(id_, one) for id_, one in portion.letters if id_ in waiting][: int(min(tokens, PORTION))]
            others = [values for values in portion.others if values[-1] in waiting]
            messages = await self.outbox.put_letters([one for _, one in letters])
            await self.database.many("UPDATE recipient SET state = ?, due_at = ?, reason = ? WHERE id = ?", others)
            if any(values[0] == "failed" for values in others):
                self.failed.add(broadcast_id)
            if letters:
                pairs = list(zip((id_ for id_, _ in letters), messages, strict=True))
                await self.database.many(*for_all(_PUT, ("BIGINT", "BIGINT"), pairs))
            if rows[0]["rate_per_minute"] > 0:
                await self._spend(broadcast_id, tokens - len(letters), now)
        return len(letters) + len(others)

    async def _still_waiting(self, portion: _Portion) -> set[int]:
        """Those of the portion whom nobody else has put or cancelled meanwhile."""
        ids = [id_ for id_, _ in portion.letters] + [values[-1] for values in portion.others]
        where = f"FROM recipient WHERE id IN ({', '.join('?' * len(ids))}) AND state = 'waiting'"
        (counted,) = await self.database.rows(f"SELECT count(*) AS n {where}", *ids)
        if counted["n"] == len(ids):
            return set(ids)
        return {row["id"] for row in await self.database.rows(f"SELECT id {where}", *ids)}

    async def _stop(self, broadcast_id: int, reason: str, now: datetime) -> int:
        """Pause it where nobody could get it as things are; joins the caller's transaction."""
        await self.database.rows("UPDATE broadcast SET state = 'paused', reason = ? WHERE id = ?", reason, broadcast_id)
        await journal.append(
            actor=settling.ACTOR, verb="paused", kind="broadcast", thing_id=broadcast_id, text=reason, at=now
        )
        return 0

    async def _tokens(self, row: Mapping[str, Any], now: datetime) -> float:
        """How many its rate lets go now; its bucket is changed by whoever has its row locked."""
        rate_per_minute = int(row["rate_per_minute"])
        if rate_per_minute <= 0:
            return PORTION
        rows = await self.database.rows("SELECT tokens, at FROM bucket WHERE name = ?", _bucket(row["id"]))
        if not rows:
            return 1.0
        passed = max(timedelta(0), now - from_moment(rows[0]["at"])).total_seconds()
        most = max(1.0, rate_per_minute / 60 * BURST_SECONDS)
        return min(most, float(rows[0]["tokens"]) + passed * rate_per_minute / 60)

    async def _spend(self, broadcast_id: int, left: float, now: datetime) -> None:
        await self.database.rows(
            "INSERT INTO bucket (name, tokens, at) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET tokens = excluded.tokens, at = excluded.at",
            _bucket(broadcast_id), left, to_moment(now),
        )  # fmt: skip


def _waits(now: datetime, quiet_hours: str, send_hours: str, zone: str) -> consent.Held | None:
    try:
        return consent.held(now, quiet_hours, send_hours, zone)
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
