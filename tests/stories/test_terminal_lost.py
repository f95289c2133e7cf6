"""The terminal goes, or the process does, in the middle of a sentence: nothing that was typed is lost."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.stories.lived_in import ANNS_NUMBER, LivedIn, lived_in
from tests.stories.running import until
from tests.stories.terminal import Terminal, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("terminal-lost")

LINES = ("Dear Ann,", "", "  your “order” is  on its way ✓ 👍🏽 — 訂單")
GONE_WITHIN = 10.0


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def terminate(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGTERM)


def kill(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[LivedIn]:
    """A desk on which ann has a contact before her."""
    with lived_in(tmp_path_factory.mktemp("lost"), dovecot) as place:
        engine = place.desk.start()
        waits = f"SELECT id FROM contact WHERE address = '{ANNS_NUMBER}' AND state = 'queued'"
        until("a contact waits", lambda: place.desk.query(waits))
        place.desk.stop(engine)
        place.desk.run("contact", "take", str(place.desk.query(waits)[0][0]), "--as", "ann")
        yield place


def drafts(place: LivedIn) -> list[str]:
    return [text for (text,) in place.desk.query("SELECT text FROM typed_draft")]


def open_the_desk(terminal: Terminal) -> None:
    """With the cursor in the editor, at the end of what is there."""
    terminal.sees("Postroom · Acme", "ann, agent", "● all well")
    terminal.press("M-3")
    terminal.sees("to 07700 900123", "Hello, where is my order?", "⏎ Open")
    terminal.press("Enter")
    terminal.misses("⏎ Open")
    terminal.press("C-End")


def test_a_draft_is_there_again_to_the_letter_however_the_screen_ends(place: LivedIn) -> None:
    written = ""
    for end in (hang_up, terminate, kill):
        with Terminal(place.environment) as terminal:
            open_the_desk(terminal)
            for line in (*LINES, f"Bo, {end.__name__}"):
                terminal.type(line)
                terminal.press("Enter")
            written += "\n".join((*LINES, f"Bo, {end.__name__}", ""))
            terminal.sees(end.__name__)
            if end is kill:  # which leaves no moment to write down what was typed in the last tenth of a second
                until("it is written down", lambda: drafts(place) == [written], 1)  # noqa: B023
            end(terminal)
            until("the process has ended", lambda: not is_running(terminal.pid), GONE_WITHIN)
        assert drafts(place) == [written]
    with Terminal(place.environment) as terminal:
        terminal.sees("Postroom · Acme", "ann, agent")
        terminal.press("3")
        terminal.sees("to 07700 900123", "Dear Ann,", "  your “order” is  on its way ✓ 👍🏽 — 訂單", "Bo, kill")
        terminal.press("C-q")
        terminal.sees("You have 1 open contact")
        terminal.press("Down", "Enter")
        assert terminal.ends() == 0
    assert drafts(place) == [written]
    place.desk.check_logs()


def test_without_a_shell_behind_it_ctrl_z_stops_nothing(place: LivedIn) -> None:
    with Terminal(place.environment) as terminal:
        terminal.sees("Postroom · Acme")
        terminal.press("C-z")
        terminal.sees("no shell is behind this")
        terminal.press("7")
        terminal.sees("── Journal")


def test_bytes_that_are_no_text_and_keys_that_are_none_are_borne(place: LivedIn) -> None:
    with Terminal(place.environment) as terminal:
        terminal.sees("Postroom · Acme")
        for noise in (
            b"\xff\xfe\x80",
            b"\x1b[9999999999u",
            b"\x1b[55296;1u",
            b"\x1b]52;c;\x07",
            b"\x1bP\x1b\\",
            b"\x00",
        ):
            terminal.send(noise)
        terminal.press("Escape", "7")
        terminal.sees("── Journal")
