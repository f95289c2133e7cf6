"""The flight log: which letters had begun to leave, in a file beside an SQLite database.

One commit marks several rows `sending` for each session, since a commit a letter is what makes a durable outbox slow.
So that no more than one letter a session is in doubt after a crash, each session writes a line here before DATA and
another with what became of it. The lines are written but not synced: they outlive the process, and a machine that was
started anew since does not trust them (all that was marked is in doubt then).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from core.gateway.smtp import Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPACT_AT = 1_000_000
"""Octets after which the log is written anew without what the database has recorded."""


def flight_path(database: Path, holder: str) -> Path:
    """Where the log of one engine stands."""
    return database.with_name(f"{database.name}.flight-{holder}")


def boot() -> str:
    """A name for this run of the machine; empty where the system has none, and then no log is trusted."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


class FlightLog:
    """The log of one engine, open for writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[int, bytes] = {}
        self._size = 0
        self._file = -1
        self._begin_anew()

    def begin(self, row_id: int) -> None:
        """The letter of this row is about to leave."""
        self._write(row_id, f'{{"id": {row_id}}}')

    def end(self, row_id: int, result: Result) -> None:
        """What became of it."""
        said = {"verdict": result.verdict.value, "code": result.code, "reply": result.reply, "refused": result.refused}
        self._write(row_id, json.dumps({"id": row_id, **said}))

    def recorded(self, row_ids: Iterable[int]) -> None:
        """The database has these: the log needs them no more."""
        for row_id in row_ids:
            self._lines.pop(row_id, None)
        if self._size > COMPACT_AT:
            self._begin_anew()

    def close(self) -> None:
        """The engine has ended well: with nothing open, the log goes."""
        os.close(self._file)
        if not self._lines:
            self.path.unlink(missing_ok=True)

    def _write(self, row_id: int, line: str) -> None:
        data = line.encode() + b"\n"
        self._lines[row_id] = data
        os.write(self._file, data)
        self._size += len(data)

    def _begin_anew(self) -> None:
        new = self.path.with_name(self.path.name + ".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        content = json.dumps({"boot": boot()}).encode() + b"\n" + b"".join(self._lines.values())
        os.write(file, content)
        os.replace(new, self.path)
        if self._file >= 0:
            os.close(self._file)
        self._file, self._size = file, len(content)


def read_flight(path: Path) -> dict[int, Result | None] | None:
    """What a dead engine's log says of its rows: a Result, or None for a letter that had begun to leave.

    None altogether where there is no log or it cannot be trusted.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return None
    said: dict[int, Result | None] = {}
    try:
        if not boot() or json.loads(lines[0])["boot"] != boot():
            return None
        for line in filter(None, lines[1:]):
            entry = json.loads(line)
            said[entry["id"]] = _result(entry) if "verdict" in entry else None
    except (ValueError, KeyError, TypeError):
        return None
    return said


def _result(entry: dict[str, object]) -> Result:
    refused = entry["refused"]
    pairs = refused if isinstance(refused, list) else []
    return Result(
        Verdict(str(entry["verdict"])),
        int(str(entry["code"])),
        str(entry["reply"]),
        tuple((str(address), str(why)) for address, why in pairs),
    )
