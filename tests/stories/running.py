"""A desk as a person runs it: the command, in processes of its own, on a database of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import asyncpg

from core.models.states import Purpose
from core.office import open_office
from core.outbox import Draft
from core.settings import Settings, find_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.stories.commands import Commands


def until(what: str, condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for a state; fail with its name when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class MailboxState:
    """How an account's mailbox does, as its row says."""

    health: str
    error: str
    on_server: int
    accounted: int


class RunningDesk:
    """Commands and engines of one desk. Left in good order, no log may hold a traceback.

    Without a `log_level` the engines log at their own default.
    """

    up_to_date: ClassVar[Path | None] = None
    commands: ClassVar[Commands | None] = None

    def __init__(self, folder: Path, url: str = "", *, log_level: str = "warning") -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'desk.sqlite3'}"
        self.engines: list[subprocess.Popen[bytes]] = []
        self.log = folder / "engine.log"
        self.postgres_key = folder / "postroom" / "postgresql.key"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("POSTROOM_")}
        self.environment = inherited | {
            "POSTROOM_DB": self.url,
            "XDG_DATA_HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        if log_level:
            self.environment["POSTROOM_LOG"] = log_level

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._tell()
        for engine in self.engines:
            if engine.poll() is None:
                engine.kill()
            engine.wait()
        if kind is None:
            self.check_logs()

    def _tell(self) -> None:
        """For whoever reads of the failure: how things stand and the end of the engines' log."""
        for sql in (
            "SELECT state, claimed_by, count(*) FROM outbox GROUP BY state, claimed_by",
            "SELECT account_id, outcome, count(*) FROM mail GROUP BY account_id, outcome",
            "SELECT * FROM lease",
            "SELECT * FROM mailbox",
            "SELECT health, error FROM outgoing_server",
        ):
            with suppress(Exception):
                sys.stderr.write(f"{sql}: {self.query(sql)}\n")
        if self.log.exists():
            sys.stderr.write(self.log.read_text()[-8000:])

    def check_logs(self) -> None:
        """No traceback in the log of engines or of screens, and nothing that nobody foresaw."""
        for path in (self.log, self.folder / "state" / "postroom" / "postroom.log"):
            log = path.read_text() if path.exists() else ""
            assert "Traceback" not in log, log[-4000:]
        unforeseen = self.folder / "state" / "postroom" / "last-error.txt"
        assert not unforeseen.exists(), unforeseen.read_text()

    def run(self, *words: str, stdin: str = "", code: int = 0) -> str:
        """One command; what it printed. Fails when it ends with another code."""
        ended, out, err = self._command(words, stdin)
        assert ended == code, f"postroom {' '.join(words)}: {ended}\n{out}{err}"
        return out if code == 0 else err

    def _command(self, words: Sequence[str], stdin: str) -> tuple[int, str, str]:
        if self.commands is not None:
            return self.commands.run(words, self.environment, stdin)
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            env=self.environment, input=stdin, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def json(self, *words: str) -> Any:
        """One command with --json; what it said."""
        return json.loads(self.run(*words, "--json"))

    def apply(self, toml: str) -> None:
        """Apply a desk.toml; where there is no SQLite database yet, to one that is up to date and empty."""
        path = self.folder / "desk.toml"
        path.write_text(toml)
        self._begin()
        self.run("apply", str(path))

    def _begin(self) -> None:
        """A copy of a migrated database where there is none."""
        path = Path(self.url.removeprefix("sqlite:///"))
        if self.up_to_date is not None and self.url.startswith("sqlite:") and not path.exists():
            shutil.copy(self.up_to_date, path)

    def start(self) -> subprocess.Popen[bytes]:
        """One more engine, on a database like `apply`'s. What stands in the log came over stderr."""
        self._begin()
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

    def pause(self, engine: subprocess.Popen[bytes]) -> None:
        """SIGSTOP, but not while it holds SQLite's only lock for writing: that nobody can take from it."""
        engine.send_signal(signal.SIGSTOP)
        while self.url.startswith("sqlite:") and not self._may_write():
            engine.send_signal(signal.SIGCONT)
            time.sleep(0.001)
            engine.send_signal(signal.SIGSTOP)

    def _may_write(self) -> bool:
        path = self.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=0.05, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            connection.execute("ROLLBACK")
        return True

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database from outside."""
        if not self.url.startswith("sqlite:"):
            return asyncio.run(_query_postgres(self.url, sql))
        path = self.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(sql).fetchall()

    def count(self, sql: str) -> int:
        """The one number of a query."""
        return int(self.query(sql)[0][0])

    def mailbox(self, address: str) -> MailboxState:
        """How an account's mailbox does; `accounted` counts the mails on the ledger that are still on the server."""
        ((health, error, on_server, accounted),) = self.query(
            "SELECT m.health, m.error, m.on_server,"
            " (SELECT count(*) FROM mail l WHERE l.account_id = a.id AND l.gone = FALSE)"
            f" FROM mailbox m JOIN account a ON a.id = m.account_id WHERE a.address = '{address}'"
        )
        return MailboxState(health, error, on_server, accounted)

    def texts(self, address: str) -> list[str]:
        """What customers have said to an account, in the order in which it was taken in."""
        return [
            text
            for (text,) in self.query(
                "SELECT m.text FROM message m JOIN account a ON a.id = m.account_id"
                f" WHERE a.address = '{address}' AND m.direction = 'in' ORDER BY m.id"
            )
        ]


async def put_many(desk: RunningDesk, count: int) -> None:
    """So many answers in the outbox of the desk's first account: `answer 0`, `answer 1`, ..."""
    settings = find_settings(desk.url) if desk.url.startswith("sqlite:") else Settings(desk.url, desk.postgres_key)
    async with open_office(settings) as office, office.database.transaction():
        for n in range(count):
            await office.outbox.put(
                Draft(account_id=1, address=f"+4477008{n:05d}", text=f"answer {n}", purpose=Purpose.REPLY)
            )


async def _query_postgres(url: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


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
    """A small desk with one account for texts."""
    first = account_toml(address, user=user, password=password, imap_port=imap_port, after_fetch=after_fetch)
    return bare_toml(smtp_port=smtp_port, recipient=recipient, connections=connections) + first + extra


def bare_toml(*, smtp_port: int, recipient: str = "{number}@sms.example", connections: int = 4) -> str:
    """A desk without accounts: an outgoing server, a gateway, two queues, an agent and a supervisor."""
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
"""


def account_toml(
    address: str,
    *,
    user: str,
    password: str,
    imap_port: int,
    kind: str = "sms",
    queue: str = "front",
    after_fetch: str = "seen",
    folder: str = "INBOX",
    poll_seconds: int = 5,
    more: str = "",
) -> str:
    """One account; `more` is further keys of it, a line each."""
    gateway = 'gateway = "line"' if kind == "sms" else ""
    return f"""
[[account]]
kind = "{kind}"
address = "{address}"
queue = "{queue}"
user = "{user}"
password = "{password}"
{gateway}
{more}
[account.imap]
host = "127.0.0.1"
port = {imap_port}
security = "none"
folder = "{folder}"
after_fetch = "{after_fetch}"
poll_seconds = {poll_seconds}
"""
