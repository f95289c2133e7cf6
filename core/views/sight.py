"""The first sight of a desk: all that the queues screen shows when it opens, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.views.arrivals import ArrivalsRow, arrivals
from core.views.beginning import Beginning, beginning
from core.views.queue import QueueRow, queues
from core.views.standing import PersonRow, Standing, people, standing
from core.views.waiting import contacts_by_id, waiting_ids

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database
    from core.views.contact_rows import ContactRow

SEEN = 60
"""Contacts that are read with it, which is more than most terminals have lines."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A desk at a moment, with the contacts of its first queue."""

    people: list[PersonRow]
    beginning: Beginning
    standing: Standing
    queues: list[QueueRow]
    came: dict[int, ArrivalsRow]
    ids: list[int]
    """The first of those that wait in the first queue, in order."""
    rows: dict[int, ContactRow]
    """The same, by id."""


async def sight(database: Database, now: datetime) -> Sight:
    """Read it. Raises IndexError for a database that has no desk yet."""
    known = await queues(database, now)
    ids = await waiting_ids(database, known[0].id, limit=SEEN) if known else []
    return Sight(
        people=await people(database),
        beginning=await beginning(database),
        standing=await standing(database, now),
        queues=known,
        came=await arrivals(database, now),
        ids=ids,
        rows=await contacts_by_id(database, ids),
    )
