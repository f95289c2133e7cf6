"""Broadcasts as a screen and a command show them: the list, one live, its ledger."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.clock import from_moment, moment, to_moment
from core.errors import NotFound
from core.views.broadcast_ledger import LedgerRow, in_short, ledger, ledger_csv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.store import Database

__all__ = [
    "Answered", "BroadcastRow", "LedgerRow", "LiveRow", "answered", "broadcast", "broadcasts", "held", "ledger",
    "ledger_csv", "live",
]  # fmt: skip
STATES = ("waiting", "queued", "sent", "failed", "unknown", "suppressed", "cancelled")
NEWEST_SENT = 60_000
"""So many of the newest that have left are looked at for the chart: a minute of very fast ones may be cut short."""
MOST_FAILURES = 12
SOON = 5.0
"""Seconds before which no rate is told from what has left."""


@dataclass(frozen=True, slots=True)
class BroadcastRow:
    """One broadcast of the list; its numbers add up: planned = the sum of all states."""

    id: int
    name: str
    state: str
    """`planned` (waits for a second person), `scheduled`, `running`, `paused`, `done`, `cancelled`."""
    campaign: str
    audience: str
    """As in `campaign spring: unused, callback`."""
    channel: str
    account: str
    template: str
    planned: int
    waiting: int
    queued: int
    sent: int
    failed: int
    unknown: int
    suppressed: int
    cancelled: int
    excluded: Mapping[str, int]
    rate_per_minute: int
    brake_percent: int
    send_hours: str
    """In which it leaves by the customer's clock; empty = at any."""
    reason: str
    """Why it pauses."""
    by: str
    approved_by: str
    created_at: datetime
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def settled(self) -> int:
        """Those of whom it is known what became of them."""
        return self.sent + self.failed + self.suppressed + self.cancelled


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One broadcast as it runs."""

    row: BroadcastRow
    held: int
    """Waiting for a time of their own: quiet hours, or a try that was put off."""
    held_until: datetime | None
    """When the first of them is due."""
    by_minute: tuple[int, ...]
    """How many left in each of the last minutes, the oldest first."""
    per_minute: float
    """How many leave a minute now."""
    seconds_left: float | None
    """None where nothing says."""
    failures: tuple[tuple[str, int], ...]
    """The server's last words -> how many, the most frequent first."""
    replies: int
    """Contacts that answer it."""
    opt_outs: int
    """Recipients who have opted out since it began."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A broadcast that a contact's address got before it wrote."""

    id: int
    name: str
    sent_at: datetime


async def broadcasts(database: Database) -> list[BroadcastRow]:
    """All of them, those that run first, then the newest."""
    return await _broadcasts(database, "")


async def broadcast(database: Database, broadcast_id: int) -> BroadcastRow:
    """One. Raises NotFound."""
    rows = await _broadcasts(database, " AND b.id = ?", broadcast_id)
    if not rows:
        raise NotFound(f"there is no broadcast {broadcast_id}: 'postroom broadcast list' shows them")
    return rows[0]


async def live(database: Database, broadcast_id: int, now: datetime, minutes: int = 30) -> LiveRow:
    """One as it runs. Raises NotFound."""
    row = await broadcast(database, broadcast_id)
    waits, held_until = await held(database, broadcast_id, now)
    by_minute, lately = await _by_minute(database, broadcast_id, now, minutes)
    replies, opt_outs = 0, 0
    if row.started_at is not None:
        replies = await _replies(database, broadcast_id, row.started_at)
        opt_outs = await _opt_outs(database, broadcast_id, row.started_at)
    per_minute = _per_minute(lately, row, now)
    left = row.waiting + row.queued - waits
    rate = per_minute or row.rate_per_minute
    return LiveRow(
        row=row,
        held=waits,
        held_until=held_until,
        by_minute=by_minute,
        per_minute=per_minute,
        seconds_left=left * 60 / rate if row.state == "running" and rate and left > 0 else None,
        failures=await _failures(database, broadcast_id),
        replies=replies,
        opt_outs=opt_outs,
    )


def _per_minute(lately: int, row: BroadcastRow, now: datetime) -> float:
    """In the first minute it is reckoned from what has left so far: its rate lets a few go at once at the beginning."""
    ran = (now - row.started_at).total_seconds() if row.started_at is not None else 60.0
    if ran >= 60:
        return float(lately)
    return min(lately * 60 / max(SOON, ran), row.rate_per_minute or math.inf)


async def answered(database: Database, contact_id: int) -> Answered | None:
    """The newest broadcast that a contact's address got before it last wrote; None where there is none."""
    rows = await database.read(
        "SELECT b.id, b.name, COALESCE(o.sent_at, o.first_try_at) AS left_at FROM contact c"
        " JOIN broadcast b ON b.account_id = c.account_id JOIN recipient r ON r.broadcast_id = b.id"
        " AND r.address = c.address AND r.state IN ('sent', 'unknown')"
        " JOIN outbox o ON o.message_id = r.message_id"
        " WHERE c.id = ? AND COALESCE(o.sent_at, o.first_try_at) <= COALESCE(c.last_in_at, c.received_at)"
        " ORDER BY left_at DESC LIMIT 1",
        contact_id,
    )
    return Answered(rows[0]["id"], rows[0]["name"], from_moment(rows[0]["left_at"])) if rows else None


async def _broadcasts(database: Database, where: str, *values: object) -> list[BroadcastRow]:
    rows = await database.read(
        "SELECT b.*, k.name AS campaign, a.address AS account FROM broadcast b JOIN account a ON a.id = b.account_id"
        f" LEFT JOIN campaign k ON k.id = b.campaign_id WHERE b.digest <> ''{where}"
        " ORDER BY CASE WHEN b.state IN ('running', 'paused') THEN 0 ELSE 1 END, b.id DESC",
        *values,
    )
    if not rows:
        return []
    marks = ", ".join("?" * len(rows))
    counted = await database.read(
        f"SELECT broadcast_id, state, count(*) AS n FROM recipient WHERE broadcast_id IN ({marks})"
        " GROUP BY broadcast_id, state",
        *[row["id"] for row in rows],
    )
    counts: dict[int, dict[str, int]] = {row["id"]: dict.fromkeys(STATES, 0) for row in rows}
    for one in counted:
        counts[one["broadcast_id"]][one["state"]] = int(one["n"])
    return [_row(row, counts[row["id"]]) for row in rows]


def _row(row: dict[str, Any], counts: dict[str, int]) -> BroadcastRow:
    asked = json.loads(row["audience"])
    of = f"campaign {asked['campaign']}" if asked.get("campaign") else f"list {asked.get('list', '')}"
    audience = f"{of}: {', '.join(asked.get('statuses', ()))}"
    return BroadcastRow(
        id=row["id"],
        name=row["name"],
        state=row["state"],
        campaign=row["campaign"] or "",
        audience=f"{audience}; {asked['words']}" if asked.get("words") else audience,
        channel=row["channel"],
        account=row["account"],
        template=row["template"],
        planned=row["planned"],
        **counts,
        excluded=json.loads(row["excluded"]),
        rate_per_minute=row["rate_per_minute"],
        brake_percent=row["brake_percent"],
        send_hours=row["send_hours"],
        reason=row["reason"],
        by=row["by"],
        approved_by=row["approved_by"],
        created_at=from_moment(row["created_at"]),
        starts_at=moment(row["starts_at"]),
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
    )


async def held(database: Database, broadcast_id: int, now: datetime) -> tuple[int, datetime | None]:
    """How many wait for a time of their own, and when the first of them is due."""
    at = to_moment(now)
    waiting = await database.read(
        "SELECT count(*) AS n, min(due_at) AS due FROM recipient WHERE broadcast_id = ? AND state = 'waiting'"
        " AND due_at > ?",
        broadcast_id, at,
    )  # fmt: skip
    queued = await database.read(
        "SELECT count(*) AS n, min(o.due_at) AS due FROM recipient r JOIN outbox o ON o.message_id = r.message_id"
        " WHERE r.broadcast_id = ? AND r.state = 'queued' AND o.state = 'queued' AND o.due_at > ?",
        broadcast_id, at,
    )  # fmt: skip
    due = [row["due"] for row in (*waiting, *queued) if row["due"] is not None]
    return int(waiting[0]["n"] + queued[0]["n"]), moment(min(due)) if due else None


async def _by_minute(database: Database, broadcast_id: int, now: datetime, minutes: int) -> tuple[tuple[int, ...], int]:
    """How many left in each of the last minutes, and how many in the last sixty seconds."""
    start = to_moment(now - timedelta(minutes=minutes))
    rows = await database.read(
        "SELECT (sent_at - ?) / 60000000 AS slot, count(*) AS n FROM (SELECT o.sent_at FROM recipient r"
        " JOIN outbox o ON o.message_id = r.message_id WHERE r.broadcast_id = ? AND r.state = 'sent'"
        f" ORDER BY r.id DESC LIMIT {NEWEST_SENT}) AS newest WHERE sent_at > ? GROUP BY slot",
        start, broadcast_id, start,
    )  # fmt: skip
    slots = [0] * minutes
    for row in rows:
        slots[min(int(row["slot"]), minutes - 1)] += int(row["n"])
    return tuple(slots), slots[-1]


async def _failures(database: Database, broadcast_id: int) -> tuple[tuple[str, int], ...]:
    rows = await database.read(
        "SELECT reason, count(*) AS n FROM recipient WHERE broadcast_id = ? AND state = 'failed' GROUP BY reason",
        broadcast_id,
    )
    found: Counter[str] = Counter()
    for row in rows:
        found[in_short(row["reason"])] += int(row["n"])
    return tuple(found.most_common(MOST_FAILURES))


async def reply_ids(database: Database, broadcast_id: int, limit: int = 200) -> list[int]:
    """The contacts that answer a broadcast, the newest first. Raises NotFound."""
    row = await broadcast(database, broadcast_id)
    if row.started_at is None:
        return []
    since = to_moment(row.started_at)
    rows = await database.read(
        f"SELECT c.id{_ANSWERS} ORDER BY c.id DESC LIMIT {int(limit)}", since, since, broadcast_id
    )
    return [one["id"] for one in rows]


_ANSWERS = (
    " FROM (SELECT id FROM contact WHERE received_at >= ? UNION SELECT id FROM contact"
    " WHERE state <> 'closed' AND last_in_at >= ?) AS lately JOIN contact c ON c.id = lately.id"
    " JOIN broadcast b ON b.id = ? AND b.account_id = c.account_id"
    " JOIN recipient r ON r.broadcast_id = b.id AND r.address = c.address AND r.state IN ('sent', 'unknown')"
    " JOIN outbox o ON o.message_id = r.message_id"
    " AND COALESCE(o.sent_at, o.first_try_at) <= COALESCE(c.last_in_at, c.received_at)"
)
"""Contacts of recipients that came, or wrote again, after it had left, or may have: since, since, broadcast."""


async def _replies(database: Database, broadcast_id: int, since: datetime) -> int:
    rows = await database.read(f"SELECT count(*) AS n{_ANSWERS}", to_moment(since), to_moment(since), broadcast_id)
    return int(rows[0]["n"])


async def _opt_outs(database: Database, broadcast_id: int, since: datetime) -> int:
    rows = await database.read(
        "SELECT count(*) AS n FROM opt_out p JOIN broadcast b ON b.id = ? AND b.channel = p.channel"
        " JOIN recipient r ON r.broadcast_id = b.id AND r.address = p.address WHERE p.at >= ? AND p.ended_at IS NULL",
        broadcast_id, to_moment(since),
    )  # fmt: skip
    return int(rows[0]["n"])
