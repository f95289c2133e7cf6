"""The live log: one line for each event, as wide as the terminal, in colour only on one."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.text import one_line

if TYPE_CHECKING:
    from datetime import tzinfo
    from typing import TextIO

PLAIN_WIDTH = 80
_HOLD_SECONDS = 0.3
"""Events come from several sides: they are held this long and then said in the order in which they happened."""
_FLUSH_SECONDS = 0.1
_KIND_WIDTH = 10

_RED, _GREEN, _YELLOW, _BLUE, _CYAN, _GREY = "31", "32", "33", "34", "36", "90"
_COLOURS = {
    "text": _CYAN, "e-mail": _CYAN, "answer": _GREEN, "automatic": _GREEN, "forward": _GREEN, "phone": _BLUE,
    "inbox": _BLUE, "elsewhere": _BLUE, "bounced": _RED, "failed": _RED, "lost": _RED, "set aside": _RED,
    "delayed": _YELLOW, "opt-out": _YELLOW, "opt-in": _YELLOW, "away": _YELLOW, "held back": _YELLOW,
    "delivered": _GREY, "taken": _GREY, "note": _GREY, "closed": _GREY, "moved": _GREY, "reopened": _GREY,
    "so far": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One line: when, what sort of thing, who (`Priya → orders`), and words of a stranger's or ours."""

    at: datetime
    kind: str
    who: str
    words: str


class LiveLog:
    """Writes events to a stream; to nowhere where there is none."""

    def __init__(self, stream: TextIO | None, zone: tzinfo = UTC) -> None:
        self._stream = stream
        self._zone = zone
        self._waiting: list[Event] = []
        self._colour = stream is not None and stream.isatty() and _may_colour()

    @property
    def is_read(self) -> bool:
        """Whether anybody may read it."""
        return self._stream is not None

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return datetime.now(UTC)

    def say(self, kind: str, who: str, words: str = "", *, at: datetime | None = None) -> None:
        """One event; it is written a moment later."""
        if self._stream is not None:
            self._waiting.append(Event(at or self.now(), kind, who, words))

    def write(self, text: str = "") -> None:
        """A line of our own, at once."""
        if self._stream is not None:
            self._stream.write(self._writable(text) + "\n")
            self._stream.flush()

    async def run(self) -> None:
        """Write what is old enough, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            self.flush(hold=_HOLD_SECONDS)

    def flush(self, hold: float = 0.0) -> None:
        """Write the events that are older than so many seconds, in the order in which they happened."""
        self._waiting.sort(key=lambda event: event.at)
        now = self.now()
        while self._waiting and (now - self._waiting[0].at).total_seconds() >= hold:
            event = self._waiting.pop(0)
            self.write(line_of(event, self._width(), self._zone, colour=self._colour))

    def _width(self) -> int:
        try:
            assert self._stream is not None
            return os.get_terminal_size(self._stream.fileno()).columns or PLAIN_WIDTH
        except (OSError, ValueError):  # no terminal, no file number, or closed
            return PLAIN_WIDTH

    def _writable(self, text: str) -> str:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)


def line_of(event: Event, width: int, zone: tzinfo, *, colour: bool = False) -> str:
    """The event as one line of at most `width` cells (colour codes take none)."""
    kind = event.kind.ljust(_KIND_WIDTH)
    head = f"{event.at.astimezone(zone):%H:%M:%S}  {kind}"
    rest = f"{one_line(event.who, 60)}: {one_line(event.words, 400)}" if event.words else one_line(event.who, 200)
    rest = fitted(rest, max(width - len(head), 10))
    if colour:
        who, colon, words = rest.partition(": ") if event.words else ("", "", rest)
        head = f"\x1b[{_GREY}m{head[:10]}\x1b[{_COLOURS.get(event.kind, '0')}m{kind}\x1b[0m"
        rest = f"\x1b[1m{who}\x1b[0m{colon}{words}"
    return (head + rest).rstrip()


def fitted(text: str, cells: int) -> str:
    """As much of the text as takes up to so many cells of a terminal; a cut shows as `…`."""
    if sum(map(_cells, text)) <= cells:
        return text
    taken, used = 0, 0
    while used + _cells(text[taken]) <= cells - 1:
        used += _cells(text[taken])
        taken += 1
    return text[:taken].rstrip() + "…"


def _cells(character: str) -> int:
    """0 for what draws over its neighbour, 2 for wide letters and pictures, else 1 (Unicode UAX #11, loosely)."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        # A selector after a narrow sign can make a wide picture of it: better a line too short than one too long.
        return 1 if character == "\ufe0f" else 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _may_colour() -> bool:
    """https://no-color.org, and terminals that know no colours."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
