"""A check as it happens: each step when it begins and when it ends, with its remedy."""

from __future__ import annotations

from contextlib import aclosing
from textwrap import wrap
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.widgets import Static

from core.errors import PostroomError
from core.text import one_line
from tui.ages import duration
from tui.dialogs.dialog import Dialog
from tui.dialogs.page import Reading, room_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from textual import events
    from textual.widget import Widget

    from core.checkup import Step


NAME = 24
"""Cells for glyph and name of a step."""


class CheckDialog(Dialog[bool]):
    """Runs a check and shows it; Esc leaves it, and then it stops."""

    BUTTONS: ClassVar[tuple[tuple[str, str, str], ...]] = (("cancel", "Close", "primary"),)

    def __init__(self, title: str, check: Callable[[], AsyncGenerator[Step, None]]) -> None:
        super().__init__(title)
        self.steps: list[Step] = []
        self.done = False
        self.well = False
        """Once it is done: whether nothing is wrong."""
        self._check = check
        self._wrong = ""
        self._began = monotonic()
        self._text = Static("")

    def body(self) -> Iterable[Widget]:
        """The steps."""
        yield Reading(self._text)

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(Reading).focus()
        self._ticking = self.set_interval(1.0, self._again)
        self.follow()

    @work(group="check", exclusive=True, exit_on_error=False)
    async def follow(self) -> None:
        """Take in each step; what holds connections is closed with the dialog."""
        try:
            async with aclosing(self._check()) as steps:
                async for step in steps:
                    if self.steps and self.steps[-1].running:
                        self.steps.pop()
                    self.steps.append(step)
                    self._began = monotonic()
                    self._again()
        except PostroomError as error:
            self._end(str(error))
        except Exception:
            self._end("the check stopped where it should not have")
            raise
        else:
            self._end()

    def _end(self, wrong: str = "") -> None:
        self._ticking.stop()
        self.done, self._wrong = True, wrong
        self.well = not wrong and not any(step.ok is False for step in self.steps)
        self._again()
        self.ended()

    def ended(self) -> None:
        """Nothing more comes."""

    def _again(self) -> None:
        room = room_of(self.app.size.width) - NAME
        lines = [_shown(step, monotonic() - self._began, room) for step in self.steps]
        if self.done:
            lines.append(self._verdict())
        self._text.update(Content("\n").join(lines))
        self.query_one(Reading).scroll_end(animate=False)

    def _verdict(self) -> Content:
        failed = [step for step in self.steps if step.ok is False]
        steps = "1 step" if len(self.steps) == 1 else f"{len(self.steps)} steps"
        if self._wrong:
            return Content.assemble("\n", (f"✖ {one_line(self._wrong, 400)}", "bold $error"))
        if failed:
            return Content.assemble("\n", (f"✖ broken: {len(failed)} of {steps}", "bold $error"))
        return Content.assemble("\n", (f"● well: {steps}", "bold $success"))

    def key_enter(self, event: events.Key) -> None:
        """Once it is done, Enter goes on from the text too."""
        if self.done and isinstance(self.focused, Reading):
            event.stop()
            self.accept()

    def accept(self) -> None:
        """Close it."""
        self.dismiss(None)


def _shown(step: Step, seconds: float, room: int) -> Content:
    name = f"{one_line(step.name, NAME - 4):<{NAME - 3}} "
    if step.running:
        return Content.assemble(("◌ ", "$primary"), name, duration(seconds))
    glyph, style = {True: ("●", "$success"), False: ("✖", "$error"), None: ("○", "$text-muted")}[step.ok]
    first, *more = wrap(one_line(step.detail, 400), max(20, room)) or [""]
    parts: list[str | tuple[str, str]] = [(f"{glyph} ", style), (name, "bold"), first]
    parts += [f"\n{' ' * NAME}{line}" for line in more]
    for number, line in enumerate(wrap(one_line(step.remedy, 400), max(20, room - 2))):
        parts.append((f"\n{' ' * NAME}{'  ' if number else '→ '}{line}", "$warning"))
    return Content.assemble(*parts)
