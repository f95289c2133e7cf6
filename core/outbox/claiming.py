"""Which rows this engine sends next: a claim under the shared rate and the gate of consent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import consent
from core.models.fields import from_moment, to_moment
from core.models.states import Channel, OutboxState, Purpose
from core.store import StoreBusy

if TYPE_CHECKING:
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database

BUSY_PAUSE = 0.5
SMALL_LETTER = 100_000
"""Octets: a larger letter is read only when its turn has come, so that a claim stays small in memory."""


@dataclass(frozen=True, slots=True, order=True)
class Claimed:
    """A row this engine has in hand; sorts by lane, then by when it was due."""

    lane: int
    due: int
    id: int
    attempts: int = field(compare=False)
    first_try: int | None = field(compare=False)
    sender: str = field(compare=False)
    recipients: tuple[str, ...] = field(compare=False)
    letter: bytes | None = field(compare=False)
    """None where it is large: read it with `letter_of`."""


class Claims:
    """Takes due rows for one holder."""

    def __init__(self, database: Database, clock: Clock, holder: str) -> None:
        self.database = database
        self.clock = clock
        self.holder = holder

    async def take(self, most: int, rate_per_minute: int) -> tuple[list[Claimed], float]:
        """Claim up to `most` due rows; with them, the seconds until there may be more (rate or a row's due time)."""
        now = self.clock.now()
        wait = await self._wait(now, rate_per_minute)
        if wait > 0:
            return [], wait  # nothing was written, and so no bell rings that would wake whoever asked
        async with self.database.transaction():
            allowed, tokens = most, 0.0
            if rate_per_minute > 0:
                tokens = await self._tokens(now, rate_per_minute)
                allowed = min(most, int(tokens))
            rows = await self._claim(now, allowed) if allowed > 0 else []
            if rate_per_minute > 0:
                await self._spend(now, tokens - len(rows))
            rows = await self._suppress(rows, now)
        wait = await self._wait(now, rate_per_minute)
        letters = await self._small_letters([row["id"] for row in rows])
        return sorted(_claimed(row, letters.get(row["id"])) for row in rows), wait

    async def give_back(self) -> None:
        """Let go of every row that is in hand and not yet on its way."""
        await self.database.rows(
            "UPDATE outbox SET claimed_by = '' WHERE claimed_by = ? AND state = ?", self.holder, OutboxState.QUEUED
        )

    async def letter_of(self, row: Claimed) -> bytes:
        """The letter's bytes, read now if it is a large one."""
        if row.letter is not None:
            return row.letter
        while True:
            try:
                found = await self.database.read("SELECT content FROM letter WHERE outbox_id = ?", row.id)
            except StoreBusy:
                await asyncio.sleep(BUSY_PAUSE)
            else:
                return bytes(found[0]["content"])

    async def _claim(self, now: datetime, most: int) -> list[dict[str, Any]]:
        return await self.database.rows(
            "UPDATE outbox SET claimed_by = ? WHERE id IN (SELECT id FROM outbox WHERE state = 'queued'"
            f" AND claimed_by = '' AND due_at <= ? ORDER BY lane, due_at, id LIMIT {most}{self.database.skip_locked})"
            " RETURNING id, lane, due_at, attempts, first_try_at, sender, recipients, purpose, address, account_id",
            self.holder, to_moment(now),
        )  # fmt: skip

    async def _small_letters(self, ids: list[int]) -> dict[int, bytes]:
        if not ids:
            return {}
        rows = await self.database.read(
            f"SELECT outbox_id, content FROM letter WHERE outbox_id IN ({', '.join('?' * len(ids))})"
            f" AND length(content) <= {SMALL_LETTER}",
            *ids,
        )
        return {row["outbox_id"]: bytes(row["content"]) for row in rows}

    async def _suppress(self, rows: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
        """The gate: what no person was asked about does not leave for an address that has opted out."""
        gated = [row for row in rows if Purpose(row["purpose"]) not in consent.ASKED_FIRST]
        if not gated:
            return rows
        kinds = await self.database.rows("SELECT id, kind FROM account")
        channel_of = {row["id"]: Channel(row["kind"]) for row in kinds}
        stopped: set[int] = set()
        for channel in Channel:
            mine = [row for row in gated if channel_of[row["account_id"]] is channel]
            unwilling = await consent.opted_out(self.database, channel, [row["address"] for row in mine])
            stopped |= {row["id"] for row in mine if row["address"] in unwilling}
        await self.database.many(
            "UPDATE outbox SET state = 'suppressed', claimed_by = '', reply = ? WHERE id = ?",
            [(f"held back {now:%Y-%m-%d %H:%M} UTC: the address has opted out", id_) for id_ in stopped],
        )
        return [row for row in rows if row["id"] not in stopped]

    async def _tokens(self, now: datetime, rate_per_minute: int) -> float:
        found = await self.database.rows(
            "SELECT tokens, at FROM bucket WHERE name = 'outgoing'" + ("" if self.database.is_sqlite else " FOR UPDATE")
        )
        if not found:
            return 1.0
        passed = max(timedelta(0), now - from_moment(found[0]["at"])).total_seconds()
        return min(max(1.0, rate_per_minute / 60), float(found[0]["tokens"]) + passed * rate_per_minute / 60)

    async def _spend(self, now: datetime, left: float) -> None:
        await self.database.rows(
            "INSERT INTO bucket (name, tokens, at) VALUES ('outgoing', ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET tokens = excluded.tokens, at = excluded.at",
            left, to_moment(now),
        )  # fmt: skip

    async def _wait(self, now: datetime, rate_per_minute: int) -> float:
        """Seconds until a row is due and the rate lets it leave; 0 when one may now."""
        due = await self._next_due(now)
        if rate_per_minute <= 0:
            return due
        tokens = await self._tokens(now, rate_per_minute)
        return due if tokens >= 1 else max(due, (1 - tokens) * 60 / rate_per_minute)

    async def _next_due(self, now: datetime) -> float:
        rows = await self.database.read(
            "SELECT min(due_at) AS due FROM outbox WHERE state = 'queued' AND claimed_by = ''"
        )
        due = rows[0]["due"]
        return max(0.0, (from_moment(due) - now).total_seconds()) if due is not None else float("inf")


def _claimed(row: dict[str, Any], letter: bytes | None) -> Claimed:
    return Claimed(
        lane=row["lane"],
        due=row["due_at"],
        id=row["id"],
        attempts=row["attempts"],
        first_try=row["first_try_at"],
        sender=row["sender"],
        recipients=tuple(json.loads(row["recipients"])),
        letter=letter,
    )
