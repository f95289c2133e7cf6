"""Consent: one ledger of opt-outs, and one gate for everything that leaves.

An agent's own reply is let through the outbox because the desk asked her first; what no person wrote is suppressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.fields import to_moment
from core.models.states import Channel, Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.store import Database

ASKED_FIRST = frozenset({Purpose.REPLY, Purpose.FORWARD, Purpose.CONSENT, Purpose.CHECK})
"""Purposes that pass an opt-out: a person was asked, or it is the one confirmation of the opt-out itself."""


async def opted_out(database: Database, channel: Channel, addresses: Iterable[str]) -> set[str]:
    """Which of these addresses want nothing more on this channel."""
    wanted = list(set(addresses))
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = await database.rows(
            f"SELECT address FROM opt_out WHERE ended_at IS NULL AND channel = ?"
            f" AND address IN ({', '.join('?' * len(part))})",
            channel.value, *part,
        )  # fmt: skip
        found.update(row["address"] for row in rows)
    return found


async def opt_out(
    database: Database, *, channel: Channel, address: str, source: str, at: datetime, mail_id: int | None = None
) -> bool:
    """Record that an address wants no more; joins the caller's transaction. False when that stood already."""
    if await opted_out(database, channel, [address]):
        return False
    rows = await database.rows(
        "INSERT INTO opt_out (address, channel, at, source, mail_id, ended_by) VALUES (?, ?, ?, ?, ?, '')"
        " ON CONFLICT (address, channel) WHERE ended_at IS NULL DO NOTHING RETURNING id",
        address, channel.value, to_moment(at), source[:200], mail_id,
    )  # fmt: skip
    return bool(rows)


async def opt_in(database: Database, *, channel: Channel, address: str, by: str, at: datetime) -> bool:
    """End an opt-out; the evidence stays. Joins the caller's transaction. False when there was none."""
    rows = await database.rows(
        "UPDATE opt_out SET ended_at = ?, ended_by = ? WHERE address = ? AND channel = ? AND ended_at IS NULL"
        " RETURNING id",
        to_moment(at), by[:200], address, channel.value,
    )  # fmt: skip
    return bool(rows)
