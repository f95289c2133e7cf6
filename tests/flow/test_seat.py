"""A seat names the next letter of its flight to the session, so that its envelope may leave early."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from core.gateway.smtp import Letter, Result, Verdict
from core.outbox.claiming import Claimed
from core.outbox.flight import FlightLog, read_flight
from core.outbox.seat import Seat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = [Claimed(0, n, n, 0, None, "desk@desk.example", (f"c{n}@x.example",), b"hello %d\r\n" % n) for n in range(60)]
LARGE = 50


class Session:
    """Takes letters until `ends_at` says so; remembers what was asked of it."""

    def __init__(self, ends_at: Callable[[Letter, bool], bool]) -> None:
        self.alive = True
        self.may_have_left = False
        self.asked: list[tuple[Letter, Letter | None]] = []
        self._ends_at = ends_at

    async def send(self, letter: Letter, following: Letter | None = None) -> Result:
        ahead = self.asked[-1][1] if self.asked else None
        assert ahead is None or ahead == letter, "another letter than it was told would follow"
        self.asked.append((letter, following))
        if self._ends_at(letter, ahead is not None):
            self.alive = False
            return Result(Verdict.NOT_SENT, 0, "the server went away")
        return Result(Verdict.ACCEPTED, 250, "ok")


class Pool:
    """A delivery with one seat, no database, and these rows."""

    def __init__(self, rows: list[Claimed], ends_at: Callable[[Letter, bool], bool] = lambda *_: False) -> None:
        self.rows = list(rows)
        self.sessions: list[Session] = []
        self.stopping = asyncio.Event()
        self.claims = self.recorder = self.flight_log = self
        self._ends_at = ends_at

    def take_now(self, most: int) -> list[Claimed]:
        taken, self.rows = self.rows[:most], self.rows[most:]
        return taken

    def done_with(self, _rows: list[Claimed]) -> None: ...

    async def wait_for_work(self) -> bool:
        self.stopping.set()
        return True

    async def open(self) -> Session:
        self.sessions.append(Session(self._ends_at))
        return self.sessions[-1]

    async def close(self, _session: Session) -> None: ...

    async def letter_of(self, row: Claimed) -> bytes:
        return row.letter or b"a large letter\r\n"

    async def start(self, rows: list[Claimed], _finished: object) -> list[Claimed]:
        return rows

    async def record(self, _finished: object) -> None: ...

    async def put_back(self, rows: list[Claimed]) -> None:
        self.rows = rows + self.rows

    def begin(self, _row_id: int) -> None: ...

    def end(self, _row_id: int, _result: Result, *, goes_on: bool) -> None: ...


async def seated(pool: Pool) -> list[list[tuple[Letter, Letter | None]]]:
    await Seat(cast("Any", pool)).work()
    return [session.asked for session in pool.sessions]


async def test_within_a_flight_each_letter_is_sent_with_the_name_of_the_next() -> None:
    (asked,) = await seated(Pool(ROWS))
    assert [letter.raw for letter, _ in asked] == [row.letter for row in ROWS]
    assert sum(following is not None for _, following in asked) > len(ROWS) / 2


async def test_a_letter_that_is_read_only_in_its_turn_is_not_named_before() -> None:
    rows = [row if row.id != LARGE else Claimed(0, 0, LARGE, 0, None, "a@b.example", ("c@x.example",), None)
            for row in ROWS]  # fmt: skip
    (asked,) = await seated(Pool(rows))
    assert len(asked) == len(ROWS)
    assert asked[LARGE - 1][1] is None


async def test_where_an_early_envelope_ended_the_session_the_next_one_does_without() -> None:
    """A server that loses what comes behind a letter: without this every second letter would wait for its time-out."""
    sessions = await seated(Pool(ROWS, lambda _, ahead: ahead))
    with_early = [any(following is not None for _, following in asked) for asked in sessions]
    assert with_early == [True, False]
    assert len(sessions[1]) > len(ROWS) / 2


async def test_a_later_session_tries_it_again() -> None:
    ended: list[bytes] = []

    def ends_at(letter: Letter, ahead: bool) -> bool:
        if not ended if ahead else letter.raw == ROWS[40].letter:
            ended.append(letter.raw)
            return True
        return False

    sessions = await seated(Pool(ROWS, ends_at))
    with_early = [any(following is not None for _, following in asked) for asked in sessions]
    assert with_early == [True, False, True]


def test_what_became_of_a_letter_is_in_the_log_when_the_next_one_begins_or_the_log_is_closed(tmp_path: Path) -> None:
    accepted, deferred = Result(Verdict.ACCEPTED, 250, "ok"), Result(Verdict.DEFERRED, 451, "later")
    log = FlightLog(tmp_path / "flight")
    log.begin(1)
    log.end(1, accepted, goes_on=True)
    log.begin(2)
    assert log.path.read_bytes().count(b"accepted") == 1
    log.end(2, deferred, goes_on=True)
    log.close()
    assert read_flight(log.path).said == {1: accepted, 2: deferred}
