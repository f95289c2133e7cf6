"""The desk: what a person does with contacts. Every verb is one transaction, and safe when two do it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from core import consent, journal
from core.errors import NotFound, Refused, Wrong
from core.mime import reply_subject
from core.models import AgentGroup, Contact, Message, Note, Outcome, Person, Queue, TypedDraft
from core.models.states import Channel, ContactState, Direction, Purpose, Role
from core.outbox import Draft
from core.text import harmless, one_line

if TYPE_CHECKING:
    from core.clock import Clock
    from core.distribution import Distribution
    from core.mail import FileToSend
    from core.outbox import Outbox
    from core.store import Database

IN_HAND = (ContactState.OPEN, ContactState.HELD, ContactState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent wants to send to the customer of a contact."""

    text: str
    subject: str = ""
    """Of an e-mail; empty = the contact's, with Re: before it."""
    cc: tuple[str, ...] = ()
    attachments: tuple[FileToSend, ...] = ()
    override: str = ""
    """Why it is sent to a customer who has opted out; empty = it is not."""
    seat: str = ""
    """Where it was typed: its draft goes, and one of another seat only if it says the same."""


class Desk:
    """The verbs of agents and supervisors; each names who does it by login."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox, distribution: Distribution) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self.distribution = distribution

    async def take(self, contact_id: int, *, login: str) -> int:
        """Take a waiting contact. Raises NotFound, Refused when somebody has it or its queue is not ours to serve."""
        person = await _person(login)
        contact = await _contact(contact_id)
        if contact.queue_id is not None:
            await self._may_serve(person, contact.queue_id)
        async with self.database.transaction():
            if not await self.distribution.take(contact_id, person.id):
                raise Refused(await _why_not(contact_id, "taken"))
            await self._journal(person, "taken", contact_id)
        return contact_id

    async def take_next(self, queue: str, *, login: str) -> int | None:
        """Take the first contact of a queue; its id, None when none waits. Raises NotFound, Refused."""
        person = await _person(login)
        row = await Queue.get_or_none(name=queue)
        if row is None:
            raise NotFound(f"there is no queue {queue}; there are: {await _names(Queue)}")
        await self._may_serve(person, row.id)
        async with self.database.transaction():
            contact_id = await self.distribution.take_next(row.id, person.id)
            if contact_id is not None:
                await self._journal(person, "taken", contact_id, f"next of {queue}")
        return contact_id

    async def reply(self, contact_id: int, answer: Answer, *, login: str) -> int:
        """Answer the customer; the message's id. It is in the outbox when this returns.

        Raises NotFound; Wrong for nothing to say or more than the gateway carries; Refused when it is not ours or the
        customer has opted out.
        """
        person = await _person(login)
        async with self.database.transaction():
            contact = await self._in_hand(contact_id, person)
            await self._willing(contact, answer.override, person)
            written = Message.filter(contact_id=contact_id, direction=Direction.IN, automatic=False)
            last = await written.order_by("-at", "-id").first()
            message_id = await self.outbox.put(self._draft(contact, answer, last, person))
            typed = TypedDraft.filter(contact_id=contact_id, person_id=person.id)
            await typed.filter(Q(text=answer.text) | Q(seat=answer.seat or "nowhere")).delete()
            first = contact.answered_at or self.clock.now()
            await self._change(contact_id, answered_at=first, message_count=contact.message_count + 1)
            await self._journal(person, "answered", contact_id, f"message {message_id}")
        return message_id

    async def forward(self, contact_id: int, to: str, text: str = "", *, login: str) -> int:
        """Send the contact's messages on as an e-mail; the message's id. Raises as `reply` does."""
        person = await _person(login)
        if "@" not in to or any(c.isspace() for c in to.strip()):
            raise Wrong(f"{to} is not an e-mail address: a contact is forwarded to one, as in name@example.org")
        async with self.database.transaction():
            contact = await self._in_hand(contact_id, person)
            thread = await Message.filter(contact_id=contact_id).order_by("at", "id")
            said = "\n\n".join(_quoted(message) for message in thread)
            about = contact.preview if contact.channel is Channel.SMS else contact.subject or contact.preview
            draft = Draft(
                account_id=contact.account_id,
                address=to.strip(),
                text=f"{text}\n\n---- forwarded ----\n{said}".strip(),
                subject=f"Fwd: {one_line(about, 120)}",
                purpose=Purpose.FORWARD,
                contact_id=contact_id,
                author_id=person.id,
            )
            message_id = await self.outbox.put(draft)
            await self._journal(person, "forwarded", contact_id, f"to {to} as message {message_id}")
        return message_id

    async def note(self, contact_id: int, text: str, *, login: str) -> None:
        """Leave a line beside the thread. Raises NotFound, Wrong."""
        person = await _person(login)
        if not text.strip():
            raise Wrong("the note is empty: write something first")
        async with self.database.transaction():
            await _contact(contact_id)
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
        person = await _person(login)
        async with self.database.transaction():
            contact = await self._ours(contact_id, person, (ContactState.QUEUED, *IN_HAND))
            if queue:
                row = await Queue.get_or_none(name=queue)
                if row is None:
                    raise NotFound(f"there is no queue {queue}; there are: {await _names(Queue)}")
                place = contact.priority if priority is None else priority
                await self.distribution.enqueue([contact_id], queue_id=row.id, priority=place, before=[contact.state])
            else:
                other = await _person(agent)
                await self._change(contact_id, state=ContactState.OPEN, agent_id=other.id, opened_at=self.clock.now())
            if note.strip():
                await Note.create(contact_id=contact_id, author_id=person.id, text=harmless(note), at=self.clock.now())
            await self._journal(person, "transferred", contact_id, f"to {queue or agent}")

    async def close(self, contact_id: int, outcome: str, *, login: str, seen: int | None = None) -> None:
        """Close a contact with an outcome. `seen`: how many messages the person saw, so that none that came is missed.

        Raises NotFound; Wrong for an unknown outcome; Refused when it is not ours or a message came meanwhile.
        """
        person = await _person(login)
        known = [row.name for row in await Outcome.all().order_by("name")]
        if known and outcome not in known:
            raise Wrong(f"there is no outcome {outcome}; there are: {', '.join(known)}")
        async with self.database.transaction():
            contact = await self._ours(contact_id, person, (ContactState.QUEUED, *IN_HAND))
            if seen is not None and contact.message_count > seen:
                raise Refused(f"contact {contact_id} has a new message: look at it before you close")
            await self._change(
                contact_id, state=ContactState.CLOSED, outcome=outcome[:100], closed_at=self.clock.now(),
                agent_id=contact.agent_id or person.id,
            )  # fmt: skip
            await self._journal(person, "closed", contact_id, outcome)

    async def reopen(self, contact_id: int, *, login: str) -> None:
        """Open a closed contact again, for whoever does it. Raises Refused when a newer one of that address is open."""
        person = await _person(login)
        try:
            async with self.database.transaction():
                contact = await _contact(contact_id)
                await _refuse_beside_another(contact)
                changed = await Contact.filter(id=contact_id, state=ContactState.CLOSED).update(
                    state=ContactState.OPEN, agent_id=person.id, closed_at=None, outcome="", opened_at=self.clock.now()
                )
                if not changed:
                    raise Refused(await _why_not(contact_id, "reopened"))
                await self._journal(person, "reopened", contact_id)
        except IntegrityError:  # a newer one came in that very moment
            await _refuse_beside_another(contact)
            raise

    def _draft(self, contact: Contact, answer: Answer, last: Message | None, person: Person) -> Draft:
        letter_id = last.letter_id if last is not None else ""
        # Without References, In-Reply-To is all that the customer's letter says of what went before (RFC 5322, 3.6.4).
        before = tuple((last.reference_ids or last.in_reply_to).split()) if last is not None else ()
        email = contact.channel is Channel.EMAIL
        return Draft(
            account_id=contact.account_id,
            address=contact.address,
            name=contact.name,
            text=answer.text,
            subject=(answer.subject or reply_subject(contact.subject)) if email else "",
            cc=answer.cc if email else (),
            attachments=answer.attachments if email else (),
            purpose=Purpose.REPLY,
            contact_id=contact.id,
            author_id=person.id,
            in_reply_to=letter_id,
            references=(*before, letter_id) if letter_id else before,
        )

    async def _willing(self, contact: Contact, override: str, person: Person) -> None:
        if contact.address not in await consent.opted_out(self.database, contact.channel, [contact.address]):
            return
        if not override.strip():
            raise Refused(
                f"{contact.address} has opted out and gets nothing more: send it only with a reason (--override REASON)"
            )
        await self._journal(person, "overrode", contact.id, f"the opt-out: {one_line(override, 200)}")

    async def _in_hand(self, contact_id: int, person: Person) -> Contact:
        contact = await self._ours(contact_id, person, IN_HAND)
        if contact.agent_id != person.id:
            raise Refused(await _why_not(contact_id, "answered"))
        return contact

    async def _ours(self, contact_id: int, person: Person, states: tuple[ContactState, ...]) -> Contact:
        """The contact, locked, in one of these states and this person's to change."""
        contact = await _contact(contact_id, locked=not self.database.is_sqlite)
        if contact.state not in states:
            raise Refused(await _why_not(contact_id, "changed"))
        if person.role is Role.AGENT and contact.agent_id is None:
            raise Refused(f"contact {contact_id} is {contact.state} and nobody has it: take it first")
        if person.role is Role.AGENT and contact.agent_id != person.id:
            raise Refused(await _why_not(contact_id, "changed"))
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


def _quoted(message: Message) -> str:
    who = message.address if message.direction is Direction.IN else "us"
    return f"{who}, {message.at:%d %b %Y %H:%M} UTC:\n{message.text}"


async def _person(login: str) -> Person:
    person = await Person.get_or_none(login=login)
    if person is None:
        known = [row.login for row in await Person.all().order_by("login").limit(20)]
        raise NotFound(f"there is no user {login}; " + (f"there are: {', '.join(known)}" if known else "add one first"))
    return person


async def _contact(contact_id: int, *, locked: bool = False) -> Contact:
    query = Contact.filter(id=contact_id)
    contact = await (query.select_for_update() if locked else query).first()
    if contact is None:
        raise NotFound(f"there is no contact {contact_id}: 'postroom contact list' shows them")
    return contact


async def _refuse_beside_another(contact: Contact) -> None:
    """An address has one unclosed contact on an account at a time."""
    others = Contact.filter(account_id=contact.account_id, address=contact.address).exclude(id=contact.id)
    newer = await others.exclude(state=ContactState.CLOSED).first()
    if newer is not None:
        raise Refused(f"contact {newer.id} of {contact.address} is {newer.state}: use that one")


async def _names(model: type[Queue]) -> str:
    return ", ".join(row.name for row in await model.all().order_by("name")) or "none yet"


async def _why_not(contact_id: int, wanted: str) -> str:
    contact = await Contact.get(id=contact_id).select_related("agent")
    whose = f" with {contact.agent.login}" if contact.agent is not None else ""
    return f"contact {contact_id} cannot be {wanted}: it is {contact.state}{whose}"
