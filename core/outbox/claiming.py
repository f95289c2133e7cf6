"""Which rows this engine sends next: a claim under the shared rate and the gate of consent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import consent
from core.models.fields import from_moment, to_moment
from core.models.states import OutboxState
from core.store import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Collection
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

    async def take(self, most: int, rate_per_minute: int, *, above: int | None = None) -> tuple[list[Claimed], float]:
        """Claim up to `most` due rows; with them, the seconds until there may be more (rate or a row's due time).

        `above`: only of lanes that go before this one.
        """
        now = self.clock.now()
        wait = await self._wait(now, rate_per_minute, above)
        if wait > 0:
            return [], wait  # nothing was written, and so no bell rings that would wake whoever asked
        async with self.database.transaction():
            allowed, tokens = most, 0.0
            if rate_per_minute > 0:
                tokens = await self._tokens(now, rate_per_minute)
                allowed = min(most, int(tokens))
            rows = await self._claim(now, allowed, above) if allowed > 0 else []
            rows = await self._suppress(rows, now)
            if rate_per_minute > 0:
                await self._spend(now, tokens - len(rows))
        wait = await self._wait(now, rate_per_minute, above)
        letters = await self._small_letters([row["id"] for row in rows])
        return sorted(_claimed(row, letters.get(row["id"])) for row in rows), wait

    async def give_back(self, but: Collection[int] = ()) -> None:
        """Let go of every row that is claimed and not yet on its way, but for these."""
        kept = f" AND id NOT IN ({', '.join('?' * len(but))})" if but else ""
        await self.database.rows(
            f"UPDATE outbox SET claimed_by = '' WHERE claimed_by = ? AND state = ?{kept}",
            self.holder, OutboxState.QUEUED, *but,
        )  # fmt: skip

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

    async def _claim(self, now: datetime, most: int, above: int | None) -> list[dict[str, Any]]:
        picked = await self.database.rows_at_once(
            _CLAIMED,
            f"FROM outbox WHERE {_due(above)} ORDER BY lane, due_at, id LIMIT {most}{self.database.skip_locked}",
            to_moment(now),
        )
        if picked:
            places = ", ".join("?" * len(picked))
            await self.database.rows(
                f"UPDATE outbox SET claimed_by = ? WHERE id IN ({places})", self.holder, *(row["id"] for row in picked)
            )
        return picked

    async def _small_letters(self, ids: list[int]) -> dict[int, bytes]:
        if not ids:
            return {}
        rows = await self.database.look(
            f"SELECT outbox_id, content FROM letter WHERE outbox_id IN ({', '.join('?' * len(ids))})"
            f" AND length(content) <= {SMALL_LETTER}",
            *ids,
        )
        return {row["outbox_id"]: bytes(row["content"]) for row in rows}

    async def _suppress(self, rows: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
        """The gate: those that may go. The others are put off or suppressed, each with its reason."""
        verdicts = await consent.verdicts(self.database, rows, now)
        held = {id_: verdict for id_, verdict in verdicts.items() if isinstance(verdict, consent.Held)}
        stopped = {id_: verdict for id_, verdict in verdicts.items() if isinstance(verdict, consent.Stopped)}
        if not held and not stopped:
            return rows
        words = {id_: f"held back {now:%Y-%m-%d %H:%M} UTC: {verdict.why}" for id_, verdict in stopped.items()}
        words |= {id_: verdict.why for id_, verdict in held.items()}
        await self.database.many(
            "UPDATE outbox SET state = 'suppressed', claimed_by = '', reply = ? WHERE id = ?",
            [(words[id_], id_) for id_ in stopped],
        )
        await self.database.many(
            "UPDATE outbox SET due_at = ?, claimed_by = '', code = 0, reply = ? WHERE id = ?",
            [(to_moment(verdict.until), words[id_], id_) for id_, verdict in held.items()],
        )
        await self.database.insert_many(
            "journal",
            ("at", "actor", "verb", "kind", "thing_id", "text"),
            [
                (to_moment(now), "outbox", "suppressed" if row["id"] in stopped else "held", "message",
                 row["message_id"], words[row["id"]])
                for row in rows if row["id"] in words
            ],
            "id",
        )  # fmt: skip
        return [row for row in rows if row["id"] not in words]

    async def _tokens(self, now: datetime, rate_per_minute: int) -> float:
        """What the bucket holds now; inside a transaction nobody else spends of it before that ends."""
        locked = "" if self.database.is_sqlite else " FOR UPDATE"
        found = await self.database.rows("SELECT tokens, at FROM bucket WHERE name = 'outgoing'" + locked)
        if not found:
            await self.database.rows(
                "INSERT INTO bucket (name, tokens, at) VALUES ('outgoing', 1, ?) ON CONFLICT (name) DO NOTHING",
                to_moment(now),
            )
            return await self._tokens(now, rate_per_minute)
        passed = max(timedelta(0), now - from_moment(found[0]["at"])).total_seconds()
        return min(max(1.0, rate_per_minute / 60), float(found[0]["tokens"]) + passed * rate_per_minute / 60)

    async def _spend(self, now: datetime, left: float) -> None:
        await self.database.rows("UPDATE bucket SET tokens = ?, at = ? WHERE name = 'outgoing'", left, to_moment(now))

    async def _wait(self, now: datetime, rate_per_minute: int, above: int | None) -> float:
        """Seconds until a row is due and the rate lets it leave; 0 when one may now."""
        due = await self._next_due(now, above)
        if rate_per_minute <= 0 or due == float("inf"):
            return due
        tokens = await self._tokens(now, rate_per_minute)
        return due if tokens >= 1 else max(due, (1 - tokens) * 60 / rate_per_minute)

    async def _next_due(self, now: datetime, above: int | None) -> float:
        # Looked for before it is asked when the next one is: that has to look at every row that waits.
        if await self.database.look(f"SELECT 1 FROM outbox WHERE {_due(above)} LIMIT 1", to_moment(now)):
            return 0.0
        rows = await self.database.look(f"SELECT min(due_at) AS due FROM outbox WHERE {_due(above)}", _FOR_EVER)
        due = rows[0]["due"]
        return max(0.001, (from_moment(due) - now).total_seconds()) if due is not None else float("inf")


_FOR_EVER = 2**62
_CLAIMED = ("id", "message_id", "lane", "due_at", "attempts", "first_try_at", "sender", "recipients", "purpose",
            "address", "account_id")  # fmt: skip


def _due(above: int | None) -> str:
    """The rows that nobody has in hand, due by a moment that is the statement's value."""
    lanes = "" if above is None else f" AND lane < {above}"
    return f"state = 'queued' AND claimed_by = ''{lanes} AND due_at <= ?"


def addresses_of(written: str) -> tuple[str, ...]:
    """A JSON list of addresses; most have one, in which nothing is escaped."""
    alone = written[2:-2]
    if written == f'["{alone}"]' and '"' not in alone and "\\" not in alone:
        return (alone,)
    return tuple(json.loads(written))


def _claimed(row: dict[str, Any], letter: bytes | None) -> Claimed:
    return Claimed(
        lane=row["lane"],
        due=row["due_at"],
        id=row["id"],
        attempts=row["attempts"],
        first_try=row["first_try_at"],
        sender=row["sender"],
        recipients=addresses_of(row["recipients"]),
        letter=letter,
    )
