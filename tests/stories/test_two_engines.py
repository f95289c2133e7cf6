"""Two engines on one database: nothing is done twice, and what one leaves lying the other takes over in time."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.flow.mails import text_mail
from tests.servers.smtp_recorder import Fault, RecorderProcess
from tests.stories.running import RunningDesk, account_toml, bare_toml, put_many, until

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

ADDRESSES = ("one@desk.example", "two@desk.example")
TEXTS = 500
ANSWERS = 500
"""Put into the outbox at a time: more than one engine takes in hand."""
SESSIONS = 4
TAKEN_OVER_WITHIN = 15.0


class Pair:
    """A desk with two mailboxes and some engines, what was put into it, and what came out."""

    def __init__(self, desk: RunningDesk, dovecot: Dovecot, server: RecorderProcess, engines: int = 2) -> None:
        self.desk = desk
        self.dovecot = dovecot
        self.server = server
        self.users = {address: dovecot.add_user() for address in ADDRESSES}
        self.sent: dict[str, list[str]] = {address: [] for address in ADDRESSES}
        self.answers = 0
        self._numbers = count()
        account = partial(account_toml, password=dovecot.password, imap_port=dovecot.port, poll_seconds=1)
        desk.apply(
            bare_toml(smtp_port=server.port, connections=SESSIONS)
            + "".join(account(address, user=user) for address, user in self.users.items())
        )
        for _ in range(engines):
            desk.start()
        until("all engines run", lambda: desk.count("SELECT count(*) FROM engine") == engines)
        until("both mailboxes are kept", lambda: all(map(self.keeper, ADDRESSES)))

    def deliver(self, address: str, how_many: int) -> None:
        """So many more texts into a mailbox."""
        words = [f"question {next(self._numbers)}" for _ in range(how_many)]
        self.sent[address] += words
        self.dovecot.deliver(self.users[address], *[text_mail(f"+4477{hash_of(said)}", said) for said in words])

    def put(self, how_many: int) -> None:
        """So many more answers into the outbox."""
        asyncio.run(put_many(self.desk, how_many))
        self.answers += how_many

    def work(self, answers: int) -> None:
        """Some texts come in and so many answers are to go out; returns when the first of them have left."""
        sent = len(self.server.read())
        for address in ADDRESSES:
            self.deliver(address, TEXTS // 6)
        self.put(answers)
        until("some have left", lambda: len(self.server.read()) >= sent + 20)

    def keeper(self, address: str) -> subprocess.Popen[bytes] | None:
        """The engine that keeps this mailbox."""
        found = self.desk.query(
            "SELECT l.holder FROM lease l JOIN account a ON l.name = 'mailbox:' || CAST(a.id AS TEXT)"
            f" WHERE a.address = '{address}'"
        )
        pids = [int(holder.split("-")[2]) for (holder,) in found]
        return next((engine for engine in self.desk.engines if engine.pid in pids), None)

    def busy_keeper(self) -> subprocess.Popen[bytes]:
        """The engine that keeps the first mailbox, with answers in hand."""
        engine = self.keeper(ADDRESSES[0])
        assert engine is not None
        in_hand = f"SELECT 1 FROM outbox WHERE claimed_by LIKE '%-{engine.pid}-%'"
        until("it has answers in hand", lambda: self.desk.query(in_hand), 5)
        return engine

    def seconds_until_taken_over(self) -> float:
        """How long from now until new texts of both mailboxes are on the desk and nothing waits in the outbox."""
        began = time.monotonic()
        for address in ADDRESSES:
            self.deliver(address, 1)
        until("both mailboxes are read", self.all_read, 20)
        waiting = "SELECT count(*) FROM outbox WHERE state = 'queued'"
        until("nothing waits to leave", lambda: not self.desk.count(waiting), 20)
        return time.monotonic() - began

    def all_read(self) -> bool:
        return all(len(self.desk.texts(address)) >= len(self.sent[address]) for address in ADDRESSES)

    def all_sent(self) -> bool:
        return not self.desk.count("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")

    def nothing_twice_and_nothing_lost(self, most_in_doubt: int) -> None:
        for address in ADDRESSES:
            assert Counter(self.desk.texts(address)) == Counter(self.sent[address])
            assert self.desk.mailbox(address).accounted == len(self.sent[address])
        arrived = Counter(one.message_id for one in self.server.read())
        assert max(arrived.values()) == 1, "a message was sent twice"
        states = dict(self.desk.query("SELECT letter_id, state FROM outbox"))
        assert len(states) == self.answers and set(states.values()) <= {"sent", "unknown"}
        assert {letter for letter, state in states.items() if state == "sent"} <= set(arrived)
        assert list(states.values()).count("unknown") <= most_in_doubt


def hash_of(said: str) -> str:
    return f"{10_000_000 + int(said.split()[1]):08d}"


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_two_engines_do_nothing_twice_and_one_takes_over_what_the_other_leaves(
    store: str,
    tmp_path: Path,
    dovecot: Dovecot,
    request: pytest.FixtureRequest,
) -> None:
    url = "" if store == "sqlite" else request.getfixturevalue("postgres_url")
    slow = Fault("dot", "slow 0.01")
    with (
        RecorderProcess(tmp_path / "record", faults=[slow]) as server,
        RunningDesk(tmp_path, url, log_level="info") as desk,
    ):
        pair = Pair(desk, dovecot, server)
        # Both at work.
        pair.work(ANSWERS)
        until("the first part is done", lambda: pair.all_read() and pair.all_sent())

        # One is stopped in mid-work: alive, and silent for longer than its leases last.
        pair.work(ANSWERS)
        stopped = pair.busy_keeper()
        desk.pause(stopped)
        after_stop = pair.seconds_until_taken_over()
        stopped.send_signal(signal.SIGCONT)
        pair.put(ANSWERS)
        until("it has come back", lambda: desk.count("SELECT count(*) FROM engine") == 2 and pair.all_sent())
        left = '"event": "mailbox left to another engine"'
        until("it leaves the mailboxes to the other", lambda: desk.log.read_text().count(left) >= 2, 10)
        pair.nothing_twice_and_nothing_lost(SESSIONS)

        # One is killed in mid-work.
        pair.work(ANSWERS)
        desk.kill(pair.busy_keeper())
        after_kill = pair.seconds_until_taken_over()
        until("nothing is on its way", pair.all_sent)
        pair.nothing_twice_and_nothing_lost(2 * SESSIONS)
        sys.stdout.write(f"{store}: taken over {after_stop:.1f} s after SIGSTOP, {after_kill:.1f} s after kill -9\n")
        assert max(after_stop, after_kill) < TAKEN_OVER_WITHIN
        desk.stop(desk.engines[0])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_engines_that_are_stopped_killed_and_started_at_random_do_nothing_twice(
    store: str, seed: int, tmp_path: Path, dovecot: Dovecot, request: pytest.FixtureRequest
) -> None:
    url = "" if store == "sqlite" else request.getfixturevalue("postgres_url")
    chance = random.Random(seed)
    slow = Fault("dot", "slow 0.005")
    with RecorderProcess(tmp_path / "record", faults=[slow]) as server, RunningDesk(tmp_path, url) as desk:
        pair = Pair(desk, dovecot, server, engines=3)
        paused: list[subprocess.Popen[bytes]] = []
        disturbed = 0
        for _ in range(20):
            pair.work(ANSWERS // 2)
            well = [engine for engine in desk.engines if engine not in paused]
            what = chance.choice(["pause", "kill", "resume", "start"])
            if what == "pause" and len(well) > 1:
                paused.append(chance.choice(well))
                desk.pause(paused[-1])
                disturbed += 1
            elif what == "kill" and len(well) > 1:
                desk.kill(chance.choice([*well[1:], *paused]))
                paused = [engine for engine in paused if engine in desk.engines]
                disturbed += 1
            elif what == "resume" and paused:
                paused.pop(0).send_signal(signal.SIGCONT)
            elif what == "start" and len(desk.engines) < 4:
                desk.start()
        for engine in paused:
            engine.send_signal(signal.SIGCONT)
        until("everything is read and sent", lambda: pair.all_read() and pair.all_sent(), 60)
        until("everything is accounted for", lambda: all(desk.mailbox(a).health == "ok" for a in ADDRESSES))
        pair.nothing_twice_and_nothing_lost(SESSIONS * disturbed)
        for engine in list(desk.engines):
            desk.stop(engine)
