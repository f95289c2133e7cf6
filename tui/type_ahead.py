"""Each key is done with before the next: what is typed while a question is on its way is meant for it.

Textual hands keys on as they come. Where several come in one packet, as over a slow line, or a dialog is opened by who
has to read something first, the later ones would reach what stands behind it.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING
from weakref import WeakSet

from textual import events
from textual.app import App
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.dom import DOMNode
    from textual.screen import Screen
    from textual.worker import Worker

LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 1.0
"""Who asks nothing for so long, or is busy with one key, is waited for no more."""
ASKING = "asking"
"""The group of all workers that open dialogs."""


class TypeAhead(App[None]):
    """The part of the app that keys come through; `PostroomApp` is the whole."""

    def __init__(self, *said: object, **more: object) -> None:
        super().__init__(*said, **more)  # type: ignore[arg-type]
        self._typed: deque[tuple[events.Event, Screen[object]]] = deque()
        """With the screen that was seen when they were typed."""
        self._last_key = ""
        self._turns = count(1)
        self._turn = 0
        """The key at work, or the one that waits for a question; 0 = none."""
        self._since = 0.0
        self._is_watched = False
        """Whether somebody looks if that key takes too long."""
        self._waits_since: float | None = None
        self._not_waited_for: WeakSet[Worker[object]] = WeakSet()

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes come one after another; all else as ever."""
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded or not self.screen_stack:
            await super().on_event(event)
            return
        self._typed.append((event, self.screen))
        if not self._turn:
            await self._hand_on()
        elif not self._is_watched:
            self._is_watched = True
            self.set_timer(PATIENCE_SECONDS, self._look_at_the_time)

    async def _look_at_the_time(self) -> None:
        """What is busy with one key for too long holds up no other."""
        self._is_watched = False
        if self._turn and monotonic() - self._since >= PATIENCE_SECONDS:
            await self._hand_on()
        if self._typed:
            self._is_watched = True
            self.set_timer(PATIENCE_SECONDS, self._look_at_the_time)

    async def _hand_on(self) -> None:
        """The next key to whom it is for, once nothing is on its way that it may be for."""
        self._turn, self._since = 0, monotonic()
        if not self._typed or not self.screen_stack:
            return
        self._turn = next(self._turns)
        if self._is_waiting():
            self._waits_since = self._waits_since or self._since
            if self._since - self._waits_since < PATIENCE_SECONDS:
                self.set_timer(LOOK_SECONDS, partial(self._done_with, self._turn))
                return
            self._not_waited_for.update(self._coming())
        self._waits_since = None
        heeding = (self.focused or self.screen).ancestors_with_self
        event, seen = self._typed.popleft()
        key = event.key if isinstance(event, events.Key) else ""
        # A key that is pressed twice to close a dialog is not to do something behind it.
        is_bounce = key and key == self._last_key and isinstance(seen, ModalScreen) and seen not in self.screen_stack
        self._last_key = key
        if not is_bounce:
            await super().on_event(event)
        self._follow(heeding, self._turn)

    def _follow(self, heeding: Sequence[DOMNode], turn: int) -> None:
        """Go behind a key to all who may heed it, one after another; then comes the next key."""
        for place, node in enumerate(heeding):
            if node is not self and node.is_running and node.call_later(self._follow, heeding[place + 1 :], turn):
                return
        self.call_later(self._done_with, turn)

    async def _done_with(self, turn: int) -> None:
        if turn == self._turn:  # else it was not waited for
            await self._hand_on()

    def _is_waiting(self) -> bool:
        # A dialog knows where keys go once it is mounted.
        return not self.screen.is_mounted or bool(self._coming())

    def _coming(self) -> list[Worker[object]]:
        """Who is about to open a dialog over the screen that is seen, so far as is known."""
        asked = isinstance(self.screen, ModalScreen)
        return [
            worker
            for worker in self.workers
            if worker.group == ASKING and worker.is_running and worker not in self._not_waited_for
            and (worker.node is self.screen or (worker.node is self and not asked))
        ]  # fmt: skip
