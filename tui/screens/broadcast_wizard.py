"""The wizard: who, what, plan, preview, when, confirm. Nothing leaves before the count is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ContentSwitcher

from tui.actions import WIZARD, bindings_of
from tui.screens.broadcast_choosing import DRAFT, WizardChoosing
from tui.screens.broadcast_entering import (
    CONFIRM,
    WHEN,
    WHO,
    entered_request,
    usual_name,
    what_fields,
)
from tui.screens.broadcast_planning import PLAN_STEP, WHAT_STEP
from tui.screens.broadcast_words import confirm_lines, steps_line, time_lines
from tui.widgets.broadcast_steps import PlanStep, PreviewStep
from tui.widgets.fields import Fields
from tui.widgets.plate import Plate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget
    from textual.worker import Worker

    from core.broadcasts import Plan, Request, Timing

WHO_STEP, PREVIEW_STEP, WHEN_STEP, CONFIRM_STEP = 0, 3, 4, 5
PANES = ("who-pane", "what-pane", "plan", "preview", "when-pane", "confirm-pane")


class WizardScreen(WizardChoosing):
    """Six steps; what is typed in one stays, whichever way one goes."""

    CSS_PATH = "broadcast_wizard.tcss"
    BINDINGS: ClassVar = bindings_of(WIZARD)

    def __init__(self, audience: str = "") -> None:
        """`audience`: `campaign:NAME` or `list:NAME`, as the first step begins with it."""
        super().__init__()
        self.step = WHO_STEP
        self.audience = audience
        self.plan: Plan | None = None
        self.number = 1
        self.steps = Plate(name="steps")
        self.who = Fields(WHO, {"unused": True, "callback": True}, name="who")
        self.who_told = Plate(name="who-told")
        self.what = Fields(what_fields(), {}, name="what-fields")
        self.what_text = Plate(name="what-text")
        self.plan_step, self.preview = PlanStep(), PreviewStep()
        self.when = Fields(WHEN, {"starts": "now", "rate": 0, "brake": 10, "late": 60}, name="when")
        self.when_told = Plate(name="when-told")
        self.confirm_told = Plate(name="confirm-told")
        self.confirm = Fields(CONFIRM, {}, name="confirm-fields")
        self.planning: Worker[None] | None = None

    def compose_work(self) -> Iterable[Widget]:
        """Where one is, and that step."""
        yield self.steps
        with ContentSwitcher(initial=PANES[0]):
            yield Vertical(self.who, self.who_told, id=PANES[0])
            yield Vertical(self.what, self.what_text, id=PANES[1])
            yield self.plan_step
            yield self.preview
            yield Vertical(self.when, self.when_told, id=PANES[4])
            yield Vertical(self.confirm_told, self.confirm, id=PANES[5])

    def on_mount(self) -> None:
        """What was typed before and not sent stands there again."""
        super().on_mount()
        self.steps.say(steps_line(self.step))
        self.who.begin()

    # -- typed --------------------------------------------------------------------------------------------------------

    @on(Fields.Typed)
    def _typed(self, event: Fields.Typed) -> None:
        if event.fields is self.who:
            self.count()
        elif event.fields is self.what:
            self.offer()
        elif event.fields is self.when:
            self._say_when()
        event.fields.blame({})

    @on(Fields.Ended)
    def _ended(self) -> None:
        self.action_next()

    # -- steps --------------------------------------------------------------------------------------------------------

    def request(self) -> Request | None:
        """What was entered in the first two steps; None goes back to the field that is wrong."""
        request, wrong = entered_request(self.who.values, self.what.values)
        if wrong:
            fields = self.who if any(one.key in wrong for one in self.who.fields) else self.what
            self.go(WHO_STEP if fields is self.who else WHAT_STEP)
            fields.blame(wrong)
            fields.begin(next(iter(wrong)))
        return request

    def timing(self) -> Timing | None:
        """What was entered in the fifth step; None where something is wrong."""
        timing, wrong = self.entered()
        if self.step == WHEN_STEP:
            self.when.blame(wrong)
        return timing

    def go(self, step: int) -> None:
        """To a step, whichever; its first field has the focus."""
        self.step = step
        self.query_one(ContentSwitcher).current = PANES[step]
        begins: dict[int, Any] = {
            WHO_STEP: self.who.begin, WHAT_STEP: self.what.begin, PLAN_STEP: lambda: self.set_focus(self.plan_step),
            PREVIEW_STEP: lambda: self.set_focus(self.preview.page), WHEN_STEP: lambda: self.when.begin("starts"),
            CONFIRM_STEP: self.confirm.begin,
        }  # fmt: skip
        begins[step]()
        self.steps.say(steps_line(step))
        if step == PLAN_STEP:
            self.say_plan()  # what was typed later changes when it leaves

    def action_next(self) -> None:
        """The next step; at the last, the deed."""
        if self.step in (WHO_STEP, WHAT_STEP) and not self._step_is_right():
            return
        match self.step:
            case 1:
                self.go(PLAN_STEP)
                self.plan_if_needed()
            case 2 if self.plan is None:
                return
            case 2:
                self.go(PREVIEW_STEP)
                self.show_preview(self.number)
            case 3:
                self._name_it()
                self.go(WHEN_STEP)
                self._say_when()
            case 4:
                if self.timing() is not None:
                    self.go(CONFIRM_STEP)
                    self._say_confirm()
            case 5:
                self.confirm_now()
            case _:
                self.go(self.step + 1)

    def _step_is_right(self) -> bool:
        _, wrong = entered_request(self.who.values, self.what.values)
        fields = self.who if self.step == WHO_STEP else self.what
        here = {one.key for one in fields.fields}
        found = {key: words for key, words in wrong.items() if key in here}
        fields.blame(found)
        if found:
            fields.begin(next(iter(found)))
        return not found

    def action_back(self) -> None:
        """The step before; before the first, away, and what was typed is kept."""
        if self.planning is not None and self.planning.is_running:
            self.planning.cancel()
        if self.step > WHO_STEP:
            self.go(self.step - 1)
            return
        self.house.drafts[DRAFT] = {**self.who.values, **self.what.values, **self.when.values}
        self.dismiss(None)

    # -- when, and the deed -------------------------------------------------------------------------------------------

    def _name_it(self) -> None:
        if not self.when.values["name"] and self.plan is not None:
            self.when.put("name", usual_name(self.plan.request, self.house.now().astimezone(self.house.zone)))

    def _say_when(self) -> None:
        timing, _ = self.entered()
        if self.plan is not None:
            lines = time_lines(self.plan, timing, self.house.now(), self.house.zone) if timing is not None else []
            self.when_told.say(Content(""), *lines)

    def _say_confirm(self) -> None:
        timing = self.timing()
        if self.plan is not None and timing is not None:
            name = str(self.when.values["name"])
            self.confirm_told.say(*confirm_lines(self.plan, timing, name, self.house.now(), self.house.zone))

    def say_freezing(self, done: int, total: int) -> None:
        """So many of them are written down."""
        share = f"{done * 100 // max(1, total):>3} %"
        self.confirm_told.say(Content(f"{share}  {done:,} of {total:,} written down; nothing leaves before all are"))
