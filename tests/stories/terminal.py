"""A real terminal: tmux on a socket of its own, in which the real command runs, is typed to and is looked at.

Every byte that the command writes is recorded before tmux reads it: `output`.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

POSTROOM = (sys.executable, "-m", "cli")
"""The command `postroom`, as the tests run it."""
PATIENCE = 30.0
ESCAPE_SECONDS = 0.12
"""What comes sooner after an Esc makes another key of it, in every terminal."""
REST_SECONDS = 0.1
SHELL = ("bash", "--norc", "--noprofile", "-i")
PROMPT = "shell>"


class Terminal:
    """One terminal with one program in it: `with Terminal(desk.environment, "--as", "sue") as terminal`.

    `words` follow `postroom`; with a `command` that runs instead (`SHELL` is a shell that says `PROMPT`). The program
    begins in `folder`. Keys have tmux's names: Enter, Escape, Tab, BTab, Up, NPage, C-s, M-1, F12, Space.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *words: str,
        command: tuple[str, ...] = POSTROOM,
        size: tuple[int, int] = (80, 24),
        folder: Path | None = None,
    ) -> None:
        self._command = (*command, *words)
        self._size = size
        self._start_in = folder or Path.cwd()
        # A socket's path may have 108 characters only: pytest's own folders are too deep for it.
        self.folder = Path(tempfile.mkdtemp(prefix="terminal-"))
        self._record = self.folder / "output"
        self._record.touch()
        inherited = {key: value for key, value in environment.items() if not key.startswith(("TMUX", "TEXTUAL"))}
        self._environment = inherited | {
            "TERM": "tmux-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "PS1": f"{PROMPT} ",
            "PYTHONPATH": str(Path.cwd()), "HISTFILE": "/dev/null",
        }  # fmt: skip
        self.pid = 0
        """The program's process."""

    def __enter__(self) -> Self:
        """Start it; the record begins with its first byte."""
        try:
            self._begin()
        except BaseException:
            self.__exit__(None)
            raise
        return self

    def _begin(self) -> None:
        waits = f"read -r _; exec {shlex.join(self._command)}"
        (self.folder / "tmux.conf").write_text(
            "set -g status off\nset -g escape-time 0\nset -g remain-on-exit on\nset -g remain-on-exit-format ''\n"
            "set -g default-terminal tmux-256color\nset -g set-clipboard on\nset -g allow-rename on\n"
            "set -g history-limit 0\nset -g mouse on\nset -g set-titles off\n"
        )
        columns, lines = map(str, self._size)
        where = ("-c", str(self._start_in), "-x", columns, "-y", lines)
        self._tmux("-f", str(self.folder / "tmux.conf"), "new-session", "-d", *where, "sh", "-c", waits)
        self._tmux("pipe-pane", f"exec cat > {shlex.quote(str(self._record))}")
        self.pid = int(self.ask("pane_pid"))
        self.press("Enter")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Kill whatever still runs in it."""
        if kind is not None:
            with suppress(AssertionError, OSError):
                sys.stderr.write(f"the terminal when it failed:\n{self.screen()}\n")
        with suppress(AssertionError):
            server = int(self.ask("pid"))
            self._tmux("kill-server")
            _until_gone(server)
        _until_gone(self.pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- doing --------------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        for key in keys:
            self._tmux("send-keys", key)
            if key == "Escape":
                time.sleep(ESCAPE_SECONDS)

    def type(self, text: str) -> None:
        """Type a text letter by letter."""
        self._tmux("send-keys", "-l", "--", text)

    def send(self, octets: bytes) -> None:
        """Send bytes as they are, as a terminal that speaks otherwise does."""
        self._tmux("send-keys", "-H", *(f"{octet:02x}" for octet in octets))

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def hang_up(self) -> None:
        """Close the terminal under the program, as a lost connection or a closed window does: it gets SIGHUP."""
        self._tmux("set", "-g", "exit-empty", "off")
        self._tmux("kill-pane")

    # -- looking ------------------------------------------------------------------------------------------------------

    def screen(self) -> str:
        """What stands on the screen, a line for each of its lines, without blanks at the ends."""
        return self._tmux("capture-pane", "-p")

    def styled(self) -> str:
        """The same with colours, as SGR sequences."""
        return self._tmux("capture-pane", "-p", "-e")

    @property
    def output(self) -> bytes:
        """Every byte that the program has written to the terminal."""
        return self._record.read_bytes()

    def ask(self, what: str) -> str:
        """One of tmux's formats: pane_title, alternate_on, mouse_any_flag, cursor_flag, pane_dead_status ..."""
        return self._tmux("display-message", "-p", f"#{{{what}}}").rstrip("\n")

    def clipboard(self) -> str:
        """Names of what programs have put into the clipboard."""
        return self._tmux("list-buffers")

    # -- waiting ------------------------------------------------------------------------------------------------------

    def sees(self, *words: str, seconds: float = PATIENCE) -> str:
        """Wait until all these words stand on the screen; the screen."""
        return self.until(lambda screen: all(one in screen for one in words), " and ".join(map(repr, words)), seconds)

    def misses(self, *words: str, seconds: float = PATIENCE) -> str:
        """Wait until none of these words stands on the screen; the screen."""
        return self.until(
            lambda screen: not any(one in screen for one in words), f"no {' nor '.join(map(repr, words))}", seconds
        )

    def until(self, state: Callable[[str], object], what: str, seconds: float = PATIENCE) -> str:
        """Wait until the screen is so; the screen. Fails with `what` and the screen that is there instead."""
        deadline = time.monotonic() + seconds
        ended = False
        while not state(screen := self.screen()):
            if ended or time.monotonic() > deadline:
                why = "the program has ended" if ended else f"not within {seconds:.0f} s"
                raise AssertionError(f"{why}, and never on the screen: {what}\n{screen}")
            ended = self.ask("pane_dead") == "1"
            time.sleep(0.02)
        return screen

    def rests(self, seconds: float = 3.0) -> str:
        """Wait until nothing has been written for a moment; the screen. A screen that never rests is no failure."""
        deadline = time.monotonic() + seconds
        size, since = -1, time.monotonic()
        while time.monotonic() < min(deadline, since + REST_SECONDS):
            if (now := self._record.stat().st_size) != size:
                size, since = now, time.monotonic()
            time.sleep(0.01)
        return self.screen()

    def ends(self, seconds: float = PATIENCE) -> int:
        """Wait until the program has ended; its exit code, or minus the signal that ended it."""
        self.until(lambda _: self.ask("pane_dead") == "1", "the program's end", seconds)
        return int(self.ask("pane_dead_status") or -int(self.ask("pane_dead_signal") or 0))

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self.folder / "tmux"), *words],
            env=self._environment, capture_output=True, timeout=20, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"tmux {words[0]}: {done.stderr.decode(errors='replace')}"
        return done.stdout.decode(errors="replace")


def is_running(pid: int) -> bool:
    """Whether a process is there and is no zombie that waits for its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"


def _until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while pid and is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    with suppress(ProcessLookupError):
        if pid and is_running(pid):
            os.kill(pid, 9)
