"""Wrap-up: what is left to do when the customer has been answered, with a timer that nobody cuts short."""

from __future__ import annotations

from datetime import timedelta

from core import events, journal
from core.clock import to_moment
from core.desk.finding import Station, find_person, why_not
from core.errors import Refused, Wrong
from core.models import Contact, Message, Queue
from core.models.states import ContactState

LONGEST_SECONDS = 3600
NOT_GIVEN = "not given"
"""The outcome of a wrap-up whose time ran out."""
PART = 200
_NEWS = (
    "EXISTS (SELECT 1 FROM message m WHERE m.contact_id = contact.id AND m.direction = 'in' AND m.automatic = FALSE"
    " AND m.id > contact.held_after)"
)


class Wrapping(Station):
    """`open -> wrap-up -> closed`."""

    async def wrap_up(self, contact_id: int, *, login: str, seen: int | None = None) -> int:
        """Finish a contact of ours; for how many seconds it may be wrapped up, 0 = its queue has no wrap-up: close it.

        Nothing new is offered meanwhile, and what is offered goes back to its place. Raises NotFound; Refused when it
        is not ours or a message came meanwhile.
        """
        person = await find_person(login)
        async with self.database.transaction():
            await self.distribution.lock_agents([person.id])
            contact = await self._in_hand(contact_id, person)
            if contact.state is ContactState.WRAP_UP:
                return await self._seconds(contact)
            if seen is not None and contact.message_count > seen:
                raise Refused(f"contact {contact_id} has a new message: look at it before you finish")
            seconds = await self._seconds(contact)
            if not seconds:
                return 0
            newest = await Message.filter(contact_id=contact_id).order_by("-id").first().only("id")
            await self._change(
                contact_id, state=ContactState.WRAP_UP, wrap_until=self.clock.now() + timedelta(seconds=seconds),
                held_until=None, held_after=newest.id if newest else 0,
            )  # fmt: skip
            await self._step("wrapped up", contact_id)
            await self.distribution.put_back_offers(person.id, f"{person.login} is in wrap-up")
            await self._journal(person, "wrapping up", contact_id, f"{seconds} s")
        return seconds

    async def extend_wrap_up(self, contact_id: int, seconds: int, *, login: str) -> None:
        """Let the wrap-up of a contact of ours last so much longer. Raises NotFound, Wrong, Refused."""
        person = await find_person(login)
        if not 0 < seconds <= LONGEST_SECONDS:
            raise Wrong(f"a wrap-up is extended by 1 to {LONGEST_SECONDS} seconds")
        async with self.database.transaction():
            contact = await self._in_hand(contact_id, person)
            if contact.state is not ContactState.WRAP_UP:
                raise Refused(await why_not(contact_id, "wrapped up longer"))
            until = max(contact.wrap_until or self.clock.now(), self.clock.now()) + timedelta(seconds=seconds)
            await self._change(contact_id, wrap_until=until)
            await self._journal(person, "wrapping up", contact_id, f"{seconds} s longer")

    async def back_from_wrap_up(self, contact_id: int, *, login: str) -> None:
        """Open a contact in wrap-up again: there is more to say. Raises NotFound, Refused."""
        person = await find_person(login)
        async with self.database.transaction():
            contact = await self._in_hand(contact_id, person)
            if contact.state is not ContactState.WRAP_UP:
                raise Refused(await why_not(contact_id, "opened again"))
            await self._change(contact_id, state=ContactState.OPEN, wrap_until=None, held_after=None)
            await self._step("resumed", contact_id)
            await self._journal(person, "resumed", contact_id, "out of its wrap-up")

    async def end_wrap_ups(self) -> int:
        """Close contacts whose wrap-up is over; one whose customer wrote meanwhile is open again. How many."""
        now = self.clock.now()
        due = await self.database.read(
            f"SELECT id FROM contact WHERE state = 'wrap-up' AND wrap_until <= ? LIMIT {PART}", to_moment(now)
        )
        if not due:
            return 0
        ids = [row["id"] for row in due]
        where = f"id IN ({', '.join('?' * len(ids))}) AND state = 'wrap-up' AND wrap_until <= ?"
        async with self.database.transaction():
            opened = await self.database.rows(
                f"UPDATE contact SET state = 'open', wrap_until = NULL, held_after = NULL WHERE {where} AND {_NEWS}"
                " RETURNING id",
                *ids, to_moment(now),
            )  # fmt: skip
            closed = await self.database.rows(
                "UPDATE contact SET state = 'closed', closed_at = ?, wrap_until = NULL, held_after = NULL,"
                f" outcome = CASE WHEN outcome = '' THEN ? ELSE outcome END WHERE {where} RETURNING id, agent_id",
                to_moment(now), NOT_GIVEN, *ids, to_moment(now),
            )  # fmt: skip
            await events.record(self.database, "resumed", [row["id"] for row in opened], now)
            await events.record(self.database, "closed", [row["id"] for row in closed], now, text=NOT_GIVEN)
            for agent_id in sorted({row["agent_id"] for row in closed if row["agent_id"]}):
                await self._idle_now(agent_id)
            for rows, verb, text in (
                (opened, "resumed", "the customer wrote during its wrap-up"),
                (closed, "closed", "the time of its wrap-up is over"),
            ):
                for row in rows:
                    await journal.append(actor="desk", verb=verb, kind="contact", thing_id=row["id"], text=text, at=now)
        return len(opened) + len(closed)

    async def _seconds(self, contact: Contact) -> int:
        queue = await Queue.get_or_none(id=contact.queue_id) if contact.queue_id else None
        return queue.wrap_up_seconds if queue is not None else 0
