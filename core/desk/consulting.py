"""Asking a colleague without giving the contact away, and a supervisor's word to the agent alone."""

from __future__ import annotations

from core.desk.finding import IN_HAND, Station, find_contact, find_person
from core.errors import NotFound, Refused, Wrong
from core.models import Note
from core.models.states import NoteKind, Role
from core.text import harmless

LONGEST = 2000


class Consulting(Station):
    """Lines beside the thread that are meant for somebody."""

    async def ask(self, contact_id: int, colleague: str, question: str, *, login: str) -> int:
        """Ask a colleague about a contact that stays ours; the question's id. Raises NotFound, Wrong, Refused."""
        person, other = await find_person(login), await find_person(colleague)
        text = _said(question, "question")
        if person.id == other.id:
            raise Wrong("a question goes to a colleague: name another one")
        async with self.database.transaction():
            await self._ours(contact_id, person, IN_HAND)
            note = await Note.create(
                contact_id=contact_id, author_id=person.id, for_person_id=other.id, kind=NoteKind.QUESTION,
                text=text, at=self.clock.now(),
            )  # fmt: skip
            await self._journal(person, "asked", contact_id, colleague)
        return int(note.id)

    async def answer_question(self, note_id: int, text: str, *, login: str) -> None:
        """Answer what a colleague has asked us. Raises NotFound, Wrong, Refused when it is not ours or is answered."""
        person = await find_person(login)
        text = _said(text, "answer")
        async with self.database.transaction():
            question = await Note.get_or_none(id=note_id, kind=NoteKind.QUESTION)
            if question is None:
                raise NotFound(f"there is no question {note_id}")
            if question.for_person_id != person.id:
                raise Refused(f"question {note_id} is for somebody else to answer")
            done = await Note.filter(id=note_id, answered_at__isnull=True).update(answered_at=self.clock.now())
            if not done:
                raise Refused(f"question {note_id} is answered already")
            await Note.create(
                contact_id=question.contact_id, author_id=person.id, for_person_id=question.author_id,
                kind=NoteKind.ANSWER, text=text, at=self.clock.now(),
            )  # fmt: skip
            await self._journal(person, "answered a question", question.contact_id)

    async def whisper(self, contact_id: int, text: str, *, login: str) -> None:
        """Say a line to the agent who has the contact; the customer never sees it. Raises NotFound, Wrong, Refused."""
        person = await find_person(login)
        text = _said(text, "line")
        if person.role is Role.AGENT:
            raise Refused(f"{login} is an agent: only a supervisor or an administrator may whisper")
        async with self.database.transaction():
            contact = await find_contact(contact_id)
            if contact.agent_id is None or contact.state not in IN_HAND:
                raise Refused(f"contact {contact_id} is {contact.state}: nobody has it who could hear a whisper")
            await Note.create(
                contact_id=contact_id, author_id=person.id, for_person_id=contact.agent_id, kind=NoteKind.WHISPER,
                text=text, at=self.clock.now(),
            )  # fmt: skip
            await self._journal(person, "whispered", contact_id)


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise Wrong(f"the {what} is empty: write something first")
    return harmless(text)[:LONGEST]
