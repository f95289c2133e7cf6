"""Who serves what, known once: whose the queues are, who is there to be offered work, what takes up her room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.store import Database

HEARD_SECONDS = 12
"""How often a screen says that it is there."""
SILENT_SECONDS = 40
"""A screen that was not heard of for so long may be gone: nothing new is offered there."""
MISSED = "missed offers"
"""The reason of who took too many offers in a row for nothing."""
SERVES = (
    "(NOT EXISTS (SELECT 1 FROM queue_group n WHERE n.queue_id = q.id) OR EXISTS (SELECT 1 FROM queue_group g"
    " JOIN person_group m ON m.agentgroup_id = g.agentgroup_id WHERE g.queue_id = q.id AND m.person_id = a.person_id))"
)
"""SQL: whether the agent `a` serves the queue `q`; one without groups is everybody's."""
ROOM_TAKERS = ("offered", "open", "wrap-up")
"""States in which a contact takes up room."""
IN_THE_WAY = "('" + "', '".join(ROOM_TAKERS) + "')"
"""SQL: these states."""
IN_HAND = "{of}.agent_id IS NOT NULL AND {of}.state <> 'closed'"
"""SQL: beside the states that are asked for, what lets both databases take the index of contacts that somebody has."""
LAST_AGENT = (
    "(SELECT p.agent_id FROM contact p WHERE p.state = 'closed' AND p.address = c.address AND p.closed_at >= {since}"
    " ORDER BY p.closed_at DESC LIMIT 1)"
)
"""SQL: who closed the last contact of the customer of `c`, if that was not before `since`."""


@dataclass(frozen=True, slots=True)
class Served:
    """Queues by who serves them; all of them ids."""

    everybodys: frozenset[int]
    """Those that name no group."""
    own: Mapping[int, frozenset[int]]
    """Of each person those of the person's groups."""

    def by(self, person_id: int) -> frozenset[int]:
        """All that a person serves."""
        return self.everybodys | self.own.get(person_id, frozenset())


async def served_queues(database: Database) -> Served:
    """Who serves which queue."""
    rows = await database.read(
        "SELECT pg.person_id, qg.queue_id FROM person_group pg JOIN queue_group qg"
        " ON qg.agentgroup_id = pg.agentgroup_id UNION ALL SELECT NULL, q.id FROM queue q"
        " WHERE NOT EXISTS (SELECT 1 FROM queue_group g WHERE g.queue_id = q.id)"
    )
    own: dict[int, set[int]] = {}
    for row in rows:
        if row["person_id"] is not None:
            own.setdefault(row["person_id"], set()).add(row["queue_id"])
    everybodys = frozenset(row["queue_id"] for row in rows if row["person_id"] is None)
    return Served(everybodys, {person: frozenset(queues) for person, queues in own.items()})
