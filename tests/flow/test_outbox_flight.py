"""What is left of a flight when its engine dies, stands still, or finds the disk full."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.gateway.smtp import Result, Verdict
from core.models import Engine, Journal, Outbox
from core.models.states import OutboxState
from core.outbox import delivery as delivery_module
from core.outbox import flight
from core.outbox.flight import FlightLog, flight_path, read_flight
from core.store import Leases, StoreBusy
from core.store.leases import LEASE_SECONDS
from tests.flow.conftest import NOW, ONLY_POSTGRES, ONLY_SQLITE
from tests.flow.delivering import delivery_to, fill, put, running, states, until_states
from tests.servers.smtp_recorder import Fault, Recorder

if TYPE_CHECKING:
    from pathlib import Path

    from core.clock import FrozenClock
    from core.office import Office

TAKEN = Result(Verdict.ACCEPTED, 250, "Ok", (("b@x.example", "550 gone"),))


# -- the log ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(folder: Path) -> Path:
    return flight_path(folder / "desk.sqlite3", "engine")


def test_the_log_says_what_had_begun_and_what_became_of_it(path: Path) -> None:
    log = FlightLog(path)
    log.begin(1)
    log.begin(2)
    log.end(1, TAKEN)
    os.close(log._file)  # as when the process ends
    found = read_flight(path)
    assert not found.is_alive and found.said == {1: TAKEN, 2: None}


def test_what_the_database_has_recorded_is_over_even_if_the_row_is_sent_again(path: Path) -> None:
    log = FlightLog(path)
    log.begin(1)
    log.end(1, TAKEN)
    log.begin(2)
    log.end(2, TAKEN)
    log.recorded([1])
    os.close(log._file)
    assert read_flight(path).said == {2: TAKEN}


def test_a_log_written_anew_keeps_what_is_not_recorded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flight, "COMPACT_AT", 2000)
    log = FlightLog(path)
    log.begin(0)
    for n in range(1, 200):
        log.begin(n)
        log.end(n, TAKEN)
        log.recorded([n])
        assert path.stat().st_size < 2500
    assert read_flight(path).is_alive, "also of the file that took the old one's place"
    os.close(log._file)
    assert read_flight(path).said == {0: None}
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_log_that_is_written_anew_just_as_somebody_looks_is_a_living_ones(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its old file is let go of, and so whoever had opened that one can lock it."""
    log = FlightLog(path)
    log.begin(1)
    really = fcntl.flock
    looked: list[int] = []

    def locked_late(file: int, how: int) -> None:
        if not looked and how & fcntl.LOCK_SH:
            looked.append(file)
            log._begin_anew()
        really(file, how)

    monkeypatch.setattr(fcntl, "flock", locked_late)
    assert read_flight(path).is_alive and looked
    os.close(log._file)


def test_a_log_is_its_engines_while_it_lives_and_goes_when_all_is_recorded(path: Path) -> None:
    log = FlightLog(path)
    log.begin(1)
    found = read_flight(path)
    assert (found.is_alive, found.said) == (True, None)
    log.recorded([1])
    log.close()
    assert not path.exists()
    found = read_flight(path)
    assert (found.is_alive, found.said) == (False, None)


def test_a_log_with_something_open_stays(path: Path) -> None:
    log = FlightLog(path)
    log.begin(1)
    log.close()
    assert read_flight(path).said == {1: None}


def test_a_log_of_before_the_machine_was_started_is_not_trusted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = FlightLog(path)
    log.begin(1)
    log.close()
    monkeypatch.setattr(flight, "boot", lambda: "another")
    assert read_flight(path).said is None


def test_a_full_disk_lets_no_letter_begin_and_spoils_no_other_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = FlightLog(path)
    log.begin(1)
    really, cut = os.write, [5, 0]

    def short(file: int, data: bytes) -> int:
        return really(file, data[: cut.pop(0)]) if cut else really(file, data)

    monkeypatch.setattr(os, "write", short)
    for _ in range(2):
        with pytest.raises(StoreBusy, match="No space left"):
            log.begin(2)
    log.begin(3)
    cut.append(9)
    log.end(3, TAKEN)
    cut.append(3)
    log.recorded([1])
    monkeypatch.undo()
    log.begin(4)
    os.close(log._file)
    assert read_flight(path).said == {1: None, 3: None, 4: None}


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"nonsense", b'{"id": 1}\n', b"[]\n7\nnull\n", b'{"boot": 3}\n', b"\xff\x00"]
)
def test_a_file_that_is_no_log_is_not_trusted(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_flight(path).said is None


def test_lines_that_make_no_sense_are_left_out(path: Path) -> None:
    log = FlightLog(path)
    log.begin(1)
    for line in (b"[]", b"7", b'{"verdict": "odd", "id": 2}', b'{"recorded": 5}', b'{"id": 3, "verdict": "accepted"}'):
        os.write(log._file, b"\n" + line + b"\n")
    log.begin(4)
    os.close(log._file)
    assert read_flight(path).said == {1: None, 4: None}


# -- taking over -----------------------------------------------------------------------------------------------------


async def crash(office: Office, log: dict[int, Result | None] | None, holder: str = "dead") -> None:
    """As a killed engine leaves it: five rows `sending`, one claimed; its log says these (None: it has no log)."""
    await fill(office, 6)
    await Outbox.filter(id__lte=5).update(state="sending", claimed_by=holder, attempts=1, first_try_at=NOW)
    await Outbox.filter(id=6).update(claimed_by=holder)
    await Engine.create(holder=holder, host="here", pid=1, version="0", started_at=NOW)
    await Leases(office.database, office.clock, holder).take(f"engine:{holder}")
    await Leases(office.database, office.clock, holder).take("mailbox:1")
    database = office.settings.sqlite_path
    if log is not None and database is not None:
        written = FlightLog(flight_path(database, holder))
        for row_id, result in log.items():
            written.begin(row_id)
            if result is not None:
                written.end(row_id, result)
        os.close(written._file)


async def test_the_living_are_left_alone(office: Office, clock: FrozenClock) -> None:
    await crash(office, {1: None})
    clock.advance(seconds=LEASE_SECONDS)
    assert await office.settling.take_over_from_the_dead() == 0
    assert await states(office) == {"sending": 5, "queued": 1}
    assert len(await office.database.rows("SELECT 1 FROM outbox WHERE claimed_by = 'dead'")) == 6
    assert await Engine.all().count() == 1


async def test_without_a_log_all_that_was_on_its_way_is_in_doubt(office: Office, clock: FrozenClock) -> None:
    await crash(office, None)
    clock.advance(seconds=LEASE_SECONDS + 1)
    assert await office.settling.take_over_from_the_dead() == 5
    assert await states(office) == {"unknown": 5, "queued": 1}
    assert await office.database.rows("SELECT 1 FROM outbox WHERE claimed_by <> ''") == []
    assert await office.database.rows("SELECT 1 FROM lease") == [] and await Engine.all().count() == 0
    lines = await Journal.filter(kind="message", verb="in doubt")
    assert len(lines) == 5 and {line.at for line in lines} == {clock.now()}
    assert await office.settling.take_over_from_the_dead() == 0


async def test_with_a_log_only_what_had_begun_and_not_ended_is_in_doubt(office: Office, clock: FrozenClock) -> None:
    later = Result(Verdict.DEFERRED, 451, "later")
    refused = Result(Verdict.REFUSED, 550, "no")
    await crash(office, {1: TAKEN, 2: None, 3: later, 4: refused})
    clock.advance(seconds=LEASE_SECONDS + 1)
    doubtful = await office.settling.take_over_from_the_dead()
    rows = {row.id: row for row in await Outbox.all()}
    if office.database.is_sqlite:
        assert doubtful == 1
        assert [str(rows[n].state) for n in range(1, 7)] == ["sent", "unknown", "queued", "failed", "queued", "queued"]
        assert rows[1].reply == "Ok; refused: b@x.example (550 gone)" and rows[1].sent_at == clock.now()
        assert (rows[3].code, rows[3].attempts) == (451, 1) and rows[3].due_at > clock.now() + timedelta(seconds=40)
        assert (rows[5].attempts, rows[5].due_at) == (0, NOW), "it had not begun"
        assert office.settings.sqlite_path is not None
        assert not list(office.settings.sqlite_path.parent.glob("*flight*"))
    else:
        assert doubtful == 5
    assert {row.claimed_by for row in rows.values()} == {""}


async def test_two_that_take_over_at_once_do_it_once(office: Office, clock: FrozenClock) -> None:
    await crash(office, {1: TAKEN, 2: None})
    clock.advance(seconds=LEASE_SECONDS + 1)
    found = await asyncio.gather(*(office.settling.take_over_from_the_dead() for _ in range(4)))
    assert sum(found) == (1 if office.database.is_sqlite else 5)
    assert await Journal.filter(verb="in doubt").count() == sum(found)


async def test_an_engine_that_stood_still_is_not_robbed_of_its_flight(office: Office, clock: FrozenClock) -> None:
    """Its lease has run out, and another engine is at work; what it had marked leaves once all the same."""
    await fill(office, 120)
    await Leases(office.database, clock, "still").take("engine:still")
    await Leases(office.database, clock, "other").take("engine:other", 10_000)
    async with Recorder(faults=[Fault("dot", "slow 0.01")]) as server:
        async with running(delivery_to(office, server, "still"), connections=2):
            await server.until(lambda: len(server.letters) > 10)
            clock.advance(seconds=LEASE_SECONDS + 1)
            async with running(delivery_to(office, server, "other"), connections=2):
                in_doubt = 0
                while (await states(office)).get("queued", 0):
                    in_doubt += await office.settling.take_over_from_the_dead()
                    await asyncio.sleep(0.01)
            await until_states(office, {"sent": 120})
        assert len({letter.recipients for letter in server.letters}) == len(server.letters) == 120
    if office.database.is_sqlite:
        assert in_doubt == 0


@ONLY_SQLITE
async def test_an_engine_whose_database_was_away_too_long_leaves_its_log(
    office: Office, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office.settings.sqlite_path
    assert path is not None
    monkeypatch.setattr("core.outbox.recording.HURRY_SECONDS", 0.1)
    await fill(office, 60)
    await Leases(office.database, clock, "engine").take("engine:engine")
    async with Recorder() as server:
        task = asyncio.create_task(delivery_to(office, server).run(1, 0))
        await server.until(lambda: len(server.letters) >= 2)

        async def never(*_: object) -> None:
            raise StoreBusy("gone")

        with monkeypatch.context() as patched:
            patched.setattr(office.database, "commit_together", never)
            patched.setattr(office.database, "rows", never)
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        taken = len(server.letters)
    assert flight_path(path, "engine").exists()
    clock.advance(seconds=LEASE_SECONDS + 1)
    assert await office.settling.take_over_from_the_dead() <= 1
    found = await states(office)
    assert found["sent"] + found.get("unknown", 0) == taken and found["sent"] + found.get("queued", 0) >= 59


async def test_where_no_log_can_be_written_letters_leave_one_by_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> FlightLog:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(delivery_module, "FlightLog", refuse)
    await fill(office, 40)
    async with Recorder() as server, running(delivery_to(office, server), connections=2):
        await until_states(office, {"sent": 40})
    assert office.settings.sqlite_path is None or not list(office.settings.sqlite_path.parent.glob("*flight*"))


@ONLY_SQLITE
async def test_a_log_that_cannot_be_written_for_a_while_keeps_letters_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.outbox.seat.BUSY_PAUSE", 0.01)
    times = iter(range(5))

    def sometimes(self: FlightLog, row_id: int) -> None:
        if next(times, None) is not None:
            raise StoreBusy("no room")

    monkeypatch.setattr(FlightLog, "begin", sometimes)
    await put(office)
    async with Recorder() as server, running(delivery_to(office, server)):
        await until_states(office, {"sent": 1})
        assert len(server.letters) == 1


@ONLY_POSTGRES
async def test_what_an_engine_taken_for_dead_knows_later_counts(office: Office, clock: FrozenClock) -> None:
    """On PostgreSQL nobody can tell whether it stood still: its row is in doubt until it says what became of it."""
    message_id = await put(office)
    await Leases(office.database, clock, "engine").take("engine:engine")
    async with Recorder(faults=[Fault("dot", "slow 0.3")]) as server, running(delivery_to(office, server)):
        await until_states(office, {"sending": 1})
        clock.advance(seconds=LEASE_SECONDS + 1)
        assert await office.settling.take_over_from_the_dead() == 1
        assert (await Outbox.get(message_id=message_id)).state is OutboxState.UNKNOWN
        await until_states(office, {"sent": 1})


def test_the_log_is_json_that_a_person_can_read(path: Path) -> None:
    log = FlightLog(path)
    log.begin(7)
    log.end(7, TAKEN)
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    assert lines[1:] == [
        {"id": 7},
        {"id": 7, "verdict": "accepted", "code": 250, "reply": "Ok", "refused": [["b@x.example", "550 gone"]]},
    ]
    log.recorded([7])
    log.close()
