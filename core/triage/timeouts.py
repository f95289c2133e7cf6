"""Timeouts: contacts that have outstayed theirs in a queue, to be asked about again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import journal
from core.models.fields import to_moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.store import Database


async def due(database: Database, now: datetime, which: str, values: Iterable[int], limit: int) -> list[int]:
    """Ids of those whose time is over, the longest over first; `which` is a condition on their account `a`."""
    rows = await database.read(
        "SELECT c.id FROM contact c JOIN account a ON a.id = c.account_id WHERE c.state = 'queued'"
        f" AND c.timeout_at IS NOT NULL AND c.timeout_at <= ?{which} ORDER BY c.timeout_at, c.id LIMIT {limit}",
        to_moment(now), *values,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def let_stay(database: Database, now: datetime) -> int:
    """End the timeouts of contacts whose account has no script any more: nobody can be asked; how many."""
    async with database.transaction():
        rows = await database.rows(
            "UPDATE contact SET timeout_at = NULL WHERE state = 'queued' AND timeout_at IS NOT NULL AND timeout_at <= ?"
            " AND account_id IN (SELECT id FROM account WHERE script_id IS NULL) RETURNING id",
            to_moment(now),
        )
        if rows:
            await journal.append(
                actor="triage",
                verb="stay",
                kind="desk",
                text=f"{len(rows)} outstayed their timeout, but no script can be asked any more: each keeps its place",
                at=now,
            )
    return len(rows)
