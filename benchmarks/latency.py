"""Latency: from a mail's delivery into Dovecot's Maildir to its contact being visible to another process.

Dovecot tells of a mail either at once or after its half second of gathering, and never two clients alike: so each mail
goes into two mailboxes, ours and that of a client that only idles, and percentiles are compared, not mail with mail.
"""

from __future__ import annotations

import random
import re
import socket
import sqlite3
import threading
import time
from contextlib import closing
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Self

from benchmarks.measure import Comparison
from benchmarks.places import Sizes, desk_toml
from tests.flow.mails import text_mail
from tests.servers.dovecot import Dovecot
from tests.stories.running import RunningDesk, until

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED_MS = 50.0
LOOK_SECONDS = 0.001
_EXISTS = re.compile(rb"\* ([0-9]+) EXISTS")


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Percentiles over single deliveries at random moments."""
    chance = random.Random(1)
    with Dovecot() as dovecot, RunningDesk(folder) as desk:
        user, other = dovecot.add_user(), dovecot.add_user()
        desk.apply(desk_toml(imap_port=dovecot.port, users=[user], password=dovecot.password))
        engine = desk.start()
        until("the engine idles", lambda: desk.count("SELECT count(*) FROM mailbox WHERE idle_since IS NOT NULL"))
        delivered: list[float] = []
        with BareIdle(dovecot, other) as bare, Onlooker(folder / "desk.sqlite3") as onlooker:
            for number in range(1, sizes.deliveries + 1):
                time.sleep(chance.uniform(0.2, 0.8))
                delivered.append(perf_counter())
                mail = text_mail(f"+4477009{number:05d}", f"question {number}")
                for mailbox in (user, other) if number % 2 else (other, user):
                    dovecot.deliver(mailbox, mail)
                until("both have seen it", lambda n=number: n in bare.seen and n in onlooker.seen)  # type: ignore[misc]
        desk.stop(engine)
    ours = [1000 * (onlooker.seen[n] - at) for n, at in enumerate(delivered, 1)]
    idle = [1000 * (bare.seen[n] - at) for n, at in enumerate(delivered, 1)]
    return [
        Comparison(
            f"latency, {percent} %",
            "ms",
            _at(ours, percent),
            "bare IDLE client",
            _at(idle, percent),
            ALLOWED_MS if percent == 95 else None,
            "at most",
            "difference",
        )
        for percent in (50, 95)
    ]


def _at(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


class BareIdle:
    """One socket, one thread: logs in, selects, idles, and takes the time of each EXISTS."""

    def __init__(self, dovecot: Dovecot, user: str) -> None:
        self.seen: dict[int, float] = {}
        self._line = socket.create_connection((dovecot.host, dovecot.port), 10)
        for command in (f'a LOGIN "{user}" "{dovecot.password}"', "b SELECT INBOX"):
            self._line.sendall(command.encode() + b"\r\n")
            self._until(f"{command[0]} OK".encode())
        self._line.sendall(b"c IDLE\r\n")
        self._until(b"+ ")
        self._line.settimeout(None)
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._line.close()

    def _until(self, words: bytes) -> None:
        heard = b""
        while words not in heard:
            octets = self._line.recv(65536)
            if not octets:
                raise RuntimeError(f"Dovecot hung up: {heard!r}")
            heard += octets

    def _listen(self) -> None:
        while octets := self._line.recv(65536):
            now = perf_counter()
            for number in map(int, _EXISTS.findall(octets)):
                self.seen.setdefault(number, now)


class Onlooker:
    """Another connection to the database: takes the time at which the number of contacts has risen."""

    def __init__(self, path: Path) -> None:
        self.seen: dict[int, float] = {}
        self._path = path
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._thread.join()

    def _look(self) -> None:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)) as connection:
            while not self._leaving.wait(LOOK_SECONDS):
                count = connection.execute("SELECT count(*) FROM contact").fetchone()[0]
                self.seen.setdefault(count, perf_counter())
