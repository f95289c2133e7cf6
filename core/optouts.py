"""Opt-outs by hand: recorded or ended by a person, for one number or e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import consent, journal
from core.models import Desk
from core.models.states import Channel
from core.sms import to_e164

if TYPE_CHECKING:
    from core.clock import Clock
    from core.store import Database


class OptOuts:
    """The use cases; what leaves is judged in `core.consent`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def add(self, written: str, *, by: str, reason: str) -> bool:
        """Record that an address wants no more; False when that stood already. Raises Wrong for no number."""
        channel, address = await _address(written)
        now = self.clock.now()
        async with self.database.transaction():
            source = f"{reason} ({by})"
            done = await consent.opt_out(self.database, channel=channel, address=address, source=source, at=now)
            if done:
                await journal.append(actor=by, verb="opt-out", kind="desk", text=f"{address}: {reason}", at=now)
        return done

    async def remove(self, written: str, *, by: str, reason: str = "") -> bool:
        """End an opt-out; False when there was none. Raises Wrong for an unreadable number."""
        channel, address = await _address(written)
        now = self.clock.now()
        async with self.database.transaction():
            done = await consent.opt_in(self.database, channel=channel, address=address, by=by, at=now)
            if done:
                await journal.append(
                    actor=by, verb="opt-in", kind="desk", text=f"{address}: {reason}" if reason else address, at=now
                )
        return done


async def _address(written: str) -> tuple[Channel, str]:
    if "@" in written:
        return Channel.EMAIL, written.strip().lower()
    desk = await Desk.get(id=1)
    return Channel.SMS, to_e164(written, desk.region)
