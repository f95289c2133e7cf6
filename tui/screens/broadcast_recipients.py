"""The recipients of a broadcast: what became of each, when and why; a page at a time, of one state or of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.errors import Refused
from core.views.broadcasts import STATES, BroadcastRow, LedgerRow, broadcast, ledger
from tui.actions import RECIPIENTS, bindings_of
from tui.dialogs import ChoiceDialog, PageDialog
from tui.dialogs.explained import explained
from tui.screens.broadcast_columns import RECIPIENT_COLUMNS, recipient_cells
from tui.screens.campaign_screen import CampaignScreen
from tui.widgets.listing import Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui.widgets.columns import Cell

PAGE = 500
ALL = "all"


@dataclass(frozen=True, slots=True)
class Found:
    """One page."""

    broadcast: BroadcastRow
    rows: list[LedgerRow]
    """One more than a page where there are others behind it."""


class RecipientsScreen(CampaignScreen[Found]):
    """Of a million never more than a page is read."""

    BINDINGS: ClassVar = bindings_of(RECIPIENTS)

    def __init__(self, broadcast_id: int) -> None:
        super().__init__()
        self.broadcast_id = broadcast_id
        self.state = ""
        self.starts = [0]
        """Behind which row each page begins that was come to."""
        self.found: Found | None = None
        self.listing = Listing("Recipients", RECIPIENT_COLUMNS, self._cells, name="recipients")

    def compose_work(self) -> Iterable[Widget]:
        """The list."""
        yield self.listing

    async def read(self) -> Found:
        """This page."""
        database = self.office.database
        row = await broadcast(database, self.broadcast_id)
        return Found(
            row,
            await ledger(database, self.broadcast_id, state=self.state, after=self.starts[-1], limit=PAGE + 1),
        )

    def paint(self, found: Found) -> None:
        """Those of the page that have the words."""
        self.found = found
        page = found.rows[:PAGE]
        shown = [row for row in page if has_words(self.listing.words, row.reference, row.name, row.address, row.reason)]
        self.listing.rows.show([row.id for row in shown], {row.id: row for row in shown})
        of = getattr(found.broadcast, self.state) if self.state else found.broadcast.planned
        first = (len(self.starts) - 1) * PAGE
        here = f"{first + 1:,} to {first + len(page):,} of {of:,}" if page else "nobody"
        self.listing.entitle(f"{found.broadcast.name} #{self.broadcast_id} · {self.state or 'all recipients'} · {here}")
        self.refresh_bindings()

    def _cells(self, row: LedgerRow) -> Sequence[Cell | str]:
        return recipient_cells(row, self.house.now(), self.house.zone)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only to pages that are there."""
        if action == "following":
            return self.found is not None and len(self.found.rows) > PAGE
        return len(self.starts) > 1 if action == "before" else True

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened)
    def _opened(self) -> None:
        self.action_explain()

    # -- doing --------------------------------------------------------------------------------------------------------

    def action_following(self) -> None:
        """The next page."""
        if self.found is not None and len(self.found.rows) > PAGE:
            self.starts.append(self.found.rows[PAGE - 1].id)
            self.refresh_soon()

    def action_before(self) -> None:
        """The page before."""
        if len(self.starts) > 1:
            self.starts.pop()
            self.refresh_soon()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_state(self) -> None:
        """Which state."""
        if self.found is None:
            return
        row = self.found.broadcast
        choices = [(ALL, f"all {row.planned:,}")]
        choices += [(state, f"{state}  {getattr(row, state):,}") for state in STATES if getattr(row, state)]
        chosen = await self.app.push_screen_wait(ChoiceDialog("State", choices, "Whom do you want to see?"))
        if chosen is not None:
            self.state, self.starts = "" if chosen == ALL else chosen, [0]
            self.refresh_soon()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_explain(self) -> None:
        """The message, or why there is none."""
        row = self.listing.rows.current_row
        if not isinstance(row, LedgerRow):
            raise Refused("there is nobody here")
        if row.message is not None:
            await self.app.push_screen(await explained(self.house, "message", row.message))
            return
        who = f"{row.reference}  {row.name}  {row.address}"
        await self.app.push_screen(PageDialog("Recipient", f"{who}\n{row.state}: {row.reason or 'has no message yet'}"))

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
