"""Broadcasts: all of them, those that run first; each opens as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.errors import Refused
from core.views.broadcasts import BroadcastRow, broadcasts
from tui.actions import BROADCASTS, bindings_of
from tui.dialogs.explained import explained
from tui.screens.broadcast_columns import BROADCAST_COLUMNS, ENDED, PAUSABLE, broadcast_cells
from tui.screens.campaign_screen import CampaignScreen
from tui.widgets.listing import Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui.widgets.columns import Cell


@dataclass(frozen=True, slots=True)
class Found:
    """One reading."""

    rows: list[BroadcastRow]


class BroadcastsScreen(CampaignScreen[Found]):
    """One list."""

    BINDINGS: ClassVar = bindings_of(BROADCASTS)

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing("Broadcasts", BROADCAST_COLUMNS, self._cells, name="broadcasts")

    def compose_work(self) -> Iterable[Widget]:
        """The list."""
        yield self.listing

    async def read(self) -> Found:
        """All of them."""
        return Found(await broadcasts(self.office.database))

    def paint(self, found: Found) -> None:
        """Those that have the words."""
        words = self.listing.words
        shown = [row for row in found.rows if has_words(words, row.name, row.audience, row.account, row.state)]
        self.listing.rows.show([row.id for row in shown], {row.id: row for row in shown})
        running = sum(row.state == "running" for row in found.rows)
        said = f"{running:,} running" if running else "none running"
        self.listing.entitle(f"Broadcasts · {said}" if found.rows else f"No broadcast yet: {self._new} plans one")

    @property
    def _new(self) -> str:
        return self.key("broadcasts.new")

    def _cells(self, row: BroadcastRow) -> Sequence[Cell | str]:
        return broadcast_cells(row, self.house.now(), self.house.zone)

    @property
    def row(self) -> BroadcastRow | None:
        """The one under the cursor."""
        row = self.listing.rows.current_row
        return row if isinstance(row, BroadcastRow) else None

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(Rows.Opened)
    async def _open(self, event: Rows.Opened) -> None:
        from tui.screens.broadcast_live import LiveScreen

        await self.app.push_screen(LiveScreen(event.row.id))

    # -- doing --------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_new(self) -> None:
        """The wizard."""
        from tui.screens.broadcast_wizard import WizardScreen

        await self.need_right("send broadcasts")
        await self.app.push_screen(WizardScreen())

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_pause(self) -> None:
        """Pause, or go on."""
        row = self.row
        if row is not None:
            if row.state not in PAUSABLE:
                raise Refused(f"{row.name} is {row.state}: there is nothing to pause")
            await self.pause_or_resume(row)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_cancel(self) -> None:
        """End it."""
        row = self.row
        if row is not None:
            if row.state in ENDED:
                raise Refused(f"{row.name} is {row.state} already")
            await self.cancel_broadcast(row)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_approve(self) -> None:
        """Say yes to it."""
        row = self.row
        if row is not None:
            if row.state != "planned":
                raise Refused(f"{row.name} is {row.state}: there is nothing to approve")
            await self.approve_broadcast(row)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_explain(self) -> None:
        """What it is, and what was done with it."""
        if self.row is not None:
            await self.app.push_screen(await explained(self.house, "broadcast", self.row.id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only one that waits for a second person can be approved."""
        return action != "approve" or (self.row is not None and self.row.state == "planned")

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
