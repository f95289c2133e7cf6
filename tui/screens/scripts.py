"""Scripts: what routes contacts; below, what scripts read and send: calendars, variables, templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on

from core.views.calendars import CalendarRow, TemplateRow, VariableRow, calendars, templates, variables
from core.views.scripts import ScriptRow, scripts
from tui.actions import SCRIPTS, bindings_of
from tui.screens.script_columns import (
    SCRIPT_COLUMNS,
    SHELF_COLUMNS,
    Shelved,
    script_cells,
    script_lines,
    shelf_cells,
    shelved,
)
from tui.screens.script_verbs import ScriptVerbs
from tui.widgets.listing import Listing, has_words
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    scripts: list[ScriptRow]
    shelf: list[Shelved]


class ScriptsScreen(ScriptVerbs[Found]):
    """Two lists, and the script under the cursor in two lines."""

    AREA = "scripts"
    CSS_PATH = "scripts.tcss"
    BINDINGS: ClassVar = bindings_of(SCRIPTS)

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing("Scripts", SCRIPT_COLUMNS, script_cells, name="scripts")
        self.plate = Plate(name="script")
        self.shelf = Listing("Calendars, variables, templates", SHELF_COLUMNS, shelf_cells, name="shelf")
        self.wanted = ""

    def compose_work(self) -> Iterable[Widget]:
        """Scripts, the one under the cursor, the shelf."""
        yield self.listing
        yield self.plate
        yield self.shelf

    async def read(self) -> Found:
        """All of them: there are never many."""
        database, now = self.office.database, self.house.now()
        shelf: list[CalendarRow | VariableRow | TemplateRow] = [
            *await calendars(database, now), *await variables(database), *await templates(database)
        ]  # fmt: skip
        return Found(await scripts(database, now), [shelved(row, self.house.zone) for row in shelf])

    def paint(self, found: Found) -> None:
        """Both lists."""
        known = {row.name: row for row in found.scripts if has_words(self.listing.words, row.name, row.description)}
        self.listing.rows.show(list(known), known)
        if self.wanted:
            self.listing.rows.go_to(self.wanted)
            self.wanted = ""
        shelf = {one.key: one for one in found.shelf if has_words(self.shelf.words, one.what, one.name, one.says)}
        self.shelf.rows.show(list(shelf), shelf)
        self.listing.entitle(f"Scripts · {len(found.scripts)}" if found.scripts else "No script yet: n makes one")
        self.tick()

    def show_thing(self, thing: str) -> None:
        """A script by its name."""
        self.wanted = thing
        self.refresh_soon()

    def tick(self) -> None:
        """The script under the cursor."""
        row = self.script
        self.plate.say(*(script_lines(row) if row is not None else []))

    @property
    def script(self) -> ScriptRow | None:
        """The script under the cursor."""
        row = self.listing.rows.current_row
        return row if isinstance(row, ScriptRow) else None

    @property
    def shelved(self) -> Shelved | None:
        """What stands under the cursor of the shelf, while the keys go there."""
        row = self.shelf.rows.current_row
        return row if self.shelf.rows.has_focus and isinstance(row, Shelved) else None

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened, "#scripts-rows")
    def _open(self, event: Rows.Opened) -> None:
        self.open_workshop(event.row.name)

    @on(Rows.Opened, "#shelf-rows")
    def _change(self, event: Rows.Opened) -> None:
        self.change_shelved(event.row)
