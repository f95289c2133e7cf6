"""Commands in processes of their own that begin where the imports end: those cost more than most commands do.

A server imports what commands need, without running any of it, and forks for each; engines begin from nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SERVER = """
import gc, json, os, sys
from importlib import import_module
import cli.command, cli.output, core.office, core.store
from cli.main import main
from core.store.connecting import load_orm

for name in {"cli.output", *cli.command.NOUNS.values()}:
    import_module(name)
load_orm()
gc.freeze()
while line := sys.stdin.readline():
    asked = json.loads(line)
    if pid := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        continue
    for number, path in enumerate(asked["files"]):
        os.dup2(os.open(path, os.O_RDWR), number)
    sys.stdin = open(0, closefd=False)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["postroom", *asked["words"]]
    main()
    sys.exit()
"""


class Commands:
    """Runs commands one after another; a context manager. Its server starts with the first."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self, words: Sequence[str], environment: Mapping[str, str], stdin: str) -> tuple[int, str, str]:
        """One command: its code (-9 when it was killed by signal 9), what it printed and what it complained of."""
        with self._one_at_a_time, tempfile.TemporaryDirectory(prefix="postroom-command-") as folder:
            files = [Path(folder) / name for name in ("in", "out", "err")]
            for path, text in zip(files, (stdin, "", ""), strict=True):
                path.write_text(text, "utf-8")
            asked = {"words": list(words), "environment": dict(environment), "files": [str(path) for path in files]}
            try:
                code = self._ask(json.dumps(asked))
            except BaseException:
                self._end()  # what it may say yet is no answer to the next question
                raise
            return code, files[1].read_text("utf-8"), files[2].read_text("utf-8")

    def _ask(self, line: str) -> int:
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(line + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def _end(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.kill()
            server.communicate()
