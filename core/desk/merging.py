"""Making one of two contacts of one customer."""

from __future__ import annotations

from core.desk.finding import IN_HAND, Station, find_contact, find_person, why_not
from core.desk.finishing import NOT_HELD
from core.errors import Refused, Wrong
from core.models import Contact, Message, Note
from core.models.states import ContactState, Role

MERGED = "merged"
"""The outcome of what became a part of another contact."""


class Merging(Station):
    """One customer, one contact."""

    async def merge(self, contact_id: int, into: int, *, login: str) -> None:
        """Make `contact_id` a part of `into`, which is ours: its messages and notes stand there, and what still comes
        for it goes there. It is closed. Raises NotFound; Wrong for one and the same; Refused when one is not ours.
        """
        person = await find_person(login)
        if contact_id == into:
            raise Wrong("a contact is merged into another one: name two")
        async with self.database.transaction():
            target = await self._ours(into, person, IN_HAND)
            contact = await find_contact(contact_id, locked=not self.database.is_sqlite)
            if contact.state is ContactState.CLOSED:
                raise Refused(await why_not(contact_id, "merged"))
            if contact.agent_id not in (None, person.id) and person.role is Role.AGENT:
                raise Refused(await why_not(contact_id, "merged"))
            moved = await Message.filter(contact_id=contact_id).update(contact_id=into)
            await Note.filter(contact_id=contact_id).update(contact_id=into)
            await Contact.filter(merged_into=contact_id).update(merged_into=into)
            now = self.clock.now()
            await self._change(
                contact_id, state=ContactState.CLOSED, outcome=MERGED, closed_at=now, merged_into=into,
                agent_id=contact.agent_id or person.id, message_count=0, **NOT_HELD,
            )  # fmt: skip
            newest = max(filter(None, (target.last_in_at, contact.last_in_at)), default=None)
            await self._change(into, message_count=target.message_count + contact.message_count, last_in_at=newest)
            await self._step("merged", contact_id, person, f"into {into}")
            await self._journal(person, "merged", contact_id, f"into contact {into}: {moved} messages")
            await self._journal(person, "merged", into, f"contact {contact_id} is a part of it now")
