"""What a supervisor sees over an agent's shoulder: a contact's thread, and what the agent types at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment
from core.views.contact import thread
from core.views.contact_rows import SELECT_CONTACT, ContactRow, contact_row

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database
    from core.views.contact import MessageRow, NoteRow

NEWEST = 100
"""Messages of the thread."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody types and has not sent."""

    text: str
    subject: str
    cc: str
    files: str
    """JSON list of paths."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Shadow:
    """A contact as its agent sees it."""

    row: ContactRow
    messages: tuple[MessageRow, ...]
    notes: tuple[NoteRow, ...]
    typed: Typed | None
    """Of the agent who has it, at whichever seat was typed last."""


async def shadow(database: Database, contact_id: int) -> Shadow:
    """Read it. Raises NotFound."""
    row, messages, notes = await thread(database, contact_id, NEWEST)
    return Shadow(row, tuple(messages), tuple(notes), await typed(database, contact_id))


async def typed(database: Database, contact_id: int) -> Typed | None:
    """What the agent who has the contact types; None without anything. Cheap: it is read twice a second."""
    rows = await database.read(
        "SELECT d.text, d.subject, d.cc, d.files, d.at FROM typed_draft d JOIN contact c ON c.id = d.contact_id"
        " AND c.agent_id = d.person_id WHERE d.contact_id = ? ORDER BY d.at DESC, d.id DESC LIMIT 1",
        contact_id,
    )
    if not rows:
        return None
    one = rows[0]
    return Typed(one["text"], one["subject"], one["cc"], one["files"], from_moment(one["at"]))


async def in_hand(database: Database, login: str) -> list[ContactRow]:
    """All that somebody has: open, held, in wrap-up or offered; the oldest first."""
    rows = await database.read(
        f"{SELECT_CONTACT} WHERE p.login = ? AND c.state IN ('offered', 'open', 'held', 'wrap-up')"
        " ORDER BY c.received_at, c.id",
        login,
    )
    return [contact_row(row) for row in rows]
