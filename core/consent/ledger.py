"""The ledgers: who has opted out, and whom a campaign, or the whole desk, is not to write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.fields import to_moment
from core.models.states import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.store import Database

MOST_AT_ONCE = 500


async def opted_out(database: Database, channel: Channel, addresses: Iterable[str]) -> set[str]:
    """Which of these addresses want nothing more on this channel, as they were written."""
    wanted: dict[str, list[str]] = {}
    for address in set(addresses):
        wanted.setdefault(address_key(channel, address), []).append(address)
    keys = list(wanted)
    found: set[str] = set()
    for start in range(0, len(keys), MOST_AT_ONCE):
        part = keys[start : start + MOST_AT_ONCE]
        rows = await database.rows(
            f"SELECT address FROM opt_out WHERE ended_at IS NULL AND channel = ?"
            f" AND address IN ({_places(part)})",
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
        address_key(channel, address), channel.value, to_moment(at), source[:200], mail_id,
    )  # fmt: skip
    await _out_of_hand(database, [address_key(channel, address)])
    return bool(rows)


async def opt_in(database: Database, *, channel: Channel, address: str, by: str, at: datetime) -> bool:
    """End an opt-out; the evidence stays. Joins the caller's transaction. False when there was none."""
    rows = await database.rows(
        "UPDATE opt_out SET ended_at = ?, ended_by = ? WHERE address = ? AND channel = ? AND ended_at IS NULL"
        " RETURNING id",
        to_moment(at), by[:200], address_key(channel, address), channel.value,
    )  # fmt: skip
    return bool(rows)


async def opt_in_these(database: Database, ids: Sequence[int], *, by: str, at: datetime) -> dict[int, str]:
    """The same of these opt-outs, by their ids: the address of each that stood."""
    ended: dict[int, str] = {}
    for start in range(0, len(ids), MOST_AT_ONCE):
        part = ids[start : start + MOST_AT_ONCE]
        rows = await database.rows(
            f"UPDATE opt_out SET ended_at = ?, ended_by = ? WHERE id IN ({_places(part)}) AND ended_at IS NULL"
            " RETURNING id, address",
            to_moment(at), by[:200], *part,
        )  # fmt: skip
        ended |= {row["id"]: row["address"] for row in rows}
    return ended


async def not_to_contact(database: Database, channel: Channel, addresses: Iterable[str]) -> dict[str, set[int | None]]:
    """The campaigns that are not to write to each of these addresses, as they were written; None = the whole desk."""
    wanted: dict[str, list[str]] = {}
    for address in set(addresses):
        wanted.setdefault(address_key(channel, address), []).append(address)
    keys = list(wanted)
    found: dict[str, set[int | None]] = {}
    for start in range(0, len(keys), MOST_AT_ONCE):
        part = keys[start : start + MOST_AT_ONCE]
        rows = await database.rows(
            f"SELECT address, campaign_id FROM do_not_contact WHERE channel = ? AND address IN ({_places(part)})",
            channel.value, *part,
        )  # fmt: skip
        for row in rows:
            for address in wanted[row["address"]]:
                found.setdefault(address, set()).add(row["campaign_id"])
    return found


async def forbid(
    database: Database,
    entries: Sequence[tuple[Channel, str]],
    *,
    campaign_id: int | None,
    source: str,
    at: datetime,
) -> int:
    """Put addresses on a do-not-contact list; joins the caller's transaction. How many were not on it.

    What an engine has in hand for them and has not begun to send comes before the gate again.
    """
    added = 0
    for start in range(0, len(entries), MOST_AT_ONCE):
        keys = [(channel, address_key(channel, address)) for channel, address in entries[start : start + MOST_AT_ONCE]]
        values = [(campaign_id, channel.value, key, source[:255], to_moment(at)) for channel, key in keys]
        rows = await database.rows(
            "INSERT INTO do_not_contact (campaign_id, channel, address, source, at) VALUES "
            + ", ".join(["(?, ?, ?, ?, ?)"] * len(keys))
            + " ON CONFLICT DO NOTHING RETURNING id",
            *(value for row in values for value in row),
        )  # fmt: skip
        added += len(rows)
        await _out_of_hand(database, [key for _, key in keys])
    return added


async def allow(database: Database, channel: Channel, address: str, *, campaign_id: int | None) -> bool:
    """Take an address off a do-not-contact list; joins the caller's transaction. False when it was not on it."""
    rows = await database.rows(
        "DELETE FROM do_not_contact WHERE channel = ? AND address = ? AND COALESCE(campaign_id, 0) = ? RETURNING id",
        channel.value, address_key(channel, address), campaign_id or 0,
    )  # fmt: skip
    return bool(rows)


async def allow_these(database: Database, ids: Sequence[int]) -> set[int]:
    """The same of these entries, by their ids: those that were there."""
    gone: set[int] = set()
    for start in range(0, len(ids), MOST_AT_ONCE):
        part = ids[start : start + MOST_AT_ONCE]
        rows = await database.rows(f"DELETE FROM do_not_contact WHERE id IN ({_places(part)}) RETURNING id", *part)
        gone |= {row["id"] for row in rows}
    return gone


async def _out_of_hand(database: Database, keys: Sequence[str]) -> None:
    """What an engine has in hand for these and has not begun to send is judged again, however it is spelt."""
    await database.rows(
        "UPDATE outbox SET claimed_by = '' WHERE state = 'queued' AND claimed_by <> ''"
        f" AND lower(address) IN ({_places(keys)})",
        *keys,
    )


def address_key(channel: Channel, address: str) -> str:
    """One address as the ledgers have it."""
    # Two spellings of one mailbox: hardly a server in the world tells them apart, and a customer would not.
    return address.strip().lower() if channel is Channel.EMAIL else address.strip()


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
