"""A program on a pseudo-terminal: what it writes, when, and what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Self

from tests.tui.screenful import Screenful

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WIDTH, HEIGHT = 80, 24
PATIENCE_SECONDS = 60.0


class Terminal:
    """Runs a program until the end of a block; its screen is read only while somebody waits for it."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.screen = Screenful(WIDTH, HEIGHT)
        self.spent = 0.0
        """After the block: seconds of CPU that all threads of the program took."""
        self.began = perf_counter()
        self.pid, self._line = pty.fork()
        if self.pid == 0:
            _size(0)
            os.chdir(folder)
            os.execve(command[0], list(command), {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        _size(self._line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        used = os.wait4(self.pid, 0)[2]
        self.spent = used.ru_utime + used.ru_stime
        os.close(self._line)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._line, keys.encode())

    def until(self, seen: Callable[[Screenful], object], seconds: float = PATIENCE_SECONDS) -> float:
        """Wait until something is on the screen; when, by `perf_counter`. Raises RuntimeError when it does not come."""
        deadline = perf_counter() + seconds
        while not seen(self.screen):
            if not self._read(deadline - perf_counter()):
                raise RuntimeError("waited in vain; the screen:\n" + "\n".join(self.screen.lines))
        return perf_counter()

    def watch(self, seconds: float) -> int:
        """Read for so long; how many octets came."""
        before, deadline = self.screen.octets, perf_counter() + seconds
        while (left := deadline - perf_counter()) > 0:
            self._read(left)
        return self.screen.octets - before

    @property
    def cpu_seconds(self) -> float:
        """User and system time of the program (proc(5), fields 14 and 15 of stat)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Its resident memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the program has ended")

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self._line], [], [], seconds)[0]:
            return False
        with suppress(OSError):  # EIO: the program has ended
            if octets := os.read(self._line, 65536):
                self.screen.feed(octets)
                return True
        raise RuntimeError("the program has ended:\n" + "\n".join(self.screen.lines))


def _size(line: int) -> None:
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
