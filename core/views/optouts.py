"""Who wants no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment, moment

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class OptOutRow:
    """One opt-out, standing or ended."""

    address: str
    channel: str
    at: datetime
    source: str
    ended_at: datetime | None
    ended_by: str


async def opt_outs(database: Database, *, ended: bool = False) -> list[OptOutRow]:
    """Opt-outs, newest first; those that have ended only where wanted."""
    clause = "" if ended else " WHERE ended_at IS NULL"
    rows = await database.read(
        f"SELECT address, channel, at, source, ended_at, ended_by FROM opt_out{clause} ORDER BY id DESC"
    )
    return [
        OptOutRow(r["address"], r["channel"], from_moment(r["at"]), r["source"], moment(r["ended_at"]), r["ended_by"])
        for r in rows
    ]
