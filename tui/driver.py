"""The terminal under the app, where Textual's own driver does not bear what terminals really do.

Textual 8.2 ends with a traceback on a byte that is no UTF-8, takes Alt with a digit for a letter of another keyboard,
paints nothing anew after `fg`, waits for ever on a terminal that has gone, stops itself alone where a script or `make`
waits for it, presses the keys that an Esc in a pasted text spells, and believes COLUMNS and LINES more than the
terminal. All that is mended here, and nowhere else.
"""

from __future__ import annotations

import os
import selectors
import signal
from codecs import getincrementaldecoder
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from textual.message import Message

READ_AT_ONCE = 65536
PATIENCE = 0.1
"""Seconds after which an Esc that nothing follows is the key."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A key as Textual's table of sequences holds it."""

    value: str


# What Esc and a digit are in every terminal that knows no newer way to say Alt.
for _digit in range(10):
    ANSI_SEQUENCES_KEYS[f"\x1b{_digit}"] = (_Named(f"alt+{_digit}"),)  # type: ignore[index]


class Heard:
    """What a terminal says, taken apart: keys and reports for Textual, and whole pastes, which are only text."""

    BEGINS, ENDS = "\x1b[200~", "\x1b[201~"

    def __init__(self, debug: bool = False) -> None:
        self._parser = XTermParser(debug)
        self._debug = debug
        self._pasted: list[str] | None = None

    def feed(self, said: str) -> Iterator[Message]:
        """The events of it. A paste is told when its end has come, harmless."""
        while said:
            if self._pasted is None:
                keys, begins, said = said.partition(self.BEGINS)
                if keys:  # for nothing is the end of all, to the parser
                    yield from self._keys(keys)
                if begins:
                    self._pasted = []
                continue
            whole = "".join((*self._pasted, said))
            text, ends, said = whole.partition(self.ENDS)
            if not ends:
                self._pasted = [whole]
                return
            self._pasted = None
            yield events.Paste(harmless(text))

    def tick(self) -> Iterator[Message]:
        """What has waited long enough to be a key of its own."""
        yield from self._parser.tick()

    def _keys(self, said: str) -> Iterator[Message]:
        try:
            yield from self._parser.feed(said)
        except (ValueError, OverflowError):  # the number of a key that is no character
            self._parser = XTermParser(self._debug)


class Leaving(Protocol):
    """What the app can do when its terminal has gone."""

    is_running: bool

    def leave_at_once(self) -> None:
        """Write down what must be, and end; nobody is there to be asked."""


class _Lasting:
    """A terminal to write to. When it has gone, words go nowhere, and nobody waits for it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write, if anybody can read it."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """The same."""
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """Its number."""
        return self._file.fileno()


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal, lasting."""

    def __init__(self, app: Any, **more: Any) -> None:
        """As Textual calls it; SIGTERM and SIGHUP make the app leave."""
        super().__init__(app, **more)
        self._file: Any = _Lasting(self._file)
        self._context = copy_context()  # Textual finds the app by it, and threads have none
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._leave)

    def _leave(self) -> None:
        leaving: Leaving = self._app  # type: ignore[assignment]
        if leaving.is_running:
            leaving.leave_at_once()

    def _get_terminal_size(self) -> tuple[int, int]:
        # COLUMNS and LINES, which Textual believes first, do not change with the terminal.
        for number in (self.fileno, self._file.fileno()):
            with suppress(OSError):
                columns, lines = os.get_terminal_size(number)
                if columns and lines:
                    return columns, lines
        return super()._get_terminal_size()

    def _sigtstp_application(self, *_: object) -> None:
        # All of the job stops, as where the terminal itself stops it, so that a script or `make` before us stops too;
        # but only now that the terminal is again as it was: whoever waits for the job takes it over at once.
        self.suspend_application_mode()
        self._must_signal_resume = True
        os.killpg(os.getpgrp(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        # Only what was suspended is resumed: a terminal that goes away says SIGCONT as well.
        if self._must_signal_resume:
            super()._sigcont_application()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 - the border of this thread: the app ends with it, and says so
            self._loop.call_soon_threadsafe(self._app._handle_exception, error, context=self._context)

    def run_input_thread(self) -> None:
        """Keys and what else the terminal says, until the app ends or the terminal does."""
        heard = Heard(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(PATIENCE):
                    try:
                        found = os.read(self.fileno, READ_AT_ONCE)
                    except OSError:
                        found = b""
                    if not found:
                        self._loop.call_soon_threadsafe(self._leave, context=self._context)
                        return
                    for event in heard.feed(decode(found)):
                        self.process_message(event)
                for event in heard.tick():
                    self.process_message(event)

    def process_message(self, message: Message) -> None:
        """Alt with a letter is a key and not that letter."""
        if isinstance(message, events.Key) and message.key.startswith("alt+"):
            message.character = None
        super().process_message(message)


def has_a_shell() -> bool:
    """Whether a shell is there that takes over when this process stops, and can wake it again."""
    try:
        return os.getsid(os.getppid()) == os.getsid(0)
    except OSError:
        return False


def stop() -> None:
    """To the shell, as by Ctrl+Z."""
    os.kill(os.getpid(), signal.SIGTSTP)
