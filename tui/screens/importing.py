"""Customers from a file: which column is what, a trial that names every bad row, then the import itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import ProgressBar

from core.errors import PostroomError
from core.reach import typed
from core.views.customers import ListRow, lists
from tui.actions import IMPORTING, bindings_of
from tui.dialogs import ChoiceDialog, PageDialog
from tui.dialogs.files import Paths
from tui.dialogs.form import Field
from tui.screens.import_run import NEW, ImportRun
from tui.screens.importing_words import (
    MAPPING_COLUMNS,
    PROBLEM_COLUMNS,
    Mapped,
    mapped_rows,
    mapping_cells,
    problem_cells,
)
from tui.widgets.fields import Fields
from tui.widgets.listing import Listing
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.campaigns.importing import Look


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to import onto."""

    lists: Sequence[ListRow]


class ImportScreen(ImportRun[Found]):
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
        path = typed(str(values["path"]))
        self.fields.blame({})
        if not values["path"] or not path.is_file():
            self._show_look(None)
            return
        name = "" if values["list"] == NEW else str(values["list"])
        try:
            self._show_look(await self.office.imports.look(name, path, self.chosen))
        except PostroomError as error:
            self._show_look(None)
            self.fields.blame({"path": str(error)})

    def _show_look(self, look: Look | None) -> None:
        self.look = look
        rows = {one.field: one for one in mapped_rows(look)} if look is not None else {}
        if list(rows) != self.columns.rows.keys:
            self.columns.rows.restart()
        self.columns.rows.show(list(rows), rows)
        self.say_look()

    def say_look(self) -> None:
        """Whose columns they are, and that they can be changed."""
        new = f" of the new list {self.new_list}" if self.new_list and self.fields.values["list"] == NEW else ""
        how = f" · {self.key('list.open')} on one changes it" if self.look is not None else ""
        self.columns.entitle(f"Columns{new}{how}")

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

    @on(Listing.Reordered)
    def _filtered(self) -> None:
        self.show_bad()

    def action_leave(self) -> None:
        """Stop it; then back."""
        if self.is_going and self._going is not None:
            self._going.cancel()
        else:
            self.dismiss(None)
