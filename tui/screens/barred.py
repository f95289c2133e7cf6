"""Do not contact: whom the desk or a campaign does not write to, and who has opted out; since when, and how we know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.views.barred import BarredFilter, BarredRow, barred_counts, barred_ids, barred_rows, campaign_names
from tui.actions import BARRED, bindings_of
from tui.dialogs import ChoiceDialog, PageDialog
from tui.screens.barred_verbs import BarredVerbs
from tui.screens.barred_words import COLUMNS, DESK, barred_cells, barred_page, filter_of, key_of, list_words, states
from tui.widgets.listing import Listing
from tui.widgets.paging import Paging
from tui.widgets.rows import Rows
from tui.widgets.states import StatesLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.widget import Widget

    from core.views.barred import Kind
    from tui.widgets.columns import Cell


@dataclass(frozen=True, slots=True)
class Found:
    """One reading."""

    which: BarredFilter
    counts: Mapping[Kind, int]
    campaigns: tuple[str, ...]
    ids: list[int]
    rows: dict[int, BarredRow]


class BarredScreen(BarredVerbs[Found]):
    """One list at a time, read by pages."""

    BINDINGS: ClassVar = bindings_of(BARRED)

    def __init__(self, campaign: str = "") -> None:
        """`campaign`: whose list stands beside the desk's."""
        super().__init__()
        self.campaign = campaign
        self.which = BarredFilter("campaign", campaign) if campaign else DESK
        self.lists = StatesLine(name="barred-lists")
        self.listing = Listing("Do not contact", COLUMNS, self._cells, name="barred")
        self.pages = Paging(self.listing.rows)
        self._far = 0

    def compose_work(self) -> Iterable[Widget]:
        """The lists there are, and one of them."""
        yield self.lists
        yield self.listing

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """How many are on each list, and those of one that are seen."""
        database, which = self.office.database, replace(self.which, words=self.listing.words)
        counts = await barred_counts(database, self.campaign)
        ids = await self.pages.read(partial(barred_ids, database, which))
        rows = await barred_rows(database, which, self.listing.rows.window(ids))
        return Found(which, counts, await campaign_names(database), ids, rows)

    def paint(self, found: Found) -> None:
        """All of it, unless another list is asked for meanwhile."""
        if found.which != replace(self.which, words=self.listing.words):
            return
        self.campaigns = found.campaigns
        self.pages.show(found.ids, found.rows)
        self.lists.say(states(found.counts, self.campaign), key_of(self.which))
        self._entitle()
        self.refresh_bindings()

    def _entitle(self) -> None:
        far = f" · {self._far:,} lines read" if self._far else ""
        nobody = "" if self.listing.rows.keys or self.listing.words else " · nobody"
        self.listing.entitle(f"Do not contact · {list_words(self.which)}{nobody}{far}")

    def say_far(self, rows: int) -> None:
        """In the title, while a file is read."""
        self._far = rows
        self._entitle()

    def _cells(self, row: BarredRow) -> Sequence[Cell | str]:
        return barred_cells(row, self.which, self.house.now(), self.house.zone, self.house.region)

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()
        if self.pages.wants_more:
            self.refresh_soon()

    @on(Rows.Wanted)
    @work(group="window", exclusive=True, exit_on_error=False)
    async def _fill(self, event: Rows.Wanted) -> None:
        which, ids = self.which, [key for key in event.keys if isinstance(key, int)]
        rows = await barred_rows(self.office.database, which, ids)
        if which == self.which:  # the next list's numbers may be the same, of others
            event.rows.fill(rows)

    @on(Listing.Reordered)
    def _another_list(self) -> None:
        self.pages.restart()
        self.outdate()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What has ended is not removed, and opt-outs come from no file."""
        if action == "remove":
            return self.which.kind != "ended" and self.listing.rows.current is not None
        return action != "import" or self.which.kind in ("desk", "campaign")

    # -- looking ------------------------------------------------------------------------------------------------------

    def show_list(self, key: str) -> None:
        """Another list."""
        which = filter_of(key)
        if which != self.which:
            self.which = which
            self.campaign = which.campaign or self.campaign
            self.lists.say(self.lists.states, key)
            self._another_list()

    @on(StatesLine.Chosen)
    def _clicked(self, event: StatesLine.Chosen) -> None:
        self.show_list(event.state)

    def action_turn(self, by: int) -> None:
        """The next one."""
        self.show_list(self.lists.next(by))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_list(self) -> None:
        """The desk's, one campaign's, or opt-outs."""
        keys = ["desk", *(f"campaign:{one}" for one in self.campaigns), "opted out", "ended"]
        choices = [(key, list_words(filter_of(key))) for key in keys]
        chosen = await self.app.push_screen_wait(ChoiceDialog("Which list?", choices))
        if chosen is not None:
            self.show_list(chosen)

    @on(Rows.Opened)
    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _whole(self, event: Rows.Opened) -> None:
        page = barred_page(event.row, self.which, self.house.now(), self.house.zone, self.house.region)
        await self.app.push_screen_wait(PageDialog("Do not contact", page))

    def action_leave(self) -> None:
        """Stop a file that is read, of which whole parts stay; then back."""
        if self.is_going and self._going is not None:
            self._going.cancel()
        else:
            self.dismiss(None)
