"""The first run: five steps from an empty desk to a first message on the screen. What each does: `first_run_steps`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Static

from core.text import one_line
from core.views import accounts
from core.views.beginning import beginning
from core.views.panel import places
from tui.actions import FIRST_RUN, bindings_of
from tui.areas import FIRST
from tui.screens.first_run_steps import FirstRunSteps, Found
from tui.screens.first_run_words import (
    EMAIL_TITLES,
    STEPS,
    STYLES,
    TITLES,
    Sight,
    mailbox_now,
    step_detail,
    step_state,
    welcome,
)
from tui.widgets.listing import Caption

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from textual import events
    from textual.app import RenderResult

SAMPLE = "sample"
"""What the app wishes when it ends: that the sample desk is opened, and this desk again after it."""


class StepLine(Widget, can_focus=True):
    """One step: its number, what it is, how far it is."""

    @dataclass
    class Chosen(Message):
        """It was clicked."""

        step: str

    def __init__(self, step: str) -> None:
        super().__init__(id=f"step-{step}")
        self.step = step
        self._said: tuple[str, str, str] = ("", "", "")

    def say(self, title: str, glyph: str, words: str) -> None:
        """Draw it again where it differs."""
        if (title, glyph, words) != self._said:
            self._said = (title, glyph, words)
            self.refresh()

    def render(self) -> RenderResult:
        """`▸ 2 Outgoing server      ● mail.acme.example:587, STARTTLS`."""
        title, glyph, words = self._said
        if not title:
            return Content("")
        mark = "▸" if self.has_focus else " "
        name = f" {mark} {STEPS.index(self.step) + 1} {title:<20} "
        return Content.assemble((name, "bold"), (glyph, STYLES[glyph]), f" {one_line(words, 200)}")

    def on_focus(self) -> None:
        """The mark comes."""
        self.refresh()

    def on_blur(self) -> None:
        """The mark goes."""
        self.refresh()

    def on_click(self) -> None:
        """A click opens the step."""
        self.post_message(self.Chosen(self.step))


class FirstRunScreen(FirstRunSteps):
    """Five steps, each with a form or a check; the last one waits until a message is here."""

    AREA = "first-run"
    CSS_PATH = "first_run.tcss"
    BINDINGS: ClassVar = bindings_of(FIRST_RUN)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - Textual declares it so

    def compose_work(self) -> Iterable[Widget]:
        """What it is about, the steps, what the one with the focus is about, what else can be done."""
        self.waiting_since: datetime | None = None
        self._wanted = ""
        self.lines = {step: StepLine(step) for step in STEPS}
        self.intro, self.caption = Static(id="intro"), Caption()
        self.about, self.mailbox = Static(id="about"), Static(id="mailbox")
        yield self.intro
        yield from self.lines.values()
        yield self.caption
        yield self.about
        yield self.mailbox
        yield Horizontal(
            Button("E-mails first", id="other"), Button("Sample desk", id="sample"), Button("Later", id="later"),
            id="choices",
        )  # fmt: skip

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """How far the desk is; how the first account's mailbox does."""
        database = self.office.database
        far = await beginning(database)
        if not far.account:
            return Found(far, None, None)
        row = next(one for one in await accounts(database, self.house.now()) if one.address == far.account)
        return Found(far, row, (await places(database)).get(row.id))

    def paint(self, found: Found) -> None:
        """The steps; and the first message as soon as it is there and nothing stands over this screen."""
        self.found = found
        self.kind = found.beginning.kind or self.kind
        if self.next == "text" and self.waiting_since is None:
            self.waiting_since = self.house.now()
        for name in ("other", "sample"):
            self.query_one(f"#{name}", Button).display = not found.beginning.account
        self.tick()
        self.refresh_bindings()
        if self.moving_on and self.is_active:
            self.moving_on = False
            self.lines[self.next or "text"].focus()
        if self._wanted and self.is_active:
            wanted, self._wanted = self._wanted, ""
            self._begin(wanted)
        if self.waiting_since is not None and found.beginning.contact is not None and self.is_active:
            self.waiting_since = None
            self.open_first(found.beginning.contact, found.beginning.contact_state)

    def tick(self) -> None:
        """Ages count up."""
        if self.found is None:
            return
        now = self.house.now()
        seen = Sight(
            self.found.beginning, self.found.account, self.found.place, self.house.standing, self.house.person,
            self.kind, self.next, self.checked, self.waiting_since,
        )  # fmt: skip
        titles = EMAIL_TITLES if self.kind == "email" else TITLES
        for step, line in self.lines.items():
            line.say(titles[step], *step_state(step, seen, now))
        here = self.here
        self.caption.say(f"{STEPS.index(here) + 1} {titles[here]}", "")
        said = [
            (self.intro, welcome(seen, self.key)),
            (self.about, step_detail(here, seen, self.house.zone)),
            (self.mailbox, mailbox_now(here, seen, now, self.house.zone)),
        ]
        for widget, words in said:
            if widget.content != words:
                widget.update(words, layout=widget is self.about)

    @property
    def next(self) -> str:
        """The step that is to be done; empty when all are."""
        far = self.found.beginning if self.found else None
        lacks = far.lacks if far else "desk"
        if far is not None and far.contact is None and "account" in self.checked and not lacks:
            return "text"  # the desk was there before, and its first account was made here just now
        return "account" if lacks == "gateway" and self.kind == "email" else lacks

    @property
    def here(self) -> str:
        """The step under the cursor, else the next one."""
        return self.focused.step if isinstance(self.focused, StepLine) else self.next or "text"

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What is said below is about this step. Who moved before all was read is not moved back."""
        if self.found is None and event.widget is not self.lines[STEPS[0]]:
            self.moving_on = False
        self.tick()

    # -- choosing -----------------------------------------------------------------------------------------------------

    def action_up(self) -> None:
        """The step before."""
        self.lines[STEPS[max(0, STEPS.index(self.here) - 1)]].focus()

    def action_down(self) -> None:
        """The next step."""
        self.lines[STEPS[min(len(STEPS) - 1, STEPS.index(self.here) + 1)]].focus()

    @on(StepLine.Chosen)
    def _clicked(self, event: StepLine.Chosen) -> None:
        self.lines[event.step].focus()
        self._begin(event.step)

    def action_go(self) -> None:
        """The step under the cursor, or what must come before it."""
        self._begin(self.here)

    def _begin(self, step: str) -> None:
        if self.found is None:
            self._wanted = step
            return
        if self.next and STEPS.index(step) > STEPS.index(self.next):
            titles = EMAIL_TITLES if self.kind == "email" else TITLES
            self.notify(f"{titles[self.next]} comes first", markup=False)
            step = self.next
            self.lines[step].focus()
        self.do_step(step)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to choose once there is an account."""
        return not (action in ("other", "sample") and self.found is not None and self.found.beginning.account)

    def action_other(self) -> None:
        """Texts first, or e-mails first."""
        self.kind = "email" if self.kind == "sms" else "sms"
        words = "Texts first" if self.kind == "email" else "E-mails first"
        self.query_one("#other", Button).label = Content(words)
        self.lines[self.next or "text"].focus()
        self.tick()

    async def action_sample(self) -> None:
        """Leave for the sample desk; whoever ran the app opens it, and this desk again."""
        self.house.wish = SAMPLE
        await self.house.action_quit()

    async def action_later(self) -> None:
        """Look around."""
        await self.app.switch_mode(FIRST)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """As the keys."""
        event.stop()
        await self.run_action(str(event.button.id))
