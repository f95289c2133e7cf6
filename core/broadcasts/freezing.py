"""Freezing: a plan becomes a broadcast with one row for each recipient.

The rows are written in many short transactions, since one long one would keep the whole desk from writing; nobody sees
them before the last, which gives the broadcast its digest and lets it begin.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core import consent, journal
from core.broadcasts.planning import judged
from core.broadcasts.plans import hours_in_words
from core.broadcasts.scene import set_scene
from core.clock import to_moment
from core.errors import Refused
from core.models.states import BroadcastState
from core.store.bulk import for_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from core.broadcasts.planning import Recipients
    from core.broadcasts.plans import Plan, Timing
    from core.secrets import Vault
    from core.store import Database

APPROVAL = "broadcast_approval_over"
"""A variable of the desk: a broadcast to more recipients waits for a second person. None = there is no such rule."""
PART = 2_000
_COLUMNS = "broadcast_id, customer_id, address, zone, state, due_at, reason, parts"


async def freeze(
    database: Database,
    vault: Vault,
    plan: Plan,
    now: datetime,
    *,
    actor: str,
    name: str,
    timing: Timing,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write a broadcast down as planned, and let it begin; its number. Raises Refused where it would be another.

    Raises Wrong for a send window that cannot be read, or that the campaign's quiet hours leave no hour.
    """
    scene = await set_scene(database, vault, plan.request)
    timing = replace(timing, send_hours=consent.right_send_hours(timing.send_hours, scene.quiet_hours))
    rows = await database.rows(
        "INSERT INTO broadcast (name, state, campaign_id, channel, account_id, audience, template, subject, body,"
        " html, when_missing, rate_per_minute, brake_percent, brake_sent, brake_failed, send_hours, starts_at,"
        ' late_minutes, digest, planned, excluded, reason, "by", approved_by, created_at)'
        " VALUES (?, 'planned', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, '', 0, ?, '', ?, '', ?) RETURNING id",
        name[:100], scene.campaign_id, plan.request.channel.value, scene.account_id, scene.as_json(),
        scene.template.name, scene.template.subject, scene.template.body, scene.template.html,
        scene.template.when_missing,
        timing.rate_per_minute, timing.brake_percent, timing.send_hours,
        to_moment(timing.starts_at) if timing.starts_at else None, timing.late_minutes,
        json.dumps(plan.excluded()), actor[:64], to_moment(now),
    )  # fmt: skip
    broadcast_id = int(rows[0]["id"])
    try:

        async def write(found: Recipients) -> None:
            await _write(database, broadcast_id, found)

        judge, digest = await judged(database, scene, now, progress, write)
        if digest != plan.digest:
            raise Refused(
                f"the audience or the template has changed since the plan: {len(judge.ids):,} customers would get it"
                f" now, {plan.recipients:,} were planned; plan it anew"
            )
        await _begin(database, broadcast_id, plan, now, actor=actor, name=name, timing=timing)
    except BaseException:
        await asyncio.shield(discard(database, broadcast_id))
        raise
    return broadcast_id


async def approval_over(database: Database) -> int | None:
    """Above how many recipients a second person is asked; None = never."""
    rows = await database.rows("SELECT value FROM variable WHERE name = ?", APPROVAL)
    value = json.loads(rows[0]["value"]) if rows else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


async def discard(database: Database, broadcast_id: int) -> None:
    """Take away what was written of a broadcast that has no digest."""
    while True:
        async with database.transaction():
            rows = await database.rows(
                "DELETE FROM recipient WHERE id IN (SELECT r.id FROM recipient r JOIN broadcast b"
                f" ON b.id = r.broadcast_id WHERE b.id = ? AND b.digest = '' LIMIT {PART}) RETURNING id",
                broadcast_id,
            )
            if not rows:
                await database.rows("DELETE FROM broadcast WHERE id = ? AND digest = ''", broadcast_id)
                return


async def discard_left_over(database: Database, now: datetime, age: timedelta) -> int:
    """Take away what confirmations that died have left behind; how many."""
    rows = await database.read(
        "SELECT id FROM broadcast WHERE state = 'planned' AND digest = '' AND created_at < ?", to_moment(now - age)
    )
    for row in rows:
        await discard(database, row["id"])
    return len(rows)


def begun(timing_at: int | None, now: datetime) -> BroadcastState:
    """How one begins that is to start at a moment, None = at once."""
    return BroadcastState.SCHEDULED if timing_at is not None and timing_at > to_moment(now) else BroadcastState.RUNNING


async def _begin(
    database: Database,
    broadcast_id: int,
    plan: Plan,
    now: datetime,
    *,
    actor: str,
    name: str,
    timing: Timing,
) -> None:
    most = await approval_over(database)
    state = begun(to_moment(timing.starts_at) if timing.starts_at else None, now)
    digest = timing.digest_of(plan)
    words = f"{name}: {plan.recipients} recipients, digest {digest[:12]}"
    if timing.send_hours:
        words += f", {hours_in_words(timing.send_hours)}"
    if most is not None and plan.recipients > most:
        state = BroadcastState.PLANNED
        words += f"; more than {most}, so a second person is asked"
    async with database.transaction():
        await database.rows(
            "UPDATE broadcast SET state = ?, digest = ?, planned = ?, started_at = ? WHERE id = ?",
            state.value, digest, plan.recipients, to_moment(now) if state is BroadcastState.RUNNING else None,
            broadcast_id,
        )  # fmt: skip
        await journal.append(actor=actor, verb="confirmed", kind="broadcast", thing_id=broadcast_id, text=words, at=now)


async def _write(database: Database, broadcast_id: int, found: Recipients) -> None:
    for start in range(0, len(found), PART):
        part = found[start : start + PART]
        if database.is_sqlite:
            made = f"SELECT {broadcast_id}, column1, column2, column3, 'waiting', 0, '', column4 FROM {{rows}}"
            sql = f"INSERT INTO recipient ({_COLUMNS}) {made}"
            await database.many(*for_all(sql, ("BIGINT", "TEXT", "TEXT", "INT"), part))
            continue
        columns: list[list[Any]] = [list(column) for column in zip(*part, strict=True)]
        await database.rows(
            f"INSERT INTO recipient ({_COLUMNS}) SELECT ?::int, u.who, u.address, u.zone, 'waiting', 0, '', u.parts"
            " FROM unnest(?::bigint[], ?::text[], ?::text[], ?::smallint[]) AS u (who, address, zone, parts)",
            broadcast_id, *columns,
        )  # fmt: skip
