"""Scripts: what routes contacts; below, what scripts read and send: calendars, variables, templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.content import Content

from core.scripts.programs import active_sources
from core.views.calendars import CalendarRow, TemplateRow, VariableRow, calendars, templates, variables
from core.views.scripts import ScriptRow, scripts
from tui.actions import ACTIONS, SCRIPTS, SHELF, bindings_of
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


EMPTY = "Without a script every contact waits in its account's own queue."
_LOAD = re.compile(r"""^load\(\s*["']([^"'\n]+)["']""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    scripts: list[ScriptRow]
    shelf: list[Shelved]
    loaded_by: dict[str, list[str]]
    """The scripts whose active version loads one, by its name."""


class ShelfListing(Listing):
    """The lower list, where keys mean what is on the shelf."""

    BINDINGS: ClassVar = bindings_of(SHELF)


class ScriptsScreen(ScriptVerbs[Found]):
    """Two lists, and the script under the cursor in two lines."""

    AREA = "scripts"
    CSS_PATH = "scripts.tcss"
    BINDINGS: ClassVar = bindings_of(SCRIPTS)

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing("Scripts", SCRIPT_COLUMNS, script_cells, name="scripts")
        self.plate = Plate(name="script")
        self.shelf = ShelfListing("Calendars, variables, templates", SHELF_COLUMNS, shelf_cells, name="shelf")
        self.wanted = ""
        self.loaded_by: dict[str, list[str]] = {}

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
        loading: dict[str, list[str]] = {}
        for name, source in (await active_sources(database)).items():
            for loaded in dict.fromkeys(_LOAD.findall(source)):
                loading.setdefault(loaded, []).append(name)
        return Found(await scripts(database, now), [shelved(row, self.house.zone) for row in shelf], loading)

    def paint(self, found: Found) -> None:
        """Both lists."""
        self.loaded_by = found.loaded_by
        known = {row.name: row for row in found.scripts if has_words(self.listing.words, row.name, row.description)}
        self.listing.rows.show(list(known), known)
        if self.wanted:
            self.listing.rows.go_to(self.wanted)
            self.wanted = ""
        shelf = {one.key: one for one in found.shelf if has_words(self.shelf.words, one.what, one.name, one.says)}
        self.shelf.rows.show(list(shelf), shelf)
        count = f"Scripts · {len(found.scripts)} · today: runs, errors, time that 95 of 100 runs take at most"
        self.listing.entitle(
            count if found.scripts else f"No script yet: {self.key('scripts.new')} makes one, ready-made if you like"
        )
        self.refresh_bindings()
        self.tick()

    def show_thing(self, thing: str) -> None:
        """A script by its name."""
        self.wanted = thing
        self.refresh_soon()

    def tick(self) -> None:
        """The script under the cursor."""
        row = self.script
        self.plate.say(
            *(script_lines(row, self.key, self.loaded_by.get(row.name, ())) if row is not None else [Content(EMPTY)])
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """On the shelf only what is there can be made and deleted; without a script nothing can be done with one."""
        if action.startswith("template_"):
            return self.shelved is not None and isinstance(self.shelved.row, TemplateRow)
        is_about_scripts = f"scripts.{action.replace('_', '-')}" in ACTIONS and action not in ("new", "delete")
        return not is_about_scripts or (self.script is not None and not self.shelf.rows.has_focus)

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
    def _moved(self, event: Rows.Moved) -> None:
        self.tick()
        if event.rows is self.shelf.rows:
            self.refresh_bindings()

    # -- templates ----------------------------------------------------------------------------------------------------

    async def action_template_versions(self) -> None:
        """What the template has said."""
        from tui.screens.template_versions import TemplateVersionsScreen

        if (one := self.shelved) is not None:
            await self.app.push_screen(TemplateVersionsScreen(one.name))

    @work(group="asking", exit_on_error=False)
    async def action_template_preview(self) -> None:
        """As real customers would read it."""
        from tui.screens.template_preview import TemplatePreviewScreen, ask_audience

        if (one := self.shelved) is not None and (audience := await ask_audience(self)) is not None:
            await self.app.push_screen(TemplatePreviewScreen(one.name, audience))

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened, "#scripts-rows")
    def _open(self, event: Rows.Opened) -> None:
        self.open_workshop(event.row.name)

    @on(Rows.Opened, "#shelf-rows")
    def _change(self, event: Rows.Opened) -> None:
        self.change_shelved(event.row)
