"""Broadcasts as a screen and a command show them: the list, one live, its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class BroadcastRow:
    """One broadcast of the list; its numbers add up: planned = the sum of all states."""

    id: int
    name: str
    state: str
    """`planned` (waits for a second person), `scheduled`, `running`, `paused`, `done`, `cancelled`."""
    campaign: str
    audience: str
    """As in `campaign spring: unused, callback`."""
    channel: str
    account: str
    template: str
    planned: int
    waiting: int
    queued: int
    sent: int
    failed: int
    unknown: int
    suppressed: int
    cancelled: int
    excluded: Mapping[str, int]
    rate_per_minute: int
    brake_percent: int
    reason: str
    """Why it pauses."""
    by: str
    approved_by: str
    created_at: datetime
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def settled(self) -> int:
        """Those of whom it is known what became of them."""
        return self.sent + self.failed + self.suppressed + self.cancelled


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One broadcast as it runs."""

    row: BroadcastRow
    held: int
    """Waiting for a time of their own: quiet hours, or a try that was put off."""
    held_until: datetime | None
    """When the first of them is due."""
    by_minute: tuple[int, ...]
    """How many left in each of the last minutes, the oldest first."""
    per_minute: float
    """How many leave a minute now."""
    seconds_left: float | None
    """None where nothing says."""
    failures: tuple[tuple[str, int], ...]
    """The server's last words -> how many, the most frequent first."""
    replies: int
    """Contacts that answer it."""
    opt_outs: int
    """Recipients who have opted out since it began."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What became of one recipient."""

    id: int
    reference: str
    name: str
    address: str
    state: str
    reason: str
    parts: int
    due_at: datetime | None
    attempts: int
    sent_at: datetime | None
    delivery: str
    message: int | None
    """The message's id, which `message settle` takes."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A broadcast that a contact's address got before it wrote."""

    id: int
    name: str
    sent_at: datetime


async def broadcasts(database: Database) -> list[BroadcastRow]:
    """All of them, those that run first, then the newest."""
    raise NotImplementedError


async def broadcast(database: Database, broadcast_id: int) -> BroadcastRow:
    """One. Raises NotFound."""
    raise NotImplementedError


async def live(database: Database, broadcast_id: int, now: datetime, minutes: int = 30) -> LiveRow:
    """One as it runs. Raises NotFound."""
    raise NotImplementedError


async def ledger(
    database: Database, broadcast_id: int, *, state: str = "", reason: str = "", after: int = 0, limit: int = 200
) -> list[LedgerRow]:
    """A page of its recipients by their id; the next one is `after` the last row's. `reason`: as failures have it."""
    raise NotImplementedError


def ledger_csv(database: Database, broadcast_id: int) -> AsyncIterator[str]:
    """The whole ledger as CSV (RFC 4180), a page at a time."""
    raise NotImplementedError


async def answered(database: Database, contact_id: int) -> Answered | None:
    """The newest broadcast that a contact's address got before it last wrote; None where there is none."""
    raise NotImplementedError
