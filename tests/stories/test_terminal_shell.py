"""From the screen to the shell and back, in a real terminal with a real shell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tests.stories.lived_in import lived_in
from tests.stories.terminal import POSTROOM, PROMPT, SHELL, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

STARTED = {"alternate_on": "1", "mouse_any_flag": "1", "mouse_sgr_flag": "1", "cursor_flag": "0"}
SANE = {"alternate_on": "0", "mouse_any_flag": "0", "mouse_sgr_flag": "0", "cursor_flag": "1"}
OFF_AGAIN = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l", b"\x1b[?1015l",
             b"\x1b[?1004l", b"\x1b[?2004l", b"\x1b[?7h", b"\x1b[<u")  # fmt: skip


def modes(terminal: Terminal) -> dict[str, str]:
    return {name: terminal.ask(name) for name in SANE}


def tty_modes(terminal: Terminal, path: Path) -> str:
    """What stty says in the shell; that its words are seen says that it echoes and reads lines."""
    terminal.type(f"stty -g > {path.name}; echo all is''said\n")
    terminal.sees("echo all is''said", "all issaid")
    terminal.type("clear\n")
    terminal.misses("issaid")
    return path.read_text()


def suspend(terminal: Terminal) -> None:
    """To the shell; whatever was switched on in the terminal is off again."""
    before = len(terminal.output)
    terminal.press("C-z")
    terminal.sees("Stopped", PROMPT)
    assert modes(terminal) == SANE
    assert [one for one in OFF_AGAIN if one not in terminal.output[before:]] == []


def leave(terminal: Terminal) -> None:
    """Home, with a contact open that waits for whoever sits down next."""
    terminal.press("C-q")
    terminal.sees("You have 1 open contact")
    terminal.press("Down", "Enter")


def test_ctrl_z_goes_to_a_sane_shell_and_fg_brings_back_all_that_was_there(tmp_path: Path, dovecot: Dovecot) -> None:
    with (
        lived_in(tmp_path, dovecot) as place,
        Terminal(place.environment, command=SHELL, folder=tmp_path) as terminal,
    ):
        terminal.sees(PROMPT)
        before = tty_modes(terminal, tmp_path / "before")
        terminal.type(f"{shlex.join(POSTROOM)}\n")
        terminal.sees("● all well", "◌ 3", "◌ 2", "ann, agent")
        assert modes(terminal) == STARTED

        # From a list, with a contact on the desk.
        terminal.press("End")
        terminal.sees("── front · 3 waiting")
        terminal.press("Tab", "t")
        terminal.sees("is yours")
        terminal.press("M-3")
        terminal.sees("Hello, where is my order?", "to 07700 900123")
        terminal.press("Escape")  # out of the editor, where Ctrl+Z takes back what was typed
        terminal.sees("⏎ Open")
        suspend(terminal)
        assert tty_modes(terminal, tmp_path / "between") == before
        place.text("Are you still there?")
        place.desk.run("optout", "add", "+447700900999")  # nobody has locked the database
        terminal.type("fg\n")
        # All of it is painted again, and the engine brings what has come meanwhile.
        terminal.sees("Postroom · Acme", "── Mine 1", "Hello, where is my order?", "Are you still there?", "F1 Help")
        assert modes(terminal) == STARTED

        # In a job of a script, which must stop with it; the terminal has another size when it comes back.
        leave(terminal)
        terminal.sees(PROMPT)
        assert modes(terminal) == SANE
        terminal.type(f"clear; sh -c '{shlex.join(POSTROOM)}; echo over: $?'\n")
        terminal.sees("● all well", "F1 Help")
        suspend(terminal)
        terminal.resize(100, 30)
        terminal.type("fg\n")
        terminal.until(
            lambda screen: screen.splitlines()[-1].rstrip().endswith("F1 Help") and len(screen.splitlines()) == 30,
            "30 lines",
        )
        leave(terminal)
        terminal.sees("over: 0", PROMPT)
        assert modes(terminal) == SANE
        assert tty_modes(terminal, tmp_path / "after") == before
