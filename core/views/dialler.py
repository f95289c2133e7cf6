"""What there is to ring: campaigns with their due call-backs and unused customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment, moment, to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class DiallingRow:
    """A campaign, as whoever is about to ring sees it. Only customers with a number count."""

    campaign: str
    due: int
    """Call-backs that are due, for anybody or this agent."""
    own_due: int
    """Those of them that this agent promised."""
    unused: int
    in_hand: int
    """Customers whom some agent is about to ring."""
    next_due: datetime | None
    """The next call-back for this agent or anybody that is not due yet."""


@dataclass(frozen=True, slots=True)
class EventLetterRow:
    """What a customer got, or did not get, on an event."""

    campaign: str
    event: str
    channel: str
    message: int | None
    state: str
    """Of its row in the outbox; empty where nothing was written."""
    reason: str
    at: datetime


async def dialling(database: Database, now: datetime, login: str = "") -> list[DiallingRow]:
    """Campaigns that have lists, by name."""
    at = to_moment(now)
    rows = await database.read(
        "SELECT k.name AS campaign,"
        " COALESCE(SUM(CASE WHEN c.status = 'callback' AND c.callback_at <= ? THEN 1 ELSE 0 END), 0) AS due,"
        " COALESCE(SUM(CASE WHEN c.status = 'callback' AND c.callback_at <= ? AND c.callback_for_id IS NOT NULL"
        " THEN 1 ELSE 0 END), 0) AS own_due,"
        " COALESCE(SUM(CASE WHEN c.status = 'unused' THEN 1 ELSE 0 END), 0) AS unused,"
        " COALESCE(SUM(CASE WHEN c.handed_until > ? THEN 1 ELSE 0 END), 0) AS in_hand,"
        " MIN(CASE WHEN c.status = 'callback' AND c.callback_at > ? THEN c.callback_at END) AS next_due"
        " FROM campaign k JOIN customer_list l ON l.campaign_id = k.id"
        " LEFT JOIN customer c ON c.list_id = l.id AND c.number <> '' AND c.status IN ('unused', 'callback')"
        " AND (c.callback_for_id IS NULL OR c.callback_for_id = (SELECT id FROM person WHERE login = ?))"
        " GROUP BY k.id, k.name ORDER BY k.name",
        at, at, at, at, login,
    )  # fmt: skip
    return [
        DiallingRow(row["campaign"], int(row["due"]), int(row["own_due"]), int(row["unused"]), int(row["in_hand"]),
                    moment(row["next_due"]))
        for row in rows
    ]  # fmt: skip


async def event_letters(database: Database, customer_id: int) -> list[EventLetterRow]:
    """What a customer got on events of the dialler, newest first."""
    rows = await database.read(
        "SELECT k.name AS campaign, e.event, e.channel, e.message_id, COALESCE(o.state, '') AS state, e.reason, e.at"
        " FROM event_letter e JOIN campaign k ON k.id = e.campaign_id LEFT JOIN outbox o ON o.message_id = e.message_id"
        " WHERE e.customer_id = ? ORDER BY e.id DESC",
        customer_id,
    )
    return [
        EventLetterRow(row["campaign"], row["event"], row["channel"], row["message_id"], row["state"], row["reason"],
                       from_moment(row["at"]))
        for row in rows
    ]  # fmt: skip
