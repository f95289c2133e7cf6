"""The outbox in any order of what people, engines, servers and crashes do, against a model of what should be."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from core import consent
from core.errors import Refused
from core.gateway.smtp import Result, Verdict
from core.models.fields import from_moment, to_moment
from core.models.states import Channel, Purpose
from core.outbox import GIVE_UP_AFTER, Settlement
from core.outbox.claiming import Claimed, Claims
from core.outbox.draft import LANES
from core.outbox.flight import FlightLog, flight_path
from core.outbox.recording import Finished, Recorder
from core.store import Leases
from core.store.leases import LEASE_SECONDS
from tests.flow.delivering import put
from tests.flow.machines import FEW, MANY, Furnished, OfficeMachine

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    import pytest

    from core.settings import Settings

ADDRESSES = ("+447700900123", "+447700900456")
PURPOSES = (Purpose.REPLY, Purpose.RECEIPT_REPLY, Purpose.BROADCAST, Purpose.CONSENT)
LEGAL = {
    "queued": {"queued", "sending", "cancelled", "suppressed"},
    "sending": {"sent", "queued", "failed", "unknown"},
    "unknown": {"sent", "queued", "failed"},
    "failed": {"queued"},
    "cancelled": {"queued"},
    "sent": set(),
    "suppressed": set(),
}
VERDICTS = {
    Verdict.ACCEPTED: "sent",
    Verdict.REFUSED: "failed",
    Verdict.DEFERRED: "queued",
    Verdict.NOT_SENT: "queued",
    Verdict.IN_DOUBT: "unknown",
}
engines = st.sampled_from((0, 1))
numbers = st.integers(0, 5)


@dataclass
class Wanted:
    """A row as it should be."""

    id: int
    message_id: int
    address: str
    purpose: Purpose
    letter_id: str
    due: datetime
    state: str = "queued"
    claimed: str = ""
    attempts: int = 0
    first_try: datetime | None = None
    taken: bool = False
    """A server has accepted it, and nobody has asked for it again since."""


@dataclass
class AnEngine:
    """An engine without its sessions: it marks, logs and records as they would."""

    claims: Claims
    recorder: Recorder
    log: FlightLog | None
    leases: Leases
    hand: list[Claimed] = field(default_factory=list)
    flight: list[Claimed] = field(default_factory=list)
    begun: list[Claimed] = field(default_factory=list)
    ended: list[Finished] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.leases.holder


class OutboxRows(OfficeMachine):
    """People put, cancel, retry and settle; two engines claim, start, send and record; engines die."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: dict[int, Wanted] = {}
        self.unwilling: set[str] = set()
        self.born = 0
        self.engines = [self.new_engine(), self.new_engine()]
        self.dead: list[AnEngine] = []
        self.before: dict[int, str] = {}

    def new_engine(self) -> AnEngine:
        self.born += 1
        name, database = f"engine{self.born}", self.office.database
        path = self.settings.sqlite_path
        log = FlightLog(flight_path(path, name)) if path is not None else None
        leases = Leases(database, self.clock, name)
        self.do(leases.take(f"engine:{name}"))
        return AnEngine(Claims(database, self.clock, name), Recorder(database, self.clock, name, log), log, leases)

    def row(self, number: int) -> Wanted:
        return list(self.wanted.values())[::-1][number % len(self.wanted)]

    def change(self, verb: Coroutine[object, object, object], row: Wanted, *, done: bool) -> bool:
        """Run what a person does; done or refused as it should be."""
        try:
            self.do(verb)
        except Refused as refused:
            assert not done and f"message {row.message_id} is {row.state}" in str(refused)
            return False
        assert done
        return True

    # -- people ------------------------------------------------------------------------------------------------------

    @rule(address=st.sampled_from(ADDRESSES), purposes=st.lists(st.sampled_from(PURPOSES), min_size=1, max_size=4))
    def put(self, address: str, purposes: list[Purpose]) -> None:
        for purpose in purposes:
            message_id = self.do(put(self.office, address, purpose=purpose))
            (row,) = self.rows("SELECT id, letter_id FROM outbox WHERE message_id = ?", message_id)
            self.wanted[row["id"]] = Wanted(row["id"], message_id, address, purpose, row["letter_id"], self.clock.now())

    @precondition(lambda self: len(self.wanted) > 3)
    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        row = self.row(number)
        if self.change(self.office.settling.cancel(row.message_id, actor="sue"), row, done=row.state == "queued"):
            row.state, row.claimed = "cancelled", ""

    @precondition(lambda self: self.wanted)
    @rule(number=numbers)
    def retry(self, number: int) -> None:
        row = self.row(number)
        done = row.state in ("queued", "failed", "cancelled")
        if self.change(self.office.settling.retry(row.message_id, actor="sue"), row, done=done):
            self.begin_anew(row)

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, how=st.sampled_from(Settlement))
    def settle(self, number: int, how: Settlement) -> None:
        row = self.row(number)
        if self.change(self.office.settling.settle(row.message_id, how, actor="sue"), row, done=row.state == "unknown"):
            if how is Settlement.RESEND:
                self.begin_anew(row)
            else:
                row.state = "sent" if how is Settlement.SENT else "failed"

    def begin_anew(self, row: Wanted) -> None:
        row.state, row.claimed, row.due = "queued", "", self.clock.now()
        row.attempts, row.first_try, row.taken = 0, None, False

    @rule(address=st.sampled_from(ADDRESSES), out=st.booleans())
    def consent_changes(self, address: str, out: bool) -> None:
        async def change() -> None:
            async with self.office.database.transaction():
                how = {"channel": Channel.SMS, "address": address, "at": self.clock.now()}
                if out:
                    await consent.opt_out(self.office.database, source="test", **how)  # type: ignore[arg-type]
                else:
                    await consent.opt_in(self.office.database, by="test", **how)  # type: ignore[arg-type]

        self.do(change())
        (self.unwilling.add if out else self.unwilling.discard)(address)
        if out:
            for row in self.wanted.values():
                if row.address == address and row.state == "queued":
                    row.claimed = ""

    @rule(minutes=st.sampled_from((1, 5, 200, 200, 60 * 47)))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        for engine in self.engines:
            self.do(engine.leases.take(f"engine:{engine.name}"))

    # -- engines -----------------------------------------------------------------------------------------------------

    @rule(which=engines, most=st.integers(1, 4))
    def claim(self, which: int, most: int) -> None:
        engine, now = self.engines[which], self.clock.now()
        rows, _ = self.do(engine.claims.take(most, 0))
        free = [row for row in self.wanted.values() if row.state == "queued" and not row.claimed and row.due <= now]
        free.sort(key=lambda row: (LANES.get(row.purpose, 0), row.due, row.id))
        gated = {row.id for row in free[:most] if row.address in self.unwilling and row.purpose in PURPOSES[1:3]}
        for row in free[:most]:
            row.claimed = "" if row.id in gated else engine.name
            row.state = "suppressed" if row.id in gated else "queued"
        assert [row.id for row in rows] == [row.id for row in free[:most] if row.id not in gated]
        engine.hand += rows

    @precondition(lambda self: self.wanted)
    @rule(
        which=engines,
        most=st.integers(1, 4),
        verdicts=st.lists(st.sampled_from(Verdict), max_size=4),
        stop=st.booleans(),
    )
    def work(self, which: int, most: int, verdicts: list[Verdict], stop: bool) -> None:
        """Claim, start, and send so many as there are verdicts; with `stop` the next one has just begun."""
        self.claim(which, most)
        self.start(which, most)
        for verdict in verdicts:
            self.begin(which)
            self.end(which, verdict)
        if stop:
            self.begin(which)

    @precondition(lambda self: any(engine.hand for engine in self.engines))
    @rule(which=engines, most=st.integers(1, 3))
    def start(self, which: int, most: int) -> None:
        """With what has ended meanwhile, in one commit."""
        engine = self.engines[which]
        rows, engine.hand = engine.hand[:most], engine.hand[most:]
        ended, engine.ended = engine.ended, []
        if not rows:
            engine.ended = ended
            return
        started = self.do(self.committed(engine, rows, ended))
        self.recorded(engine.name, ended)
        for claimed in {row.id: row for row in rows}.values():
            row = self.wanted[claimed.id]
            ours = row.state == "queued" and row.claimed == engine.name
            assert (claimed.id in [one.id for one in started]) == ours
            if ours:
                assert not row.taken, "it was taken by a server and nobody asked for it again"
                row.state, row.attempts = "sending", row.attempts + 1
                row.first_try = row.first_try or self.clock.now()
        engine.flight += started

    async def committed(self, engine: AnEngine, rows: list[Claimed], ended: list[Finished]) -> list[Claimed]:
        starting = asyncio.create_task(engine.recorder.start(rows, ended))
        await asyncio.sleep(0)
        await engine.recorder.flush()
        return await starting

    @precondition(lambda self: any(engine.flight for engine in self.engines))
    @rule(which=engines)
    def begin(self, which: int) -> None:
        engine = self.engines[which]
        if engine.flight and not engine.begun:
            engine.begun.append(engine.flight.pop(0))
            if engine.log is not None:
                engine.log.begin(engine.begun[0].id)

    @precondition(lambda self: any(engine.begun for engine in self.engines))
    @rule(which=engines, verdict=st.sampled_from(Verdict))
    def end(self, which: int, verdict: Verdict) -> None:
        engine = self.engines[which]
        if not engine.begun:
            return
        row, result = engine.begun.pop(), Result(verdict, 250, "words")
        if engine.log is not None:
            engine.log.end(row.id, result)
        engine.ended.append(Finished(row, result))
        self.wanted[row.id].taken = verdict is Verdict.ACCEPTED

    @precondition(lambda self: any(engine.ended for engine in self.engines))
    @rule(which=engines)
    def record(self, which: int) -> None:
        engine = self.engines[which]
        ended, engine.ended = engine.ended, []

        async def record() -> None:
            recording = asyncio.create_task(engine.recorder.record(ended))
            await asyncio.sleep(0)
            await engine.recorder.flush()
            await recording

        if ended:
            self.do(record())
            self.recorded(engine.name, ended)

    def recorded(self, holder: str, ended: list[Finished]) -> None:
        """What should have become of these."""
        for one in ended:
            row = self.wanted[one.row.id]
            if (row.state, row.claimed) != ("sending", holder) and row.state != "unknown":
                continue
            row.state, row.claimed = VERDICTS[one.result.verdict], ""
            if row.state != "queued":
                continue
            (found,) = self.rows("SELECT state, due_at FROM outbox WHERE id = ?", row.id)
            began = from_moment(one.row.first_try) if one.row.first_try is not None else self.clock.now()
            wait = from_moment(found["due_at"]) - self.clock.now()
            if found["state"] == "failed":
                assert self.clock.now() + timedelta(hours=2.5) - began > GIVE_UP_AFTER
                row.state = "failed"
            else:
                assert timedelta(0) < wait <= timedelta(hours=2.5)
                assert from_moment(found["due_at"]) - began <= GIVE_UP_AFTER
                row.due = from_moment(found["due_at"])

    @rule(which=engines)
    def put_back(self, which: int) -> None:
        """The server went away: what had not begun waits again."""
        engine = self.engines[which]
        rows, engine.flight = engine.flight, []
        if rows:
            self.do(engine.recorder.put_back(rows))
        for claimed in rows:
            row = self.wanted[claimed.id]
            if (row.state, row.claimed) == ("sending", engine.name):
                row.state, row.claimed, row.attempts = "queued", "", row.attempts - 1

    @rule(which=engines)
    def give_back(self, which: int) -> None:
        engine = self.engines[which]
        self.do(engine.claims.give_back())
        engine.hand = []
        for row in self.wanted.values():
            if row.state == "queued" and row.claimed == engine.name:
                row.claimed = ""

    @rule(which=engines, now=st.sampled_from((False, False, False, True)))
    def die(self, which: int, now: bool) -> None:
        """kill -9: its log's lock is gone, its lease runs out later, another engine begins."""
        engine = self.engines[which]
        if not now and not engine.begun:
            return
        if engine.log is not None:
            os.close(engine.log._file)
        self.dead.append(engine)
        self.engines[which] = self.new_engine()

    @rule()
    def take_over(self) -> None:
        """Time enough has passed for leases to run out; those of the living are renewed."""
        self.clock.advance(seconds=LEASE_SECONDS + 1)
        for engine in self.engines:
            self.do(engine.leases.take(f"engine:{engine.name}"))
        in_doubt = self.do(self.office.settling.take_over_from_the_dead())
        expected = 0
        for engine in self.dead:
            results = {one.row.id: one for one in engine.ended}
            for row in self.wanted.values():
                if row.claimed != engine.name:
                    continue
                if row.state == "queued":
                    row.claimed = ""
                elif engine.log is None or row.id in {one.id for one in engine.begun}:
                    row.state, row.claimed = "unknown", ""
                    expected += 1
                elif row.id in results:
                    self.recorded(engine.name, [_with_first_try(results[row.id], row)])
                else:
                    row.state, row.claimed, row.attempts = "queued", "", row.attempts - 1
        self.dead.clear()
        assert in_doubt == expected

    # -- what is always so -------------------------------------------------------------------------------------------

    @invariant()
    def every_row_is_as_it_should_be(self) -> None:
        rows = self.rows(
            "SELECT id, state, claimed_by, attempts, first_try_at, due_at, letter_id FROM outbox ORDER BY id"
        )
        assert [tuple(row.values()) for row in rows] == [
            (w.id, w.state, w.claimed, w.attempts, to_moment(w.first_try) if w.first_try else None, to_moment(w.due),
             w.letter_id)
            for w in self.wanted.values()
        ]  # fmt: skip

    @invariant()
    def only_legal_changes_happen(self) -> None:
        now = {row.id: row.state for row in self.wanted.values()}
        for id_, state in now.items():
            before = self.before.get(id_, "queued")
            # One step may start and another engine's end, but never skip what is not allowed.
            assert state == before or state in LEGAL[before], (before, state)
        self.before = now

    def teardown(self) -> None:
        for engine in self.engines:
            if engine.log is not None:
                os.close(engine.log._file)
        super().teardown()


def _with_first_try(one: Finished, row: Wanted) -> Finished:
    """As the database knows it: a first try is on the row once it was marked."""
    fields = {name: getattr(one.row, name) for name in Claimed.__slots__}
    first = to_moment(row.first_try) if row.first_try is not None else None
    return Finished(Claimed(**{**fields, "first_try": first}), one.result)


def test_rows_are_as_the_model_says(settings: Settings, request: pytest.FixtureRequest) -> None:
    postgres = None if settings.sqlite_path else request.getfixturevalue("postgres")
    machine = type("OutboxRows", (OutboxRows,), {"furnished": Furnished(settings, postgres)})
    run_state_machine_as_test(machine, settings=FEW if postgres else MANY)
