"""A disk that fills up while texts come in and answers go out: it is said, nothing ends, nothing is lost or twice."""

from __future__ import annotations

import asyncio
import errno
import subprocess
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.flow.mails import text_mail
from tests.servers.smtp_recorder import Fault, RecorderProcess
from tests.stories.running import RunningDesk, desk_toml, put_many, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("disk")

ANSWERS = 800
TEXTS = 60


class Disk(Protocol):
    """Where the database lies."""

    def fill(self, engine: subprocess.Popen[bytes]) -> None:
        """From now on there is no room."""

    def free(self, engine: subprocess.Popen[bytes]) -> None:
        """There is room again."""


class SmallDisk:
    """A disk of its own, and a file that takes what is left of it."""

    def __init__(self, folder: Path) -> None:
        self.ballast = folder / "ballast"

    def fill(self, engine: subprocess.Popen[bytes]) -> None:
        with self.ballast.open("ab", buffering=0) as file:
            for size in (2**16, 2**12, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError as error:
                    assert error.errno == errno.ENOSPC

    def free(self, engine: subprocess.Popen[bytes]) -> None:
        self.ballast.unlink()


class FileLimit:
    """No room for the engine alone: its files may not grow (setrlimit(2), RLIMIT_FSIZE)."""

    def fill(self, engine: subprocess.Popen[bytes]) -> None:
        subprocess.run(["prlimit", f"--pid={engine.pid}", "--fsize=16384:unlimited"], check=True)

    def free(self, engine: subprocess.Popen[bytes]) -> None:
        subprocess.run(["prlimit", f"--pid={engine.pid}", "--fsize=unlimited:unlimited"], check=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("a disk of its own can be mounted by root only")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_ends_nothing_and_loses_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    with small_disk(tmp_path / "disk") as disk:
        story(tmp_path, f"sqlite:///{tmp_path}/disk/desk.sqlite3", disk, dovecot)


@pytest.mark.soak
def test_files_that_may_not_grow_end_nothing_and_lose_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    story(tmp_path, f"sqlite:///{tmp_path}/desk.sqlite3", FileLimit(), dovecot)


def story(folder: Path, url: str, disk: Disk, dovecot: Dovecot) -> None:
    user = dovecot.add_user()
    texts = [text_mail(f"+4477009{n:05d}", f"question {n}") for n in range(TEXTS)]
    slow = Fault("dot", "slow 0.002")
    with RecorderProcess(folder / "record", faults=[slow]) as server, RunningDesk(folder, url) as desk:
        desk.apply(desk_toml(imap_port=dovecot.port, smtp_port=server.port, user=user, password=dovecot.password))
        asyncio.run(put_many(desk, ANSWERS))
        dovecot.deliver(user, *texts[: TEXTS // 2])
        engine = desk.start()
        until("work is under way", lambda: len(server.read()) >= 10 and desk.texts("texts@desk.example"))
        disk.fill(engine)
        dovecot.deliver(user, *texts[TEXTS // 2 :])
        until("it is said of the mailbox", lambda: '"event": "mailbox failed"' in desk.log.read_text())
        until("it is said of the database", lambda: '"event": "heartbeat missed"' in desk.log.read_text())
        words = desk.run("contact", "take", "1", "--as", "ann", code=0 if isinstance(disk, FileLimit) else 1)
        assert words.count("\n") == 1
        assert len(server.read()) < ANSWERS
        assert engine.poll() is None and len(desk.json("status")["engine"]) <= 1
        disk.free(engine)
        until("all is read", lambda: len(desk.texts("texts@desk.example")) >= TEXTS)
        until("all is sent", lambda: desk.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == ANSWERS)
        until("the mailbox is well", lambda: desk.mailbox("texts@desk.example").health == "ok")
        desk.stop(engine)
        assert Counter(desk.texts("texts@desk.example")) == Counter(f"question {n}" for n in range(TEXTS))
        arrived = Counter(one.message_id for one in server.read())
        assert len(arrived) == ANSWERS and max(arrived.values()) == 1
        assert not list(folder.glob("**/*.flight-*"))
