"""Opt-outs by hand: recorded or ended by a person, for one number or e-mail address, or for many that were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import consent, journal
from core.models import Desk
from core.models.states import Channel
from core.roles import supervisor_only
from core.sms import to_e164

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database

DEED = "record and end opt-outs"


class OptOuts:
    """The use cases; `by` is a login or `roles.COMMAND`. What leaves is judged in `core.consent`.

    What customers and scripts say themselves goes there directly, and asks for no right.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def add(self, written: str, *, by: str, reason: str) -> bool:
        """Record that an address wants no more; False when that stood already. Raises Wrong for no number, Refused."""
        channel, address = await _address(written)
        now = self.clock.now()
        async with self.database.transaction():
            await supervisor_only(self.database, by, DEED)
            source = f"{reason} ({by})"
            done = await consent.opt_out(self.database, channel=channel, address=address, source=source, at=now)
            if done:
                await _tell("opt-out", address, reason, by, now)
        return done

    async def remove(self, written: str, *, by: str, reason: str = "") -> bool:
        """End an opt-out; False when there was none. Raises Wrong for an unreadable number, Refused."""
        channel, address = await _address(written)
        now = self.clock.now()
        async with self.database.transaction():
            await supervisor_only(self.database, by, DEED)
            done = await consent.opt_in(self.database, channel=channel, address=address, by=by, at=now)
            if done:
                await _tell("opt-in", address, reason, by, now)
        return done

    async def end(self, ids: Sequence[int], *, by: str, reason: str = "") -> list[int]:
        """End these opt-outs, all or none: those that stood until now. Raises Refused."""
        now = self.clock.now()
        async with self.database.transaction():
            await supervisor_only(self.database, by, DEED)
            ended = await consent.opt_in_these(self.database, ids, by=by, at=now)
            for address in ended.values():
                await _tell("opt-in", address, reason, by, now)
        return list(ended)

    async def restore(self, ids: Sequence[int], *, by: str) -> int:
        """Record anew what these opt-outs, which were ended, had said, all or none; how many did not stand again yet.

        Their sources and mails are kept; what was ended stays so, as evidence. Raises Refused.
        """
        now, restored = self.clock.now(), 0
        async with self.database.transaction():
            await supervisor_only(self.database, by, DEED)
            for start in range(0, len(ids), consent.MOST_AT_ONCE):
                part = ids[start : start + consent.MOST_AT_ONCE]
                rows = await self.database.rows(
                    "SELECT address, channel, source, mail_id FROM opt_out"
                    f" WHERE id IN ({', '.join('?' * len(part))}) AND ended_at IS NOT NULL ORDER BY id",
                    *part,
                )
                for row in rows:
                    if await consent.opt_out(
                        self.database, channel=Channel(row["channel"]), address=row["address"], source=row["source"],
                        at=now, mail_id=row["mail_id"],
                    ):  # fmt: skip
                        await _tell("opt-out", row["address"], f"restored: {row['source']}", by, now)
                        restored += 1
        return restored


async def _tell(verb: str, address: str, reason: str, by: str, at: datetime) -> None:
    await journal.append(actor=by, verb=verb, kind="desk", text=f"{address}: {reason}" if reason else address, at=at)


async def _address(written: str) -> tuple[Channel, str]:
    if "@" in written:
        return Channel.EMAIL, written.strip().lower()
    desk = await Desk.get(id=1)
    return Channel.SMS, to_e164(written, desk.region)
