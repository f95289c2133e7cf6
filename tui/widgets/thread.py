"""A thread on the screen: wrapped once for each width, drawn line by line as it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.actions import READING, bindings_of
from tui.widgets.thread_lines import Line, Talk, thread_lines

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from textual import events


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
        self._talk = Talk()
        self._follows = True
        self.unseen = 0
        """Messages that came below what is seen, since the person scrolled up."""

    def show(self, about: object, talk: Talk, zone: tzinfo, now: datetime) -> None:
        """Show a thread; `about` is its key: another thread begins at its end."""
        said = (about, talk, zone, now.astimezone(zone).date(), self.content_size.width)
        if said == self._said:
            return
        if about != self._about:
            self._follows, self.unseen = True, 0
        elif not self._follows:
            known = {message.id for message in self._talk.messages}
            self.unseen += sum(message.id not in known for message in talk.messages)
        self._said, self._about = said, about
        self._talk, self._when = talk, (zone, now)
        self._wrap()

    def _wrap(self) -> None:
        if self._said:
            self.lines = thread_lines(self._talk, max(20, self.content_size.width), *self._when)
        self._top = self._last_top if self._follows else min(self._top, self._last_top)
        self.refresh()

    @property
    def _last_top(self) -> int:
        return max(0, len(self.lines) - self.content_size.height)

    def on_resize(self, event: events.Resize) -> None:
        """Another width wraps anew."""
        self._wrap()

    def render_line(self, y: int) -> Strip:
        """One line, as Textual asks for it."""
        width = self.content_size.width
        ground = self.rich_style
        # What was said last stands beside the editor, and never under a toast.
        place = self._top + y - max(0, self.content_size.height - len(self.lines))
        if not 0 <= place < len(self.lines):
            return Strip([Segment(" " * width, ground)], width)
        text, style = self.lines[place]
        if y == 0 and self._top:  # instead of its text, which is a key away
            text, style = f"↑ {self._top:,} more line{'s' if self._top > 1 else ''}", "dim"
        look = ground + self.get_component_rich_style(f"thread--{style}", partial=True)
        return Strip([Segment(text, look)]).adjust_cell_length(width, ground)

    def _to(self, top: int) -> None:
        top = max(0, min(top, self._last_top))
        self._follows = top >= self._last_top
        if self._follows:
            self.unseen = 0
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
