"""The flight log: which letters had begun to leave, in a file beside an SQLite database.

One commit marks several rows `sending` for each session, since a commit a letter is what makes a durable outbox slow.
So that no more than one letter a session is in doubt after a crash, each session writes a line here before any of a
letter's content leaves and another with what became of it. The lines are written but not synced: they outlive the
process, and a machine that was started anew since does not trust them (all that was marked is in doubt then).

The log is locked while its engine lives. Whoever cannot take the lock leaves the flight alone: an engine that only
stood still for a while (a laptop's lid, SIGSTOP) goes on with it as if nothing had been.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import TYPE_CHECKING

from core.gateway.smtp import Result, Verdict
from core.store import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMPACT_AT = 1_000_000
"""Octets after which the log is written anew without what the database has recorded."""


@dataclass(frozen=True, slots=True)
class Flight:
    """What the log of an engine says."""

    is_alive: bool
    """Its process lives: nothing of its flight may be touched."""
    said: Mapping[int, Result | None] | None = None
    """For each row that had begun: a Result, or None where nobody knows. None where there is no log to be trusted."""


def flight_path(database: Path, holder: str) -> Path:
    """Where the log of one engine stands."""
    return database.with_name(f"{database.name}.flight-{holder}")


def boot() -> str:
    """A name for this run of the machine; empty where the system has none, and then there is no log."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


class FlightLog:
    """The log of one engine, open for writing. Raises OSError when it cannot be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[int, bytes] = {}
        self._unwritten = b""
        """Lines that go with the next one."""
        self._size = 0
        self._file = -1
        self._begin_anew()

    def begin(self, row_id: int) -> None:
        """The letter of this row is about to leave. Raises StoreBusy when that cannot be written: it must not then."""
        line = b'\n{"id": %d}\n' % row_id
        try:
            self._write(line)
        except OSError as error:
            raise StoreBusy(f"{self.path.name} cannot be written: {error.strerror}; it is tried again") from error
        self._lines[row_id] = line

    def end(self, row_id: int, result: Result, *, goes_on: bool = False) -> None:
        """What became of it. Where that cannot be written, a crash before the next commit leaves it in doubt.

        `goes_on`: the session begins its next letter in a moment, and one write does for both. Were we killed between
        the two, that letter has not begun and this one is the session's only one in doubt.
        """
        self._lines[row_id] = line = _said(row_id, result)
        if goes_on:
            self._unwritten += line
            return
        with suppress(OSError):
            self._write(line)

    def recorded(self, row_ids: Iterable[int]) -> None:
        """The database has these: what the log says of them is over."""
        done = [row_id for row_id in row_ids if self._lines.pop(row_id, None) is not None]
        with suppress(OSError):
            if done:
                self._write(_line({"recorded": done}))
            if self._size > COMPACT_AT:
                self._begin_anew()

    def close(self) -> None:
        """The engine has ended well: with nothing open, the log goes."""
        if not self._lines:
            self.path.unlink(missing_ok=True)
        elif self._unwritten:
            with suppress(OSError):
                self._write(b"")
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        data = self._unwritten + data
        if os.write(self._file, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._unwritten = b""
        self._size += len(data)

    def _begin_anew(self) -> None:
        new = self.path.with_name(self.path.name + ".new")
        content = _line({"boot": boot()}) + b"".join(self._lines.values())
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # before anybody can find it
            if os.write(file, content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.replace(new, self.path)
        except BaseException:
            os.close(file)
            new.unlink(missing_ok=True)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._size, self._unwritten = file, len(content), b""


def read_flight(path: Path) -> Flight:
    """What the log of an engine says whose lease has run out."""
    while True:
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return Flight(is_alive=False)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if os.fstat(file).st_ino == os.stat(path).st_ino:  # else it was written anew just now, by a living one
                with open(file, "rb", closefd=False) as lines:
                    return Flight(is_alive=False, said=_understood(lines.read().split(b"\n")))
        except BlockingIOError:
            return Flight(is_alive=True)
        except OSError:
            return Flight(is_alive=False)
        finally:
            os.close(file)


def _said(row_id: int, result: Result) -> bytes:
    if result.refused:
        said = {"verdict": result.verdict.value, "code": result.code, "reply": result.reply, "refused": result.refused}
        return _line({"id": row_id, **said})
    # What json.dumps writes, at a tenth of the cost: it is once for each letter.
    return b'\n{"id": %d, "verdict": "%s", "code": %d, "reply": %s, "refused": []}\n' % (
        row_id, result.verdict.value.encode(), result.code, encode_basestring_ascii(result.reply).encode(),
    )  # fmt: skip


def _line(entry: Mapping[str, object]) -> bytes:
    # A line end before it, too: a line that a full disk has cut short spoils no other.
    return b"\n" + json.dumps(entry).encode() + b"\n"


def _understood(lines: list[bytes]) -> dict[int, Result | None] | None:
    said: dict[int, Result | None] = {}
    trusted = False
    for line in filter(None, lines):
        try:
            entry = json.loads(line)
            if "boot" in entry:
                trusted = bool(boot()) and entry["boot"] == boot()
            elif "recorded" in entry:
                for row_id in entry["recorded"]:
                    said.pop(row_id, None)
            else:
                said[entry["id"]] = _result(entry) if "verdict" in entry else None
        except (ValueError, KeyError, TypeError):
            continue  # cut short: its letter did not leave, or what became of it is not known
    return said if trusted else None


def _result(entry: Mapping[str, object]) -> Result:
    refused = entry["refused"]
    pairs = refused if isinstance(refused, list) else []
    return Result(
        Verdict(str(entry["verdict"])),
        int(str(entry["code"])),
        str(entry["reply"]),
        tuple((str(address), str(why)) for address, why in pairs),
    )
