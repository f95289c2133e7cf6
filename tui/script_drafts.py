"""What somebody has typed of a script and not saved: kept on this machine as it is typed, there again next time.

A desk, a person and a script have several places, one for each terminal that has the script open: what is typed at two
of them is kept apart. A place belongs to whoever holds the lock on it, which ends with the process, however it ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from core.errors import Refused
from core.text import harmless

if TYPE_CHECKING:
    from pathlib import Path

PLACES = 8
"""Terminals at which one person may write at one script with all of it kept."""


@dataclass(frozen=True, slots=True)
class ScriptDraft:
    """A text, and the newest version it was made from."""

    text: str
    known: int


class DraftPlace:
    """Where one terminal keeps what is typed. Open it once, close it at the end."""

    def __init__(self, db: str, login: str, script: str) -> None:
        self._name = hashlib.sha256(json.dumps([db, login, script]).encode()).hexdigest()[:24]
        self._lock: int | None = None
        self.path: Path | None = None
        """The file; None while there is none that may be written."""
        self.is_shared = False
        """Whether another terminal of this person has the script open as well."""

    def open(self) -> ScriptDraft | None:
        """Take a place that no other terminal has, the one with the newest text; what is kept there.

        Without a folder that may be written there is no place, and `keep` says so.
        """
        free: list[tuple[float, Path, int]] = []
        for number in range(PLACES):
            path = user_state_path("postroom", appauthor=False) / "scripts" / f"{self._name}-{number}.json"
            lock = _locked(path.with_suffix(".lock"))
            if lock is None:
                self.is_shared = path.with_suffix(".lock").exists() or self.is_shared
            else:
                free.append((path.stat().st_mtime if path.exists() else 0.0, path, lock))
        best = max(free, key=lambda one: one[0], default=None)  # the first of those that are alike
        for one in free:
            if one is not best:
                os.close(one[2])
        if best is None:
            return None
        _, self.path, self._lock = best
        return _kept(self.path)

    def keep(self, draft: ScriptDraft) -> None:
        """Keep it, whole or not at all, for this user of the machine alone. Raises Refused where that cannot be."""
        if self.path is None:
            raise Refused("what you type is not kept on this machine: save before you leave")
        try:
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.path.parent, delete=False) as file:
                json.dump({"text": draft.text, "known": draft.known}, file, ensure_ascii=False)
            os.replace(file.name, self.path)
        except OSError as error:
            raise Refused(
                f"what you type is not kept: {self.path} cannot be written ({error.strerror}); save soon"
            ) from error

    def drop(self) -> None:
        """It is saved, or no longer wanted."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the place to others; what is kept stays."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = self.path = None


def has_draft(db: str, login: str, script: str) -> bool:
    """Whether something is kept for this person that no other terminal is writing at."""
    place = DraftPlace(db, login, script)
    try:
        return place.open() is not None
    finally:
        place.close()


def _locked(path: Path) -> int | None:
    """A descriptor that holds the lock; None where another has it, or where none can be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _kept(path: Path) -> ScriptDraft | None:
    """What is kept there; a file that cannot be read is as none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return ScriptDraft(harmless(str(said["text"])), int(said["known"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
