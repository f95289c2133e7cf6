"""A contact as lists show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.clock import from_moment, moment

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact in a list."""

    id: int
    state: str
    channel: str
    account: str
    address: str
    name: str
    number: str
    """The address of a text's sender; empty for an e-mail."""
    subject: str
    text: str
    """The newest inbound text, on one line."""
    class_: str
    queue: str
    priority: int
    agent: str
    outcome: str
    received_at: datetime
    queued_at: datetime | None
    closed_at: datetime | None
    held_until: datetime | None
    """When it comes back by itself; None while it is not held."""
    messages: int
    offered_until: datetime | None = None
    """When an offer ends that nobody took."""
    wrap_until: datetime | None = None
    wrap_up_seconds: int = 0
    """How long it may be wrapped up, as its queue has it; 0 = it is closed at once."""
    merged_into: int | None = None
    """The contact that has its messages now."""


SELECT_CONTACT = (
    "SELECT c.id, c.state, c.channel, a.address AS account, c.address, c.name, c.subject, c.preview, k.name AS class_,"
    " q.name AS queue, c.priority, p.login AS agent, c.outcome, c.received_at, c.queued_at, c.closed_at, c.held_until,"
    " c.message_count, c.offered_until, c.wrap_until, q.wrap_up_seconds, c.merged_into"
    " FROM contact c JOIN account a ON a.id = c.account_id LEFT JOIN queue q ON q.id = c.queue_id"
    " LEFT JOIN call_class k ON k.id = c.call_class_id LEFT JOIN person p ON p.id = c.agent_id"
)


def contact_row(row: dict[str, Any]) -> ContactRow:
    """A row of SELECT_CONTACT, frozen."""
    return ContactRow(
        id=row["id"],
        state=row["state"],
        channel=row["channel"],
        account=row["account"],
        address=row["address"],
        name=row["name"],
        number=row["address"] if row["channel"] == "sms" else "",
        subject=row["subject"],
        text=row["preview"],
        class_=row["class_"] or "",
        queue=row["queue"] or "",
        priority=row["priority"],
        agent=row["agent"] or "",
        outcome=row["outcome"],
        received_at=from_moment(row["received_at"]),
        queued_at=moment(row["queued_at"]),
        closed_at=moment(row["closed_at"]),
        held_until=moment(row["held_until"]),
        messages=row["message_count"],
        offered_until=moment(row["offered_until"]),
        wrap_until=moment(row["wrap_until"]),
        wrap_up_seconds=row["wrap_up_seconds"] or 0,
        merged_into=row["merged_into"],
    )
