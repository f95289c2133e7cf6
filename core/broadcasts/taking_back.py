"""Taking back what is in the outbox and has not begun to leave, whoever has it in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import to_moment
from core.models.states import RecipientState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database
    from core.store.database import Row

PART = 500


async def take_back(database: Database, broadcast_id: int, becomes: RecipientState, now: datetime) -> int:
    """Its queued recipients wait again (or are cancelled), their messages are gone; joins the caller's transaction.

    What somebody else changes this very moment is left for the next time.
    """
    locked = "" if database.is_sqlite else " FOR UPDATE OF o SKIP LOCKED"
    moment, taken = to_moment(now), 0
    while True:
        rows = await database.rows(
            "SELECT r.id, o.id AS row_id, o.message_id, o.due_at, o.reply FROM recipient r"
            " JOIN outbox o ON o.message_id = r.message_id"
            f" WHERE r.broadcast_id = ? AND r.state = 'queued' AND o.state = 'queued' LIMIT {PART}{locked}",
            broadcast_id,
        )
        if not rows:
            return taken
        waits = becomes is RecipientState.WAITING
        changes = [
            (becomes.value, row["due_at"], row["reply"], row["id"])
            if waits and row["due_at"] > moment
            else (becomes.value, 0, "", row["id"])
            for row in rows
        ]
        await database.many(
            "UPDATE recipient SET state = ?, due_at = ?, reason = ?, message_id = NULL WHERE id = ?", changes
        )
        await forget(database, rows)
        taken += len(rows)


async def forget(database: Database, rows: Sequence[Row]) -> None:
    """Delete messages that have not left, with their rows of the outbox (`row_id`, `message_id`)."""
    marks = ", ".join("?" * len(rows))
    await database.rows(f"DELETE FROM letter WHERE outbox_id IN ({marks})", *[row["row_id"] for row in rows])
    await database.rows(f"DELETE FROM outbox WHERE id IN ({marks})", *[row["row_id"] for row in rows])
    await database.rows(f"DELETE FROM message WHERE id IN ({marks})", *[row["message_id"] for row in rows])
