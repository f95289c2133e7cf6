"""Wrapping a contact up: how it ended, what it was about, a note, and the time that is left for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Select

from core.text import harmless
from tui.actions import WRAPPING, bindings_of
from tui.ages import time_left
from tui.dialogs.asking import ChoiceDialog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import datetime

    from textual.widget import Widget

LONGER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What is kept of a contact besides its outcome."""

    class_: str
    note: str


class WrapUpDialog(ChoiceDialog):
    """Gives back an outcome, or `BACK` for a contact that goes on; `wrapped` is the rest. Esc lets the time run on."""

    BUTTONS = (("accept", "Close it", "primary"), ("cancel", "Later", "default"))
    BINDINGS: ClassVar = bindings_of(WRAPPING)
    BACK: ClassVar = "\0"
    LOW = True

    def __init__(
        self,
        who: str,
        outcomes: Sequence[str],
        classes: Sequence[str],
        class_: str,
        *,
        until: datetime,
        now: Callable[[], datetime],
        longer: Callable[[int], Awaitable[None]],
        unsent: bool = False,
    ) -> None:
        """`until`: when it closes by itself. `longer`: does so many seconds more."""
        words = "What you have written is not sent, and is kept." if unsent else ""
        super().__init__(who, [(one, one) for one in outcomes], words, free=not outcomes)
        self.who, self.until, self._now, self._longer = who, until, now, longer
        self._input.placeholder = "how it ended: type to narrow down" if outcomes else "how it ended, in your own words"
        known = [(Content(harmless(one, lines=False)), one) for one in classes]
        self._class = Select(
            [(Content("no class"), ""), *known],
            value=class_ if class_ in classes else "", allow_blank=False, compact=True, id="class",
        )  # fmt: skip
        self._note = Input(placeholder="a note; it may be nothing", id="note")

    def body(self) -> Iterable[Widget]:
        """Outcome, class, note."""
        yield from super().body()
        yield Horizontal(Label("Class"), self._class, classes="beside")
        yield Horizontal(Label("Note"), self._note, classes="beside")

    def on_mount(self) -> None:
        """The time that is left counts down in the title."""
        self._count()
        self.set_interval(1.0, self._count)

    def _count(self) -> None:
        left = (self.until - self._now()).total_seconds()
        said = f"◌ {time_left(left)} left" if left > 0 else "its time is over"
        frame = self.query_one("WrapUpDialog > Vertical")
        frame.border_title = Content(harmless(f"Wrap-up of {self.who} · {said}", lines=False))

    @property
    def wrapped(self) -> Wrapped:
        """As typed."""
        return Wrapped(str(self._class.value), self._note.value.strip())

    @on(Input.Changed, "#note")
    def _noted(self, event: Input.Changed) -> None:
        event.stop()
        event.prevent_default()  # the list stays as it was narrowed down

    def action_close(self) -> None:
        """The same as the first button."""
        self.action_accept()

    def action_back(self) -> None:
        """There is more to say."""
        self.dismiss(self.BACK)

    @work(group="asking", exit_on_error=False)
    async def action_longer(self) -> None:
        """A minute more."""
        await self._longer(LONGER_SECONDS)
        self.until = max(self.until, self._now()) + timedelta(seconds=LONGER_SECONDS)
        self._count()
