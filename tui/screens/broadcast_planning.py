"""The wizard's third step: what would happen, worked out while one watches, and stopped by going back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.broadcasts import Timing
from core.errors import PostroomError
from tui.screens.broadcast_asking import WizardAsking
from tui.screens.broadcast_entering import entered_timing
from tui.screens.broadcast_words import plan_lines

if TYPE_CHECKING:
    from textual.worker import Worker

    from core.broadcasts import Request

Found = TypeVar("Found")
WHAT_STEP, PLAN_STEP = 1, 2


class WizardPlanning(WizardAsking[Found]):
    """Planning; `WizardScreen` has the steps."""

    planning: Worker[None] | None = None
    far: tuple[int, int] = (0, 0)
    """Customers looked at, of how many."""

    def request(self) -> Request | None:
        """What was entered."""
        raise NotImplementedError

    def go(self, step: int) -> None:
        """To a step."""
        raise NotImplementedError

    def entered(self) -> tuple[Timing | None, dict[str, str]]:
        """What was entered in the fifth step, or what is wrong by field."""
        quiet_hours = self.plan.quiet_hours if self.plan is not None else ""
        return entered_timing(self.when.values, self.house.now(), self.house.zone, quiet_hours)

    def plan_if_needed(self, *, again: bool = False) -> None:
        """Plan, unless the plan that is there is of just this."""
        request = self.request()
        if request is None:
            return
        if again or self.plan is None or self.plan.request != request:
            self.plan, self.number = None, 1
            self.far = (0, 0)
            self.plan_step.going(0, 0)
            self.planning = self._plan(request)
        else:
            self.say_plan()

    @work(group="plan", exclusive=True, exit_on_error=False)
    async def _plan(self, request: Request) -> None:
        def far(done: int, total: int) -> None:
            self.far = (done, total)

        beat = self.set_interval(0.2, lambda: self.plan_step.going(*self.far))
        try:
            self.plan = await self.office.broadcasts.plan(request, far)
        except PostroomError:
            self.go(WHAT_STEP)
            raise
        finally:
            beat.stop()
        self.say_plan()

    def say_plan(self) -> None:
        """The plan, if there is one, as it leaves by what is typed so far."""
        if self.plan is not None:
            timing, _ = self.entered()
            self.plan_step.say(plan_lines(self.plan, timing or Timing(), self.house.now(), self.house.zone))

    def plan_again(self) -> None:
        """Anew: customers have changed."""
        self.plan_if_needed(again=True)
