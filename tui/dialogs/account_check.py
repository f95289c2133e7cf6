"""A check as it happens: each step when it begins and when it ends, with its remedy."""

from __future__ import annotations

from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.widgets import Static

from core.errors import PostroomError
from core.text import one_line
from tui.ages import duration
from tui.dialogs.dialog import Dialog
from tui.dialogs.page import Reading

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from textual.widget import Widget

    from core.checkup import Step


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
        self._began = monotonic()
        self._text = Static("")

    def body(self) -> Iterable[Widget]:
        """The steps."""
        yield Reading(self._text)

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(Reading).focus()
        self.set_interval(1.0, self._again)
        self.follow()

    @work(group="check", exclusive=True, exit_on_error=False)
    async def follow(self) -> None:
        """Take in each step; what holds connections is closed with the dialog."""
        wrong = ""
        try:
            async with aclosing(self._check()) as steps:
                async for step in steps:
                    if self.steps and self.steps[-1].running:
                        self.steps.pop()
                    self.steps.append(step)
                    self._began = monotonic()
                    self._again()
        except PostroomError as error:
            wrong = str(error)
        self.done = True
        self.well = not wrong and not any(step.ok is False for step in self.steps)
        self._again(wrong)
        self.ended()

    def ended(self) -> None:
        """Nothing more comes."""

    def _again(self, wrong: str = "") -> None:
        if self.done and not wrong and not self.steps:
            return
        lines = [_shown(step, monotonic() - self._began) for step in self.steps]
        if self.done:
            lines.append(self._verdict(wrong))
        self._text.update(Content("\n").join(lines))
        self.query_one(Reading).scroll_end(animate=False)

    def _verdict(self, wrong: str) -> Content:
        failed = [step for step in self.steps if step.ok is False]
        if wrong:
            return Content.assemble("\n", (f"✖ {one_line(wrong, 400)}", "bold $error"))
        if failed:
            return Content.assemble("\n", (f"✖ broken: {len(failed)} of {len(self.steps)} steps", "bold $error"))
        return Content.assemble("\n", (f"● well: {len(self.steps)} steps", "bold $success"))

    def accept(self) -> None:
        """Close it."""
        self.dismiss(None)


def _shown(step: Step, seconds: float) -> Content:
    if step.running:
        return Content.assemble(("◌ ", "$primary"), f"{one_line(step.name, 40):<20} {duration(seconds)}")
    glyph, style = {True: ("●", "$success"), False: ("✖", "$error"), None: ("○", "$text-muted")}[step.ok]
    parts: list[str | tuple[str, str]] = [
        (f"{glyph} ", style), (f"{one_line(step.name, 40):<20} ", "bold"), one_line(step.detail, 400),
    ]  # fmt: skip
    if step.remedy:
        parts.append((f"\n  → {one_line(step.remedy, 400)}", "$warning"))
    return Content.assemble(*parts)
