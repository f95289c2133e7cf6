"""Drafts: what a person types for a customer is kept as it is typed, and is there again after whatever happened.

A draft is nobody else's business: it rings no bell and writes no journal. The reply it becomes takes it away in its own
transaction (`Desk.reply`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.fields import to_moment

if TYPE_CHECKING:
    from core.clock import Clock
    from core.store import Database


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """What was typed, exactly."""

    text: str = ""
    subject: str = ""
    cc: str = ""
    """As typed: addresses separated by commas."""
    files: tuple[str, ...] = ()
    """Paths of files to send with it."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.text or self.subject or self.cc or self.files)


class Drafts:
    """Unsent answers, one for each person and contact."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def keep(self, contact_id: int, draft: KeptDraft, *, login: str) -> None:
        """Keep this instead of what was kept before; an empty draft is dropped. Nothing for who is no user."""
        if draft.empty:
            await self.database.rows(
                "DELETE FROM unsent_draft WHERE contact_id = ?"
                " AND person_id IN (SELECT id FROM person WHERE login = ?)",
                contact_id, login,
            )  # fmt: skip
            return
        await self.database.rows(
            "INSERT INTO unsent_draft (contact_id, person_id, text, subject, cc, files, at)"
            " SELECT c.id, p.id, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT)"
            " FROM contact c JOIN person p ON p.login = ? WHERE c.id = ?"
            " ON CONFLICT (contact_id, person_id) DO UPDATE SET text = excluded.text, subject = excluded.subject,"
            " cc = excluded.cc, files = excluded.files, at = excluded.at",
            draft.text, draft.subject, draft.cc, json.dumps(list(draft.files)), to_moment(self.clock.now()), login,
            contact_id,
        )  # fmt: skip

    async def kept(self, contact_id: int, *, login: str) -> KeptDraft:
        """What this person has typed for this contact and not sent; empty when nothing."""
        rows = await self.database.read(
            "SELECT d.text, d.subject, d.cc, d.files FROM unsent_draft d JOIN person p ON p.id = d.person_id"
            " WHERE d.contact_id = ? AND p.login = ?",
            contact_id, login,
        )  # fmt: skip
        if not rows:
            return KeptDraft()
        row = rows[0]
        return KeptDraft(row["text"], row["subject"], row["cc"], tuple(json.loads(row["files"])))
