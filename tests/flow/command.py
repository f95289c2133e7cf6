"""The command `postroom`, run in this process or as one of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from cli.main import main
from core.office import open_office
from core.settings import find_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from typing import TypeVar

    from core.office import Office

    Result = TypeVar("Result")


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

    def within(self, work: Callable[[Office], Awaitable[Result]]) -> Result:
        """Do something in the office, before or after a command, with the key that the command finds."""

        async def inside() -> Result:
            async with open_office(find_settings(self.db)) as office:
                return await work(office)

        return asyncio.run(inside())

    def apart(self, *arguments: str, stdin: str = "", stdout: int = subprocess.PIPE) -> Done:
        """Run one in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", "--db", self.db, *arguments],
            input=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
        return Done(done.returncode, done.stdout or "", done.stderr)


def said(done: Done) -> str:
    """What a command printed that did what it was asked."""
    assert (done.code, done.err) == (0, ""), done
    return done.out.rstrip("\n")


def told(done: Done) -> Any:
    """The same of one that printed JSON."""
    return json.loads(said(done))


def write(path: Path, text: str) -> str:
    """Write a file; its path for a command line."""
    path.write_text(text, "utf-8")
    return str(path)
