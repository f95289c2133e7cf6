"""Many agents and two engines of which one is killed again and again: every contact is handled, and handled once."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from core.models import Account, AgentGroup, OutgoingServer, Person, Queue
from core.models.states import Role
from core.office import Office, open_office
from core.settings import Settings, find_settings
from tests.flow.arriving import take_in
from tests.flow.conftest import furnish
from tests.flow.mails import email, text_mail
from tests.flow.test_distribution import sums
from tests.stories.agents import Floor
from tests.stories.running import RunningDesk, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.postgres import Postgres

ROOM = {"sms": 3, "email": 2}
IN_THE_WAY = ("offered", "open", "wrap-up")
BATCH = 200


class Crowd:
    """A desk with so many agents of two groups, and contacts that arrive as long as there are some to come."""

    def __init__(self, desk: RunningDesk, office: Office, agents: int, contacts: int) -> None:
        self.desk = desk
        self.office = office
        self.logins = [f"agent{number}" for number in range(agents)]
        self.contacts = contacts

    async def hire(self, wrap_up_seconds: int) -> None:
        """Agents serve one of the queues or both; texts go to `front`, which has a wrap-up."""
        await furnish()
        await OutgoingServer.all().delete()
        front, billing = await Queue.get(name="front"), await Queue.get(name="billing")
        front.wrap_up_seconds = wrap_up_seconds
        await front.save()
        await Account.all().update(enabled=False)
        await Account.filter(id=2).update(queue_id=billing.id)
        groups = [await AgentGroup.create(name=name) for name in ("fronts", "billers")]
        await front.groups.add(groups[0])
        await billing.groups.add(groups[1])
        for number, login in enumerate(self.logins):
            person = await Person.create(
                login=login, name=login, role=Role.AGENT, capacity_sms=ROOM["sms"], capacity_email=ROOM["email"]
            )
            await person.groups.add(*(groups if number % 3 == 0 else [groups[number % 2]]))

    async def customers(self, floor: Floor) -> None:
        """A third is there in the morning; then they come as fast as they are seen to."""
        came = 0
        while came < self.contacts:
            now = min(BATCH, self.contacts - came)
            texts = [text_mail(f"+44770{n:07}", f"question {n}") for n in range(came, came + now) if n % 3]
            letters = [
                email(f"c{n}@mail.example", f"question {n}", "Where is it?")
                for n in range(came, came + now)
                if not n % 3
            ]
            await take_in(self.office, 1, *texts)
            await take_in(self.office, 2, *letters)
            came += now
            while came > self.contacts // 3 + floor.accepted:  # noqa: ASYNC110 - as many as were seen to come anew
                await asyncio.sleep(0.02)

    async def closed(self) -> int:
        """How many are done."""
        (row,) = await self.office.database.read("SELECT COUNT(*) AS n FROM contact WHERE state = 'closed'")
        return int(row["n"])

    async def all_closed(self, floor: Floor, seconds: float) -> None:
        """Until the last one is; then the floor goes home."""
        deadline = time.monotonic() + seconds
        while await self.closed() < self.contacts:
            assert time.monotonic() < deadline, await self.standing()
            await asyncio.sleep(0.1)
        floor.done.set()

    async def standing(self) -> object:
        """For whoever reads of a failure."""
        rows = await self.office.database.read("SELECT state, COUNT(*) AS n FROM contact GROUP BY state")
        people = await self.office.database.read("SELECT state, reason, COUNT(*) AS n FROM agent GROUP BY 1, 2")
        return [dict(row) for row in rows], [dict(row) for row in people]

    async def kills(self, floor: Floor, when: Callable[[int], object], chance: random.Random) -> int:
        """kill -9 of one of the two engines whenever it is time, and a new one in its place; how many."""
        done = 0
        while not floor.done.is_set():
            if not when(done):
                await asyncio.sleep(0.02)
                continue
            self.desk.kill(chance.choice(self.desk.engines))
            self.desk.start()
            done += 1
        return done

    # -- what must be so at the end ----------------------------------------------------------------------------------

    async def judge(self, floor: Floor) -> None:
        """All handled once, nobody over capacity at any instant, nothing left behind, and the log says the same."""
        database = self.office.database
        assert await database.read("SELECT 1 FROM contact WHERE state <> 'closed' OR agent_id IS NULL") == []
        assert await database.read("SELECT 1 FROM agent WHERE state <> 'signed out'") == []
        assert floor.accepted == self.contacts
        said = await database.read("SELECT contact_id, COUNT(*) AS n FROM message WHERE direction = 'out' GROUP BY 1")
        assert (len(said), {row["n"] for row in said}) == (floor.replied, {1})
        people = {row["id"]: row["agent_id"] for row in await database.read("SELECT id, agent_id FROM contact")}
        assert len(people) == self.contacts
        events = await database.read(
            "SELECT id, verb, state, contact_id, person_id, channel FROM event WHERE contact_id IS NOT NULL ORDER BY id"
        )
        closed_by = replayed([(e["verb"], e["state"], e["contact_id"], e["person_id"], e["channel"]) for e in events])
        assert closed_by == people
        before = await self._folded()
        assert sum(int(str(row["t"])) for row in before) == self.contacts
        await self.office.tallies.make_anew()
        assert await self._folded() == before

    async def _folded(self) -> list[dict[str, object]]:
        """The sums, once every event is in them: both engines fold as well."""
        while await self.office.database.read("SELECT 1 FROM event WHERE folded = FALSE LIMIT 1"):
            await self.office.tallies.fold()
            await asyncio.sleep(0.01)
        return await sums(self.office)


def replayed(events: list[tuple[str, str, int, int | None, str]]) -> dict[int, int | None]:
    """Live through the log; who closed each contact. Fails where a step does not follow from the one before it."""
    follows = {
        "arrived": {""}, "queued": {"new"}, "offered": {"queued"}, "accepted": {"offered"}, "expired": {"offered"},
        "put back": {"offered"}, "returned": {"offered"}, "answered": {"open"}, "wrapped up": {"open"},
        "closed": {"open", "wrap-up"},
    }  # fmt: skip
    states: dict[int, str] = {}
    whose: dict[int, int | None] = {}
    load: Counter[tuple[int, str]] = Counter()
    wrapping: Counter[int] = Counter()
    taken: Counter[int] = Counter()
    for verb, state, contact, person, channel in events:
        was = states.get(contact, "")
        assert was in follows[verb], (contact, was, verb)
        states[contact] = state
        if verb == "offered":
            assert person is not None and not wrapping[person], f"agent {person} was offered {contact} in wrap-up"
            load[person, channel] += 1
            assert load[person, channel] <= ROOM[channel], f"agent {person} has more {channel} than there is room"
            whose[contact] = person
        elif was in IN_THE_WAY:
            assert person == whose[contact], (contact, verb, person)
            assert person is not None
            taken[contact] += verb == "accepted"
            wrapping[person] += (state == "wrap-up") - (was == "wrap-up")
            load[person, channel] -= state not in IN_THE_WAY
    assert set(states.values()) == {"closed"}
    assert set(taken.values()) == {1} and len(taken) == len(states)
    assert not any(load.values()) and not any(wrapping.values())
    return whose


@dataclass(frozen=True, slots=True)
class Size:
    """Of a day."""

    agents: int
    contacts: int
    wrap_up: int
    """Seconds."""
    patience: float
    """Seconds until all must be done."""


def live(folder: Path, url: str, size: Size, when: Callable[[Floor], Callable[[int], object]]) -> None:
    """A day of it. `when`: of a floor and the number of kills so far, whether it is time for another."""
    with RunningDesk(folder, url) as desk:
        desk.start()
        desk.start()
        until("both engines run", lambda: desk.count("SELECT count(*) FROM engine") == 2)
        asyncio.run(_live(desk, size, when))
        for engine in list(desk.engines):
            desk.stop(engine)


async def _live(desk: RunningDesk, size: Size, when: Callable[[Floor], Callable[[int], object]]) -> None:
    is_sqlite = desk.url.startswith("sqlite:")
    settings = find_settings(desk.url) if is_sqlite else Settings(desk.url, desk.postgres_key)
    async with open_office(settings) as office:
        crowd = Crowd(desk, office, size.agents, size.contacts)
        await crowd.hire(size.wrap_up)
        floor = Floor(office, crowd.logins, seed=1)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(floor.work())
            group.create_task(crowd.customers(floor))
            killing = group.create_task(crowd.kills(floor, when(floor), random.Random(1)))
            group.create_task(crowd.all_closed(floor, size.patience))
        lasted = time.monotonic() - began
        await crowd.judge(floor)
        rows = await office.database.read("SELECT verb, COUNT(*) AS n FROM event GROUP BY verb ORDER BY verb")
        sys.stdout.write(
            f"{size.agents} agents, {size.contacts} contacts, {killing.result()} kills, {lasted:.0f} s: {floor.left}"
            f" breaks, busy {floor.busy} times; { ({row['verb']: row['n'] for row in rows}) }\n"
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Of a database that is up to date; empty for one on SQLite."""
    if request.param == "sqlite":
        yield ""
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    made = postgres.create_database(template=request.getfixturevalue("postgres_template"))
    yield made
    postgres.drop_database(made)


def test_twelve_agents_and_two_engines_of_which_three_are_killed_handle_each_contact_once(
    url: str, tmp_path: Path
) -> None:
    def by_progress(floor: Floor) -> Callable[[int], bool]:
        return lambda done: done < 3 and floor.accepted > 30 * (done + 1)

    live(tmp_path, url, Size(12, 120, 1, 60), by_progress)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_agents_and_two_engines_one_killed_every_minute_handle_twenty_thousand_once(
    url: str, tmp_path: Path
) -> None:
    began = time.monotonic()

    def every_minute(_: Floor) -> Callable[[int], bool]:
        return lambda done: time.monotonic() > began + 60 * (done + 1)

    live(tmp_path, url, Size(200, 20_000, 5, 3000), every_minute)
