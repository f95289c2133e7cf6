"""A database that goes away, stands still or is locked while texts come in and answers go out."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.flow.mails import text_mail
from tests.servers.postgres import Postgres
from tests.servers.smtp_recorder import Fault, RecorderProcess
from tests.stories.running import RunningDesk, desk_toml, put_many, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("database")

ANSWERS = 400
TEXTS = 40
SESSIONS = 4


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A cluster that this test may mistreat."""
    with Postgres() as cluster:
        yield cluster


def texts(first: int, last: int) -> list[bytes]:
    return [text_mail(f"+4477009{n:05d}", f"question {n}") for n in range(first, last)]


def test_a_database_server_that_is_killed_and_started_again_ends_nothing(
    tmp_path: Path, dovecot: Dovecot, own_postgres: Postgres
) -> None:
    user, slow = dovecot.add_user(), Fault("dot", "slow 0.01")
    with (
        RecorderProcess(tmp_path / "record", faults=[slow]) as server,
        RunningDesk(tmp_path, own_postgres.create_database("desk")) as desk,
    ):
        desk.apply(desk_toml(imap_port=dovecot.port, smtp_port=server.port, user=user, password=dovecot.password))
        asyncio.run(put_many(desk, ANSWERS))
        dovecot.deliver(user, *texts(0, TEXTS // 2))
        engine = desk.start()
        until("work is under way", lambda: len(server.read()) >= 20 and desk.texts("texts@desk.example"))
        own_postgres.kill()
        dovecot.deliver(user, *texts(TEXTS // 2, TEXTS))
        until("it is said", lambda: "tried again" in desk.log.read_text())
        said = desk.run("status", code=1)
        assert said.startswith("postroom: ") and said.count("\n") == 1
        own_postgres.start()
        until("all is read", lambda: len(desk.texts("texts@desk.example")) >= TEXTS)
        waiting = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"
        until("all is sent", lambda: not desk.count(waiting))
        assert engine.poll() is None
        assert Counter(desk.texts("texts@desk.example")) == Counter(f"question {n}" for n in range(TEXTS))
        arrived = Counter(one.message_id for one in server.read())
        assert len(arrived) == ANSWERS and max(arrived.values()) == 1
        desk.stop(engine)


@pytest.mark.soak
def test_a_database_server_that_stands_still_does_not_keep_the_engine(
    tmp_path: Path, dovecot: Dovecot, own_postgres: Postgres
) -> None:
    with RunningDesk(tmp_path, own_postgres.create_database("desk")) as desk:
        engine = started(desk, dovecot)
        own_postgres.pause()
        try:
            desk.stop(engine)
        finally:
            own_postgres.resume()


def test_a_file_that_somebody_else_has_locked_does_not_keep_the_engine(tmp_path: Path, dovecot: Dovecot) -> None:
    with RunningDesk(tmp_path) as desk:
        engine = started(desk, dovecot)
        with closing(sqlite3.connect(tmp_path / "desk.sqlite3", isolation_level=None)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            desk.stop(engine)
            somebody.execute("ROLLBACK")
        assert "ended without signing off" in desk.log.read_text()
        engine = desk.start()
        until("the next one signs it off", lambda: signed_on(desk) == [engine.pid])
        desk.stop(engine)


def started(desk: RunningDesk, dovecot: Dovecot) -> subprocess.Popen[bytes]:
    """An engine that keeps a mailbox."""
    user = dovecot.add_user()
    desk.apply(desk_toml(imap_port=dovecot.port, smtp_port=9, user=user, password=dovecot.password))
    engine = desk.start()
    until("the mailbox is read", lambda: desk.mailbox("texts@desk.example").health == "ok")
    return engine


def signed_on(desk: RunningDesk) -> list[int]:
    return [pid for (pid,) in desk.query("SELECT pid FROM engine")]
