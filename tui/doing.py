"""What is done is said, and can be taken back for a while; what fails is said in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.app import App
from textual.worker import Worker, WorkerState

from core.text import clip, harmless
from tui.actions import ACTIONS
from tui.screens.work import WorkScreen
from tui.trouble import sentence
from tui.type_ahead import TypeAhead

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

Verb = Callable[[], Awaitable[object]]
UNDO_SECONDS = 10.0
LONGEST_TOAST = 1000
PAUSE_SECONDS = 1.0
KEEPING_ON = {"fresh": "keep_fresh", "feed": "follow_the_bell"}
"""Workers that a screen stands still without: they begin again after what nobody foresaw."""


class Doing(TypeAhead):
    """The part of the app that calls verbs of the core; `PostroomApp` is the whole."""

    keymap: dict[str, str]
    _undo: Verb | None = None

    @property
    def work_screen(self) -> WorkScreen[object] | None:
        """The work area that is open, whatever dialogs stand over it."""
        return next((one for one in reversed(self.screen_stack) if isinstance(one, WorkScreen)), None)

    @work(group="verbs", exit_on_error=False)
    async def do(self, verb: Verb, done: str = "", undo: Verb | None = None) -> object:
        """Call one verb of the core; then say so, with a way back where there is one. Errors are said in one place."""
        result = await verb()
        if (screen := self.work_screen) is not None:
            screen.outdate()
        self._forget_undo()
        self._undo = undo
        if done:
            from tui.dialogs.help import keys_of

            words = f"{done} · {keys_of(ACTIONS['app.undo'], self.keymap)} takes it back" if undo else done
            self.notify(harmless(words, lines=False), markup=False, timeout=UNDO_SECONDS if undo else 4.0)
            if undo is not None:
                self.set_timer(UNDO_SECONDS, partial(self._too_late, undo))
        return result

    def _forget_undo(self) -> None:
        """What was offered cannot be taken back any more, so no toast may go on saying that it can."""
        if self._undo is not None:
            self._undo = None
            self.clear_notifications()

    def _too_late(self, undo: Verb) -> None:
        if self._undo is undo:
            self._undo = None

    def notify(
        self, message: str, *, title: str = "", severity: SeverityLevel = "information",
        timeout: float | None = None, markup: bool = False,
    ) -> None:  # fmt: skip
        """A toast. Whatever is said in one is only text, and harmless."""
        words = clip(harmless(message), LONGEST_TOAST)
        super().notify(words, title=harmless(title, lines=False), severity=severity, timeout=timeout, markup=False)

    def complain(self, error: BaseException) -> None:
        """Say an error in one sentence."""
        self.notify(sentence(error), severity="error", markup=False, timeout=8.0)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The border: whatever fails in any worker is said here, and nowhere else."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.complain(event.worker.error)
            keeps_on = KEEPING_ON.get(event.worker.group)
            if keeps_on and isinstance(event.worker.node, (WorkScreen, App)):
                event.worker.node.set_timer(PAUSE_SECONDS, getattr(event.worker.node, keeps_on))

    def action_undo(self) -> None:
        """Take back what was done last."""
        undo = self._undo
        self._forget_undo()
        if undo is None:
            self.notify("there is nothing to take back", markup=False, severity="warning")
        else:
            self.do(undo, "taken back")
