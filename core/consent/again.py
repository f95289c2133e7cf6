"""Judged again: what quiet hours hold back waits for their end no longer where they have become others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.fields import to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


async def hours_changed(database: Database, campaign_id: int, now: datetime) -> None:
    """What a campaign's quiet hours hold back is due, and held anew where it is quiet still; joins the transaction."""
    at = to_moment(now)
    if not database.is_sqlite:  # whoever feeds one of them has it locked, and comes to its recipients afterwards
        await database.rows("SELECT id FROM broadcast WHERE campaign_id = ? ORDER BY id FOR UPDATE", campaign_id)
    await database.rows(
        "UPDATE recipient SET due_at = 0, reason = '' WHERE state = 'waiting' AND due_at > ? AND broadcast_id IN"
        " (SELECT id FROM broadcast WHERE campaign_id = ? AND state IN ('running', 'paused'))",
        at, campaign_id,
    )  # fmt: skip
    await database.rows(
        "UPDATE outbox SET due_at = ?, reply = '' WHERE id IN (SELECT o.id FROM outbox o WHERE o.state = 'queued'"
        " AND o.reply LIKE 'held %' AND (EXISTS (SELECT 1 FROM event_letter e"
        " WHERE e.message_id = o.message_id AND e.campaign_id = ?) OR EXISTS (SELECT 1 FROM recipient r"
        " JOIN broadcast b ON b.id = r.broadcast_id WHERE r.message_id = o.message_id AND b.campaign_id = ?))"
        f"{database.skip_locked})",
        at, campaign_id, campaign_id,
    )  # fmt: skip
