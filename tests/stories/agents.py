"""Agents at work, many of them in one process: ready, next, reply, wrap up, close, and away now and then."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, TypeVar

from core.desk import Answer
from core.errors import Refused
from core.store import StoreBusy, heard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.office import Office

Found = TypeVar("Found")

LOOK_SECONDS = 1.0
"""They look at least this often, should a bell be missed."""
TIRED_AFTER = 25
"""Contacts between two breaks of an agent, on average."""


class Floor:
    """All agents of a desk, until every contact is closed; counts what they did."""

    def __init__(self, office: Office, logins: list[str], seed: int) -> None:
        self.office = office
        self.logins = logins
        self.done = asyncio.Event()
        self.accepted = 0
        self.replied = 0
        self.left = 0
        """Breaks and ends of shifts, with whatever was on offer."""
        self.busy = 0
        """How often the database did not answer in time, and the same was asked again."""
        self._seed = seed
        self._bells = {login: asyncio.Event() for login in logins}

    async def work(self) -> None:
        """Everybody works until `done`; returns when all have gone home."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            for number, login in enumerate(self.logins):
                group.create_task(self._shift(login, random.Random(self._seed * 1000 + number)))

    async def _look(self) -> None:
        """Rings for whoever something is offered to, as each one's screen would by itself."""
        passing = asyncio.create_task(self.office.database.pass_the_bell_on())
        try:
            while not self.done.is_set():
                ring = self.office.database.bell.listen()
                rows = await self.office.database.read(
                    "SELECT DISTINCT p.login FROM agent a JOIN person p ON p.id = a.person_id LEFT JOIN contact c ON"
                    " c.agent_id = p.id AND c.state = 'offered' WHERE c.id IS NOT NULL OR a.reason = 'missed offers'"
                )
                for row in rows:
                    self._bells[row["login"]].set()
                await heard(ring, LOOK_SECONDS)
        finally:
            passing.cancel()
            await asyncio.wait([passing])
            for bell in self._bells.values():
                bell.set()

    async def _shift(self, login: str, chance: random.Random) -> None:
        presence, bell = self.office.presence, self._bells[login]
        await self._surely(lambda: presence.sign_in(login))
        await self._surely(lambda: presence.ready(login))
        while not self.done.is_set():
            await bell.wait()
            bell.clear()
            while contact_id := await self._surely(lambda: self.office.desk.next(login=login)):
                self.accepted += 1
                await self._handle(contact_id, login, chance)
                if not chance.randrange(TIRED_AFTER):
                    await self._breathe(login, chance)
            await self._surely(lambda: presence.ready(login))  # she may have missed too many
        await self._surely(lambda: presence.sign_out(login))

    async def _breathe(self, login: str, chance: random.Random) -> None:
        """Away for a moment, or home and back: what is on offer then is somebody else's."""
        self.left += 1
        presence = self.office.presence
        away = presence.not_ready if chance.randrange(2) else presence.sign_out
        await self._surely(lambda: away(login))
        await asyncio.sleep(chance.uniform(0, 0.2))
        await self._surely(lambda: presence.ready(login))

    async def _handle(self, contact_id: int, login: str, chance: random.Random) -> None:
        desk = self.office.desk
        if chance.randrange(3):
            await self._surely(lambda: desk.reply(contact_id, Answer(f"answer to {contact_id}"), login=login))
            self.replied += 1
        if await self._surely(lambda: desk.wrap_up(contact_id, login=login)) and not chance.randrange(3):
            return  # its timer ends it
        await self._surely(lambda: desk.close(contact_id, "done", login=login))

    async def _surely(self, verb: Callable[[], Awaitable[Found]]) -> Found | None:
        """Until the database has answered; a person would press the key again."""
        while True:
            try:
                return await verb()
            except StoreBusy:
                self.busy += 1
                await asyncio.sleep(0.05)
            except Refused as refused:
                if "is closed" in str(refused):  # the timer of its wrap-up was quicker
                    return None
                raise
