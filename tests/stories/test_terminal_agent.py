"""The day of an agent in a real terminal at 80x24: from the sign-in to the next customer, and a line that is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from tests.stories.lived_in import lived_in
from tests.stories.running import until
from tests.stories.terminal import Terminal, is_running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

BELL = b"\x07"
SETTINGS = """
UPDATE queue SET wrap_up_seconds = 300, offer_seconds = 120;
UPDATE person SET capacity_sms = 1, capacity_email = 0;
INSERT INTO canned_reply (word, channel, text) VALUES ('late', '', 'It is late, {{ agent.login }} says sorry.');
"""


def sign_in(terminal: Terminal) -> None:
    terminal.sees("Sign in", "Login")
    terminal.type("ann")
    terminal.press("Enter")
    terminal.sees("ann, agent")


def accept(terminal: Terminal) -> None:
    """What is offered next; the editor has the focus then."""
    terminal.sees("offered to you: Enter accepts")
    terminal.press("Enter")
    terminal.sees("of 160 · 1 part")


def test_a_day_of_an_agent(tmp_path: Path, dovecot: Dovecot) -> None:
    with lived_in(tmp_path, dovecot) as place:
        with closing(sqlite3.connect(place.desk.url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(SETTINGS)
        engine = place.desk.start()
        until("all wait", lambda: place.desk.query("SELECT count(*) FROM contact WHERE state = 'queued'") == [(5,)])
        del place.environment["POSTROOM_AS"]
        with Terminal(place.environment) as terminal:
            sign_in(terminal)
            terminal.press("M-3")
            terminal.sees("○ not ready", "you are not ready: F10 and contacts come")
            rung = terminal.output.count(BELL)
            terminal.press("F10")
            terminal.sees("● ready", "offered to you: Enter accepts")
            until("the bell rings", lambda: terminal.output.count(BELL) > rung, 5)
            # A canned reply in three keys.
            accept(terminal)
            terminal.type("/l")
            terminal.press("Tab")
            terminal.sees("It is late, ann says sorry.")
            terminal.press("C-s")
            terminal.sees("it is in the outbox")
            # Held, so that the next one comes; that one goes to another queue, and the next is wrapped up.
            terminal.press("C-l")
            terminal.type("2 h")
            terminal.press("Enter")
            terminal.sees("is held until")
            accept(terminal)
            terminal.press("C-t")
            terminal.sees("Transfer")
            terminal.type("queue bill")
            terminal.press("Enter")
            terminal.sees("is with billing")
            accept(terminal)
            terminal.press("C-e")
            terminal.sees("Wrap-up of", "◌ wrap-up")
            terminal.type("answ")
            terminal.press("Enter")
            terminal.sees("closed: answered")
            # The line is lost in the middle of a sentence.
            accept(terminal)
            terminal.type("Dear customer, half a sen")
            terminal.sees("half a sen")
            drafts = "SELECT text FROM typed_draft"
            until("it is kept", lambda: place.desk.query(drafts) == [("Dear customer, half a sen",)], 5)
            os.kill(terminal.pid, signal.SIGKILL)
            until("the process has ended", lambda: not is_running(terminal.pid), 10)
        with Terminal(place.environment) as terminal:
            sign_in(terminal)
            terminal.press("M-3")
            terminal.sees("● ready", "Dear customer, half a sen")
        assert place.desk.query("SELECT state, outcome FROM contact WHERE outcome <> ''") == [("closed", "answered")]
        place.desk.stop(engine)
