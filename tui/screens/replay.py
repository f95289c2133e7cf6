"""Replay: the contacts of past days through a version of a script; which of them would now go elsewhere."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import ProgressBar

from core.errors import Refused
from core.scripts.replaying import DAYS, Difference, Replay
from core.text import one_line
from tui.actions import REPLAY, bindings_of
from tui.ages import day
from tui.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.work import WorkScreen
from tui.widgets.columns import Cell, Column
from tui.widgets.listing import Caption, Listing, has_words
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.widget import Widget
    from textual.worker import Worker

COLUMNS = (
    Column("Contacts", 8, right=True),
    Column("Went to", 20, grow=2),
    Column("Would go to", 20, grow=2),
    Column("Because", 20, grow=3),
    Column("Line", 4, right=True, drop=1),
)
CHOICES = (("1", "1 day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("", "all that is kept"))
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Nothing is read but what the replay itself tells."""


class ReplayScreen(WorkScreen[Found]):
    """Progress, sums, and the groups that differ."""

    AREA = "scripts"
    CSS_PATH = "replay.tcss"
    BINDINGS: ClassVar = bindings_of(REPLAY)

    def __init__(
        self,
        script: str,
        *,
        number: int | None = None,
        source: str | None = None,
        publish: Callable[[], object] | None = None,
    ) -> None:
        """`number`: a version, else the active one; `source`: a draft instead, which `publish` lets decide."""
        super().__init__()
        self.publish = publish
        self.script = script
        self.number = number
        self.source = source
        self.days: float | None = DAYS
        self.state: Replay | None = None
        self.stopped = False
        self.caption = Caption()
        self.bar = ProgressBar(show_eta=False, id="progress")
        self.sums = Plate(name="sums")
        self.listing = Listing("Would go elsewhere", COLUMNS, self._cells, name="differences")
        self._going: Worker[None] | None = None

    def compose_work(self) -> Iterable[Widget]:
        """What is replayed, how far it is, what came of it."""
        yield self.caption
        yield Horizontal(self.bar, id="progress-row")
        yield self.sums
        yield self.listing

    def on_mount(self) -> None:
        """Begin at once."""
        super().on_mount()
        self._begin()

    async def read(self) -> Found:
        """Nothing: what is replayed does not change."""
        return Found()

    def paint(self, found: Found) -> None:
        """As far as it is."""
        self._show()

    # -- running ------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.state, self.stopped = None, False
        self.listing.rows.restart()
        self._going = self._replay()

    @work(group="replay", exclusive=True, exit_on_error=False)
    async def _replay(self) -> None:
        going = self.office.routing.replays.replay(self.script, number=self.number, source=self.source, days=self.days)
        async with aclosing(going) as steps:
            async for state in steps:
                self.state = state
                self._show()
        self._show()

    def _show(self) -> None:
        state, span = self.state, f"{self.days:g} days" if self.days else "all that is kept"
        label = state.version if state is not None else "the draft" if self.source is not None else f"v{self.number}"
        self.caption.say(f"{self.script} · {label} over {span}", self._progress())
        if state is None:
            return
        self.bar.update(total=max(1, state.total), progress=state.done if state.total else 1)
        if not state.total:
            self.sums.say(Content("no contact was routed by this script in that time: d takes another stretch"))
        else:
            self.sums.say(
                Content.assemble(
                    (f"● {state.same:,} the same", "$success"), "   ",
                    (f"▲ {state.differ:,} would go elsewhere", "$warning" if state.differ else "$text-muted"), "   ",
                    (f"✖ {state.failed:,} would fail", "$error" if state.failed else "$text-muted"),
                )
            )  # fmt: skip
        known = {
            (one.old, one.new, one.reason, one.line): one
            for one in (*state.errors, *state.differences)
            if has_words(self.listing.words, one.old, one.new, one.reason)
        }
        self.listing.rows.show(list(known), known)

    def _progress(self) -> str:
        if self.state is None:
            return "reading ..."
        done = f"{self.state.done:,} of {self.state.total:,} contacts"
        return f"{done}, stopped" if self.stopped else done

    def _cells(self, row: Difference) -> Sequence[Cell | str]:
        return (
            f"{row.count:,}",
            row.old,
            Cell(f"✖ {row.new}", "broken") if row.failed else Cell(row.new, "strong"),
            row.reason or Cell("-", "dim"),
            f"{row.line}" if row.line else "",
        )

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self._show()

    # -- doing --------------------------------------------------------------------------------------------------------

    @on(Rows.Opened)
    def _opened(self) -> None:
        self.action_look()

    @work(group="asking", exit_on_error=False)
    async def action_look(self) -> None:
        """Open one of the contacts of a group."""
        row = self.listing.rows.current_row
        if not isinstance(row, Difference):
            raise Refused("there is nothing to look at: every contact ends as it did")
        chosen = str(row.runs[0].contact)
        if row.count > 1:
            now = self.house.now().astimezone(self.house.zone)
            choices = []
            for one in row.runs[:MOST_LOOKED_AT]:
                at = one.at.astimezone(self.house.zone)
                choices.append((str(one.contact), f"contact {one.contact}  {day(at, now)} {at:%H:%M}"))
            title = f"{one_line(row.old, 30)} → {one_line(row.new, 30)}"
            said = await self.app.push_screen_wait(ChoiceDialog(title, choices))
            if said is None:
                return
            chosen = said
        await self.house.open_contact(int(chosen))

    @work(group="asking", exit_on_error=False)
    async def action_days(self) -> None:
        """Another stretch."""
        said = await self.app.push_screen_wait(ChoiceDialog("Replay how much?", CHOICES))
        if said is not None:
            self.days = float(said) if said else None
            self._begin()

    def action_cancel(self) -> None:
        """Stop it."""
        if self._going is not None and self._going.is_running:
            self.stopped = True
            self._going.cancel()
            self._show()

    @work(group="asking", exit_on_error=False)
    async def action_publish(self) -> None:
        """Let it decide."""
        if self.publish is not None:
            self.action_leave()
            self.publish()
            return
        state, number = self.state, self.number
        if state is None or number is None:
            raise Refused("the version that was replayed decides already")
        question = (
            f"Of {state.done:,} contacts {state.differ:,} would go elsewhere and {state.failed:,} would fail."
            " It decides from the next contact on."
        )
        if await self.app.push_screen_wait(
            ConfirmDialog(f"Activate v{number} of {self.script}?", question, "Activate")
        ):
            scripts, name, login = self.office.routing.scripts, self.script, self.login

            async def activate() -> None:
                await scripts.activate(name, number, actor=login)

            async def back() -> None:
                await scripts.roll_back(name, actor=login)

            self.house.do(activate, f"v{number} of {name} decides", back)

    def action_leave(self) -> None:
        """Stop it and go back."""
        self.action_cancel()
        self.dismiss(None)
