"""The demo's agents: each is ready, takes what is offered, answers as `answers.toml` says, and closes what is done."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from core import consent
from core.desk import Answer
from core.errors import PostroomError
from core.models.states import Channel
from core.store import StoreBusy, heard
from core.views import ContactFilter, contacts, thread
from demo.talks import Reply, replies

if TYPE_CHECKING:
    from core.office import Office
    from core.views import ContactRow, MessageRow
    from demo.pace import Pace

_LOOK = 1.0
_QUIET = (14.0, 18.0)
"""Seconds without a word from the customer after which a contact is closed: longer than they need to read and type."""


class Clerk:
    """One agent; a person who works beside it at the same desk does not disturb it."""

    def __init__(self, office: Office, pace: Pace, login: str, name: str) -> None:
        self._office = office
        self._pace = pace
        self._login = login
        self._name = name
        self._due: dict[int, tuple[object, float]] = {}
        """Contact -> what it looked like when we last saw it, and the loop's time when we shall act on that."""
        self._next_take = 0.0

    async def run(self) -> None:
        """Work until cancelled."""
        await self._office.presence.ready(self._login)
        while True:
            ring = self._office.database.bell.listen()
            with contextlib.suppress(StoreBusy):
                await self._round()
            await heard(ring, self._pace.seconds(_LOOK))
            await self._pace.rest(0.2)

    async def _round(self) -> None:
        mine = await contacts(self._office.database, ContactFilter(agent=self._login, state="unclosed"))
        self._due = {row.id: self._due[row.id] for row in mine if row.id in self._due}
        for row in mine:
            if row.state == "offered":
                continue
            try:
                await self._look_at(row)
            except PostroomError:
                self._due.pop(row.id, None)  # somebody else changed it, or a message came meanwhile: look again
        await self._accept()

    async def _accept(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next_take and await self._office.desk.next(login=self._login) is not None:
            self._next_take = now + self._pace.seconds(1.0, 2.5)

    async def _look_at(self, row: ContactRow) -> None:
        _, said, notes = await thread(self._office.database, row.id)
        # What the desk sends by itself is no answer.
        messages = [message for message in said if message.direction == "in" or message.author]
        if not messages:
            return
        last = messages[-1]
        now = asyncio.get_running_loop().time()
        looks = (last.id, last.state, last.delivery)
        seen, due = self._due.get(row.id, (None, 0.0))
        if seen != looks:
            due = now + self._thinks(last)
            self._due[row.id] = (looks, due)
        if now >= due:
            await self._act(row, messages, {note.text for note in notes})

    def _thinks(self, last: MessageRow) -> float:
        """Seconds until we act on a contact whose newest message this is."""
        if last.direction == "in" and not last.automatic:
            return self._pace.seconds(2.5, 3.5 + len(last.text) / 60)
        if last.delivery == "failed" or last.state == "failed":
            return self._pace.seconds(3.0)
        return self._pace.seconds(*_QUIET) * (3 if last.delivery == "delayed" else 1)

    async def _act(self, row: ContactRow, messages: list[MessageRow], notes: set[str]) -> None:
        last = messages[-1]
        answered = any(message.author for message in messages)
        if last.direction == "out" and "failed" in (last.state, last.delivery):
            await self._office.desk.note(row.id, "My answer came back: number out of service.", login=self._login)
            await self._close(row, "not reached")
        elif last.direction == "out" or last.automatic:
            said = [_reply_to(message.text) for message in messages if message.direction == "in"]
            await self._close(row, "thanked" if said and said[-1].last else "answered")
        elif await self._opted_out(row):
            await self._close(row, "not reached")
        else:
            reply = _reply_to(last.text)
            if reply.last and answered:
                await self._close(row, reply.outcome)
            elif reply.queue and row.queue not in (reply.queue, "letters"):
                await self._office.desk.transfer(row.id, login=self._login, queue=reply.queue, note=reply.note)
            else:
                if reply.note and reply.note not in notes:
                    await self._office.desk.note(row.id, reply.note, login=self._login)
                await self._answer(row, reply, messages)

    async def _answer(self, row: ContactRow, reply: Reply, messages: list[MessageRow]) -> None:
        said_before = sum(any(one in message.text for one in reply.say) for message in messages)
        text = reply.say[min(said_before, len(reply.say) - 1)]
        if row.channel == "email":
            text = f"Dear {row.name or 'customer'},\n\n{text}\n\nKind regards,\n{self._name}\nFernhill"
        await self._office.desk.reply(row.id, Answer(text), login=self._login)

    async def _close(self, row: ContactRow, outcome: str) -> None:
        await self._office.desk.close(row.id, outcome, login=self._login, seen=row.messages)

    async def _opted_out(self, row: ContactRow) -> bool:
        return bool(await consent.opted_out(self._office.database, Channel(row.channel), [row.address]))


def _reply_to(text: str) -> Reply:
    return next(reply for reply in replies() if reply.fits(text))
