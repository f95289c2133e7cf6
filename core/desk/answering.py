"""What goes out to the customer, or on to somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import consent
from core.desk.files import wrong_with
from core.desk.finding import IN_HAND, Station, find_person
from core.errors import NotFound, Refused, Wrong
from core.mime import reply_subject
from core.models import Message, TypedDraft
from core.models.states import Channel, Direction, Purpose
from core.outbox import Draft, Said, Settling, forwarded_subject, forwarded_text
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.mail import FileToSend
    from core.models import Contact, Person


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
    begun: datetime | None = None
    """When it was sent off there: a draft of that seat from after that is the next answer, and stays."""


class Answering(Station):
    """Verbs by which something leaves."""

    async def reply(self, contact_id: int, answer: Answer, *, login: str, seen: int | None = None) -> int:
        """Answer the customer; the message's id. It is in the outbox when this returns.

        `seen`: how many messages the person saw. Raises NotFound; Wrong for nothing to say, for files that no mail
        takes, for more than the gateway carries; Refused when it is not ours, when the customer has opted out, or
        when a message came meanwhile.
        """
        person = await find_person(login)
        _fit(answer.attachments)
        async with self.database.transaction():
            contact = await self._in_hand(contact_id, person)
            if seen is not None and contact.message_count > seen:
                raise Refused(f"contact {contact_id} has a new message: look at it before you answer")
            await self._willing(contact, answer.override, person)
            written = Message.filter(contact_id=contact_id, direction=Direction.IN, automatic=False)
            last = await written.order_by("-at", "-id").first()
            message_id = await self.outbox.put(self._draft(contact, answer, last, person))
            typed = await TypedDraft.filter(contact_id=contact_id, person_id=person.id)
            await TypedDraft.filter(id__in=[one.id for one in typed if _is_sent(one, answer)]).delete()
            first = contact.answered_at or self.clock.now()
            await self._change(contact_id, answered_at=first, message_count=contact.message_count + 1)
            await self._step("replied" if contact.answered_at else "answered", contact_id, person)
            await self._journal(person, "answered", contact_id, f"message {message_id}")
        return message_id

    async def forward(
        self, contact_id: int, to: str, text: str = "", *, login: str, attachments: Sequence[FileToSend] = ()
    ) -> int:
        """Send the contact's messages on as an e-mail; the message's id. Raises as `reply` does."""
        person = await find_person(login)
        if "@" not in to or any(c.isspace() for c in to.strip()):
            raise Wrong(f"{to} is not an e-mail address: a contact is forwarded to one, as in name@example.org")
        _fit(attachments)
        async with self.database.transaction():
            contact = await self._in_hand(contact_id, person)
            thread = await Message.filter(contact_id=contact_id).order_by("at", "id")
            said = [Said(one.address, one.at, one.text, one.direction is Direction.OUT) for one in thread]
            draft = Draft(
                account_id=contact.account_id,
                address=to.strip(),
                text=forwarded_text(text, said),
                subject=forwarded_subject(contact.channel, contact.subject, contact.preview),
                purpose=Purpose.FORWARD,
                contact_id=contact_id,
                author_id=person.id,
                attachments=tuple(attachments),
            )
            message_id = await self.outbox.put(draft)
            files = f" with {len(attachments)} files" if attachments else ""
            await self._journal(person, "forwarded", contact_id, f"to {to.strip()} as message {message_id}{files}")
        return message_id

    async def retry(self, message_id: int, *, login: str) -> None:
        """Try a message of a contact of ours again that did not leave. Raises NotFound, Refused."""
        person = await find_person(login)
        message = await Message.get_or_none(id=message_id, direction=Direction.OUT)
        if message is None or message.contact_id is None:
            raise NotFound(
                f"message {message_id} belongs to no contact: 'postroom message list' shows those that leave"
            )
        async with self.database.transaction():
            await self._ours(message.contact_id, person, IN_HAND)
        await Settling(self.database, self.clock).retry(message_id, actor=login)

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
        if contact.address in await consent.opted_out(self.database, contact.channel, [contact.address]):
            why, what = "has opted out", "the opt-out"
        elif None in (await consent.not_to_contact(self.database, contact.channel, [contact.address])).get(
            contact.address, set()
        ):
            why, what = "is on the do-not-contact list", "the do-not-contact list"
        else:
            return
        if not override.strip():
            raise Refused(
                f"{contact.address} {why} and gets nothing more: send it only with a reason (--override REASON)"
            )
        await self._journal(person, "overrode", contact.id, f"{what}: {one_line(override, 200)}")


def _is_sent(typed: TypedDraft, answer: Answer) -> bool:
    """Whether a draft is what was sent, or was on its way to it."""
    if typed.text == answer.text:
        return True
    mine = bool(answer.seat) and typed.seat == answer.seat
    return mine and (answer.begun is None or typed.at < answer.begun or answer.text.startswith(typed.text))


def _fit(files: Sequence[FileToSend]) -> None:
    if wrong := wrong_with(files):
        raise Wrong(wrong)
