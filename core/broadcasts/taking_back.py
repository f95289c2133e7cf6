"""Taking back what is in the outbox and has not begun to leave, whoever has it in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import to_moment
from core.models.states import RecipientState
from core.outbox import AFTER_DOUBT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database
    from core.store.database import Row

PART = 500


async def take_back(database: Database, broadcast_id: int, becomes: RecipientState, now: datetime) -> int:
    """Its queued recipients wait again (or are cancelled), their messages are gone; joins the caller's transaction.

    What somebody else changes this very moment is left for the next time. A letter that may have gone before stays,
    and is in doubt again.
    """
    locked = "" if database.is_sqlite else " FOR UPDATE OF o SKIP LOCKED"
    moment, taken = to_moment(now), 0
    while True:
        rows = await database.rows(
            "SELECT r.id, r.reason, o.id AS row_id, o.message_id, o.due_at, o.reply FROM recipient r"
            " JOIN outbox o ON o.message_id = r.message_id"
            f" WHERE r.broadcast_id = ? AND r.state = 'queued' AND o.state = 'queued' LIMIT {PART}{locked}",
            broadcast_id,
        )
        if not rows:
            return taken
        taken += len(rows)
        if doubtful := [row for row in rows if row["reason"] == AFTER_DOUBT]:
            await _doubt(database, doubtful)
            rows = [row for row in rows if row["reason"] != AFTER_DOUBT]
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
        if rows:
            await forget(database, rows)


async def _doubt(database: Database, rows: Sequence[Row]) -> None:
    """It was to be sent again and has not been: a person settles it as before, and it is the same letter still."""
    words = "it was to be sent again when its broadcast stopped"
    await database.many(
        "UPDATE outbox SET state = 'unknown', claimed_by = '', reply = ? WHERE id = ?",
        [(words, row["row_id"]) for row in rows],
    )
    await database.many(
        "UPDATE recipient SET state = 'unknown', due_at = 0, reason = ? WHERE id = ?",
        [(words, row["id"]) for row in rows],
    )


async def forget(database: Database, rows: Sequence[Row]) -> None:
    """Delete messages that have not left, with their rows of the outbox (`row_id`, `message_id`)."""
    marks = ", ".join("?" * len(rows))
    await database.rows(f"DELETE FROM letter WHERE outbox_id IN ({marks})", *[row["row_id"] for row in rows])
    await database.rows(f"DELETE FROM outbox WHERE id IN ({marks})", *[row["row_id"] for row in rows])
    await database.rows(f"DELETE FROM message WHERE id IN ({marks})", *[row["message_id"] for row in rows])
