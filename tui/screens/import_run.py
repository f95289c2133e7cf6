"""An import that runs: a trial that changes nothing, a question, the import itself, and what is wrong in the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual import work
from textual.content import Content

from core.errors import Wrong
from core.reach import typed
from tui.dialogs import ConfirmDialog, TextDialog
from tui.screens.campaign_screen import CampaignScreen
from tui.screens.importing_words import question_words, sums_line
from tui.widgets.listing import has_words

if TYPE_CHECKING:
    from textual.widgets import ProgressBar
    from textual.worker import Worker

    from core.campaigns.importing import ImportResult, ImportWish, Progress
    from core.campaigns.reading import Problem
    from tui.widgets.fields import Fields
    from tui.widgets.listing import Listing
    from tui.widgets.plate import Plate

Found = TypeVar("Found")
NEW = "+"
"""The choice of a list that is not there yet."""
MOST_LISTED = 100_000
"""Bad rows that are listed; the sums count them all."""


class ImportRun(CampaignScreen[Found]):
    """Running it; `ImportScreen` has the file, the list and the columns."""

    campaign: str
    wanted: str
    fields: Fields
    bar: ProgressBar
    sums: Plate
    bad: Listing
    chosen: dict[str, str]
    """Field -> column, where the person said so."""

    def __init__(self) -> None:
        super().__init__()
        self.new_list = ""
        """What a list that is not there yet is to be called."""
        self.problems: list[Problem] = []
        self.tried: tuple[object, ImportResult] | None = None
        self._going: Worker[None] | None = None
        self._far: Progress | None = None

    def say_look(self) -> None:
        """What the columns are about."""
        raise NotImplementedError

    # -- what is wished -----------------------------------------------------------------------------------------------

    async def _named(self) -> str:
        """What the new list is to be called; it is made by the import, not before. Empty where the person left."""
        usual = self.new_list or Path(str(self.fields.values["path"])).stem
        said = await self.app.push_screen_wait(TextDialog("A new list", "What is it called?", value=usual))
        self.new_list = (said or "").strip() or self.new_list
        self.say_look()
        return (said or "").strip()

    async def _wish(self, *, again: bool) -> ImportWish | None:
        """A trial of what stands there; `again`: a new list keeps the name it was given."""
        from core.campaigns import ImportWish

        values = self.fields.values
        if not values["path"]:
            self.fields.begin("path")
            raise Wrong("name a file first: CSV or XLSX")
        name, new = str(values["list"]), values["list"] == NEW
        if new:
            name = self.new_list if again and self.new_list else await self._named()
        if not name:
            return None
        path = typed(str(values["path"]))
        of = self.campaign if new else ""
        return ImportWish(
            name, path, dict(self.chosen), update=values["update"] is True, dry_run=True, new=new, campaign=of
        )

    # -- trial and import ---------------------------------------------------------------------------------------------

    @property
    def is_going(self) -> bool:
        """Whether a file is being read."""
        return self._going is not None and self._going.is_running

    def action_trial(self) -> None:
        """Nothing is changed."""
        if not self.is_going:
            self._going = self._run(dry_run=True)

    def action_run(self) -> None:
        """The import; without a trial of just this, that comes first."""
        if not self.is_going:
            self._going = self._run(dry_run=False)

    @work(group="import", exclusive=True, exit_on_error=False)
    async def _run(self, *, dry_run: bool) -> None:
        wish = await self._wish(again=not dry_run)
        if wish is None:
            return
        key = (wish.list, wish.new, wish.path, tuple(wish.mapping.items()), wish.update)
        if dry_run or self.tried is None or self.tried[0] != key:
            self.tried = (key, await self._go(wish))
        result = self.tried[1]
        if dry_run:
            return
        if not await self.app.push_screen_wait(ConfirmDialog("Import", question_words(result, wish), "Import")):
            return
        try:
            done = await self._go(replace(wish, dry_run=False))
        finally:
            self.tried = None
            if wish.new:  # made, unless it was refused: then a name is asked for again
                self.wanted, self.new_list = wish.list, ""
            self.outdate()
        self.notify(f"{done.added:,} customers added, {done.updated:,} changed", markup=False)

    async def _go(self, wish: ImportWish) -> ImportResult:
        self.problems.clear()
        self.bad.rows.restart()
        self.bar.update(total=None, progress=0)
        beat = self.set_interval(0.2, self._say_far)
        self.set_class(True, "-going")

        def far(progress: Progress) -> None:
            self._far = progress
            self.problems += progress.problems[: MOST_LISTED - len(self.problems)]

        try:
            result = await self.office.imports.run(wish, actor=self.login, on_progress=far)
        except BaseException:
            self.sums.say(Content("stopped" if wish.dry_run else "stopped: what had been imported stays"))
            raise
        finally:
            beat.stop()
            self.set_class(False, "-going")
        self._say_far()
        self.sums.say(sums_line(result))
        return result

    def _say_far(self) -> None:
        if self._far is not None:
            self.bar.update(total=max(1, self._far.total_octets), progress=self._far.octets)
            self.sums.say(Content(f"{self._far.rows:,} rows · {self._far.left_out:,} left out"))
        self.show_bad()

    def show_bad(self) -> None:
        """The bad rows that have the words."""
        words = self.bad.words
        rows = {
            at: one for at, one in enumerate(self.problems) if not words or has_words(words, one.column, one.reason)
        }
        self.bad.rows.show(list(rows), rows)
        self.bad.rows.new_below = 0
        self.bad.entitle(f"Rows to look at · {len(self.problems):,}" if self.problems else "Rows to look at · none")
