"""The log that reports are made of: each step of a contact or an agent, written in the transaction of the step itself.

`core.tallies` sums it up; what it says of a contact is how that stood after the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import to_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database

STEPS = (
    "arrived", "queued", "offered", "expired", "refused", "taken", "accepted", "answered", "replied", "transferred",
    "returned", "held", "resumed", "woken", "wrapped up", "closed", "put back", "reopened", "merged",
)  # fmt: skip
"""Of contacts. `answered` is a person's first reply; `returned` is by a line that was lost."""
TURNS = ("signed in", "signed out", "ready", "not ready")
"""Of agents."""
PART = 400


async def record(
    database: Database,
    verb: str,
    contact_ids: Sequence[int],
    at: datetime,
    *,
    person_id: int | None = None,
    text: str = "",
) -> None:
    """Write a step of these contacts, in the caller's transaction and after the change.

    `person_id`: whose step it was, where it is not (or no longer) the contact's agent.
    """
    moment = to_moment(at)
    for start in range(0, len(contact_ids), PART):
        part = contact_ids[start : start + PART]
        await database.rows(
            "INSERT INTO event (at, verb, state, contact_id, person_id, queue_id, account_id, class_id, channel,"
            " waited, in_time, text, folded) SELECT CAST(? AS BIGINT), ?, c.state, c.id,"
            " COALESCE(CAST(? AS INT), c.agent_id), c.queue_id, c.account_id, c.call_class_id, c.channel,"
            f" {_WAITED.get(verb, 'NULL')}, {_IN_TIME if verb == 'answered' else 'NULL'}, ?, FALSE"
            f" FROM contact c LEFT JOIN queue q ON q.id = c.queue_id WHERE c.id IN ({', '.join('?' * len(part))})",
            moment, verb, person_id, *([moment] * _MOMENTS.get(verb, 0)), text[:100], *part,
        )  # fmt: skip


async def record_agent(database: Database, verb: str, person_id: int, state: str, at: datetime, text: str = "") -> None:
    """Write a turn of an agent, in the caller's transaction."""
    await database.rows(
        "INSERT INTO event (at, verb, state, person_id, channel, text, folded) VALUES (?, ?, ?, ?, '', ?, FALSE)",
        to_moment(at), verb, state, person_id, text[:100],
    )  # fmt: skip


_WAITED = {
    "answered": "CAST(? AS BIGINT) - c.received_at",
    "taken": "CAST(? AS BIGINT) - COALESCE(c.queued_at, c.received_at)",
    "accepted": "CAST(? AS BIGINT) - COALESCE(c.queued_at, c.received_at)",
}
_IN_TIME = "CAST(? AS BIGINT) - c.received_at <= q.service_seconds * CAST(1000000 AS BIGINT)"
_MOMENTS = {"answered": 2, "taken": 1, "accepted": 1}
