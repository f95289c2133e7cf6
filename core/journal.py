"""The journal: append-only lines of who or what did what to which thing, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.store import Database


async def append(
    *, actor: str, verb: str, kind: str, thing_id: int | None = None, text: str = "", at: datetime | None = None
) -> None:
    """Write one line in the caller's transaction. `text` is one sentence without a customer's words or a secret."""
    from core.models import Journal

    await Journal.create(
        at=at or datetime.now(UTC), actor=actor[:64], verb=verb, kind=kind, thing_id=thing_id, text=text
    )


async def lines(database: Database, kind: str, thing_id: int) -> list[dict[str, object]]:
    """All lines about one thing, oldest first: at (microseconds), actor, verb, text."""
    return await database.read(
        "SELECT at, actor, verb, text FROM journal WHERE kind = ? AND thing_id = ? ORDER BY at, id", kind, thing_id
    )
