"""Drafts: what a person types for a customer is kept as it is typed, and is there again after whatever happened.

A draft is nobody else's business: it rings no bell and writes no journal. Each seat (a running screen) writes a row of
its own, so that two screens of one person never overwrite each other; a seat that goes on with what another one wrote
takes that row's place, if nothing was added to it meanwhile. The reply it becomes takes it away in its own transaction
(`Desk.reply`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.clock import from_moment, to_moment

if TYPE_CHECKING:
    from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class SeatDraft:
    """A draft as it is in the database."""

    seat: str
    """Where it was typed; a token that means nothing else."""
    version: int
    at: datetime
    """When it was typed last."""
    draft: KeptDraft = field(default_factory=KeptDraft)


class Drafts:
    """Unsent answers, one for each person, contact and seat."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def keep(
        self, contact_id: int, draft: KeptDraft, *, login: str, seat: str = "", instead_of: SeatDraft | None = None
    ) -> None:
        """Keep this as what was typed at this seat; an empty draft is dropped. Nothing for who is no user.

        `instead_of`: another seat's draft that this one goes on with; it goes, unless it has changed since.
        """
        if draft.empty:
            await self._drop(contact_id, login, seat)
        else:
            await self.database.rows(
                "INSERT INTO typed_draft (contact_id, person_id, seat, version, text, subject, cc, files, at)"
                " SELECT c.id, p.id, CAST(? AS TEXT), 1, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT),"
                " CAST(? AS TEXT), CAST(? AS BIGINT)"
                " FROM contact c JOIN person p ON p.login = ? WHERE c.id = ?"
                " ON CONFLICT (contact_id, person_id, seat) DO UPDATE SET text = excluded.text,"
                " subject = excluded.subject, cc = excluded.cc, files = excluded.files, at = excluded.at,"
                " version = typed_draft.version + 1",
                seat, draft.text, draft.subject, draft.cc, json.dumps(list(draft.files)), to_moment(self.clock.now()),
                login, contact_id,
            )  # fmt: skip
        if instead_of is not None and instead_of.seat != seat:
            await self._drop(contact_id, login, instead_of.seat, instead_of.version)

    async def kept(self, contact_id: int, *, login: str) -> list[SeatDraft]:
        """What this person has typed for this contact and not sent, at any seat; the newest first."""
        rows = await self.database.read(
            "SELECT d.seat, d.version, d.at, d.text, d.subject, d.cc, d.files FROM typed_draft d"
            " JOIN person p ON p.id = d.person_id WHERE d.contact_id = ? AND p.login = ? ORDER BY d.at DESC, d.id DESC",
            contact_id, login,
        )  # fmt: skip
        return [
            SeatDraft(
                row["seat"], row["version"], from_moment(row["at"]),
                KeptDraft(row["text"], row["subject"], row["cc"], tuple(json.loads(row["files"]))),
            )
            for row in rows
        ]  # fmt: skip

    async def _drop(self, contact_id: int, login: str, seat: str, version: int | None = None) -> None:
        unchanged = "" if version is None else " AND version = ?"
        await self.database.rows(
            "DELETE FROM typed_draft WHERE contact_id = ? AND seat = ?"
            f" AND person_id IN (SELECT id FROM person WHERE login = ?){unchanged}",
            contact_id, seat, login, *(() if version is None else (version,)),
        )  # fmt: skip
