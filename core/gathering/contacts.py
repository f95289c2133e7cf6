"""Contacts as their scripts see them, many at a time in a few queries."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment
from core.gathering.customers import read_customers
from core.models.states import Channel, RunEvent
from core.routing.facts import LONGEST_TEXT, ContactFacts, CustomerFacts, PreviousFacts, Received

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.store import Database
    from core.store.database import Row

LARGEST_BATCH = 4_000_000
"""Characters of text that are gathered at once; what is beyond waits for the next batch."""


@dataclass(frozen=True, slots=True)
class Case:
    """One contact that its script is to decide."""

    id: int
    event: RunEvent
    facts: ContactFacts
    account_id: int
    own_queue_id: int
    """Its account's."""
    script_id: int | None
    settings: str
    """JSON: what its account says instead of the script's own settings."""
    debug: bool
    messages: int
    """How many there were."""
    timeout_at: int | None
    """The moment it was to be asked about: another one by now means that somebody else has asked."""

    @property
    def channel(self) -> Channel:
        """As a channel."""
        return Channel(self.facts.channel)


async def read_cases(database: Database, ids: Sequence[int], event: RunEvent, zone: str, now: datetime) -> list[Case]:
    """These contacts in this order, or the first of them where their texts are very long."""
    marks = ", ".join("?" * len(ids))
    found = await database.read(
        "SELECT c.id, c.channel, c.address, c.name, c.subject, c.priority, c.tags, c.received_at, c.queued_at,"
        " c.timeout_at, c.message_count, q.name AS queue, k.name AS class_, a.id AS account_id, a.address AS account,"
        " a.script_id, a.script_settings, a.debug, a.queue_id AS own_queue_id FROM contact c"
        " JOIN account a ON a.id = c.account_id LEFT JOIN queue q ON q.id = c.queue_id"
        " LEFT JOIN call_class k ON k.id = c.call_class_id"
        f" WHERE c.id IN ({marks})",
        *ids,
    )
    rows = {row["id"]: row for row in found}
    texts = await _texts(database, ids)
    before = await _previous(database, list({row["address"] for row in found}))
    customers = await read_customers(database, {(row["channel"], row["address"]) for row in found})
    # In a thread: hundreds of frozen facts take longer to make than anything else should have to wait.
    return await asyncio.to_thread(_cases, ids, rows, event, texts, before, customers, zone, now)


def _cases(
    ids: Sequence[int],
    rows: Mapping[int, Row],
    event: RunEvent,
    texts: Mapping[int, str],
    before: Mapping[tuple[str, str], Row],
    customers: Mapping[tuple[str, str], CustomerFacts],
    zone: str,
    now: datetime,
) -> list[Case]:
    cases: list[Case] = []
    size = 0
    for one in ids:
        if one in rows:
            size += len(texts.get(one, ""))
            if size > LARGEST_BATCH and cases:
                break
            row = rows[one]
            sender = (row["channel"], row["address"])
            found = _case(row, event, texts.get(one, ""), before.get(sender), customers.get(sender), zone, now)
            cases.append(found)
    return cases


async def _texts(database: Database, ids: Sequence[int]) -> dict[int, str]:
    """What the customer wrote in each contact, from the first message on as much as a script sees."""
    marks = ", ".join("?" * len(ids))
    rows = await database.read(
        f"SELECT contact_id, SUBSTR(text, 1, {LONGEST_TEXT}) AS text FROM (SELECT contact_id, text, at, id,"
        " SUM(LENGTH(text)) OVER (PARTITION BY contact_id ORDER BY at, id) - LENGTH(text) AS before FROM message"
        f" WHERE contact_id IN ({marks}) AND direction = 'in' AND automatic = FALSE) said"
        f" WHERE before < {LONGEST_TEXT} ORDER BY contact_id, at, id",
        *ids,
    )
    said: dict[int, list[str]] = {}
    for row in rows:
        said.setdefault(row["contact_id"], []).append(row["text"])
    return {contact: "\n".join(texts)[:LONGEST_TEXT] for contact, texts in said.items()}


async def _previous(database: Database, addresses: Sequence[str]) -> dict[tuple[str, str], Row]:
    """The last closed contact of each channel and address."""
    marks = ", ".join("?" * len(addresses))
    rows = await database.read(
        "SELECT channel, address, agent, closed_at, outcome, class_ FROM (SELECT c.channel, c.address,"
        " p.login AS agent, c.closed_at, c.outcome, k.name AS class_,"
        " ROW_NUMBER() OVER (PARTITION BY c.channel, c.address ORDER BY c.closed_at DESC, c.id DESC) AS place"
        " FROM contact c LEFT JOIN person p ON p.id = c.agent_id LEFT JOIN call_class k ON k.id = c.call_class_id"
        f" WHERE c.state = 'closed' AND c.address IN ({marks})"
        " AND c.closed_at IS NOT NULL) closed WHERE place = 1",
        *addresses,
    )
    return {(row["channel"], row["address"]): row for row in rows}


def _case(
    row: Row,
    event: RunEvent,
    text: str,
    previous: Row | None,
    customer: CustomerFacts | None,
    zone: str,
    now: datetime,
) -> Case:
    address = row["address"]
    waits = event is RunEvent.WAITED and row["queued_at"] is not None
    facts = ContactFacts(
        channel=row["channel"],
        sender=address,
        number=address if address.startswith("+") else None,
        name=row["name"],
        to=row["account"],
        subject=row["subject"] if row["channel"] == Channel.EMAIL else "",
        text=text,
        account=row["account"],
        class_=row["class_"],
        received=Received.at(from_moment(row["received_at"]), zone),
        event="waited" if event is RunEvent.WAITED else "route",
        queue=row["queue"],
        priority=row["priority"],
        waited=_seconds(row["queued_at"], now) if waits else 0,
        tags=tuple(json.loads(row["tags"])),
        customer=customer,
        previous=None if previous is None else _before(previous, row["received_at"]),
    )
    return Case(
        id=row["id"],
        event=event,
        facts=facts,
        account_id=row["account_id"],
        own_queue_id=row["own_queue_id"],
        script_id=row["script_id"],
        settings=row["script_settings"],
        debug=bool(row["debug"]),
        messages=row["message_count"],
        timeout_at=row["timeout_at"],
    )


def _before(row: Row, received: int) -> PreviousFacts:
    ago = _seconds(row["closed_at"], from_moment(received))
    return PreviousFacts(row["agent"], ago, row["outcome"], row["class_"])


def _seconds(since: int, until: datetime) -> int:
    return max(0, int((until - from_moment(since)).total_seconds()))
