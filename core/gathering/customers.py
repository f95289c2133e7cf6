"""The customers of lists whose addresses contacts come from, many at a time in at most two queries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.models.states import Channel
from core.routing.facts import CustomerFacts
from core.routing.values import MOST_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.store import Database
    from core.store.database import Row

_COLUMNS = {Channel.SMS: "number", Channel.EMAIL: "email"}


async def read_customers(
    database: Database, senders: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], CustomerFacts]:
    """Who stands on a list with these addresses, by channel and address as they were given.

    Of several, one on a campaign's list comes first, then who was changed last.
    """
    given = set(senders)
    found: dict[tuple[str, str], CustomerFacts] = {}
    for channel, column in _COLUMNS.items():
        keys = {_key(channel, address) for kind, address in given if kind == channel} - {""}
        known = {row["address"]: row for row in await _rows(database, column, list(keys))} if keys else {}
        for kind, address in given if known else ():
            if kind == channel and (row := known.get(_key(channel, address))) is not None:
                found[kind, address] = _facts(row)
    return found


def _key(channel: str, address: str) -> str:
    return address.strip().lower() if channel == Channel.EMAIL else address


async def _rows(database: Database, column: str, addresses: list[str]) -> list[Row]:
    return await database.read(
        "SELECT * FROM (SELECT c.id, c.reference, c.name, c.status, c.own_fields, l.name AS list, k.name AS campaign,"
        f" p.login AS owner, c.{column} AS address, ROW_NUMBER() OVER (PARTITION BY c.{column} ORDER BY"
        " CASE WHEN l.campaign_id IS NULL THEN 1 ELSE 0 END, c.changed_at DESC, c.id DESC) AS place FROM customer c"
        " JOIN customer_list l ON l.id = c.list_id LEFT JOIN campaign k ON k.id = l.campaign_id"
        f" LEFT JOIN person p ON p.id = c.owner_id WHERE c.{column} IN ({', '.join('?' * len(addresses))})"
        f" AND c.{column} <> '') known WHERE place = 1",
        *addresses,
    )


def _facts(row: Row) -> CustomerFacts:
    fields = json.loads(row["own_fields"])
    return CustomerFacts(
        name=row["name"],
        reference=row["reference"],
        status=row["status"],
        campaign=row["campaign"] or "",
        list=row["list"],
        owner=row["owner"],
        fields=dict(list(fields.items())[:MOST_VALUES]),
    )
