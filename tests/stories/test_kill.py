"""kill -9 at random moments: inbound exactly once; outbound none lost, none twice, few in doubt."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.flow.mails import text_mail
from tests.servers.smtp_recorder import RecorderProcess
from tests.stories.running import RunningDesk, desk_toml, put_many, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

MESSAGES = 2_000
SESSIONS = 4
WAITING = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"


async def survive(folder: Path, dovecot: Dovecot, kills: int, seed: int) -> None:
    """Kill the engine so often while texts come in and answers go out, then let it finish, and count."""
    chance = random.Random(seed)
    user = dovecot.add_user()
    with RecorderProcess(folder / "recorded.jsonl") as server, RunningDesk(folder) as desk:
        desk.apply(desk_toml(imap_port=dovecot.port, smtp_port=server.port, user=user, password=dovecot.password))
        await put_many(desk, MESSAGES)
        texts = [text_mail(f"+4477009{n:05d}", f"question {n}") for n in range(MESSAGES)]
        dovecot.deliver(user, *texts[: MESSAGES // 2])
        rest = texts[MESSAGES // 2 :]
        for turn in range(kills):
            engine = desk.start()
            share = len(rest) // (kills - turn)
            dovecot.deliver(user, *rest[:share])
            rest = rest[share:]
            done = _progress(desk, server)
            target = done + chance.randrange(1, max(2, 2 * (2 * MESSAGES - done) // (kills - turn + 1)))
            until("some progress", partial(_reached, desk, server, target, MESSAGES - len(rest)), 60)
            desk.kill(engine)
        engine = desk.start()
        until("the engine is there", lambda: desk.count(f"SELECT count(*) FROM engine WHERE pid = {engine.pid}"))
        acknowledged = "SELECT count(*) FROM mail WHERE acknowledged = 1"
        until("everything is fetched and acknowledged", lambda: desk.count(acknowledged) >= MESSAGES, 90)
        until(
            "nothing waits in the outbox",
            lambda: not desk.count(WAITING),
            90,
        )
        desk.stop(engine)
        _check_inbound(desk)
        _check_outbound(desk, server, kills)


def _reached(desk: RunningDesk, server: RecorderProcess, target: int, delivered: int) -> bool:
    """So much is done, or all that there is by now."""
    if _progress(desk, server) >= target:
        return True
    return desk.count("SELECT count(*) FROM mail") >= delivered and not desk.count(WAITING)


def _progress(desk: RunningDesk, server: RecorderProcess) -> int:
    return desk.count("SELECT count(*) FROM mail") + len(server.read())


def _check_inbound(desk: RunningDesk) -> None:
    said = Counter(text for (text,) in desk.query("SELECT text FROM message WHERE direction = 'in'"))
    assert said == Counter(f"question {n}" for n in range(MESSAGES))
    (account,) = desk.json("account", "list")
    assert account["on_server"] == account["accounted"] == account["contacts"] == MESSAGES


def _check_outbound(desk: RunningDesk, server: RecorderProcess, kills: int) -> None:
    arrived = Counter(one.message_id for one in server.read())
    assert max(arrived.values()) == 1, "a message was sent twice"
    states = dict(desk.query("SELECT letter_id, state FROM outbox"))
    assert set(states.values()) <= {"sent", "unknown"}
    lost = [letter for letter, state in states.items() if state == "sent" and letter not in arrived]
    assert not lost, "a message that is marked sent did not arrive"
    assert len(states) == MESSAGES
    assert list(states.values()).count("unknown") <= SESSIONS * kills


async def test_five_kills_lose_nothing_and_repeat_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    await survive(tmp_path, dovecot, kills=5, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
async def test_fifty_kills_lose_nothing_and_repeat_nothing(tmp_path: Path, dovecot: Dovecot, seed: int) -> None:
    await survive(tmp_path, dovecot, kills=10, seed=100 + seed)
