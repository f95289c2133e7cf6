"""One worker process as the sandbox holds it: started, spoken to, ended. No script's text is ever parsed here."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.routing.failure import Failure, Kind
from core.routing.wire import BOARD_SIZE, LONGEST_ANSWER, OUT_OF_MEMORY, Board

if TYPE_CHECKING:
    from core.routing.limits import Limits
    from core.routing.wire import Standing

_ROOT = str(Path(__file__).resolve().parents[2])
_MAIN = "import sys; sys.path.insert(0, sys.argv[1]); from core.routing.worker import main; main(sys.argv[2:])"
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All of our environment a worker gets, and that only where Python itself needs it to start."""
_GONE_WITHIN = 1.0
"""Seconds."""


class WorkerEnded(Exception):
    """The worker process ended while something was asked of it."""


class WorkerProcess:
    """A running worker. It inherits one socket and one page of memory, and no environment.

    On Linux it ends with the thread that started it (prctl(2)), which is the event loop's.
    """

    def __init__(self, limits: Limits) -> None:
        """Start it (a few milliseconds; it is ready some hundred later, and reads what was sent meanwhile)."""
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as page, theirs:
            page.truncate(BOARD_SIZE)
            self._board = Board(page.fileno())
            settings = [str(os.getpid()), str(page.fileno()), str(limits.memory), str(limits.grace)]
            # A new process and not a fork: the engine has threads, and its memory is no script's business.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _MAIN, _ROOT, *settings],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
                pass_fds=[page.fileno()],
                start_new_session=True,
            )
        ours.setblocking(False)
        self._socket = ours
        self._received = b""
        self._silent = False
        self._last: Standing | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    async def send(self, lines: list[bytes]) -> None:
        """Send all lines. Raises WorkerEnded."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, b"".join(lines))
        except OSError as err:
            raise WorkerEnded from err

    async def receive(self, patience: float) -> list[bytes]:
        """The whole lines that came. Raises WorkerEnded when it ends, or says nothing for `patience` seconds."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                came = await asyncio.wait_for(loop.sock_recv(self._socket, 1 << 16), patience)
            except TimeoutError as err:
                self._silent = True
                raise WorkerEnded from err
            except OSError as err:
                raise WorkerEnded from err
            if not came:
                raise WorkerEnded
            *lines, self._received = (self._received + came).split(b"\n")
            if lines:
                return lines
            if len(self._received) > LONGEST_ANSWER:
                raise WorkerEnded

    def kill(self) -> None:
        """End it at once; `ended` then waits for it."""
        self._process.kill()

    async def ended(self) -> Failure:
        """Wait until it is gone, give back what it held, and say why it ended, without the script's place."""
        while self._process.poll() is None:  # noqa: ASYNC110 - a process tells nobody but who blocks on it
            await asyncio.sleep(0.002)
        self.release()
        return _why(self._process.returncode, self._silent)

    def end(self) -> None:
        """As `kill` and `ended`, without letting anybody else work meanwhile: a killed process is gone in a moment."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GONE_WITHIN)
        self.release()

    @property
    def standing(self) -> Standing:
        """What the board says, or said last."""
        return self._board.read() if self._last is None else self._last

    def release(self) -> None:
        """Give back socket and board."""
        if self._last is None:
            self._last = self._board.read()
            self._socket.close()
            self._board.close()


def _why(code: int, silent: bool) -> Failure:
    """An exit code in words."""
    if silent or code in (-signal.SIGPROF, -signal.SIGALRM):
        return Failure(Kind.TIME, "it took longer than it may, in one step that does not stop by itself.")
    if code in (OUT_OF_MEMORY, -signal.SIGABRT):
        return Failure(Kind.MEMORY, "it wanted more memory than it may have.")
    if code in (-signal.SIGSEGV, -signal.SIGBUS):
        return Failure(Kind.MEMORY, "it nests more deeply than can be read or run.")
    return Failure(Kind.ENDED, f"its worker process ended (exit code {code}).")
