"""What strangers write reaches no terminal as anything but text: every place it is shown in, and every byte sent."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.desk import Answer
from core.office import open_office
from core.settings import find_settings
from tests.servers.smtp_recorder import Fault
from tests.stories.hostile import EVERYTHING, MARK, SURROGATES, hostile_letter, hostile_text, rude_imap, strange_in
from tests.stories.lived_in import LETTERS, TEXTS, LivedIn, lived_in
from tests.stories.running import account_toml, until
from tests.stories.terminal import Terminal
from tui.remembered import remember_silence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("terminal-hostile")

NUMBERS = [f"+4477009001{n:02}" for n in range(4)]
RAW_NUMBER, RAW_ADDRESS = NUMBERS[3], "nine@evil.example"
"""Of these two what is in the database is made raw again, past everything that cleans it."""
LONG_LINE = "long " + EVERYTHING + "x" * 2**20
MANY_LINES = "\n".join(f"{n} {EVERYTHING[n % 300 : n % 300 + 40]}" for n in range(10_000))
ROWS = 8
ANSWERED_WITHIN = 2.0
OF_TWO = {"contact": ("name", "subject", "preview"), "message": ("name", "subject", "text", "quoted")}
OF_ALL = {
    "account": ("description",),
    "journal": ("text",),
    "note": ("text",),
    "outbox": ("reply", "delivery_reason"),
    "mail": ("reason",),
    "person": ("name",),
    "outcome": ("name",),
    "opt_out": ("source",),
    "desk": ("name",),
}
AREAS = {
    "1": "SMS accounts", "2": "── Queues", "3": "── Mine", "4": "── Campaigns", "5": "── No script yet",
    "6": "── Outbox", "7": "── Journal", "8": "── By queue", "9": "── Agents",
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[LivedIn]:
    """A desk to which strangers have said everything there is, by mail and by their servers.

    Sue wants no bell: whatever rings is theirs.
    """
    refuses = Fault("dot", "550 5.7.1 " + EVERYTHING.replace("\r", "").replace("\n", "")[:400].replace(" ; ", " "))
    with rude_imap() as port, lived_in(tmp_path_factory.mktemp("hostile"), dovecot, faults=[refuses]) as place:
        toml = (place.desk.folder / "desk.toml").read_text()
        place.desk.apply(toml + account_toml("rude@desk.example", user="x", password="y", imap_port=port))
        place.deliver(
            LETTERS,
            hostile_letter(5, EVERYTHING.encode("utf-8", "surrogatepass") + SURROGATES),
            hostile_letter(6, MANY_LINES.encode(), sender="six@evil.example"),
            hostile_letter(7, LONG_LINE.encode(), sender="seven@evil.example"),
            hostile_letter(9, b"to be made raw", sender=RAW_ADDRESS),
        )
        engine = place.desk.start()
        until("the letters are taken in", lambda: place.desk.count("SELECT count(*) FROM mail") == 9, 60)
        place.deliver(
            TEXTS,
            hostile_text(NUMBERS[0], 1, EVERYTHING.encode("utf-8", "surrogatepass") + SURROGATES),
            hostile_text(NUMBERS[1], 2, LONG_LINE.encode()),
            hostile_text(NUMBERS[2], 3, MANY_LINES.replace("\n", "\r\n").encode()),
            hostile_text(RAW_NUMBER, 4, b"to be made raw"),
            hostile_text("+44\x1b]0;x\x07", 8, b"from nobody"),
        )
        until("all of it is taken in", lambda: place.desk.count("SELECT count(*) FROM mail") == 14, 60)
        until("all of it waits", lambda: not place.desk.query("SELECT 1 FROM contact WHERE state = 'new'"))
        until("the rude server has spoken", lambda: MARK in place.desk.mailbox("rude@desk.example").error)
        asyncio.run(_work(place))
        until("the answer is refused", lambda: place.desk.query("SELECT 1 FROM outbox WHERE state = 'failed'"))
        place.desk.stop(engine)
        put_raw(place)
        remember_silence(place.desk.folder / "state" / "postroom" / "screen.json", "sue", silent=True)
        yield place


async def _work(place: LivedIn) -> None:
    """Sue takes all that strangers have written, answers one, and notes what she thinks of it."""
    async with open_office(find_settings(place.desk.url)) as office:
        rows = await office.database.rows("SELECT id, address FROM contact WHERE state = 'queued' ORDER BY id")
        mine = [row["id"] for row in rows if row["address"] in NUMBERS or "evil" in row["address"]]
        for contact_id in mine:
            await office.desk.take(contact_id, login="sue")
            await office.desk.note(contact_id, EVERYTHING, login="sue")
        first = next(row["id"] for row in rows if row["address"] == NUMBERS[0])
        await office.desk.reply(first, Answer("Who are you?"), login="sue")


def put_raw(place: LivedIn) -> None:
    """The same into the columns that strangers fill, past everything that cleans it."""
    clean = EVERYTHING.encode("utf-8", "replace").decode()
    with closing(sqlite3.connect(place.desk.url.removeprefix("sqlite:///"))) as connection:
        for tables, where in ((OF_ALL, ""), (OF_TWO, f" WHERE address IN ('{RAW_NUMBER}', '{RAW_ADDRESS}')")):
            for table, columns in tables.items():
                for column in columns:
                    value = f"{MARK} {column} {clean}"
                    connection.execute(f"UPDATE {table} SET {column} = ? || {table}.id{where}", (value,))
        files = '[{"name": "x\\u001b]0;x\\u0007\\u202e[bold]", "size": 5, "content_type": "\\u001b[31m", "part": 1}]'
        connection.execute(
            f"UPDATE message SET files = ?, marks = ? WHERE address = '{RAW_ADDRESS}'", (files, '["\\u001bc"]')
        )
        raw = "x\x1b]0;x\x07\u202e[bold]@evil.example"
        for table in ("contact", "message"):
            connection.execute(f"UPDATE {table} SET address = ? WHERE address = ?", (raw, RAW_ADDRESS))
        connection.commit()


def opens(terminal: Terminal, key: str) -> None:
    """Press a key that opens a dialog, look at its end, and leave it."""
    terminal.press(key)
    terminal.sees("╭─")
    terminal.press("End")
    terminal.rests()
    terminal.press("Escape")
    terminal.misses("╭─")


def walk(terminal: Terminal) -> None:
    """Through everything that shows what strangers wrote."""
    for area, openers in {"2": "?", "6": "?c", "7": "?w", "1": "?v"}.items():
        terminal.press(f"M-{area}")
        terminal.sees(AREAS[area])
        for _ in range(2):
            terminal.rests()
            for key in openers:
                opens(terminal, key)
            terminal.press(*["Tab"] if area in "21" else [], "Down")
        terminal.press("r" if area == "6" else "Home")
        terminal.rests()
    for area, key in {"5": "F1", "9": "?"}.items():
        terminal.press(f"M-{area}")
        terminal.sees(AREAS[area])
        terminal.rests()
        terminal.press("Tab")
        opens(terminal, key)
    terminal.press("M-8")
    terminal.sees(AREAS["8"])
    for report in ("agent", "account", "contact"):
        terminal.press("b")
        terminal.sees("╭─ Which report?")
        terminal.type(report)
        terminal.press("Enter")
        terminal.sees(f"── By {report}")
        terminal.rests()
        terminal.press("End")
    terminal.press("M-3")
    terminal.sees(AREAS["3"])
    for key in ("?", "C-t", "C-e"):
        opens(terminal, key)
    for _ in range(ROWS):
        terminal.rests()
        opens(terminal, "F3")
        terminal.press("Down")
    for key in ("?", "F7", "C-n"):
        opens(terminal, key)


def look_around(terminal: Terminal) -> None:
    """All areas again, and one contact's pages, on a small screen."""
    for area, words in AREAS.items():
        terminal.press(f"M-{area}")
        terminal.sees("── By contact" if area == "8" else words)
        terminal.rests()
    terminal.press("M-3")
    terminal.sees(AREAS["3"])
    for key in ("F2", "F3", "?"):
        opens(terminal, key)


def click_on_markup(terminal: Terminal) -> None:
    """A click on what looks like an action is a click on text."""
    lines = terminal.until(lambda screen: "[@click" in screen, "a message with an action in it").splitlines()
    for y, line in enumerate(lines, 1):
        for found in re.finditer(re.escape("[@click"), line):
            terminal.send(f"\x1b[<0;{found.start() + 3};{y}M\x1b[<0;{found.start() + 3};{y}m".encode())


def paste(terminal: Terminal) -> None:
    """What somebody pastes is only text, in the editor and in a line."""
    pasted = b"\x1b[200~" + f"{MARK}\x1b]0;x\x07\x9b31m\u202e\u200b[bold]".encode() + b"\x1b[201~"
    terminal.rests()
    terminal.press("Enter")
    terminal.misses("⏎ Open")
    terminal.rests()
    terminal.send(pasted)
    terminal.sees(f"{MARK}␛]0;x␇⟨U+009B⟩31m⟨U+202E⟩⟨U+200B⟩[bold]")
    terminal.press("Escape", "C-o")
    terminal.sees("╭─ Forward")
    terminal.send(pasted)
    terminal.sees(f"{MARK}␛]0;x␇⟨U+009B⟩31m⟨U+202E⟩⟨U+200B⟩[bold]")
    terminal.press("Escape")
    terminal.misses("╭─")


def answered(terminal: Terminal) -> float:
    """Go through all contacts and their messages; the longest time in which a key has had no answer."""
    slowest = 0.0
    terminal.press("Home")
    for key in ["Down", "F3", "PPage", "Escape"] * (ROWS - 1):
        terminal.rests()
        size, began = len(terminal.output), time.monotonic()
        terminal.press(key)
        until(f"{key} is answered", lambda: len(terminal.output) > size, 3 * ANSWERED_WITHIN)  # noqa: B023
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def test_nothing_a_stranger_wrote_steers_a_terminal_or_holds_it_up(place: LivedIn) -> None:
    with Terminal(place.environment | {"POSTROOM_AS": "sue"}, size=(130, 40)) as terminal:
        title = terminal.ask("pane_title")
        terminal.sees("sue", "F1 Help", "── Queues")
        walk(terminal)
        click_on_markup(terminal)
        paste(terminal)
        slowest = answered(terminal)
        terminal.resize(80, 24)
        look_around(terminal)
        terminal.press("C-q")
        terminal.sees("open contacts")
        terminal.press("Enter")
        assert terminal.ends() == 0
        assert strange_in(terminal.output)[:3] == []
        assert terminal.ask("pane_title") == title and terminal.clipboard() == ""
    place.desk.check_logs()
    assert slowest < ANSWERED_WITHIN
