"""A supervisor makes a script from a ready-made one, tries it, lets it decide, and goes back: by keys, at 80x24.

Texts are real mails in a real Dovecot; where they went stands in the database. Half-way the process is killed.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.flow.mails import text_mail
from tests.servers.smtp_recorder import RecorderProcess
from tests.stories.lived_in import TEXTS, LivedIn
from tests.stories.running import RunningDesk, until
from tests.stories.terminal import Terminal, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("terminal-scripts")

ANN, BOB, CAT, DAN, EVE = (f"+4477009005{n:02}" for n in range(1, 6))


@pytest.fixture
def place(tmp_path: Path, dovecot: Dovecot) -> Iterator[LivedIn]:
    """A desk that runs, without a script; a letter lies in the folder in which the supervisor works."""
    with RecorderProcess(tmp_path / "record") as server, RunningDesk(tmp_path) as desk:
        place = LivedIn(desk, dovecot, server)
        place.environment["POSTROOM_AS"] = "sue"
        (tmp_path / "letter.eml").write_bytes(text_mail(BOB, "A refund, [bold]now[/]! \x1b]0;PWN\x07"))
        desk.start()
        yield place


def goes_to(place: LivedIn, number: str, words: str) -> tuple[str, int]:
    """A text comes; queue and priority of its contact."""
    place.text(words, number)
    waits = (
        "SELECT q.name, c.priority FROM contact c JOIN queue q ON q.id = c.queue_id"
        f" WHERE c.address = '{number}' AND c.state = 'queued'"
    )
    until(f"{number} waits in a queue", lambda: place.desk.query(waits))
    ((queue, priority),) = place.desk.query(waits)
    return queue, priority


def makes_a_script(person: Terminal) -> None:
    """Of a ready-made one."""
    person.press("5")
    person.sees("No script yet: n makes one", "n New")
    person.press("n")
    person.sees("What is to be made?", "ready-made: office-hours")
    person.type("one-queue")
    person.press("Enter")
    person.sees("What is it called?", "one-queue")
    person.type("door")
    person.press("Enter")
    screen = person.sees("── door · v1 ", "def route(contact):", "● in order", "Ctrl+T Test", "Esc Back")
    assert len(screen.splitlines()) == 24 and max(map(len, screen.splitlines())) <= 80


def mistypes_a_name(person: Terminal) -> None:
    """She is told what is meant, and lets it be completed."""
    person.press("C-l")
    person.sees("a line's number")
    person.type("5")
    person.press("Enter", "End", "Enter")  # as fast as that: nothing gets lost on the way
    person.type('if "refund" in contact.words:')
    person.press("Enter")
    person.type('return queue("biling")')
    person.sees("7✖", '✖ there is no queue "biling"; did you mean "billing"?', "v2 draft")
    person.press(*["BSpace"] * 6, "Tab")
    person.sees('return queue("billing"')
    person.type(", priority = 5)")
    person.sees("● in order", "priority = 5)")


def tries_it(person: Terminal) -> None:
    """With a typed text, then with a mail from a file."""
    person.press("C-t")
    person.sees("── Test ", "Nothing is sent and nothing is kept")
    person.type("I want a refund")
    person.press("C-t")
    person.sees("→ queue billing, priority 5  line 7", "What it saw")
    person.press("BTab", "BTab", "BTab", "BTab")
    person.rests()
    person.press("Enter")
    person.sees("a mail, from a file")
    person.press("Down", "Enter")
    person.sees("letter.eml; → completes")
    person.type("let")
    person.sees("file     letter.eml ")
    person.press("Right", "Enter")
    person.sees("→ queue billing, priority 5  line 7", "ms ──")
    person.press("Tab", "Tab")
    person.rests()
    person.press("NPage")
    person.sees("refund, [bold]now[/]!")
    person.press("Escape")
    person.misses("── Test ")


def lets_it_decide(person: Terminal) -> None:
    """Saved, published with a remark (nothing has come yet that could be shown first), and an account routed by it."""
    person.press("C-s")
    person.sees("saved as v2; it decides nothing until F6", "── door · v2 ", "no version decides")
    person.press("F6")
    person.sees("Publish v2 of door", "There is no past contact to show it on.", "It routes no account yet.")
    person.type("refunds first")
    person.press("Enter")
    person.sees("v2 of door decides", "── door · v2 ")
    person.press("Escape")
    person.sees("routes no account yet: a")
    person.press("a")
    person.sees("Accounts of door", f"○ {TEXTS}")
    person.type("texts")
    person.press("Enter")
    person.sees(f"{TEXTS}: routed by door", f"routes {TEXTS}")


def asks_why(person: Terminal) -> None:
    """Why is it there?"""
    person.press("M-2")
    person.sees("── Queues", "billing")
    person.press("Home", "Tab")
    person.sees("I want a refund please")
    person.press("?")
    person.sees("door v2: asked where it belongs; saw sms", "door v2: decided: queue billing, priority 5")
    person.press("Escape")


def drafts_a_rule(person: Terminal) -> None:
    """Names come by themselves; Tab takes one."""
    person.press("M-5", "Enter")
    person.sees("── door · v2 ", "● in order")
    person.press("C-f")
    person.type("def route")
    person.press("Enter", "Escape", "End", "Enter")
    person.type('if "hello" in contact.words:')
    person.press("Enter")
    person.type('return queue("b')
    person.sees(" billing\n")
    person.press("Tab")
    person.type(")")
    person.sees('return queue("billing")', "v3 draft", "● in order")


def finds_it_again(person: Terminal) -> None:
    """After the machine has died."""
    person.sees("Postroom · Acme", "● all well")
    person.press("5")
    person.sees("▸ door")
    person.press("Enter")
    person.sees("v3 draft, as you left it", '"hello" in contact.words', "● in order")


def publishes_it(person: Terminal) -> None:
    """What it would have done is shown first; one of the contacts is looked at."""
    person.press("F6")
    person.sees("before it decides: v3 over 7 days", "2 of 2 contacts", "100%", "● 1 the same")
    person.sees("▲ 1 would go elsewhere", "queue billing 1 → 2", "if 'hello' in contact")
    person.press("Enter")
    person.sees("Hello, where is my order?", "to 07700 900502")
    person.press("M-5")
    person.sees("▲ 1 would go elsewhere")
    person.press("F6")
    person.sees("Publish v3 of door", "Of 2 contacts 1 would go elsewhere", f"for {TEXTS}", "v2 decides now")
    person.press("Enter")
    person.sees("v3 of door decides · F9 takes it back", "── door · v3 ")


def goes_back(person: Terminal) -> None:
    """With one key."""
    person.press("Escape")
    person.sees("▸ door", "● v3")
    person.press("u")
    person.sees("v2 of door decides", "● v2", "v3 is saved, decides nothing")


def test_draft_test_publish_replay_and_roll_back(place: LivedIn) -> None:
    def sits_down() -> Terminal:
        return Terminal(place.environment, folder=place.desk.folder)

    with sits_down() as person:
        person.sees("Postroom · Acme", "sue, supervisor", "● all well")
        makes_a_script(person)
        mistypes_a_name(person)
        tries_it(person)
        assert place.desk.json("contact", "list") == [], "nothing is kept of what is tried"
        lets_it_decide(person)
        assert goes_to(place, ANN, "I want a refund please") == ("billing", 5)
        assert goes_to(place, BOB, "Hello, where is my order?") == ("front", 0)
        person.sees("2 runs today, no errors")
        asks_why(person)
        drafts_a_rule(person)
        os.kill(person.pid, signal.SIGKILL)
        until("it is gone", lambda: not is_running(person.pid))
    with sits_down() as person:
        finds_it_again(person)
        publishes_it(person)
        assert goes_to(place, CAT, "Hello again") == ("billing", 0)
        goes_back(person)
        assert goes_to(place, DAN, "Hello again") == ("front", 0)
        assert goes_to(place, EVE, "Where is my refund?") == ("billing", 5)
        person.press("v")
        person.sees("Versions of door", "refunds first", "● decides", "What v3 changes in v2", '+    if "hello"')
        person.press("C-q")
        assert person.ends() == 0
        assert b"PWN" not in person.output
    assert [one["number"] for one in place.desk.json("script", "versions", "door")] == [3, 2, 1]
