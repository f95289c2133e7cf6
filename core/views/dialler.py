"""What there is to ring: campaigns with their due call-backs and unused customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import moment, to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class DiallingRow:
    """A campaign, as whoever is about to ring sees it."""

    campaign: str
    due: int
    """Call-backs that are due, for anybody or this agent, of customers with a number."""
    own_due: int
    """Those of them that this agent promised."""
    unused: int
    """With or without a number."""
    in_hand: int
    """Customers whom some agent is about to ring."""
    next_due: datetime | None
    """The next call-back for this agent or anybody that is not due yet."""


async def dialling(database: Database, now: datetime, login: str = "") -> list[DiallingRow]:
    """Campaigns that have lists, by name."""
    at = to_moment(now)
    mine = (
        "SELECT {what} FROM customer c JOIN customer_list l ON l.id = c.list_id WHERE l.campaign_id = k.id"
        " AND c.status = 'callback' AND {condition} AND c.number <> ''"
    )
    hers = "(c.callback_for_id IS NULL OR c.callback_for_id = (SELECT id FROM person WHERE login = ?))"
    own = "c.callback_for_id = (SELECT id FROM person WHERE login = ?)"
    rows = await database.read(
        "SELECT k.name AS campaign,"
        f" ({mine.format(what='COUNT(*)', condition=f'c.callback_at <= ? AND {hers}')}) AS due,"
        f" ({mine.format(what='COUNT(*)', condition=f'c.callback_at <= ? AND {own}')}) AS own_due,"
        f" ({mine.format(what='MIN(c.callback_at)', condition=f'c.callback_at > ? AND {hers}')}) AS next_due,"
        " (SELECT COUNT(*) FROM customer c JOIN customer_list l ON l.id = c.list_id WHERE l.campaign_id = k.id"
        " AND c.status = 'unused') AS unused,"
        " (SELECT COUNT(*) FROM customer c JOIN customer_list l ON l.id = c.list_id WHERE l.campaign_id = k.id"
        " AND c.handed_until > ?) AS in_hand"
        " FROM campaign k WHERE EXISTS (SELECT 1 FROM customer_list WHERE campaign_id = k.id) ORDER BY k.name",
        at, login, at, login, at, login, at,
    )  # fmt: skip
    return [
        DiallingRow(row["campaign"], int(row["due"]), int(row["own_due"]), int(row["unused"]), int(row["in_hand"]),
                    moment(row["next_due"]))
        for row in rows
    ]  # fmt: skip
