"""The live log's lines: as wide as they may be, and harmless."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from demo.log import Event, LiveLog, fitted, line_of

AT = datetime(2026, 7, 1, 9, 5, 6, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_line_tells_when_what_who_and_the_words() -> None:
    event = Event(AT, "text", "Priya → orders", "Hi!\nWhere is it?")
    assert line_of(event, 80, LONDON) == "10:05:06  text      Priya → orders: Hi! Where is it?"


def test_an_event_without_words_has_no_colon() -> None:
    assert line_of(Event(AT, "closed", "ann closes Priya", ""), 80, UTC) == "09:05:06  closed    ann closes Priya"


@given(st.text(max_size=200), st.integers(30, 140))
def test_no_line_is_wider_than_it_may_be(words: str, width: int) -> None:
    assert cell_len(line_of(Event(AT, "text", "Priya → orders", words), width, UTC)) <= width


@pytest.mark.parametrize("words", ["😡" * 60, "注文はどこですか" * 10, "e\u0301" * 90, "ab❤️" * 40])
def test_wide_and_joined_characters_are_cut_where_the_line_ends(words: str) -> None:
    line = line_of(Event(AT, "text", "Priya", words), 80, UTC)
    assert line.endswith("…")
    assert 78 <= cell_len(line) <= 80


def test_what_fits_is_not_cut() -> None:
    assert fitted("x" * 40, 40) == "x" * 40
    assert fitted("x" * 41, 40) == "x" * 39 + "…"


def test_words_cannot_steer_the_terminal() -> None:
    line = line_of(Event(AT, "text", "\x1b[2J", "\x1b]0;mine\x07 \u202egnp.exe\r\nnew line"), 80, UTC)
    assert line.isprintable()
    assert "\n" not in line


def test_colours_are_for_terminals_and_take_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    plain, coloured = io.StringIO(), Terminal()
    for stream in (plain, coloured):
        log = LiveLog(stream)
        log.say("bounced", "Ruth", "550 no such number", at=AT)
        log.flush()
    assert "\x1b[31mbounced" in coloured.getvalue()
    shown = coloured.getvalue()
    for code in ("\x1b[31m", "\x1b[90m", "\x1b[1m", "\x1b[0m"):
        shown = shown.replace(code, "")
    assert shown == plain.getvalue()


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    log = LiveLog(stream)
    log.say("bounced", "Ruth", at=AT)
    log.flush()
    assert "\x1b" not in stream.getvalue()


def test_events_are_written_in_the_order_in_which_they_happened_once_they_are_old_enough() -> None:
    stream = io.StringIO()
    log = LiveLog(stream)
    now = log.now()
    log.say("phone", "Priya", at=now - timedelta(seconds=1))
    log.say("answer", "ann → Priya", at=now - timedelta(seconds=2))
    log.say("text", "Tom", at=now + timedelta(seconds=5))
    log.flush(hold=0.3)
    assert [line[10:].split()[0] for line in stream.getvalue().splitlines()] == ["answer", "phone"]


def test_a_stream_that_knows_few_letters_gets_what_it_can_show() -> None:
    raw = io.BytesIO()
    log = LiveLog(io.TextIOWrapper(raw, encoding="ascii"))
    log.say("text", "Chloé → clinic", "😡", at=AT)
    log.flush()
    assert raw.getvalue().endswith(b"text      Chlo? ? clinic: ?\n")


def test_without_a_stream_nothing_is_kept() -> None:
    log = LiveLog(None)
    log.say("text", "Priya")
    log.write("a line")
    assert not log._waiting
