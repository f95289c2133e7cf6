"""Taking contacts: a chosen one, the next of a queue, one that was closed."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from core.desk.finding import Station, find_contact, find_person, find_queue, why_not
from core.errors import Refused
from core.models import Contact
from core.models.states import ContactState
from core.text import one_line


class Taking(Station):
    """Verbs by which a contact comes to a person."""

    async def take(self, contact_id: int, *, login: str) -> int:
        """Take a waiting contact. Raises NotFound, Refused when somebody has it or its queue is not ours to serve."""
        person = await find_person(login)
        contact = await find_contact(contact_id)
        if contact.queue_id is not None:
            await self._may_serve(person, contact.queue_id)
        async with self.database.transaction():
            if not await self.distribution.take(contact_id, person.id):
                raise Refused(await why_not(contact_id, "taken"))
            await self._journal(person, "taken", contact_id)
        return contact_id

    async def take_next(self, queue: str, *, login: str) -> int | None:
        """Take the first contact of a queue; its id, None when none waits. Raises NotFound, Refused."""
        person = await find_person(login)
        row = await find_queue(queue)
        await self._may_serve(person, row.id)
        async with self.database.transaction():
            contact_id = await self.distribution.take_next(row.id, person.id)
            if contact_id is not None:
                await self._journal(person, "taken", contact_id, f"next of {queue}")
        return contact_id

    async def accept(self, contact_id: int, *, login: str) -> int:
        """Open the contact that is offered to this person. Raises NotFound, Refused when it is offered no more."""
        person = await find_person(login)
        async with self.database.transaction():
            if not await self.distribution.accept(contact_id, person.id):
                raise Refused(await why_not(contact_id, "accepted"))
            await self._journal(person, "accepted", contact_id)
        return contact_id

    async def refuse(self, contact_id: int, *, login: str, why: str = "") -> None:
        """Let an offer go back to its place. Raises NotFound, Refused when it is offered no more."""
        person = await find_person(login)
        async with self.database.transaction():
            if not await self.distribution.refuse(contact_id, person.id):
                raise Refused(await why_not(contact_id, "refused"))
            await self._journal(person, "refused", contact_id, one_line(why, 200))

    async def next(self, *, login: str) -> int | None:
        """What is offered to this person, accepted; its id, None when nothing is. Raises NotFound."""
        person = await find_person(login)
        while True:
            offered = Contact.filter(agent_id=person.id, state=ContactState.OFFERED)
            first = await offered.order_by("offered_until", "id").first().only("id")
            if first is None:
                return None
            async with self.database.transaction():
                if await self.distribution.accept(first.id, person.id):
                    await self._journal(person, "accepted", first.id)
                    return int(first.id)

    async def reopen(self, contact_id: int, *, login: str) -> None:
        """Open a closed contact again, for whoever does it.

        Raises Refused when it was merged into another, which has its messages, or a newer one of that address is open.
        """
        person = await find_person(login)
        try:
            async with self.database.transaction():
                contact = await find_contact(contact_id)
                if contact.merged_into is not None:
                    raise Refused(await why_not(contact_id, "reopened"))
                await _refuse_beside_another(contact)
                closed = Contact.filter(id=contact_id, state=ContactState.CLOSED, merged_into=None)
                changed = await closed.update(
                    state=ContactState.OPEN, agent_id=person.id, closed_at=None, outcome="", opened_at=self.clock.now()
                )
                if not changed:
                    raise Refused(await why_not(contact_id, "reopened"))
                await self._step("reopened", contact_id)
                await self._journal(person, "reopened", contact_id)
        except IntegrityError:  # a newer one came in that very moment
            await _refuse_beside_another(contact)
            raise


async def _refuse_beside_another(contact: Contact) -> None:
    """An address has one unclosed contact on an account at a time."""
    others = Contact.filter(account_id=contact.account_id, address=contact.address).exclude(id=contact.id)
    newer = await others.exclude(state=ContactState.CLOSED).first()
    if newer is not None:
        raise Refused(f"contact {newer.id} of {contact.address} is {newer.state}: use that one")
