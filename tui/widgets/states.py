"""A line of states with how many are in each; one of them is what the list below shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import RenderResult

GAP = 2


class StatesLine(Widget):
    """`All 412  ▲ unknown 1  ◌ queued 3 …`; the one that is shown is never cut off."""

    DEFAULT_CSS = "StatesLine { height: 1; }"

    @dataclass
    class Chosen(Message):
        """A click on a state."""

        line: StatesLine
        state: str

        @property
        def control(self) -> StatesLine:
            """The line."""
            return self.line

    def __init__(self, *, name: str) -> None:
        """`name`: its id."""
        super().__init__(id=name)
        self.states: list[tuple[str, str, str]] = []
        """State, words, colour of each."""
        self.shown = ""
        self._places: list[tuple[int, int, str]] = []

    def say(self, states: Sequence[tuple[str, str, str]], shown: str) -> None:
        """Draw it again where it differs."""
        if (list(states), shown) != (self.states, self.shown):
            self.states, self.shown = list(states), shown
            self.refresh()

    def next(self, by: int) -> str:
        """The state that stands so many places further, round and round."""
        names = [state for state, _, _ in self.states] or [""]
        at = names.index(self.shown) if self.shown in names else 0
        return names[(at + by) % len(names)]

    def render(self) -> RenderResult:
        """As many as fit, from the first that lets the shown one be seen."""
        first = 0
        while first < len(self.states) and not self._fits(first):
            first += 1
        parts: list[str | tuple[str, str]] = [" " if not first else "…"]
        at = 1
        self._places = []
        for state, words, colour in self.states[first:]:
            parts += [(words, "bold underline $primary" if state == self.shown else colour), " " * GAP]
            self._places.append((at, at + cell_len(words), state))
            at += cell_len(words) + GAP
        return Content.assemble(*parts).truncate(self.size.width, ellipsis=True)

    def _fits(self, first: int) -> bool:
        at = 1
        for state, words, _ in self.states[first:]:
            at += cell_len(words)
            if state == self.shown:
                return at < self.size.width
            at += GAP
        return True

    def on_click(self, event: events.Click) -> None:
        """A click on a state shows it."""
        for start, end, state in self._places:
            if start <= event.x < end:
                self.post_message(self.Chosen(self, state))
