"""kill -9 in the middle of a broadcast: one row for each recipient, everybody accounted for, nobody gets it twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from core.models import Campaign, CustomerList, Template
from core.office import open_office
from core.outbox import Settlement
from core.roles import COMMAND
from core.settings import Settings, find_settings
from tests.servers.smtp_recorder import Fault, RecorderProcess
from tests.stories.running import RunningDesk, account_toml, bare_toml, until

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SESSIONS = 4
STATES = ("waiting", "queued", "sent", "failed", "unknown", "suppressed", "cancelled")
ASKED = ("--campaign", "spring", "--account", "texts@desk.example", "--template", "parcel")


def settings_of(desk: RunningDesk) -> Settings:
    return find_settings(desk.url) if desk.url.startswith("sqlite:") else Settings(desk.url, desk.postgres_key)


async def write_customers(desk: RunningDesk, how_many: int) -> None:
    """A campaign with so many customers, and a template."""
    async with open_office(settings_of(desk)) as office:
        spring = await Campaign.create(name="spring")
        await CustomerList.create(id=1, name="A", campaign=spring)
        await Template.create(name="parcel", channel="sms", body="Hello {{ customer.name }}, it comes on Friday.")
        for start in range(0, how_many, 2_000):
            await office.database.insert_many(
                "customer",
                ("list_id", "reference", "name", "number", "number_as_written", "email", "zone", "status", "tries",
                 "outcome", "own_fields", "created_at", "changed_at"),
                [(1, f"R{n}", f"Customer {n}", f"+4477{n:08d}", "", "", "", "unused", 0, "", "{}", 0, 0)
                 for n in range(start, min(how_many, start + 2_000))],
                "id",
            )  # fmt: skip


class Broadcast:
    """A desk with one broadcast on its way to a recording server."""

    def __init__(self, desk: RunningDesk, server: RecorderProcess, how_many: int) -> None:
        self.desk = desk
        self.server = server
        self.how_many = how_many
        self.kills = 0

    def begin(self) -> None:
        texts = account_toml("texts@desk.example", user="u", password="p", imap_port=1, more="enabled = false")
        self.desk.apply(bare_toml(smtp_port=self.server.port, connections=SESSIONS) + texts)
        asyncio.run(write_customers(self.desk, self.how_many))
        self.desk.run("broadcast", "start", *ASKED, "--yes", str(self.how_many), "--no-wait")

    def counts(self) -> dict[str, int]:
        """By state, in one look."""
        return dict(self.desk.query("SELECT state, count(*) FROM recipient GROUP BY state"))

    def left(self) -> int:
        return len(self.server.read())

    def state(self) -> str:
        return str(self.desk.query("SELECT state FROM broadcast")[0][0])

    def reaches(self, target: int) -> bool:
        counts = self.counts()
        assert sum(counts.values()) == self.how_many, counts
        # Of those in doubt some never arrive: with nobody left to send to there is no more progress.
        return self.left() >= target or not counts.keys() & {"waiting", "queued"}

    def kill(self, engine: subprocess.Popen[bytes], target: int) -> None:
        until("some progress", partial(self.reaches, target), 60)
        self.desk.kill(engine)
        self.kills += 1

    def all_run(self) -> bool:
        pids = {pid for (pid,) in self.desk.query("SELECT pid FROM engine")}
        return {engine.pid for engine in self.desk.engines} <= pids

    def is_settled(self) -> bool:
        """Nobody waits; those in doubt are for a supervisor."""
        counts = self.counts()
        assert sum(counts.values()) == self.how_many, counts
        if self.state() == "done":
            assert not counts.keys() & {"waiting", "queued", "unknown"}, counts
        return not counts.keys() & {"waiting", "queued"}

    def settle(self) -> None:
        """A supervisor says of each in doubt that it went."""
        in_doubt = self.desk.query("SELECT message_id FROM recipient WHERE state = 'unknown'")

        async def settle() -> None:
            async with open_office(settings_of(self.desk)) as office:
                for (message,) in in_doubt:
                    await office.settling.settle(message, Settlement.SENT, actor=COMMAND)

        asyncio.run(settle())

    def check(self) -> None:
        """What must be so at the end, whatever was killed."""
        counts = self.counts()
        told = {state: counts.get(state, 0) for state in STATES}
        assert told["sent"] + told["failed"] + told["unknown"] + told["suppressed"] == self.how_many
        arrived = Counter(one.recipient for one in self.server.read())
        assert max(arrived.values()) == 1, "somebody got it twice"
        sent = {address for (address,) in self.desk.query("SELECT address FROM recipient WHERE state = 'sent'")}
        assert sent <= {"+" + recipient.split("@")[0] for recipient in arrived}, "one that is sent did not arrive"
        assert told["unknown"] <= SESSIONS * self.kills
        assert len(sent) + told["unknown"] == self.how_many
        (row,) = self.desk.json("broadcast", "list")
        assert row["planned"] == sum(row[state] for state in STATES)


def survive(desk: RunningDesk, server: RecorderProcess, how_many: int, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    story = Broadcast(desk, server, how_many)
    story.begin()
    for turn in range(kills):
        engine = desk.start()
        step = max(1, (how_many - story.left()) // (kills - turn + 1))
        story.kill(engine, min(how_many - 1, story.left() + chance.randrange(1, 2 * step)))
    engine = desk.start()
    until("everybody is settled", story.is_settled, 60)
    story.check()
    story.settle()
    until("it is done", lambda: story.state() == "done", 10)
    until("it can be told to stop", story.all_run, 30)
    desk.stop(engine)


def disturb(desk: RunningDesk, server: RecorderProcess, how_many: int, kills: int, seed: int) -> None:
    """Two engines at a time, of which one is killed; people pause and resume it meanwhile."""
    chance = random.Random(seed)
    story = Broadcast(desk, server, how_many)
    story.begin()
    for turn in range(kills):
        while len(desk.engines) < 2:
            desk.start()
        step = max(1, (how_many - story.left()) // (kills - turn + 1))
        target = min(how_many - 1, story.left() + chance.randrange(1, 2 * step))
        story.kill(chance.choice(desk.engines), target)
        if turn % 5 == 4 and story.state() == "running":
            desk.run("broadcast", "pause", "1")
            until("nothing is on its way", lambda: "queued" not in story.counts(), 30)
            desk.run("broadcast", "resume", "1")
    desk.start()
    until("everybody is settled", story.is_settled, 240)
    story.check()
    story.settle()
    until("it is done", lambda: story.state() == "done", 10)
    until("those that run can be told to stop", story.all_run, 30)
    for engine in list(desk.engines):
        desk.stop(engine)


def test_five_kills_in_a_broadcast_forget_nobody_and_repeat_nobody(tmp_path: Path) -> None:
    slow = Fault("dot", "slow 0.002")
    with RecorderProcess(tmp_path / "recorded.jsonl", faults=[slow]) as server, RunningDesk(tmp_path) as desk:
        survive(desk, server, how_many=400, kills=5, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_fifty_kills_of_two_engines_in_a_broadcast_of_twenty_thousand(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if store == "sqlite" else request.getfixturevalue("postgres_url")
    slow = Fault("dot", "slow 0.002")
    with RecorderProcess(tmp_path / "recorded.jsonl", faults=[slow]) as server, RunningDesk(tmp_path, url) as desk:
        disturb(desk, server, how_many=20_000, kills=50, seed=7)


@pytest.mark.soak
def test_a_cancel_between_kills_keeps_the_sums(tmp_path: Path) -> None:
    slow = Fault("dot", "slow 0.005")
    with RecorderProcess(tmp_path / "recorded.jsonl", faults=[slow]) as server, RunningDesk(tmp_path) as desk:
        story = Broadcast(desk, server, 2_000)
        story.begin()
        story.kill(desk.start(), 300)
        desk.start()
        until("some more", partial(story.reaches, 500), 60)
        desk.run("broadcast", "cancel", "1")
        until("everybody is settled", story.is_settled, 30)
        arrived = story.left()
        counts = story.counts()
        assert counts["sent"] + counts.get("unknown", 0) >= arrived >= counts["sent"]
        assert counts["cancelled"] == 2_000 - counts["sent"] - counts.get("unknown", 0)
        desk.stop(desk.engines[0])
