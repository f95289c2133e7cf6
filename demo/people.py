"""One person at a time: says a line, waits for an answer, says the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from demo.letters import FromDesk
    from demo.pace import Pace
    from demo.talks import Line, Talk

PATIENCE = 150.0
"""Seconds without an answer after which they ask whether anybody is there."""
GIVES_UP = 600.0
_MOST_KEPT = 20

NAGGING = "Hello? Is anyone there?"


class Surroundings(Protocol):
    """What a person needs of the town."""

    pace: Pace

    async def send(self, person: Person, text: str) -> str:
        """Their words go to the desk; the Message-ID of the mail that brings them."""


class Person:
    """Somebody with a handset or a mail program, and something to say."""

    def __init__(self, talk: Talk, town: Surroundings) -> None:
        self.talk = talk
        self.name = talk.person
        self.address = talk.address
        self.got: deque[FromDesk] = deque(maxlen=_MOST_KEPT)
        """What the desk wrote to them, oldest first."""
        self.sent: deque[str] = deque(maxlen=_MOST_KEPT)
        """Message-IDs of the mails that brought their words to the desk, oldest first."""
        self.last: FromDesk | None = None
        """The letter of the desk's that their next words answer."""
        self._town = town
        self._unread: asyncio.Queue[FromDesk] = asyncio.Queue()

    def get(self, letter: FromDesk) -> None:
        """A letter of the desk's is on their screen."""
        self.got.append(letter)
        self._unread.put_nowait(letter)

    async def live(self) -> None:
        """The whole talk; it ends early where nobody answers for a long time."""
        first, *others = self.talk.lines
        await self._say(first)
        for line in others:
            if not await self._turn(line):
                return
            await self._say(line)

    async def _say(self, line: Line) -> None:
        self.sent.append(await self._town.send(self, line.say))

    async def _turn(self, line: Line) -> bool:
        """Wait until it is time for this line, as somebody who reads and types; False when they have given up."""
        pace = self._town.pace
        if not isinstance(line.wait, str):
            await pace.rest(line.wait)
            return True
        letter = await self._answered(automatic_too=line.wait == "letter")
        if letter is None:
            return False
        self.last = letter
        await pace.rest(3.0, 4.0 + len(line.say) / 30)
        return True

    async def _answered(self, *, automatic_too: bool) -> FromDesk | None:
        pace = self._town.pace
        for patience in (PATIENCE, GIVES_UP):
            try:
                async with asyncio.timeout(pace.seconds(patience)):
                    while True:
                        letter = await self._unread.get()
                        if automatic_too or not letter.automatic:
                            return letter
            except TimeoutError:
                if patience == PATIENCE:
                    self.sent.append(await self._town.send(self, NAGGING))
        return None
