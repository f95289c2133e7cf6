"""A private, real PostgreSQL cluster for the tests, on a loopback port and a Unix socket in a temp folder.

initdb and the server refuse root: started by root, as in a container, they run as the machine's user `postgres`;
started by anybody else, as that user. fsync stays on, for some tests kill the programs that use it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from tests.servers.places import fast_folder
from tests.servers.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "logging_collector": "off",
    "log_min_messages": "warning",
    # What was never analysed looks dear: to compile its queries took three quarters of the server's time.
    "jit": "off",
}
_START_SECONDS = 30.0
_DONE = "-- this statement is done --"


class Postgres:
    """A cluster that belongs to this process alone; a context manager that makes, starts, stops and removes it.

    `url` leads to its first database; `create_database` gives an empty one. Without a password everybody on this
    machine is trusted; with one, TCP asks for it (SCRAM). With a `copy_of` it begins as that one was when it was kept.
    """

    host = "127.0.0.1"
    user = "postroom"

    def __init__(self, password: str = "", *, copy_of: Path | None = None) -> None:
        self._programs = _programs()
        # The path of a Unix socket may have 107 octets: not pytest's long temp folders.
        self.folder = Path(tempfile.mkdtemp(prefix="postroom-pg-", dir=fast_folder()))
        self.port = free_port()
        self.password = password
        self._account = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._hand_over(self.folder)
        self._numbers = itertools.count(1)
        self._server: subprocess.Popen[bytes] | None = None
        self._clerk: subprocess.Popen[str] | None = None
        if copy_of is None:
            self._make_cluster()
        else:
            subprocess.run(["cp", "-a", str(copy_of), str(self.folder / "data")], check=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The database that is always there."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """`postgresql://...` of a database over TCP."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        return f"postgresql://{self.user}{secret}@{self.host}:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it takes connections. RuntimeError with the server's log when it does not."""
        if self._server is not None:
            raise RuntimeError("this PostgreSQL runs already")
        settings = {**_SETTINGS, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._as_account(),
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._server.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in good order, hanging up on every client; may be called twice."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as in a crash: what was not committed is gone, and the next start recovers."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        """Stop and start on the same port with the same data."""
        self.stop()
        self.start()

    def keep(self, path: Path) -> None:
        """Its files as they are, for a `copy_of`; it must be stopped."""
        subprocess.run(["cp", "-a", str(self.folder / "data"), str(path)], check=True)

    def pause(self) -> None:
        """SIGSTOP to every process: connections stay open and nobody answers, not even to new ones."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT to every process."""
        self._signal(signal.SIGCONT)

    def create_database(self, name: str = "", *, template: str = "") -> str:
        """A database, by a fresh name unless one is given; its url. Empty, or as a `template` is that nobody uses."""
        name = name or f"test_{os.getpid()}_{next(self._numbers)}"
        # A copy of the files costs half of what a copy by way of the log does, and only logs that nobody reads.
        copied = f" TEMPLATE {_quoted(template.rpartition('/')[2])} STRATEGY FILE_COPY" if template else ""
        self.execute(f"CREATE DATABASE {_quoted(name)}{copied}")
        return self.url_of(name)

    def drop_database(self, name_or_url: str) -> None:
        """Drop a database, hanging up on whoever uses it; it need not exist."""
        self.execute(f"DROP DATABASE IF EXISTS {_quoted(name_or_url.rpartition('/')[2])} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as the owner and return what psql prints, unaligned and without headings."""
        if database == "postgres" and self._server is not None:
            return self._ask(statement)
        return self._run([*self._psql(database), "-c", statement])

    def log(self) -> str:
        """What the server wrote so far."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "log").read_text(errors="replace")
        return ""

    def _ask(self, statement: str) -> str:
        """The same of a psql that stays: one for each statement would cost more than most statements."""
        if self._clerk is None or self._clerk.poll() is not None:
            self._clerk = subprocess.Popen(
                [str(self._programs / "psql"), *self._psql("postgres")[1:]],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                **self._as_account(),
            )  # fmt: skip
        clerk, said = self._clerk, list[str]()
        assert clerk.stdin is not None and clerk.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            clerk.stdin.write(f"{statement};\n\\echo {_DONE}\n")
            clerk.stdin.flush()
        for line in clerk.stdout:
            if line.rstrip("\n") == _DONE:
                return "".join(said).strip()
            said.append(line)
        raise RuntimeError(f"psql failed: {self._dismiss()}")

    def _dismiss(self) -> str:
        """The psql that stays goes; what it complained of."""
        clerk, self._clerk = self._clerk, None
        if clerk is None:
            return ""
        with contextlib.suppress(BrokenPipeError):
            _, complaint = clerk.communicate(timeout=10)
            return complaint.strip()
        return ""

    # -- below --------------------------------------------------------------------------------------------

    def _psql(self, database: str) -> list[str]:
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder)]
        return [*command, "-p", str(self.port), "-U", self.user, "-d", database]

    def _make_cluster(self) -> None:
        command = ["initdb", "-D", str(self.folder / "data"), "-U", self.user, "--no-sync", "--no-instructions"]
        command += ["--encoding=UTF8", "--locale=C", "--auth-local=trust"]
        if self.password:
            secret = self.folder / "password"
            secret.write_text(self.password + "\n")
            secret.chmod(0o600)
            self._hand_over(secret)
            command += ["--auth-host=scram-sha-256", f"--pwfile={secret}"]
        else:
            command += ["--auth-host=trust"]
        self._run(command)

    def _end(self, number: signal.Signals) -> None:
        server = self._server
        if server is None:
            return
        self._dismiss()
        server.send_signal(number)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        self._server = None

    def _signal(self, number: signal.Signals) -> None:
        """To the postmaster and its children, each of which leads a process group of its own."""
        assert self._server is not None
        pid = self._server.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, number)

    def _is_ready(self) -> bool:
        command = [str(self._programs / "pg_isready"), "-q", "-h", self.host, "-p", str(self.port)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0

    def _run(self, command: Sequence[str]) -> str:
        done = subprocess.run(
            [str(self._programs / command[0]), *command[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            timeout=60,
            **self._as_account(),
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")
        words: str = done.stdout
        return words.strip()

    def _as_account(self) -> dict[str, Any]:
        """Arguments for subprocess that make root's child somebody else."""
        if os.getuid() != 0:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _hand_over(self, path: Path) -> None:
        if os.getuid() == 0:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)


def _quoted(name: str) -> str:
    """A database's name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def _programs() -> Path:
    """The folder of the newest server on this machine; RuntimeError naming the Debian package when there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    found = [path for path in found if (path / "postgres").exists()]
    if not found:
        raise RuntimeError("The tests need a real PostgreSQL: install the Debian package postgresql.")
    return max(found, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))])
