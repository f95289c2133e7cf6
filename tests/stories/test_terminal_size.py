"""A large terminal is made small and large again, on every screen and with dialogs open: nothing breaks or is lost."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from core.desk import Answer
from core.office import open_office
from core.settings import find_settings
from tests.stories.lived_in import LivedIn, lived_in
from tests.stories.running import until
from tests.stories.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("terminal-size")

LARGE, SMALL = (200, 60), (60, 15)
AREAS = {
    "1": "SMS accounts", "2": "── Queues", "3": "── Mine", "4": "── Campaigns", "5": "── No script yet",
    "6": "── Outbox", "7": "── Journal", "8": "── By queue", "9": "── Agents",
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[LivedIn]:
    """A desk in the middle of its day: four wait, one is with sue and answered."""
    with lived_in(tmp_path_factory.mktemp("size"), dovecot) as place:
        engine = place.desk.start()
        waiting = "SELECT id FROM contact WHERE state = 'queued' ORDER BY channel, id"
        until("all five wait", lambda: len(place.desk.query(waiting)) == 5)
        asyncio.run(_answer(place, place.desk.query(waiting)[3][0]))
        until("it has left", lambda: place.server.read())
        place.desk.stop(engine)
        yield place


async def _answer(place: LivedIn, contact_id: int) -> None:
    async with open_office(find_settings(place.desk.url)) as office:
        await office.desk.take(contact_id, login="sue")
        await office.desk.reply(contact_id, Answer("We open at nine."), login="sue")


@pytest.fixture(scope="module")
def opened(place: LivedIn) -> Iterator[Terminal]:
    frozen = {"COLUMNS": "80", "LINES": "24"}  # as some shells export them, and never change them again
    with Terminal(place.environment | frozen | {"POSTROOM_AS": "sue"}, size=LARGE) as terminal:
        yield terminal
        terminal.press("C-q")
        terminal.sees("You have")
        terminal.press("Enter")  # what is open goes back to where it waited
        assert terminal.ends() == 0
    place.desk.check_logs()


@pytest.fixture
def terminal(opened: Terminal) -> Iterator[Terminal]:
    """The one terminal of these tests: large, and without a dialog at the beginning and at the end."""
    opened.sees("Postroom · Acme", "sue, supervisor", "● all well", "F1 Help")
    yield opened
    opened.resize(*LARGE)
    for _ in range(3):
        if "╭─" in settled(opened):
            opened.press("Escape")
    opened.misses("╭─")


def fits(screen: str, size: tuple[int, int], *words: str) -> bool:
    """Whether head, foot and these words are there, and every line is in its place."""
    lines = screen.splitlines()
    return (
        len(lines) == size[1]
        and max(map(len, lines)) <= size[0]
        and lines[0].startswith((" Postroom · Acme", " sue, supervisor   ○ not ready"))
        and bool(re.search(r"\d\d:\d\d [A-Z]+ *$", lines[0]))
        and all(re.search(rf"\b{number} [A-Z][a-z]", lines[1]) for number in AREAS)
        and lines[-1].endswith("F1 Help")
        and all(word in screen for word in words)
    )


def still(screen: str) -> str:
    """A screen without what moves by itself: clock, ages, and blanks that make room for them."""
    return re.sub(r"[\s▁-█]+", " ", re.sub(r"\d+(:\d\d)*( s| min| h)?", "#", screen))


def settled(terminal: Terminal) -> str:
    """The screen once it has said the same twice."""
    screens = ["", terminal.screen()]
    while still(screens[-2]) != still(screens[-1]):
        time.sleep(0.15)
        screens.append(terminal.screen())
    return screens[-1]


def comes_back(terminal: Terminal, before: str) -> None:
    """Wait until the screen is as it was, and say where it is not."""
    try:
        terminal.until(lambda screen: still(screen) == still(before), "what was there before", 15)
    except AssertionError:
        assert [still(line) for line in terminal.screen().splitlines()] == [still(line) for line in before.splitlines()]


def small_and_large_again(terminal: Terminal, *words: str) -> str:
    """Make it small and large again; it must look as before. The small screen."""
    terminal.until(lambda screen: fits(screen, LARGE, *words), f"{words} at {LARGE}")
    before = settled(terminal)
    terminal.resize(*SMALL)
    terminal.until(lambda screen: fits(screen, SMALL, *words), f"{words} at {SMALL}")
    small = settled(terminal)
    assert fits(small, SMALL, *words)
    terminal.resize(*LARGE)
    comes_back(terminal, before)
    return small


def test_every_area_is_whole_at_60x15_and_the_same_again_at_200x60(terminal: Terminal) -> None:
    shown = {}
    for key, words in AREAS.items():
        terminal.press(f"M-{key}")
        seen = {"1": "help@desk.example", "3": "We open at nine.", "4": "none yet", "5": "n New"}.get(key, "▸")
        terminal.sees(words, seen)
        shown[key] = small_and_large_again(terminal, words)
    assert "texts@desk.example" in shown["1"] and "● " in shown["1"]
    assert "▸ billing" in shown["2"] and "front" in shown["2"]
    assert "07700 900456" in shown["3"] and "We open at" in shown["3"] and "of 160 · 1 part" in shown["3"]
    assert "● sent" in shown["6"] and "server  2" in shown["6"]
    assert "answered" in shown["7"]


@pytest.mark.parametrize(
    ("area", "key", "title", "words"),
    [
        ("2", "?", "Why contact", "Close"),
        ("2", "F1", "Keys", "Close"),
        ("3", "C-t", "Transfer ", "queue billing"),
        ("3", "C-n", "Note", "It stays at the desk"),
        ("1", "v", "Set aside", "0 set aside"),
    ],
)
def test_a_dialog_that_is_open_stays_usable(terminal: Terminal, area: str, key: str, title: str, words: str) -> None:
    terminal.press(f"M-{area}")
    terminal.sees(AREAS[area], "▸")
    terminal.press(key)
    terminal.sees(f"╭─ {title}", words)
    before = settled(terminal)
    terminal.resize(*SMALL)
    terminal.until(
        lambda screen: len(screen.splitlines()) == SMALL[1] and all(one in screen for one in (title, words, "╰─")),
        f"{title} at 60x15",
    )
    terminal.resize(*LARGE)
    comes_back(terminal, before)


def test_every_field_of_a_form_can_be_filled_in_at_60x15(terminal: Terminal) -> None:
    terminal.press("M-1")
    terminal.sees("help@desk.example")
    terminal.press("n")
    terminal.sees("╭─ New account")
    terminal.press("F6")
    large = terminal.sees("Encryption", "CA file", "The IMAP server's name")
    fields = re.findall(r"│ ([A-Z][\w ]*?)  ", large) + re.findall(r"│ (or [\w ]*?)  ", large)
    assert len(fields) == 9
    terminal.resize(*SMALL)
    terminal.until(lambda screen: len(screen.splitlines()) == SMALL[1] and "Save and check" in screen, "the form")
    seen = set()
    for number in range(len(fields)):
        mark = f"-{number}-"
        terminal.type(mark)
        with suppress(AssertionError):
            terminal.sees(mark, seconds=1.2)
            seen.add(mark)
        if number < len(fields) - 1:
            before = terminal.screen()
            terminal.press("Tab")
            terminal.until(lambda screen: screen != before, "the next field's hint")  # noqa: B023
    terminal.resize(*LARGE)
    terminal.sees("CA file", "Host ")
    large = settled(terminal)
    # A password is not shown, and a choice takes no letters.
    assert seen == set(re.findall(r"-\d-", large)) and len(seen) == len(fields) - 2
    terminal.press("Escape")
    terminal.misses("New account")


def test_work_goes_on_at_60x15(terminal: Terminal) -> None:
    terminal.press("M-2")
    terminal.resize(*SMALL)
    terminal.until(lambda screen: fits(screen, SMALL, "── Queues"), "the queues at 60x15")
    terminal.press("Down")
    terminal.sees("── front · 2 waiting")
    terminal.press("Tab", "t")
    terminal.sees("── Mine 2", "to 07700 900123")
    terminal.misses("⏎ Open")  # the cursor is in the editor
    terminal.type("One line and a second one, so that it is wrapped at the edge of so small a terminal")
    terminal.sees("One line and", "so small a", "83 of 160")
    terminal.resize(*LARGE)
    terminal.sees("One line and a second one, so that it is wrapped at the edge of so small a terminal")
