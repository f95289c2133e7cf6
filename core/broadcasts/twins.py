"""Twins: customers of one audience with one address, of whom the first gets it. Who that is, by her reference."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from core.models.states import Channel

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from core.broadcasts.plans import Example
    from core.store import Database


async def told_apart(
    database: Database, channel: Channel, twins: Sequence[Example], recipients: array[int]
) -> list[Example]:
    """Each with whom her address is shared. `recipients` are the plan's customers, in order."""
    column = "number" if channel is Channel.SMS else "email"
    addresses = sorted({one.address for one in twins})
    if not addresses:
        return list(twins)
    rows = await database.read(
        f"SELECT id, reference, {column} AS address FROM customer WHERE {column} IN"
        f" ({', '.join('?' * len(addresses))}) ORDER BY id",
        *addresses,
    )
    first: dict[str, str] = {}
    for row in rows:
        at = bisect_left(recipients, row["id"])
        if at < len(recipients) and recipients[at] == row["id"]:
            first.setdefault(row["address"], row["reference"])
    return [
        replace(one, detail=f"{first[one.address]} gets it there" if one.address in first else one.detail)
        for one in twins
    ]
