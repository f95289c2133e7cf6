"""Customers from a file: which column is what, a trial that names every bad row, then the import itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import ProgressBar

from core.errors import PostroomError, Wrong
from core.views.customers import ListRow, lists
from tui.actions import IMPORTING, bindings_of
from tui.dialogs import ChoiceDialog, ConfirmDialog, PageDialog, TextDialog
from tui.dialogs.files import Paths
from tui.dialogs.form import Field
from tui.screens.campaign_screen import CampaignScreen
from tui.screens.importing_words import (
    MAPPING_COLUMNS,
    PROBLEM_COLUMNS,
    Mapped,
    mapped_rows,
    mapping_cells,
    problem_cells,
    question_words,
    sums_line,
)
from tui.widgets.fields import Fields
from tui.widgets.listing import Listing, has_words
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget
    from textual.worker import Worker

    from core.campaigns.importing import ImportResult, ImportWish, Look, Progress
    from core.campaigns.reading import Problem

NEW = "+"
MOST_LISTED = 100_000
"""Bad rows that are listed; the sums count them all."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to import onto."""

    lists: Sequence[ListRow]


class ImportScreen(CampaignScreen[Found]):
    """File and list above, columns below, then how far it is and what is wrong."""

    CSS_PATH = "importing.tcss"
    BINDINGS: ClassVar = bindings_of(IMPORTING)

    def __init__(self, list_name: str = "", campaign: str = "") -> None:
        """`list_name`: what is chosen at first; `campaign`: that of a new list."""
        super().__init__()
        self.campaign = campaign
        self.wanted = list_name
        fields = (
            Field("path", "File", "CSV or XLSX; → completes what stands in grey."),
            Field("list", "Onto list", "Where its customers go.", "choice", ((NEW, "+ a new list"),)),
            Field("update", "Known customers", "Ticked: changed as the file says; else left as they are.", "flag"),
        )
        self.fields = Fields(fields, {"update": True}, name="import-fields")
        self.columns = Listing("Columns", MAPPING_COLUMNS, mapping_cells, name="mapping")
        self.bar = ProgressBar(show_eta=False, id="import-bar")
        self.sums = Plate(name="import-sums")
        self.bad = Listing("Rows to look at", PROBLEM_COLUMNS, problem_cells, name="problems")
        self.look: Look | None = None
        self.chosen: dict[str, str] = {}
        """Field -> column, where the person said so."""
        self.problems: list[Problem] = []
        self.tried: tuple[object, ImportResult] | None = None
        self._going: Worker[None] | None = None
        self._far: Progress | None = None

    def compose_work(self) -> Iterable[Widget]:
        """All of it."""
        yield self.fields
        yield self.columns
        yield Horizontal(self.bar, self.sums, id="import-row")
        yield self.bad

    def on_mount(self) -> None:
        """Type at once."""
        super().on_mount()
        self.fields.suggest("path", Paths())
        self.fields.begin()
        self.sums.say(Content(f"{self.key('importing.trial')}: a trial, which changes nothing"))
        self.bad.entitle(self.bad.title)
        self.columns.entitle(self.columns.title)

    async def read(self) -> Found:
        """All lists."""
        return Found(await lists(self.office.database))

    def paint(self, found: Found) -> None:
        """What can be chosen."""
        choices = [(one.name, f"{one.name} · {one.customers:,} customers") for one in found.lists]
        self.fields.offer("list", [*choices, (NEW, "+ a new list")])
        if self.wanted:
            self.fields.put("list", self.wanted)
            self.wanted = ""

    # -- the file -----------------------------------------------------------------------------------------------------

    @on(Fields.Typed)
    def _typed(self) -> None:
        self.tried = None
        self._look_soon()

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _look_soon(self) -> None:
        """The columns, as soon as the path is that of a file. What is wrong with it is said by the trial."""
        values = self.fields.values
        path = Path(str(values["path"])).expanduser()
        self.fields.blame({})
        if not values["path"] or not path.is_file():
            self._show_look(None)
            return
        if values["list"] == NEW:
            self.columns.entitle("Columns · choose a list first, or try it: then the new one is named")
            return
        try:
            self._show_look(await self.office.imports.look(str(values["list"]), path, self.chosen))
        except PostroomError as error:
            self._show_look(None)
            self.fields.blame({"path": str(error)})

    def _show_look(self, look: Look | None) -> None:
        self.look = look
        rows = {one.field: one for one in mapped_rows(look)} if look is not None else {}
        if list(rows) != self.columns.rows.keys:
            self.columns.rows.restart()
        self.columns.rows.show(list(rows), rows)
        change = self.key("list.open")
        self.columns.entitle(f"Columns · {change} on one changes it" if look is not None else "Columns")

    @on(Rows.Opened, "#mapping-rows")
    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _another_column(self, event: Rows.Opened) -> None:
        row, look = event.row, self.look
        if not isinstance(row, Mapped) or look is None:
            return
        choices = [("", "none: leave this field out"), *((one, one) for one in look.columns)]
        chosen = await self.app.push_screen_wait(ChoiceDialog(f"Which column is {row.field}?", choices))
        if chosen is not None:
            self.chosen[row.field] = chosen
            self.tried = None
            self._look_soon()

    @on(Rows.Opened, "#problems-rows")
    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _whole(self, event: Rows.Opened) -> None:
        words = f"{event.row.column}\n\n{event.row.reason}"
        await self.app.push_screen_wait(PageDialog(f"Line {event.row.line:,}", words))

    async def _list(self) -> str:
        """Onto which list; a new one is named and made. Empty where the person left."""
        name = str(self.fields.values["list"])
        if name != NEW:
            return name
        usual = Path(str(self.fields.values["path"])).stem
        said = await self.app.push_screen_wait(TextDialog("A new list", "What is it called?", value=usual))
        if not said or not said.strip():
            return ""
        await self.office.lists.create(said.strip(), actor=self.login, campaign=self.campaign)
        self.fields.offer("list", [(said.strip(), said.strip()), (NEW, "+ a new list")])
        self.fields.put("list", said.strip())
        self.wanted = said.strip()
        self.outdate()
        return said.strip()

    async def _wish(self, *, dry_run: bool) -> ImportWish | None:
        from core.campaigns import ImportWish

        values = self.fields.values
        if not values["path"]:
            self.fields.begin("path")
            raise Wrong("name a file first: CSV or XLSX")
        name = await self._list()
        if not name:
            return None
        path = Path(str(values["path"])).expanduser()
        return ImportWish(name, path, dict(self.chosen), update=values["update"] is True, dry_run=dry_run)

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
        wish = await self._wish(dry_run=True)
        if wish is None:
            return
        key = (wish.list, wish.path, tuple(wish.mapping.items()), wish.update)
        if dry_run or self.tried is None or self.tried[0] != key:
            self.tried = (key, await self._go(wish))
        result = self.tried[1]
        if dry_run:
            return
        if not await self.app.push_screen_wait(ConfirmDialog("Import", question_words(result), "Import")):
            return
        real = await self._wish(dry_run=False)
        if real is not None:
            done = await self._go(real)
            self.tried = None
            self.notify(f"{done.added:,} customers added, {done.updated:,} changed", markup=False)
            self.outdate()

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
        self._show_bad()

    def _show_bad(self) -> None:
        words = self.bad.words
        rows = {
            at: one for at, one in enumerate(self.problems) if not words or has_words(words, one.column, one.reason)
        }
        self.bad.rows.show(list(rows), rows)
        self.bad.rows.new_below = 0
        self.bad.entitle(f"Rows to look at · {len(self.problems):,}" if self.problems else "Rows to look at · none")

    @on(Listing.Reordered)
    def _filtered(self) -> None:
        self._show_bad()

    def action_leave(self) -> None:
        """Stop it; then back."""
        if self.is_going and self._going is not None:
            self._going.cancel()
        else:
            self.dismiss(None)
