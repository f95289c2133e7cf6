"""Giving a contact away, and ending it."""

from __future__ import annotations

from core.desk.finding import IN_HAND, Station, find_contact, find_person, find_queue
from core.errors import Refused, Wrong
from core.models import Note, Outcome
from core.models.states import ContactState
from core.text import harmless

NOT_HELD: dict[str, object] = {"held_until": None, "held_after": None, "offered_until": None, "wrap_until": None}


class Finishing(Station):
    """Verbs by which a contact leaves a person, and the note that may go with it."""

    async def note(self, contact_id: int, text: str, *, login: str) -> None:
        """Leave a line beside the thread. Raises NotFound, Wrong."""
        person = await find_person(login)
        if not text.strip():
            raise Wrong("the note is empty: write something first")
        async with self.database.transaction():
            await find_contact(contact_id)
            await Note.create(contact_id=contact_id, author_id=person.id, text=harmless(text), at=self.clock.now())
            await self._journal(person, "noted", contact_id)

    async def transfer(
        self,
        contact_id: int,
        *,
        login: str,
        queue: str = "",
        agent: str = "",
        note: str = "",
        priority: int | None = None,
    ) -> None:
        """Give a contact to a queue, where it keeps the place of its arrival, or to an agent.

        Raises NotFound; Wrong unless exactly one of the two is named; Refused when it is not ours.
        """
        if bool(queue) == bool(agent):
            raise Wrong("a contact is transferred either to a queue or to an agent: name one of them")
        if agent and priority is not None:
            raise Wrong("a priority is a place in a queue: name a queue with it")
        person = await find_person(login)
        async with self.database.transaction():
            contact = await self._ours(contact_id, person, (ContactState.QUEUED, *IN_HAND))
            if queue:
                row = await find_queue(queue)
                place = contact.priority if priority is None else priority
                await self.distribution.enqueue(
                    [contact_id], queue_id=row.id, priority=place, before=[contact.state],
                    step=("transferred", person.id),
                )  # fmt: skip
            else:
                other = await find_person(agent)
                await self._change(
                    contact_id, state=ContactState.OPEN, agent_id=other.id, opened_at=self.clock.now(), **NOT_HELD
                )
                await self._step("transferred", contact_id, person)
            if note.strip():
                await Note.create(contact_id=contact_id, author_id=person.id, text=harmless(note), at=self.clock.now())
            await self._journal(person, "transferred", contact_id, f"to {queue or agent}")

    async def close(self, contact_id: int, outcome: str, *, login: str, seen: int | None = None) -> None:
        """Close a contact with an outcome. `seen`: how many messages the person saw, so that none that came is missed.

        Raises NotFound; Wrong for an unknown outcome; Refused when it is not ours or a message came meanwhile.
        """
        person = await find_person(login)
        known = [row.name for row in await Outcome.all().order_by("name")]
        if known and outcome not in known:
            raise Wrong(f"there is no outcome {outcome}; there are: {', '.join(known)}")
        async with self.database.transaction():
            contact = await self._ours(contact_id, person, (ContactState.QUEUED, *IN_HAND))
            if seen is not None and contact.message_count > seen:
                raise Refused(f"contact {contact_id} has a new message: look at it before you close")
            await self._change(
                contact_id, state=ContactState.CLOSED, outcome=outcome[:100], closed_at=self.clock.now(),
                agent_id=contact.agent_id or person.id, **NOT_HELD,
            )  # fmt: skip
            await self._step("closed", contact_id, None if contact.agent_id else person, outcome)
            await self._idle_now(contact.agent_id or person.id)
            await self._journal(person, "closed", contact_id, outcome)
