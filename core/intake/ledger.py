"""The ledger of one mailbox: which mails we have, which the server was told of, and how the mailbox does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.fields import to_moment
from core.models.states import Health
from core.store import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database

MARKS_AT_ONCE = 500


class Ledger:
    """Only the engine that holds the mailbox's lease writes here, so what it counts in memory stays true."""

    def __init__(self, database: Database, clock: Clock, account_id: int) -> None:
        self.database = database
        self.clock = clock
        self.account_id = account_id
        self.last_uid = 0
        """The highest UID taken."""
        self.known = 0
        """How many mails of the folder are on the ledger and still there."""

    async def begin(self, uidvalidity: int) -> bool:
        """Learn where we stand; True when the folder was numbered anew since (RFC 3501 2.3.1.1)."""
        renumbered = await self.database.rows(
            "UPDATE mail SET gone = TRUE WHERE account_id = ? AND uidvalidity <> ? AND gone = FALSE RETURNING id",
            self.account_id, uidvalidity,
        )  # fmt: skip
        before = await self.database.rows(
            "SELECT 1 FROM mail WHERE account_id = ? AND uidvalidity <> ? LIMIT 1", self.account_id, uidvalidity
        )
        await self._count(uidvalidity)
        await self.database.rows(
            "UPDATE mailbox SET uidvalidity = ? WHERE account_id = ?", uidvalidity, self.account_id
        )
        return bool(renumbered or before)

    async def _count(self, uidvalidity: int) -> None:
        rows = await self.database.rows(
            "SELECT COALESCE(max(uid), 0) AS last, COUNT(CASE WHEN gone = FALSE THEN 1 END) AS known FROM mail"
            " WHERE account_id = ? AND uidvalidity = ?",
            self.account_id, uidvalidity,
        )  # fmt: skip
        self.last_uid, self.known = rows[0]["last"], rows[0]["known"]

    def taken(self, uids: Sequence[int], new: int) -> None:
        """These mails are committed; so many of them are new on the ledger."""
        self.last_uid = max([self.last_uid, *uids])
        self.known += new

    async def compare(self, uidvalidity: int, on_server: Sequence[int]) -> list[int]:
        """Set the ledger right against the whole folder; the UIDs that are not on it, ascending."""
        rows = await self.database.rows(
            "SELECT uid, gone FROM mail WHERE account_id = ? AND uidvalidity = ?", self.account_id, uidvalidity
        )
        there = set(on_server)
        vanished = [row["uid"] for row in rows if not row["gone"] and row["uid"] not in there]
        returned = [row["uid"] for row in rows if row["gone"] and row["uid"] in there]
        for gone, uids in ((True, vanished), (False, returned)):
            await self._mark(uidvalidity, uids, f"gone = {gone}")
        await self._count(uidvalidity)
        return sorted(there - {row["uid"] for row in rows})

    async def untold(self, uidvalidity: int) -> list[tuple[int, bool]]:
        """The mails that are safe with us and of which the server was not told: (UID, whether we have all of it)."""
        rows = await self.database.rows(
            "SELECT uid, complete FROM mail WHERE account_id = ? AND uidvalidity = ? AND acknowledged = FALSE"
            " AND gone = FALSE ORDER BY uid",
            self.account_id, uidvalidity,
        )  # fmt: skip
        return [(row["uid"], bool(row["complete"])) for row in rows]

    async def told(self, uidvalidity: int, uids: Sequence[int], gone: Sequence[int]) -> None:
        """The server was told of these; some of them are no longer in the folder."""
        await self._mark(uidvalidity, uids, "acknowledged = TRUE")
        await self._mark(uidvalidity, gone, "gone = TRUE")
        self.known -= len(gone)

    async def _mark(self, uidvalidity: int, uids: Sequence[int], change: str) -> None:
        for part in _parts(uids):
            marks = ", ".join("?" * len(part))
            await self.database.rows(
                f"UPDATE mail SET {change} WHERE account_id = ? AND uidvalidity = ? AND uid IN ({marks})",
                self.account_id, uidvalidity, *part,
            )  # fmt: skip

    async def note_waiting(self, count: int, oldest: datetime | None) -> None:
        """How many mails are not fetched yet, and since when the oldest of them waits."""
        await self.database.rows(
            "UPDATE mailbox SET unfetched = ?, oldest_unfetched_at = ? WHERE account_id = ?",
            count, to_moment(oldest) if oldest is not None else None, self.account_id,
        )  # fmt: skip

    async def note_health(self, health: Health, *, on_server: int, idle: bool) -> None:
        """A look at the mailbox has gone well, and all that it found was taken in."""
        now = to_moment(self.clock.now())
        await self.database.rows(
            "UPDATE mailbox SET health = ?, error = '', error_at = NULL, failures = 0, retry_at = NULL, on_server = ?,"
            " unfetched = 0, oldest_unfetched_at = NULL, last_poll_at = ?, idle_since = ? WHERE account_id = ?",
            health.value, on_server, now, now if idle else None, self.account_id,
        )  # fmt: skip

    async def note_failure(self, words: str, failures: int, retry_at: datetime) -> None:
        """A try has failed. A database that cannot even take that down is why we failed: the log has it."""
        try:
            await self.database.rows(
                "UPDATE mailbox SET health = ?, error = ?, error_at = ?, failures = ?, retry_at = ?, idle_since = NULL"
                " WHERE account_id = ?",
                Health.BROKEN.value, words, to_moment(self.clock.now()), failures, to_moment(retry_at), self.account_id,
            )  # fmt: skip
        except StoreBusy:
            return


def _parts(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), MARKS_AT_ONCE):
        yield uids[start : start + MARKS_AT_ONCE]
