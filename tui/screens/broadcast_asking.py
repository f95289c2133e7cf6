"""What the wizard asks and does: those left out, one recipient's message, a test, the confirmation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual import on, work
from textual.content import Content

from core.errors import NotFound, Refused
from tui.dialogs import PageDialog, TextDialog, ask_number
from tui.screens.broadcast_words import KEYS, preview_lines, worst_words
from tui.screens.campaign_screen import CampaignScreen
from tui.telling import shown_address
from tui.widgets.broadcast_steps import PlanStep, PreviewPage
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.broadcasts import Example, LeftOut, Plan, Timing
    from tui.widgets.broadcast_steps import PreviewStep
    from tui.widgets.fields import Fields

Found = TypeVar("Found")
LISTED = 1000
LEFT_OUT_COLUMNS = (
    Column("Reference", 10, grow=1),
    Column("Name", 12, grow=2),
    Column("Number or address", 18, grow=1),
    Column("Why", 24, grow=3),
)


class WizardAsking(CampaignScreen[Found]):
    """Dialogs and verbs; `WizardScreen` has the steps."""

    plan: Plan | None
    number: int
    plan_step: PlanStep
    preview: PreviewStep
    confirm: Fields
    when: Fields

    def timing(self) -> Timing | None:
        """As it was entered."""
        raise NotImplementedError

    def plan_again(self) -> None:
        """Plan anew."""
        raise NotImplementedError

    def say_freezing(self, done: int, total: int) -> None:
        """How far it is."""
        raise NotImplementedError

    # -- those left out -----------------------------------------------------------------------------------------------

    @on(PlanStep.Asked)
    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _asked(self, event: PlanStep.Asked) -> None:
        if event.what == "again":
            self.plan_again()
        elif self.plan is None:
            return
        elif event.what == "export":
            from core.broadcasts.left_out_file import left_out_csv
            from tui.screens.campaign_export import write_csv

            lines = left_out_csv(self.office.broadcasts, self.plan)
            await write_csv(self.house, "Left out", "left-out.csv", lines)
        elif event.what == "worst":
            await self._worst_page(self.plan)
        else:
            await self._look(self.plan, KEYS[event.key])

    async def _look(self, plan: Plan, reasons: Sequence[LeftOut]) -> None:
        from tui.dialogs.rows_page import RowsDialog

        held = [reason for reason in reasons if plan.left_out.get(reason)]
        if not held:
            raise Refused("nobody is left out for that reason")
        total = sum(plan.left_out[reason] for reason in held)
        rows: dict[int, tuple[LeftOut, Example]] = {}
        for reason in held:
            async for one in self.office.broadcasts.left_out(plan, reason):
                rows[len(rows)] = one
                if len(rows) >= LISTED:
                    break
        channel, region = plan.request.channel, self.house.region

        def cells(one: tuple[LeftOut, Example]) -> Sequence[Cell | str]:
            reason, who = one
            why = who.detail if who.detail and len(held) == 1 else reason.in_words(channel)
            return (who.reference, Cell(who.name, "strong"), shown_address(who.address, region), why)

        def whole(one: tuple[LeftOut, Example]) -> str:
            reason, who = one
            return f"{reason.in_words(channel)}: {who.detail}" if who.detail else reason.in_words(channel)

        words = held[0].in_words(channel) if len(held) == 1 else "left out"
        first = f", the first {LISTED:,} of them" if total > LISTED else ""
        caption = f"{total:,} {words}{first}"
        await self.app.push_screen_wait(
            RowsDialog("Left out", LEFT_OUT_COLUMNS, cells, rows, caption=caption, whole=whole)
        )

    # -- each recipient's message -------------------------------------------------------------------------------------

    @on(PreviewPage.Turned)
    def _turned(self, event: PreviewPage.Turned) -> None:
        if self.plan is None:
            return
        match event.what:
            case "turn":
                self.show_preview(self.number + event.number)
            case "go":
                self.show_preview(event.number or self.plan.recipients)
            case "ask":
                self._ask_number(self.plan)
            case "worst":
                self._show_worst(self.plan)
            case "test":
                self._test(self.plan)

    @work(group="preview", exclusive=True, exit_on_error=False)
    async def show_preview(self, number: int) -> None:
        """The message of this recipient, or of the one that is nearest to it."""
        plan = self.plan
        if plan is None:
            return
        if not plan.recipients:
            self.preview.say([Content("Nobody will get it.")], "")
            return
        self.number = max(1, min(number, plan.recipients))
        try:
            one = await self.office.broadcasts.preview(plan, self.number)
        except NotFound as error:
            self.preview.say([Content(f"{self.number:,} of {plan.recipients:,}")], str(error))
        else:
            from core.mime import with_html

            said = with_html(one.text, one.html)
            self.preview.say(preview_lines(one, plan.recipients, self.house.region, plan.price), said)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _ask_number(self, plan: Plan) -> None:
        number = await ask_number(self.app, "Go to", "Which recipient?", plan.recipients)
        if number is not None:
            self.show_preview(number)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _show_worst(self, plan: Plan) -> None:
        await self._worst_page(plan)

    async def _worst_page(self, plan: Plan) -> None:
        if plan.worst is None:
            raise Refused("there is no longest message: nobody will get it")
        await self.app.push_screen_wait(PageDialog("The longest message", worst_words(plan.worst)))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _test(self, plan: Plan) -> None:
        question = "Your own number or address; it leaves at once, whatever becomes of the broadcast."
        drafts = self.house.drafts.setdefault("broadcast test", {})
        said = await self.app.push_screen_wait(
            TextDialog("Send a test", question, value=str(drafts.get("address", "")))
        )
        if said and said.strip():
            drafts["address"] = said.strip()
            verb = partial(self.office.broadcasts.test, plan, self.number, said.strip(), actor=self.login)
            self.house.do(verb, "the test is in the outbox")

    # -- the deed -----------------------------------------------------------------------------------------------------

    @work(group="confirm", exit_on_error=False)
    async def confirm_now(self) -> None:
        """Freeze it under the number that was typed, and show it live."""
        plan, timing = self.plan, self.timing()
        if plan is None or timing is None:
            return
        said = str(self.confirm.values["count"]).replace(",", "").replace(" ", "")
        if not (said.isdecimal() and said.isascii() and int(said[:12]) == plan.recipients):
            self.confirm.blame({"count": f"{plan.recipients:,} will get it: type that number, or go back with Esc"})
            return
        far = [0, max(1, plan.recipients)]

        def progress(done: int, total: int) -> None:
            far[:] = [done, total]

        beat = self.set_interval(0.2, lambda: self.say_freezing(*far))
        try:
            made = await self.office.broadcasts.confirm(
                plan, count=plan.recipients, actor=self.login, name=str(self.when.values["name"]), timing=timing,
                progress=progress,
            )  # fmt: skip
        finally:
            beat.stop()
        from tui.screens.broadcast_live import LiveScreen

        self.notify("confirmed", markup=False)
        self.app.call_later(self.app.switch_screen, LiveScreen(made))
