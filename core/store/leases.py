"""Leases: work that one engine owns until a time; what has run out may be taken by anybody."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import to_moment

if TYPE_CHECKING:
    from core.clock import Clock
    from core.store.database import Database

LEASE_SECONDS = 9.0
"""A killed engine's work is taken over after this at the latest."""
RENEW_SECONDS = 3.0


def new_holder() -> str:
    """A name for this engine that no other ever had: host, machine, process, random."""
    host = socket.gethostname().replace("-", "_")[:20]
    return f"{host}-{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"


def is_dead(holder: str) -> bool:
    """Whether that engine ran on this machine and its process is gone; of others only their lease can tell."""
    _, machine, process, _ = holder.split("-") if holder.count("-") == 3 else ("", "", "", "")
    if not process.isdigit() or machine != _machine():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@cache
def _machine() -> str:
    """This run of this machine and its space of process numbers: a number means the same only within it."""
    parts = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            parts.append(os.readlink(path) if path.endswith("pid") else Path(path).read_text("ascii"))
        except OSError:
            parts.append(secrets.token_hex(8))  # never the same as another's: then nobody is taken for dead
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


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

    async def void_those_of_the_dead(self) -> None:
        """Let leases of processes that are gone from this machine run out now instead of in some seconds."""
        rows = await self.database.rows("SELECT DISTINCT holder FROM lease")
        for row in rows:
            if is_dead(row["holder"]):
                await self.database.rows("UPDATE lease SET until = 0 WHERE holder = ?", row["holder"])

    async def release(self, name: str) -> None:
        """Give one back at once."""
        await self.database.rows("DELETE FROM lease WHERE name = ? AND holder = ?", name, self.holder)

    async def release_all(self) -> None:
        """Give all back: others need not wait for them to run out."""
        await self.database.rows("DELETE FROM lease WHERE holder = ?", self.holder)
