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
    """Which of these addresses want nothing more on this channel, as they were written."""
    wanted: dict[str, list[str]] = {}
    for address in set(addresses):
        wanted.setdefault(_key(channel, address), []).append(address)
    keys = list(wanted)
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        rows = await database.rows(
            f"SELECT address FROM opt_out WHERE ended_at IS NULL AND channel = ?"
            f" AND address IN ({', '.join('?' * len(part))})",
            channel.value, *part,
        )  # fmt: skip
        for row in rows:
            found.update(wanted[row["address"]])
    return found


async def opt_out(
    database: Database, *, channel: Channel, address: str, source: str, at: datetime, mail_id: int | None = None
) -> bool:
    """Record that an address wants no more; joins the caller's transaction. False when that stood already.

    What an engine has in hand for it and has not begun to send comes before the gate again.
    """
    rows = await database.rows(
        "INSERT INTO opt_out (address, channel, at, source, mail_id, ended_by) VALUES (?, ?, ?, ?, ?, '')"
        " ON CONFLICT (address, channel) WHERE ended_at IS NULL DO NOTHING RETURNING id",
        _key(channel, address), channel.value, to_moment(at), source[:200], mail_id,
    )  # fmt: skip
    await database.rows(
        "UPDATE outbox SET claimed_by = '' WHERE address = ? AND state = 'queued' AND claimed_by <> ''", address
    )
    return bool(rows)


async def opt_in(database: Database, *, channel: Channel, address: str, by: str, at: datetime) -> bool:
    """End an opt-out; the evidence stays. Joins the caller's transaction. False when there was none."""
    rows = await database.rows(
        "UPDATE opt_out SET ended_at = ?, ended_by = ? WHERE address = ? AND channel = ? AND ended_at IS NULL"
        " RETURNING id",
        to_moment(at), by[:200], _key(channel, address), channel.value,
    )  # fmt: skip
    return bool(rows)


def _key(channel: Channel, address: str) -> str:
    # Two spellings of one mailbox: hardly a server in the world tells them apart, and a customer would not.
    return address.strip().lower() if channel is Channel.EMAIL else address.strip()
