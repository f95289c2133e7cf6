"""Replay: the contacts of past days through a version of a script; which of them would now go elsewhere."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal
from textual.widgets import ProgressBar

from core.errors import Refused
from core.scripts.replaying import DAYS, Difference, Replay
from core.text import one_line
from core.views.scripts import VersionRow, script_versions
from core.views.waiting import contacts_by_id
from tui.actions import REPLAY, bindings_of
from tui.dialogs import ChoiceDialog
from tui.screens.replay_words import COLUMNS, consequences, difference_cells, gist, group_lines, places, sums
from tui.screens.script_screen import ScriptScreen
from tui.widgets.listing import Caption, Listing, has_words
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from textual.widget import Widget
    from textual.worker import Worker

CHOICES = (("1", "1 day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("", "all that is kept"))
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Nothing is read but what the replay itself tells."""


class ReplayScreen(ScriptScreen[Found]):
    """Progress, sums, the groups that differ, and the one under the cursor in full."""

    CSS_PATH = "replay.tcss"
    BINDINGS: ClassVar = bindings_of(REPLAY)

    def __init__(
        self,
        script: str,
        *,
        number: int | None = None,
        source: str | None = None,
        label: str = "",
        save: Callable[[str], Awaitable[int]] | None = None,
        publishing: bool = False,
    ) -> None:
        """`number`: a version, else the active one; `source`: a draft instead, called `label`, which `save` makes a
        version with a remark; `publishing`: it was asked for on the way to let it decide."""
        super().__init__()
        self.script = script
        self.number = number
        self.source = source
        self.label = label or (f"v{number}" if number else "what you have written" if source is not None else "")
        self.save = save or self._remark
        self.publishing = publishing
        self.days: float | None = DAYS
        self.state: Replay | None = None
        self.stopped = False
        self.caption = Caption()
        self.bar = ProgressBar(show_eta=False, id="progress")
        self.sums = Plate(name="sums")
        self.places = Plate(name="places")
        self.listing = Listing("Would go elsewhere", COLUMNS, difference_cells, name="differences")
        self.group = Plate(name="group")
        self._going: Worker[None] | None = None

    def compose_work(self) -> Iterable[Widget]:
        """What is replayed, how far it is, what came of it."""
        yield self.caption
        yield Horizontal(self.bar, id="progress-row")
        yield self.sums
        yield self.places
        yield self.listing
        yield self.group

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

    @property
    def is_going(self) -> bool:
        """Whether it still runs."""
        return self._going is not None and self._going.is_running

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """It can be stopped while it runs."""
        return action != "cancel" or self.is_going

    def _begin(self) -> None:
        self.state, self.stopped = None, False
        self.listing.rows.restart()
        self.bar.update(total=None, progress=0)
        self._going = self._replay()

    @work(group="replay", exclusive=True, exit_on_error=False)
    async def _replay(self) -> None:
        self.refresh_bindings()
        going = self.office.routing.replays.replay(self.script, number=self.number, source=self.source, days=self.days)
        try:
            async with aclosing(going) as steps:
                async for state in steps:
                    self.state = state
                    self._show()
        finally:
            self.call_later(self._ended)

    def _ended(self) -> None:
        self.refresh_bindings()
        self._show()
        if self.publishing and self.state is not None and not self.state.total and self.is_current:
            self.action_publish()  # there is nothing to be seen first

    def _show(self) -> None:
        if not self.is_mounted:
            return
        state, span = (
            self.state,
            f"{self.days:g} day{'' if self.days == 1 else 's'}" if self.days else "all that is kept",
        )
        label = self.label or (state.version if state is not None else "")
        before = "before it decides: " if self.publishing else ""
        self.caption.say(f"{self.script} · {before}{label} over {span}", self._progress())
        if state is None:
            return
        self.bar.update(total=max(1, state.total), progress=state.done if state.total else 1)
        self.sums.say(sums(state, self.key("replay.days")))
        self.places.say(places(state))
        shown = (*state.errors, *state.differences)
        known = {
            (one.old, one.new, one.reason, one.line, one.failed): one
            for one in shown
            if has_words(self.listing.words, one.old, one.new, one.reason)
        }
        self.listing.entitle(
            "Would go elsewhere: Enter opens one" if shown else
            "Would go elsewhere: none" if state.total and not self.is_going else "Would go elsewhere"
        )  # fmt: skip
        self.listing.rows.show(list(known), known)
        self.tick()

    def tick(self) -> None:
        """The group under the cursor."""
        row = self.listing.rows.current_row
        self.group.say(*(group_lines(row) if isinstance(row, Difference) else ()))

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()

    def _progress(self) -> str:
        if self.state is None:
            return "reading ..." if self.is_going else "not replayed"
        done = f"{self.state.done:,} of {self.state.total:,} contacts"
        return f"{done}, stopped" if self.stopped else done

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self._show()

    # -- doing --------------------------------------------------------------------------------------------------------

    @on(Rows.Opened)
    @work(group="asking", exit_on_error=False)
    async def look(self) -> None:
        """Open one of the contacts of a group."""
        row = self.listing.rows.current_row
        if not isinstance(row, Difference):
            return
        chosen: int | None = row.runs[0].contact
        if row.count > 1:
            ids = list(dict.fromkeys(one.contact for one in row.runs))[-MOST_LOOKED_AT:][::-1]
            known = await contacts_by_id(self.office.database, ids)
            title = f"{one_line(row.old, 30)} → {one_line(row.new, 30)}"
            chosen = await self.choose_contact(title, [(known[one], "") for one in ids if one in known])
        if chosen is not None:
            await self.house.open_contact(chosen)

    @work(group="asking", exit_on_error=False)
    async def action_days(self) -> None:
        """Another stretch."""
        said = await self.app.push_screen_wait(ChoiceDialog("Replay how much?", CHOICES))
        if said is not None:
            self.days = float(said) if said else None
            self._begin()

    def action_cancel(self) -> None:
        """Stop it."""
        if self._going is not None and self.is_going:
            self.stopped = True
            self._going.cancel()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_publish(self) -> None:
        """Let it decide, with a remark."""
        from tui.dialogs.publishing import PublishDialog

        await self.need_right()
        row = await self.row_of(self.script)
        if row is None:
            raise Refused(f"there is no script {self.script} any more")
        number = self.number if self.source is None else None
        if self.source is None and number in (None, row.active):
            raise Refused(f"v{row.active} decides already")
        version = await self._version(number)
        title = f"Publish {self.label} of {self.script}"
        question = f"{gist(self.state)}\n{consequences(row.accounts, row.active, self.key('scripts.back'))}"
        remark = await self.app.push_screen_wait(PublishDialog(title, question, version.remark if version else ""))
        if remark is None:
            return
        if version is None or remark != version.remark:
            number = await self.save(remark)
        assert number is not None
        activated = await self.office.routing.scripts.activate(self.script, number, actor=self.login)
        self.now_decides(self.script, number, activated.before)
        self.action_leave()

    async def _version(self, number: int | None) -> VersionRow | None:
        known = await script_versions(self.office.database, self.script)
        return next((one for one in known if one.number == number), None)

    async def _remark(self, remark: str) -> int:
        number = self.number or 0
        await self.office.routing.scripts.set_remark(self.script, number, remark, actor=self.login)
        return number

    def action_leave(self) -> None:
        """Stop it and go back."""
        self.action_cancel()
        self.dismiss(None)
