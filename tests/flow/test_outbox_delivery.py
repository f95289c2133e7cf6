"""Delivery: many rows, several sessions, several engines, a server that comes and goes."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.clock import FrozenClock
from core.errors import ServerBusy
from core.models import OutgoingServer
from core.models.states import Purpose
from core.outbox import claiming
from core.outbox.claiming import Claimed, Claims
from core.outbox.hand import ENOUGH, Hand
from core.store import StoreBusy
from tests.flow.conftest import NOW
from tests.flow.delivering import delivery_to, fill, put, running, states, until_states
from tests.servers.ports import free_port
from tests.servers.smtp_recorder import Fault, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.gateway.smtp import SmtpSession
    from core.office import Office


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses after a failure are short."""
    monkeypatch.setattr("core.outbox.delivery.LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("core.outbox.delivery.BUSY_PAUSE", 0.05)
    monkeypatch.setattr("core.outbox.recording.BUSY_PAUSE", 0.05)


def arrived(server: Recorder) -> Counter[str]:
    return Counter(letter.recipients[0] for letter in server.letters)


def once(count: int) -> Counter[str]:
    return Counter({f"c{n}@x.example": 1 for n in range(count)})


# -- in what order ---------------------------------------------------------------------------------------------------


async def test_many_leave_over_several_sessions_each_once(office: Office) -> None:
    await fill(office, 700)
    async with Recorder() as server, running(delivery_to(office, server), connections=4):
        await until_states(office, {"sent": 700})
        assert arrived(server) == once(700)
        assert server.connections == 4


async def test_complaint_13_dead_recipients_and_one_that_hangs_hold_nobody_up(office: Office) -> None:
    await fill(office, 100)
    faults = [
        Fault("rcpt", "hang", match="^c3@"),
        Fault("rcpt", "close", match="^c7@"),
        Fault("rcpt", "451 full", match="^c11@"),
        Fault("dot", "reset", match="^c13@"),
        Fault("rcpt", "550 dead", match="^c17@"),
    ]
    async with Recorder(faults=faults) as server:
        async with running(delivery_to(office, server, timeout=0.5), connections=2):
            await until_states(office, {"sent": 95, "queued": 3, "failed": 1, "unknown": 1})
        assert not [recipient for recipient, times in arrived(server).items() if times > 1]
    rows = await office.database.rows("SELECT address, due_at FROM outbox WHERE state = 'queued' ORDER BY address")
    assert [row["address"] for row in rows] == ["c11@x.example", "c3@x.example", "c7@x.example"]


async def test_a_reply_leaves_before_the_broadcast_that_was_put_before_it(office: Office) -> None:
    """However much of it is in hand: the server takes 20 ms for each letter, so 1,200 of them take a while."""
    await fill(office, 1200)
    async with Recorder(faults=[Fault("dot", "slow 0.02")]) as server, running(delivery_to(office, server)):
        await server.until(lambda: len(server.letters) > 5)
        before = len(server.letters)
        await put(office, "ann@x.example", account_id=2)
        await server.until(lambda: "ann@x.example" in arrived(server))
        assert len(server.letters) - before < 10
        await fill(office, 3, Purpose.ROUTING, first=5000)
        await server.until(lambda: arrived(server)["c5002@x.example"])
        assert len(server.letters) - before < 25


async def test_a_row_is_in_hand_once_and_not_while_a_seat_has_it() -> None:
    def row(number: int, lane: int = 0) -> Claimed:
        return Claimed(lane, 0, number, 0, None, "a@x.example", ("b@x.example",), b"")

    hand = Hand()
    hand.add([row(1, 2), row(2), row(1, 2), row(3, 1)])
    assert (len(hand), hand.last_lane, hand.filled.is_set(), hand.low.is_set()) == (3, 2, True, True)
    taken = hand.take(2)
    assert [one.id for one in taken] == [2, 3] and hand.out == {2, 3}
    hand.add([row(2), row(3, 1)])
    assert len(hand) == 1
    hand.done_with(taken)
    hand.add([row(n) for n in range(2, ENOUGH + 2)])
    assert len(hand) == ENOUGH + 1 and not hand.low.is_set()
    hand.drop()
    assert (len(hand), hand.last_lane, hand.filled.is_set(), hand.low.is_set()) == (0, 0, False, True)
    hand.add(taken)
    assert len(hand) == 2


async def test_what_waits_longest_goes_first(office: Office, clock: FrozenClock) -> None:
    for n in range(3):
        await put(office, f"c{n}@x.example", account_id=2)
        clock.advance(seconds=1)
    async with Recorder() as server, running(delivery_to(office, server)):
        await until_states(office, {"sent": 3})
        assert list(arrived(server)) == ["c0@x.example", "c1@x.example", "c2@x.example"]


# -- how fast --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [1, 30, 60, 600])
async def test_two_engines_share_one_rate_that_a_restart_does_not_fill_up(office: Office, rate: int) -> None:
    """Their own clock: within any stretch of time no more leave than the rate and one burst allow."""
    clock = FrozenClock(NOW)
    await fill(office, 150)
    choose = random.Random(rate)
    engines = [Claims(office.database, clock, name) for name in ("one", "two")]
    left: list[float] = []
    seconds = 0.0
    for _ in range(80):
        number = choose.randrange(2)
        rows, wait = await engines[number].take(choose.choice((1, 5, 50)), rate)
        left += [seconds] * len(rows)
        assert 0 <= wait <= 60 / rate + 0.001 or len(left) == 150
        if choose.random() < 0.1:
            engines[number] = Claims(office.database, clock, f"{number} anew {seconds}")
        step = choose.choice((0, 0.01, wait, wait, 3 * 60 / rate))
        clock.advance(seconds=step)
        seconds += step
    burst = max(1.0, rate / 60)
    assert len(left) > 20, "and it does not sleep for ever"
    for start in range(len(left)):
        for end in range(start, len(left)):
            assert end - start + 1 <= burst + (left[end] - left[start]) * rate / 60 + 1.001


async def test_complaint_15_a_rate_makes_nobody_sleep_for_ever(office: Office) -> None:
    """In real time: ten a second over two deliveries, one of which begins anew."""
    real = office.clock
    office = type(office)(office.settings, office.database, _Real())
    await office.open()
    await OutgoingServer.all().update(rate_per_minute=600)
    await fill(office, 25)
    async with Recorder() as server:
        async with running(delivery_to(office, server, "one"), rate=600):
            async with running(delivery_to(office, server, "two"), connections=2, rate=600):
                await server.until(lambda: len(server.letters) >= 8)
            async with running(delivery_to(office, server, "three"), rate=600):
                await until_states(office, {"sent": 25}, 10)
        assert arrived(server) == once(25)
    assert real is not office.clock


async def test_rows_held_back_spend_nothing_of_the_rate(office: Office) -> None:
    await fill(office, 2)
    await office.optouts.add("C0@x.example", by="sue", reason="asked")
    claims = Claims(office.database, office.clock, "engine")
    assert [row.recipients async for row in _rows(claims)] == []
    assert [row.recipients async for row in _rows(claims)] == [("c1@x.example",)]


async def _rows(claims: Claims):  # type: ignore[no-untyped-def]
    for row in (await claims.take(1, 1))[0]:
        yield row


async def test_a_claim_never_takes_more_than_it_asked_for(office: Office) -> None:
    await fill(office, 60)
    claims = [Claims(office.database, office.clock, f"engine {n}") for n in range(6)]
    found = await asyncio.gather(*(one.take(10, 0) for one in claims))
    ids = [row.id for rows, _ in found for row in rows]
    assert len(ids) == len(set(ids)) and {len(rows) for rows, _ in found} <= {10, 0}
    counts = await office.database.rows("SELECT claimed_by, count(*) AS n FROM outbox GROUP BY claimed_by")
    assert all(row["n"] <= 10 for row in counts if row["claimed_by"])


# -- a server that comes and goes ------------------------------------------------------------------------------------


async def health() -> tuple[str, str]:
    server = await OutgoingServer.get(id=1)
    return server.health.value, server.error


async def until_health(wanted: str) -> str:
    for _ in range(1000):
        if (await health())[0] == wanted:
            break
        await asyncio.sleep(0.01)
    found, error = await health()
    assert found == wanted
    return error


@pytest.mark.usefixtures("quick")
async def test_while_the_server_is_down_rows_wait_and_its_health_says_why(office: Office) -> None:
    await fill(office, 20)
    port = free_port()
    async with running(delivery_to(office, port), connections=3):
        assert "refused" in (await until_health("broken")).lower()
        assert await states(office) == {"queued": 20}
        rows = await office.database.rows("SELECT max(attempts) AS most FROM outbox")
        assert rows[0]["most"] == 0, "nobody has tried to send them"
        server = Recorder()
        await server.start(port)
        try:
            await until_states(office, {"sent": 20})
            assert await until_health("ok") == ""
            assert arrived(server) == once(20)
        finally:
            await server.stop()
        await fill(office, 5, first=20)
        await until_health("broken")
        assert await states(office) == {"sent": 20, "queued": 5}
        again = Recorder()
        await again.start(port)
        try:
            office.clock.advance(seconds=10)  # type: ignore[attr-defined]
            await until_states(office, {"sent": 25})
        finally:
            await again.stop()


@pytest.mark.usefixtures("quick")
async def test_a_server_that_gives_two_sessions_and_no_more_is_used_with_two(office: Office) -> None:
    await fill(office, 300)
    faults = [Fault("greeting", "220 hello", times=2), Fault("greeting", "421 too many connections")]
    async with Recorder(faults=faults) as server:
        async with running(delivery_to(office, server), connections=6):
            await until_states(office, {"sent": 300}, 8)
        assert arrived(server) == once(300)
        assert server.connections <= 10, "it is not asked again and again"
        assert (await health())[0] == "ok"


@pytest.mark.usefixtures("quick")
async def test_sessions_that_the_server_ends_are_opened_again(office: Office, clock: FrozenClock) -> None:
    await fill(office, 60)
    async with Recorder(faults=[Fault("mail", "421 4.3.2 that is enough", match="help", times=6)]) as server:
        async with running(delivery_to(office, server), connections=2):
            await server.until(lambda: server.happened("mail") == 6)
            async with asyncio.timeout(10):
                while await states(office) != {"sent": 60}:
                    clock.advance(seconds=30)
                    office.database.bell.ring()
                    await asyncio.sleep(0.02)
        assert arrived(server) == once(60)


async def test_a_login_that_is_refused_is_the_servers_health(office: Office) -> None:
    await fill(office, 1)
    delivery = delivery_to(office, 1)

    async def refused() -> SmtpSession:
        raise ServerBusy("the server cannot check the login now")

    delivery.open_session = refused
    async with running(delivery):
        assert await until_health("broken") == "the server cannot check the login now"


# -- several engines, and engines that are stopped -------------------------------------------------------------------


async def test_complaint_4_two_engines_on_one_database_send_nothing_twice(office: Office) -> None:
    await fill(office, 400)
    async with Recorder() as server:
        async with running(delivery_to(office, server, "one"), connections=3):
            async with running(delivery_to(office, server, "two"), connections=3):
                await until_states(office, {"sent": 400})
        assert arrived(server) == once(400)


async def test_the_flight_that_is_marked_while_one_leaves_is_sent_and_not_put_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(office, 600)
    put_back: list[int] = []

    async def told(_: object, rows: Sequence[Claimed]) -> None:
        put_back.extend(row.id for row in rows)

    async with Recorder() as server:
        delivery = delivery_to(office, server)
        async with running(delivery, connections=3):
            with monkeypatch.context() as patched:
                patched.setattr(type(delivery.recorder), "put_back", told)
                await until_states(office, {"sent": 600})
        assert not put_back
        assert arrived(server) == once(600)


async def test_stopped_it_finishes_what_is_on_its_way_and_gives_the_rest_back(office: Office) -> None:
    await fill(office, 300)
    async with Recorder(faults=[Fault("dot", "slow 0.05")]) as server:
        async with running(delivery_to(office, server), connections=2):
            await server.until(lambda: len(server.letters) >= 3)
        found = await states(office)
    assert set(found) == {"sent", "queued"} and found["sent"] == len(server.letters)
    assert await office.database.rows("SELECT 1 FROM outbox WHERE claimed_by <> ''") == []
    assert await office.database.rows("SELECT 1 FROM outbox WHERE state = 'queued' AND attempts > 0") == []


@pytest.mark.parametrize("seed", range(4))
async def test_cancelled_at_any_moment_it_records_what_it_knows(office: Office, seed: int) -> None:
    choose = random.Random(seed)
    await fill(office, 120)
    doubts = 0
    async with Recorder(faults=[Fault("dot", "slow 0.002")]) as server:
        for turn in range(8):
            delivery = delivery_to(office, server, f"engine {turn}")
            task = asyncio.create_task(delivery.run(3, 0))
            before = len(server.letters)
            if choose.random() < 0.7:
                with suppress(TimeoutError):
                    await server.until(lambda: len(server.letters) > before, 0.5)  # noqa: B023
            for _ in range(choose.randrange(60)):
                await asyncio.sleep(choose.choice((0, 0, 0.0005)))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled() or task.exception() is None
            found = await states(office)
            assert "sending" not in found, "a row that no engine will ever finish"
            assert found.get("unknown", 0) - doubts <= 3, "more than one a session"
            doubts = found.get("unknown", 0)
            assert await office.database.rows("SELECT 1 FROM outbox WHERE claimed_by <> ''") == []
        async with running(delivery_to(office, server, "last"), connections=3):
            office.clock.advance(hours=1)  # type: ignore[attr-defined]
            await until_states(office, {"sent": 120 - doubts, **({"unknown": doubts} if doubts else {})})
        assert max(arrived(server).values()) == 1
        assert len(arrived(server)) >= 120 - doubts


@pytest.mark.usefixtures("quick")
async def test_a_database_that_is_busy_for_a_while_loses_and_doubles_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every verb that delivery needs of it fails now and then, before or after it was done."""
    choose = random.Random(7)
    database = office.database
    failed: Counter[str] = Counter()

    def sometimes(name: str) -> None:
        really: Callable[..., object] = getattr(database, name)

        async def unreliable(*values: object) -> object:
            if choose.random() < 0.2:
                failed[name] += 1
                raise StoreBusy("no room")
            result = await really(*values)  # type: ignore[misc]
            if name == "commit_together" and choose.random() < 0.3:
                failed["committed and not told"] += 1
                raise StoreBusy("the server went away while it committed")
            return result

        monkeypatch.setattr(database, name, unreliable)

    monkeypatch.setattr(claiming, "BUSY_PAUSE", 0.01)
    monkeypatch.setattr(claiming, "SMALL_LETTER", 10)
    await fill(office, 80)
    async with Recorder() as server:
        with monkeypatch.context():
            for name in ("commit_together", "read", "look"):
                sometimes(name)
            async with running(delivery_to(office, server), connections=2):
                await server.until(lambda: len(server.letters) >= 80, 20)
        monkeypatch.undo()
        assert await states(office) == {"sent": 80}
        assert arrived(server) == once(80)
    assert len(failed) == 4


async def test_a_database_that_never_answers_again_holds_no_cancelled_engine_for_long(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.outbox.recording.HURRY_SECONDS", 0.2)
    await fill(office, 20)
    async with Recorder(faults=[Fault("dot", "slow 0.05")]) as server:
        task = asyncio.create_task(delivery_to(office, server).run(2, 0))
        await server.until(lambda: len(server.letters) >= 2)

        async def never(*_: object) -> None:
            raise StoreBusy("gone")

        with monkeypatch.context() as patched:
            patched.setattr(office.database, "commit_together", never)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=5)
            assert done
        await asyncio.gather(task, return_exceptions=True)


class _Real(FrozenClock):
    """The loop's time from a fixed beginning."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self._began = asyncio.get_running_loop().time()

    def now(self):  # type: ignore[no-untyped-def]
        return NOW + timedelta(seconds=asyncio.get_running_loop().time() - self._began)
