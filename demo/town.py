"""The people who write to the desk, their handsets and mail programs, and what happens to letters for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from core.mime import read
from demo.letters import FromDesk, away, email
from demo.people import Person
from demo.providers import FormText, TextLine
from demo.talks import Talk, names, talks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from demo.log import LiveLog
    from demo.pace import Pace

MOST_AT_ONCE = 24
"""Talks at a time: where nobody answers, the town waits, and neither queues nor mailboxes grow."""
_DRAMA = 44_7700_900_000
"""Ofcom keeps 07700 900000 to 900999 for stories; the talks' own people have the first two hundred."""
_DRAMA_FRANCE = 33_6_39_98_00_00
"""Arcep keeps 06 39 98 00 00 to 99 99."""

TEXTLINE = TextLine("textline.example", "orders@fernhill.example", reports=True)
FORMTEXT = FormText("formtext.example", "clinic@fernhill.example", reports=False)
PROVIDERS = {"orders": TEXTLINE, "clinic": FORMTEXT}
HELP = "help@fernhill.example"
DESK = {TEXTLINE.account: "orders", FORMTEXT.account: "clinic", HELP: "help"}
"""The desk's own addresses and the users of their mailboxes: what it writes to itself arrives there."""


class Town:
    """Everybody there. `deliver` puts a mail's bytes into the mailbox of an account's user."""

    def __init__(self, pace: Pace, log: LiveLog, deliver: Callable[[str, bytes], Awaitable[bool]]) -> None:
        self.pace = pace
        self.people: dict[str, Person] = {}
        """By address; somebody new may take over an old number."""
        self.all_said = asyncio.Event()
        """Set when each talk has been held, where they are held once."""
        self._log = log
        self._deliver = deliver
        self._group: asyncio.TaskGroup | None = None
        self._alive: set[asyncio.Task[None]] = set()

    def name(self, address: str) -> str:
        """The first name of whoever has this address; the address where nobody has it."""
        person = self.people.get(address)
        return person.name.partition(" ")[0] if person is not None else address

    async def run(self) -> None:
        """One talk after another begins, until cancelled."""
        await self.pace.rest(0.3)
        try:
            async with asyncio.TaskGroup() as self._group:
                for talk in self._programme():
                    while len(self._alive) >= MOST_AT_ONCE:
                        await asyncio.wait(self._alive, return_when=asyncio.FIRST_COMPLETED)
                    self._begin(talk, self._group)
                    await self.pace.rest(2.5, 6.0)
                await asyncio.gather(*self._alive)
                self.all_said.set()
                await asyncio.Event().wait()  # handsets go on ringing
        finally:
            self._group = None

    def receive(self, recipient: str, raw: bytes) -> None:
        """A letter of the desk's came out of the outgoing server."""
        letter = read(raw)
        kept = FromDesk(
            message_id=letter.message_id,
            in_reply_to=letter.in_reply_to,
            references=letter.references,
            subject=letter.subject,
            text=f"{letter.text}\n{letter.quoted}".strip(),
            automatic="auto-submitted" in letter.headers,
            at=self._log.now(),
        )
        number = next((number for each in PROVIDERS.values() if (number := each.number(recipient))), "")
        person = self.people.get(number or recipient)
        if self._group is None:
            return
        if recipient.lower() in DESK:
            self._group.create_task(self._post(DESK[recipient.lower()], raw))
        elif person is None:
            self._log.say("elsewhere", number or recipient, kept.text or kept.subject)
        elif number:
            self._group.create_task(self._to_handset(person, kept))
        else:
            self._group.create_task(self._to_inbox(person, kept))

    async def send(self, person: Person, text: str) -> str:
        """A person's words go to the desk; the Message-ID of the mail that brings them."""
        user = person.talk.account
        if person.talk.by_text:
            message = PROVIDERS[user].mail(person.address, text, person.last)
        else:
            message = email(person.talk, f"{person.name} <{person.address}>", HELP, text, person.last)
        await self._post(user, message.as_bytes())
        return str(message["Message-ID"])

    async def _post(self, user: str, raw: bytes) -> None:
        if not await self._deliver(user, raw):
            self._log.say("lost", user, "the mailbox is full: is an engine fetching from it?")

    async def _to_handset(self, person: Person, letter: FromDesk) -> None:
        user = person.talk.account
        provider = PROVIDERS[user]
        await self.pace.rest(0.3, 0.8)
        if person.talk.phone == "dead":
            await self._post(user, provider.bounced(person.address, letter))
            return
        if person.talk.phone == "slow":
            await self._report(person, letter, "delayed", "Queued, handset switched off")
            await self.pace.rest(9, 12)
        self._log.say("phone", self.name(person.address), letter.text)
        person.get(letter)
        await self.pace.rest(0.5, 1.5)
        await self._report(person, letter, "delivered", "Delivered")

    async def _report(self, person: Person, letter: FromDesk, title: str, result: str) -> None:
        if person.talk.account == "orders":
            report = TEXTLINE.receipt(person.address, letter, title, result)
            await self._post("orders", report.as_bytes())

    async def _to_inbox(self, person: Person, letter: FromDesk) -> None:
        if not letter.automatic:
            self._log.say("inbox", self.name(person.address), letter.text)
        person.get(letter)
        if person.talk.away and not letter.automatic:
            await self.pace.rest(0.5, 1.0)
            sender = f"{person.name} <{person.address}>"
            await self._post(person.talk.account, away(person.talk, sender, HELP, letter).as_bytes())

    # -- who writes next ---------------------------------------------------------------------------------------------

    def _programme(self) -> Iterator[Talk]:
        """Every talk with its own person, then for ever with others."""
        yield from talks()
        number = 0
        while not self.pace.once:
            for talk in self.pace.dice.sample(talks(), len(talks())):
                yield _held_by(talk, number)
                number += 1

    def _begin(self, talk: Talk, group: asyncio.TaskGroup) -> None:
        person = Person(talk, self)
        self.people[talk.address] = person
        task = group.create_task(person.live(), name=f"{talk.name}: {talk.person}")
        self._alive.add(task)
        task.add_done_callback(self._alive.discard)


def number_of_newcomer(number: int) -> str:
    """Of the so-manieth, where he writes texts."""
    return f"+{_DRAMA + 200 + number % 800}"


def _held_by(talk: Talk, number: int) -> Talk:
    """The same talk, held by the so-manieth newcomer: a name from the list, and an address of its own."""
    name = names()[number % len(names())]
    if talk.address.startswith("+33"):
        address = f"+{_DRAMA_FRANCE + 200 + number % 800}"
    elif talk.by_text:
        address = number_of_newcomer(number)
    else:
        # Like the numbers, they come round again: nothing grows for ever.
        address = f"{name.lower().replace(' ', '.')}@{talk.address.rpartition('@')[2]}"
    return replace(talk, person=name, address=address)
