"""Laying a contact aside until a time: it stays its agent's, and comes back by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core import events, journal
from core.clock import to_moment
from core.desk.finding import Station, find_person, why_not
from core.desk.finishing import NOT_HELD
from core.errors import Refused, Wrong
from core.models import Message
from core.models.states import ContactState

if TYPE_CHECKING:
    from datetime import datetime

LONGEST = timedelta(days=366)
BATCH = 200
_DUE = (
    "state = 'held' AND (held_until <= ? OR EXISTS (SELECT 1 FROM message m WHERE m.contact_id = contact.id"
    " AND m.direction = 'in' AND m.automatic = FALSE AND m.id > contact.held_after))"
)

_GONE = (
    "(queue_id IS NOT NULL AND EXISTS (SELECT 1 FROM agent a WHERE a.person_id = contact.agent_id"
    " AND a.state = 'signed out'))"
)


class Holding(Station):
    """`open <-> held`."""

    async def hold(self, contact_id: int, until: datetime, *, login: str) -> None:
        """Lay a contact aside until `until`, or until its customer writes. One that is held gets the new time.

        Raises NotFound; Wrong for a time that is past or more than a year away; Refused when it is not ours.
        """
        person = await find_person(login)
        now = self.clock.now()
        if until <= now:
            raise Wrong(f"{until:%Y-%m-%d %H:%M} UTC is past: name a time at which the contact is to come back")
        if until - now > LONGEST:
            raise Wrong(f"{until:%Y-%m-%d} is more than a year away: name a nearer day, or close the contact")
        async with self.database.transaction():
            await self._ours(contact_id, person, (ContactState.OPEN, ContactState.HELD))
            newest = await Message.filter(contact_id=contact_id).order_by("-id").first().only("id")
            await self._change(
                contact_id, state=ContactState.HELD, held_until=until, held_after=newest.id if newest else 0
            )
            await self._step("held", contact_id)
            await self._journal(person, "held", contact_id, f"until {until:%Y-%m-%d %H:%M} UTC")

    async def resume(self, contact_id: int, *, login: str) -> None:
        """Bring a held contact back before its time. Raises NotFound, Refused."""
        person = await find_person(login)
        async with self.database.transaction():
            contact = await self._ours(contact_id, person, (ContactState.OPEN, ContactState.HELD))
            if contact.state is not ContactState.HELD:
                raise Refused(await why_not(contact_id, "resumed"))
            await self._change(contact_id, state=ContactState.OPEN, **NOT_HELD)
            await self._step("resumed", contact_id)
            await self._journal(person, "resumed", contact_id)

    async def wake(self) -> int:
        """Bring back, to the agents who have them, contacts whose time has come or whose customers wrote; how many.

        An automatic answer wakes nobody.
        """
        now = to_moment(self.clock.now())
        due = await self.database.read(
            # The sign keeps SQLite from walking through all contacts there ever were, in the order of their ids.
            f"SELECT id, held_until <= ? AS timely FROM contact WHERE {_DUE} ORDER BY +id LIMIT {BATCH}", now, now,
        )  # fmt: skip
        if not due:
            return 0
        timely = {row["id"]: bool(row["timely"]) for row in due}
        async with self.database.transaction():
            rows = await self.database.rows(
                f"UPDATE contact SET state = CASE WHEN {_GONE} THEN 'queued' ELSE 'open' END,"
                f" agent_id = CASE WHEN {_GONE} THEN NULL ELSE agent_id END, held_until = NULL, held_after = NULL"
                f" WHERE id IN ({', '.join('?' * len(timely))}) AND {_DUE} RETURNING id, state",
                *timely, now,
            )  # fmt: skip
            await events.record(self.database, "woken", [row["id"] for row in rows], self.clock.now())
            for row in rows:
                why = "its time has come" if timely[row["id"]] else "the customer wrote"
                if row["state"] == "queued":
                    why += "; who had it has signed out, so it waits for everybody"
                await journal.append(
                    actor="desk", verb="woken", kind="contact", thing_id=row["id"], text=why, at=self.clock.now()
                )
        return len(rows)
