"""The contacts of one queue, in the order they will be given out, however many wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.store.bulk import read_ids
from core.store.searching import containing
from core.views.contact_rows import SELECT_CONTACT, ContactRow, contact_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store import Database

ORDERS = {
    "": "c.priority DESC, c.received_at, c.id",
    "age": "c.received_at, c.id",
    "priority": "c.priority DESC, c.received_at, c.id",
    "address": "c.address, c.id",
    "name": "c.name, c.id",
    "text": "c.preview, c.id",
}
"""What a queue can be ordered by; "" is the order in which contacts are given out."""


async def waiting_ids(
    database: Database, queue_id: int, *, words: str = "", order: str = "", backwards: bool = False, limit: int = 0
) -> list[int]:
    """The ids of all that wait in a queue; with `words` only those where each stands in address, name or text.

    `limit`: the first so many alone; 0 = all.
    """
    clause, values = "", []
    for word in words.split()[:8]:
        clause += " AND LOWER(c.address || ' ' || c.name || ' ' || c.subject || ' ' || c.preview) LIKE ? ESCAPE '!'"
        values.append(containing(word))
    found = await read_ids(
        database,
        f"SELECT c.id FROM contact c WHERE c.queue_id = ? AND c.state = 'queued'{clause} ORDER BY {ORDERS[order]}"
        f"{f' LIMIT {int(limit)}' if limit else ''}",
        queue_id, *values,
    )  # fmt: skip
    ids = found.tolist()
    return ids[::-1] if backwards else ids


async def contacts_by_id(database: Database, contact_ids: Sequence[int]) -> dict[int, ContactRow]:
    """These contacts, by id; those that are not there are left out."""
    found: dict[int, ContactRow] = {}
    for start in range(0, len(contact_ids), 500):
        part = contact_ids[start : start + 500]
        rows = await database.read(f"{SELECT_CONTACT} WHERE c.id IN ({', '.join('?' * len(part))})", *part)
        found |= {row["id"]: contact_row(row) for row in rows}
    return found
