"""One change of the set-up: who may make it, when, and its line in the journal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import journal, roles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database

ROUTE = "change routing scripts, calendars, variables and templates"
"""What a refusal says only a supervisor may do."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and when."""

    database: Database
    actor: str
    at: datetime

    async def write(self, verb: str, kind: str, thing_id: int, text: str) -> None:
        """A line of the journal, in this transaction."""
        await journal.append(actor=self.actor, verb=verb, kind=kind, thing_id=thing_id, text=text, at=self.at)


@asynccontextmanager
async def turn(database: Database, clock: Clock, actor: str) -> AsyncIterator[By]:
    """A transaction in which this person may change the set-up; two at once take their turns. Raises Refused."""
    async with database.transaction():
        await roles.supervisor_only(database, actor, ROUTE)
        await database.rows("SELECT id FROM desk WHERE id = 1" + ("" if database.is_sqlite else " FOR UPDATE"))
        yield By(database, actor, clock.now())
