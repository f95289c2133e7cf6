"""A desk as a person runs it: the command, in processes of its own, on a database of its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def until(what: str, condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for a state; fail with its name when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)


class RunningDesk:
    """Commands and engines of one desk."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'desk.sqlite3'}"
        self.engines: list[subprocess.Popen[bytes]] = []
        self.log = folder / "engine.log"
        self.environment = os.environ | {
            "POSTROOM_DB": self.url,
            "XDG_DATA_HOME": str(folder),
            "POSTROOM_LOG": "warning",
        }
        self.environment.pop("POSTROOM_KEY", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self.engines:
            if engine.poll() is None:
                engine.kill()
            engine.wait()

    def run(self, *words: str, stdin: str = "", code: int = 0) -> str:
        """One command; what it printed. Fails when it ends with another code."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            env=self.environment, input=stdin, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"postroom {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if code == 0 else done.stderr

    def json(self, *words: str) -> Any:
        """One command with --json; what it said."""
        return json.loads(self.run(*words, "--json"))

    def apply(self, toml: str) -> None:
        """Apply a desk.toml."""
        path = self.folder / "desk.toml"
        path.write_text(toml)
        self.run("apply", str(path))

    def start(self) -> subprocess.Popen[bytes]:
        """One more engine."""
        with self.log.open("ab") as log:
            engine = subprocess.Popen(
                [sys.executable, "-m", "cli", "--no-ui"], env=self.environment, stdout=log, stderr=log
            )
        self.engines.append(engine)
        return engine

    def kill(self, engine: subprocess.Popen[bytes]) -> None:
        """kill -9."""
        engine.kill()
        engine.wait()
        self.engines.remove(engine)

    def stop(self, engine: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
        """SIGTERM; it must drain and end with 0 in time."""
        engine.send_signal(signal.SIGTERM)
        assert engine.wait(seconds) == 0, self.log.read_text()[-2000:]
        self.engines.remove(engine)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into an SQLite database from outside."""
        path = self.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(sql).fetchall()

    def count(self, sql: str) -> int:
        """The one number of a query."""
        return int(self.query(sql)[0][0])


def desk_toml(
    *,
    imap_port: int,
    smtp_port: int,
    user: str,
    password: str,
    after_fetch: str = "seen",
    extra: str = "",
    address: str = "texts@desk.example",
    recipient: str = "{number}@sms.example",
    connections: int = 4,
) -> str:
    """A small desk: one account for texts, two queues, an agent and a supervisor."""
    return f"""
[desk]
name = "Acme"
region = "GB"

[outgoing_server]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
connections = {connections}

[[gateway]]
name = "line"
dialect = "plain"
recipient = "{recipient}"

[[queue]]
name = "front"

[[queue]]
name = "billing"

[[user]]
login = "ann"
name = "Ann"
role = "agent"

[[user]]
login = "sue"
name = "Sue"
role = "supervisor"

[[account]]
kind = "sms"
address = "{address}"
gateway = "line"
queue = "front"
user = "{user}"
password = "{password}"
imap = {{ host = "127.0.0.1", port = {imap_port}, security = "none", after_fetch = "{after_fetch}", poll_seconds = 5 }}
{extra}
"""  # fmt: skip
