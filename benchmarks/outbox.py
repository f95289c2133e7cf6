"""Outbox: durable rows into Postfix's smtp-sink."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, interleaved, note
from benchmarks.places import Sizes, desk_toml, side
from core.models.states import Purpose
from core.office import open_office
from core.outbox import Draft
from core.settings import find_settings
from tests.servers.ports import free_port
from tests.stories.running import RunningDesk, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SESSIONS = 4
TEXT = "Your parcel is on its way and comes on Friday. Thank you for your patience!"
PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Letters a second, against a bare aiosmtplib loop and django-post-office; smtp-source for the distance."""
    with _sink() as port:
        desk = RunningDesk(folder)
        desk.apply(desk_toml(smtp_port=port, users=["nobody"], connections=SESSIONS))
        note(f"  writing {sizes.letters} letters")
        asyncio.run(_write(desk.url, sizes.letters))
        full = folder / "desk.sqlite3"
        found = interleaved(
            sizes.rounds,
            {
                "postroom": lambda: _ours(folder, full, sizes.letters),
                "aiosmtplib": lambda: (
                    sizes.letters / float(side("bare_smtp", path=str(full), port=port, connections=SESSIONS)["seconds"])
                ),
                "django-post-office": lambda: _django(folder, port, sizes.letters_django),
                "smtp-source": lambda: _source(port, sizes.letters),
            },
        )
    ours = found["postroom"]
    return [
        Comparison("outbox", "letters/s", ours, "bare aiosmtplib, 4 connections", found["aiosmtplib"], 1.0),
        Comparison("outbox, aim", "letters/s", ours, "bare aiosmtplib, 4 connections", found["aiosmtplib"], 2.0),
        Comparison("outbox", "letters/s", ours, "django-post-office", found["django-post-office"], 4.0),
        Comparison("outbox, distance", "letters/s", ours, "smtp-source -d -s 4", found["smtp-source"]),
    ]


@contextmanager
def _sink() -> Iterator[int]:
    binary = shutil.which("smtp-sink", path=PATH)
    if binary is None:
        raise RuntimeError("smtp-sink is missing: install the Debian package postfix")
    port = free_port()
    process = subprocess.Popen([binary, "-u", "nobody", f"127.0.0.1:{port}", "1000"], stderr=subprocess.DEVNULL)
    try:
        until("smtp-sink greets", lambda: _greets(port))
        yield port
    finally:
        process.kill()
        process.wait()


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            return line.recv(3) == b"220"
    except OSError:
        return False


async def _write(url: str, count: int) -> None:
    async with open_office(find_settings(url)) as office:
        for start in range(0, count, 500):
            async with office.database.transaction():
                for n in range(start, min(count, start + 500)):
                    await office.outbox.put(Draft(1, f"+4477009{n:05d}", TEXT, Purpose.REPLY))


def _ours(folder: Path, full: Path, count: int) -> float:
    home = folder / "ours"
    home.mkdir()
    for path in folder.glob("desk.sqlite3*"):
        shutil.copy(path, home / path.name)
    done = "SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE state <> 'sent' AND state IN ('queued', 'sending'))"
    said = side("engine", path=str(home / full.name), done=done)
    if RunningDesk(home).count("SELECT count(*) FROM outbox WHERE state = 'sent'") != count:
        raise RuntimeError("not every letter was sent")
    shutil.rmtree(home)
    return count / float(said["seconds"])


def _django(folder: Path, port: int, count: int) -> float:
    home = folder / "django"
    home.mkdir()
    said = side("django_post_office", folder=str(home), port=port, count=count, text=TEXT)
    if said["count"] != count:
        raise RuntimeError(f"django-post-office sent {said['count']} of {count} letters")
    shutil.rmtree(home)
    return count / float(said["seconds"])


def _source(port: int, count: int) -> float:
    binary = shutil.which("smtp-source", path=PATH)
    assert binary is not None
    command = [binary, "-d", "-s", str(SESSIONS), "-m", str(count), "-l", "600",
               "-f", "texts@desk.example", "-t", "447700900000@sms.example", f"127.0.0.1:{port}"]  # fmt: skip
    began = perf_counter()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return count / (perf_counter() - began)
