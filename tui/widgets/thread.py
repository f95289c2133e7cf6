"""A thread: both sides, day marks, delivery, notes. Wrapped once for each width; drawn line by line as it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from core.text import clip, harmless, one_line
from tui.actions import READING, bindings_of
from tui.ages import day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from textual import events

    from core.views import MessageRow, NoteRow

SHOWN = 200
"""Messages that are drawn, the newest; what is older is counted."""
LETTERS = 20_000
LINES = 400
"""Of one message: F3 shows more of it."""
TIME, SHIFT = 7, 12
STATES = {
    "queued": ("◌", "queued", "waiting"), "sending": ("◌", "on its way", "waiting"), "sent": ("✓", "sent", "dim"),
    "failed": ("✖", "failed", "broken"), "unknown": ("▲", "in doubt", "look"), "cancelled": ("○", "cancelled", "dim"),
    "suppressed": ("○", "not sent: opted out", "look"),
}  # fmt: skip
DELIVERIES = {"delivered": ("●", "delivered", "well"), "failed": ("✖", "not delivered", "broken"),
              "delayed": ("▲", "delayed", "look")}  # fmt: skip
Line = tuple[str, str]


def thread_lines(
    messages: Sequence[MessageRow], notes: Sequence[NoteRow], width: int, zone: tzinfo, now: datetime
) -> list[Line]:
    """Every line of a thread as (text, style name), none wider than `width` cells."""
    lines: list[Line] = []
    if len(messages) > SHOWN:
        lines.append((f"{len(messages) - SHOWN:,} older messages", "dim"))
        messages = messages[-SHOWN:]
    things: list[tuple[datetime, MessageRow | NoteRow]] = [(m.at, m) for m in messages]
    things += [(note.at, note) for note in notes]
    last = ""
    for at, thing in sorted(things, key=lambda pair: pair[0]):
        local = at.astimezone(zone)
        name = day(local, now.astimezone(zone))
        if name != last:
            last = name
            lines.append((name.center(width).rstrip(), "day"))
        lines += _message(thing, f"{local:%H:%M}", width) if hasattr(thing, "direction") else _note(thing, local, width)  # type: ignore[arg-type]
    return lines


def _message(message: MessageRow, clock: str, width: int) -> list[Line]:
    came = message.direction == "in"
    indent, style = (TIME, "in") if came else (TIME + SHIFT, "out")
    body = harmless(clip(message.text, LETTERS)).rstrip()
    if came and message.channel == "email" and message.subject:
        body = f"{one_line(message.subject, 200)}\n{body}"
    found = wrapped(body, width - indent)
    if len(found) > LINES:
        found = [*found[:LINES], f"[… {len(found) - LINES:,} more lines: F3 shows the whole message]"]
    head = f"{clock:<{TIME}}" if came else " " * indent
    lines = [(head + found[0], style), *((" " * indent + line, style) for line in found[1:])]
    beside = [f"▤ {file['name']}  {file['size']:,} bytes" for file in message.files]
    beside += [f"({mark})" for mark in message.marks]
    lines += [(" " * indent + one_line(line, width - indent), "dim") for line in beside]
    if not came:
        glyph, words, colour = DELIVERIES.get(message.delivery) or STATES.get(message.state, ("", "", "dim"))
        who = message.author or "automatic"
        lines.append((" " * indent + one_line(f"{glyph} {words} {clock} {who}", width - indent), colour))
    elif message.automatic:
        lines.append((" " * indent + "(automatic)", "dim"))
    return lines


def _note(note: NoteRow, local: datetime, width: int) -> list[Line]:
    said = f"note {local:%H:%M} {one_line(note.author, 24)}: {harmless(clip(note.text, 2000))}"
    return [(" " * TIME + line, "note") for line in wrapped(said, width - TIME)]


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a harmless text in at most `width` cells, at least one."""
    found: list[str] = []
    for line in text.split("\n"):
        if len(line) * 2 <= width:
            found.append(line.rstrip())
        else:
            found += [piece.plain.rstrip() for piece in Content(line).wrap(max(8, width))]
        if len(found) > 20 * LINES:
            break
    return found or [""]


class Thread(Widget, can_focus=True):
    """Scrolls by line and page; stays at its end while new messages come, unless the person has scrolled up."""

    BINDINGS: ClassVar = bindings_of(READING)
    COMPONENT_CLASSES: ClassVar = {
        f"thread--{name}" for name in ("in", "out", "day", "note", "dim", "well", "look", "broken", "waiting")
    }
    DEFAULT_CSS = """
    Thread {
        height: 1fr;
        padding: 0 1;
        & .thread--out { color: $primary; }
        & .thread--day { color: $secondary; text-style: bold; }
        & .thread--note { color: $accent; text-style: italic; }
        & .thread--dim { color: $secondary; }
        & .thread--well { color: $success; }
        & .thread--look { color: $warning; }
        & .thread--broken { color: $error; }
        & .thread--waiting { color: $secondary; }
        &:ansi .thread--dim { color: ansi_default; text-style: dim; }
        &:ansi .thread--day { color: ansi_default; text-style: bold underline; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="thread")
        self.lines: list[Line] = []
        self._top = 0
        self._said: tuple[object, ...] = ()
        self._about: object = None

    def show(
        self, about: object, messages: Sequence[MessageRow], notes: Sequence[NoteRow], zone: tzinfo, now: datetime
    ) -> None:
        """Show a thread; `about` is its key: another thread begins at its end."""
        said = (about, tuple(messages), tuple(notes), zone, now.astimezone(zone).date(), self.content_size.width)
        if said == self._said:
            return
        at_end = self._top >= self._last_top or about != self._about
        self._said, self._about = said, about
        self._arguments = (messages, notes, zone, now)
        self._wrap(at_end=at_end)

    def _wrap(self, *, at_end: bool) -> None:
        if self._said:
            messages, notes, zone, now = self._arguments
            self.lines = thread_lines(messages, notes, max(20, self.content_size.width), zone, now)
        self._top = self._last_top if at_end else min(self._top, self._last_top)
        self.refresh()

    @property
    def _last_top(self) -> int:
        return max(0, len(self.lines) - self.content_size.height)

    def on_resize(self, event: events.Resize) -> None:
        """Another width wraps anew."""
        self._wrap(at_end=True)

    def render_line(self, y: int) -> Strip:
        """One line, as Textual asks for it."""
        width = self.content_size.width
        ground = self.rich_style
        place = self._top + y
        if place >= len(self.lines):
            return Strip([Segment(" " * width, ground)], width)
        text, style = self.lines[place]
        if y == 0 and self._top:
            text, style = f"↑ {self._top:,} more line{'s' if self._top > 1 else ''}", "dim"
        look = ground + self.get_component_rich_style(f"thread--{style}", partial=True)
        return Strip([Segment(text, look)]).adjust_cell_length(width, ground)

    def _to(self, top: int) -> None:
        top = max(0, min(top, self._last_top))
        if top != self._top:
            self._top = top
            self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self._to(self._top + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self._to(self._top - 3)

    def action_scroll_up(self) -> None:
        """A line up."""
        self._to(self._top - 1)

    def action_scroll_down(self) -> None:
        """A line down."""
        self._to(self._top + 1)

    def action_page_up(self) -> None:
        """A page up."""
        self._to(self._top - max(1, self.content_size.height - 1))

    def action_page_down(self) -> None:
        """A page down."""
        self._to(self._top + max(1, self.content_size.height - 1))

    def action_scroll_home(self) -> None:
        """The beginning."""
        self._to(0)

    def action_scroll_end(self) -> None:
        """The end."""
        self._to(len(self.lines))
