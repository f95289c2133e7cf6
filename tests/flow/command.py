"""The command `postroom`, run in this process or as one of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The one line on stderr, without the command's name."""
        assert self.err.startswith("postroom: ") and self.err.count("\n") == 1, self.err
        return self.err.removeprefix("postroom: ").rstrip()


class Command:
    """Runs commands on one database."""

    def __init__(self, db: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.db = db
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        """Run one in this process, which is quick."""
        self._monkeypatch.setattr(sys, "argv", ["postroom", "--db", self.db, *arguments])
        self._monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0 if code is None else 1, printed.out, printed.err)

    def apart(self, *arguments: str, stdin: str = "", stdout: int = subprocess.PIPE) -> Done:
        """Run one in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", "--db", self.db, *arguments],
            input=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
        return Done(done.returncode, done.stdout or "", done.stderr)


def write(path: Path, text: str) -> str:
    """Write a file; its path for a command line."""
    path.write_text(text, "utf-8")
    return str(path)
