"""Leases: work that one engine owns until a time; what has run out may be taken by anybody."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

from core.models.fields import to_moment

if TYPE_CHECKING:
    from core.clock import Clock
    from core.store.database import Database

LEASE_SECONDS = 9.0
"""A killed engine's work is taken over after this at the latest."""
RENEW_SECONDS = 3.0


def new_holder() -> str:
    """A name for this engine that no other ever had: host, process, random."""
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"


class Leases:
    """The leases of one holder."""

    def __init__(self, database: Database, clock: Clock, holder: str | None = None) -> None:
        self.database = database
        self.clock = clock
        self.holder = holder or new_holder()

    async def take(self, name: str, seconds: float = LEASE_SECONDS) -> bool:
        """Take or renew one lease; False while somebody else's has not run out."""
        now = self.clock.now()
        rows = await self.database.rows(
            "INSERT INTO lease (name, holder, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET holder = excluded.holder, until = excluded.until"
            " WHERE lease.until < ? OR lease.holder = excluded.holder RETURNING holder",
            name, self.holder, to_moment(now + timedelta(seconds=seconds)), to_moment(now),
        )  # fmt: skip
        return bool(rows)

    async def renew(self, seconds: float = LEASE_SECONDS) -> set[str]:
        """Renew all leases that are still ours; the names of them."""
        until = to_moment(self.clock.now() + timedelta(seconds=seconds))
        rows = await self.database.rows(
            "UPDATE lease SET until = ? WHERE holder = ? RETURNING name", until, self.holder
        )
        return {str(row["name"]) for row in rows}

    async def holds(self, name: str) -> bool:
        """Whether the lease is ours now; asked inside a transaction it fences what that transaction writes."""
        rows = await self.database.rows(
            "SELECT 1 FROM lease WHERE name = ? AND holder = ? AND until >= ?" + self.database.for_share,
            name, self.holder, to_moment(self.clock.now()),
        )  # fmt: skip
        return bool(rows)

    async def release(self, name: str) -> None:
        """Give one back at once."""
        await self.database.rows("DELETE FROM lease WHERE name = ? AND holder = ?", name, self.holder)

    async def release_all(self) -> None:
        """Give all back: others need not wait for them to run out."""
        await self.database.rows("DELETE FROM lease WHERE holder = ?", self.holder)
