"""Settling: recipients follow their messages; the brake; the end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core import journal
from core.broadcasts.taking_back import take_back
from core.clock import to_moment
from core.models.states import RecipientState
from core.store.bulk import for_all

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

PART = 1_000
BRAKE_FROM = 20
"""Settled recipients before the brake judges."""
ACTOR = "broadcasts"

_BECAME = "CASE WHEN o.state IN ('queued', 'sending') THEN 'queued' ELSE o.state END"
_COLUMNS = (
    "r.id",
    f"{_BECAME} AS state",
    "CASE WHEN o.state IN ('sent', 'queued', 'sending') THEN '' ELSE o.reply END AS reason",
)
_FOLLOWING = (
    "FROM recipient r JOIN outbox o ON o.message_id = r.message_id"
    f" WHERE r.broadcast_id = ? AND r.state IN ('queued', 'unknown') AND r.state <> {_BECAME}"
)
_SETTLED = (
    "UPDATE recipient SET state = became.column2, reason = became.column3, due_at = 0 FROM {rows} AS became"
    " WHERE recipient.id = became.column1"
)

_OPEN = " UNION ALL ".join(
    f"SELECT 1 WHERE EXISTS (SELECT 1 FROM recipient WHERE broadcast_id = ? AND state = '{state}')"
    for state in ("waiting", "queued", "unknown")
)


async def settle(database: Database, broadcast_id: int) -> Counter[str]:
    """Recipients whose messages have become something else become the same; how many became what."""
    found: Counter[str] = Counter()
    if not await database.look(f"SELECT 1 {_FOLLOWING} LIMIT 1", broadcast_id):
        return found
    locked = "" if database.is_sqlite else " FOR UPDATE OF r SKIP LOCKED"
    while True:
        async with database.transaction():
            rows = await database.rows_at_once(_COLUMNS, f"{_FOLLOWING} LIMIT {PART}{locked}", broadcast_id)
            if rows:
                became = [(row["id"], row["state"], row["reason"]) for row in rows]
                await database.many(*for_all(_SETTLED, ("BIGINT", "TEXT", "TEXT"), became))
        found.update(row["state"] for row in rows)
        if len(rows) < PART:
            return found


async def brake(database: Database, broadcast_id: int, now: datetime) -> bool | None:
    """Pause it where too many have failed since somebody let it run; whether it did, None = too few to judge by."""
    rows = await database.look(
        "SELECT brake_percent, brake_sent, brake_failed FROM broadcast WHERE id = ? AND state = 'running'"
        " AND brake_percent > 0",
        broadcast_id,
    )
    if not rows:
        return False
    (row,) = rows
    sent, failed = await sent_and_failed(database, broadcast_id)
    failed, sent = failed - row["brake_failed"], sent - row["brake_sent"]
    settled = sent + failed
    if settled < BRAKE_FROM:
        return None
    if failed * 100 < row["brake_percent"] * settled:
        return False
    words = f"{failed} of {settled} have failed, and the brake is at {row['brake_percent']} %"
    await pause(database, broadcast_id, now, actor=ACTOR, reason=words)
    return True


async def sent_and_failed(database: Database, broadcast_id: int) -> tuple[int, int]:
    """How many have left so far, and how many have failed."""
    rows = await database.rows(
        "SELECT state, count(*) AS n FROM recipient WHERE broadcast_id = ? AND state IN ('sent', 'failed')"
        " GROUP BY state",
        broadcast_id,
    )
    counts = {row["state"]: int(row["n"]) for row in rows}
    return counts.get("sent", 0), counts.get("failed", 0)


async def pause(database: Database, broadcast_id: int, now: datetime, *, actor: str, reason: str) -> bool:
    """Let nothing more leave; False where it was neither running nor scheduled."""
    async with database.transaction():
        rows = await database.rows(
            "UPDATE broadcast SET state = 'paused', reason = ? WHERE id = ? AND state IN ('running', 'scheduled')"
            " RETURNING id",
            reason, broadcast_id,
        )  # fmt: skip
        if rows:
            await take_back(database, broadcast_id, RecipientState.WAITING, now)
            await journal.append(
                actor=actor, verb="paused", kind="broadcast", thing_id=broadcast_id, text=reason, at=now
            )
    return bool(rows)


async def end(database: Database, broadcast_id: int, now: datetime) -> bool:
    """It is done (or, cancelled, at its end) when of nobody it is open what becomes; whether that is so now."""
    if await database.look(_OPEN, *[broadcast_id] * 3):
        return False
    async with database.transaction():
        # Locked first: whoever lets failed ones wait again does it before we look, or after we have ended it.
        locked = "" if database.is_sqlite else " FOR UPDATE"
        rows = await database.rows(
            "SELECT state FROM broadcast WHERE id = ? AND ended_at IS NULL"
            f" AND state IN ('running', 'paused', 'cancelled'){locked}",
            broadcast_id,
        )
        if not rows or await database.rows(_OPEN, *[broadcast_id] * 3):
            return False
        state = "cancelled" if rows[0]["state"] == "cancelled" else "done"
        await database.rows(
            "UPDATE broadcast SET state = ?, ended_at = ? WHERE id = ?", state, to_moment(now), broadcast_id
        )
        if state == "done":
            await journal.append(actor=ACTOR, verb="done", kind="broadcast", thing_id=broadcast_id, at=now)
    return True
