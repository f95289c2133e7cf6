"""Keys that are typed while a question is on its way wait for it: they are meant for it, not for what stands behind."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING
from weakref import WeakSet

from textual import events
from textual.app import App
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from textual.worker import Worker

LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 1.0
"""Who asks nothing for so long is waited for no more."""
ASKING = "asking"
"""The group of all workers that open dialogs."""


class TypeAhead(App[None]):
    """The part of the app that keys come through; `PostroomApp` is the whole."""

    _ahead: deque[events.Event]
    _ahead_since = 0.0
    _not_waited_for: WeakSet[Worker[object]]

    def __init__(self, *said: object, **more: object) -> None:
        super().__init__(*said, **more)  # type: ignore[arg-type]
        self._ahead = deque()
        self._not_waited_for = WeakSet()

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes wait behind those that wait already."""
        is_typed = isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded
        if is_typed and (self._ahead or self._is_waiting()):
            if not self._ahead:
                self._ahead_since = monotonic()
                self.set_timer(LOOK_SECONDS, self._hand_on)
            self._ahead.append(event)
        else:
            await super().on_event(event)

    def _is_waiting(self) -> bool:
        # A dialog knows where keys go once it is mounted.
        return bool(self.screen_stack) and (not self.screen.is_mounted or bool(self._coming()))

    def _coming(self) -> list[Worker[object]]:
        """Who is about to open a dialog over the screen that is seen, so far as is known."""
        asked = isinstance(self.screen, ModalScreen)
        return [
            worker
            for worker in self.workers
            if worker.group == ASKING and worker.is_running and worker not in self._not_waited_for
            and (worker.node is self.screen or (worker.node is self and not asked))
        ]  # fmt: skip

    async def _hand_on(self) -> None:
        if self._is_waiting():
            if monotonic() - self._ahead_since < PATIENCE_SECONDS:
                self.set_timer(LOOK_SECONDS, self._hand_on)
                return
            self._not_waited_for.update(self._coming())
        while self._ahead and self.screen_stack:
            await super().on_event(self._ahead.popleft())
