"""Which customers are meant: one filter for views, exports and broadcasts."""

from __future__ import annotations

from dataclasses import dataclass

from core.store.searching import containing

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Audience:
    """A choice of customers; an empty field does not choose."""

    campaign: str = ""
    """All customers of a campaign's lists, by its name."""
    list: str = ""
    """All customers of a list, by its name."""
    statuses: tuple[str, ...] = ()
    """Only those of these statuses (`core.models.states.CustomerStatus`)."""
    words: str = ""
    """Each word must stand in reference, name, number, e-mail address or own fields."""
    owner: str = ""
    """A login."""
    due_before: int | None = None
    """Only call-backs that are due before this moment."""


def where_of(which: Audience, *, by_page: bool = False) -> tuple[str, list[object]]:
    """A condition on `customer c` and its values, in SQL with `?`: `WHERE {condition}`. Never empty.

    `by_page`: for a few rows at a time ORDER BY c.id, behind the last one. Without the lists' own index: with it each
    page would sort all customers of a list.
    """
    column = "+c.list_id" if by_page else "c.list_id"
    parts: list[str] = []
    values: list[object] = []
    if which.campaign:
        parts.append(
            f"{column} IN (SELECT l.id FROM customer_list l JOIN campaign k ON k.id = l.campaign_id WHERE k.name = ?)"
        )
        values.append(which.campaign)
    if which.list:
        parts.append(f"{column} IN (SELECT id FROM customer_list WHERE name = ?)")
        values.append(which.list)
    if which.statuses:
        parts.append(f"c.status IN ({', '.join('?' * len(which.statuses))})")
        values += which.statuses
    if which.owner:
        parts.append("c.owner_id = (SELECT id FROM person WHERE login = ?)")
        values.append(which.owner)
    if which.due_before is not None:
        parts.append("c.status = 'callback' AND c.callback_at < ?")
        values.append(which.due_before)
    for word in which.words.split()[:MOST_WORDS]:
        parts.append(
            "LOWER(c.reference || ' ' || c.name || ' ' || c.number || ' ' || c.email || ' ' || c.own_fields)"
            " LIKE ? ESCAPE '!'"
        )
        values.append(containing(word))
    return " AND ".join(parts) or "1 = 1", values
