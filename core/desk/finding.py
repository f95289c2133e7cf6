"""Who does it, to which contact, and whether it is theirs to do: what every verb of the desk asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import events, journal
from core.errors import NotFound, Refused
from core.models import AgentGroup, Contact, Person, Queue
from core.models.states import ContactState, Role

if TYPE_CHECKING:
    from core.clock import Clock
    from core.distribution import Distribution
    from core.outbox import Outbox
    from core.store import Database

IN_HAND = (ContactState.OPEN, ContactState.HELD, ContactState.WRAP_UP)


class Station:
    """What all verbs share."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox, distribution: Distribution) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self.distribution = distribution

    async def _in_hand(self, contact_id: int, person: Person) -> Contact:
        contact = await self._ours(contact_id, person, IN_HAND)
        if contact.agent_id != person.id:
            raise Refused(await why_not(contact_id, "answered"))
        return contact

    async def _ours(self, contact_id: int, person: Person, states: tuple[ContactState, ...]) -> Contact:
        """The contact, locked, in one of these states and this person's to change."""
        contact = await find_contact(contact_id, locked=not self.database.is_sqlite)
        if contact.state not in states:
            raise Refused(await why_not(contact_id, "changed"))
        if person.role is Role.AGENT and contact.agent_id is None:
            raise Refused(f"contact {contact_id} is {contact.state} and nobody has it: take it first")
        if person.role is Role.AGENT and contact.agent_id != person.id:
            raise Refused(await why_not(contact_id, "changed"))
        return contact

    async def _may_serve(self, person: Person, queue_id: int) -> None:
        if person.role is not Role.AGENT:
            return
        groups = {group.id for group in await AgentGroup.filter(queues__id=queue_id)}
        if groups and not groups & {group.id for group in await AgentGroup.filter(people__id=person.id)}:
            queue = await Queue.get(id=queue_id)
            raise Refused(f"{person.login} is in no group that serves {queue.name}")

    async def _change(self, contact_id: int, **fields: object) -> None:
        await Contact.filter(id=contact_id).update(**fields)

    async def _journal(self, person: Person, verb: str, contact_id: int, text: str = "") -> None:
        await journal.append(
            actor=person.login, verb=verb, kind="contact", thing_id=contact_id, text=text, at=self.clock.now()
        )

    async def _step(self, verb: str, contact_id: int, person: Person | None = None, text: str = "") -> None:
        """Write it into the log of reports. `person`: whose step it was, where the contact is not theirs now."""
        person_id = person.id if person is not None else None
        await events.record(self.database, verb, [contact_id], self.clock.now(), person_id=person_id, text=text)

    async def _idle_now(self, person_id: int) -> None:
        """Something of hers came to an end."""
        await self.distribution.idle_since(person_id)


async def find_person(login: str) -> Person:
    """By login. Raises NotFound with the logins there are."""
    person = await Person.get_or_none(login=login)
    if person is None:
        known = [row.login for row in await Person.all().order_by("login").limit(20)]
        raise NotFound(f"there is no user {login}; " + (f"there are: {', '.join(known)}" if known else "add one first"))
    return person


async def find_contact(contact_id: int, *, locked: bool = False) -> Contact:
    """By id. Raises NotFound."""
    query = Contact.filter(id=contact_id)
    contact = await (query.select_for_update() if locked else query).first()
    if contact is None:
        raise NotFound(f"there is no contact {contact_id}: 'postroom contact list' shows them")
    return contact


async def find_queue(name: str) -> Queue:
    """By name. Raises NotFound with the names there are."""
    queue = await Queue.get_or_none(name=name)
    if queue is None:
        known = ", ".join(row.name for row in await Queue.all().order_by("name")) or "none yet"
        raise NotFound(f"there is no queue {name}; there are: {known}")
    return queue


async def why_not(contact_id: int, wanted: str) -> str:
    """The sentence of a refusal: what was wanted, and how the contact stands."""
    contact = await Contact.get(id=contact_id).select_related("agent")
    if contact.merged_into is not None:
        return (
            f"contact {contact_id} cannot be {wanted}: it was merged into contact {contact.merged_into}; use that one"
        )
    whose = f" with {contact.agent.login}" if contact.agent is not None else ""
    return f"contact {contact_id} cannot be {wanted}: it is {contact.state}{whose}"
