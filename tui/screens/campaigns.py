"""Campaigns: their lists, and the customers of the one under the cursor; from here one imports, writes and rings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.campaigns import Audience
from core.views.customers import CampaignRow, CustomerRecord, ListRow, campaigns, customer_ids, customers_by_id, lists
from tui.actions import CAMPAIGNS, bindings_of
from tui.screens.campaign_columns import (
    CUSTOMER_COLUMNS,
    CUSTOMER_ORDERS,
    SHELF_COLUMNS,
    customer_cells,
    shelf_cells,
)
from tui.screens.campaign_verbs import CampaignVerbs
from tui.widgets.listing import Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui.widgets.columns import Cell

NOBODY = Audience(list="\0")
FRESH_SECONDS = 5.0
"""A filtered or sorted list is read anew so often; another one when its number of customers changes."""
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    """One reading."""

    shelf: dict[Key, CampaignRow | ListRow]
    which: Audience
    about: Key | None
    ids: list[int]
    rows: dict[int, CustomerRecord]


class CampaignsScreen(CampaignVerbs[Found]):
    """Campaigns with their lists above, customers below."""

    CSS_PATH = "campaigns.tcss"
    BINDINGS: ClassVar = bindings_of(CAMPAIGNS)

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Listing("Campaigns", SHELF_COLUMNS, shelf_cells, name="campaigns")
        self.people = Listing(
            "", CUSTOMER_COLUMNS, self._customer_cells, name="customers", sortable=tuple(CUSTOMER_ORDERS)
        )
        self.shown: Audience | None = None
        self._ids: list[int] = []
        self._ids_of: tuple[object, ...] = ()
        self._ids_at = 0.0

    def compose_work(self) -> Iterable[Widget]:
        """What there is above, whom it has below."""
        yield self.shelf
        yield self.people

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """Campaigns, lists, the ids of all customers of one of them, and those that are seen."""
        database = self.office.database
        shelf = _ordered(await campaigns(database), await lists(database), self.shelf.words)
        about = self.shelf.rows.current
        if about not in shelf:
            about = next(iter(shelf), None)
        which = replace(_audience(shelf.get(about)), words=self.people.words) if about is not None else NOBODY
        ids = await self._ids_now(which, shelf[about].customers) if about is not None else []
        seen = ids[: 3 * self.people.rows.page] if which != self.shown else self.people.rows.window(ids)
        return Found(shelf, which, about, ids, await customers_by_id(database, seen))

    async def _ids_now(self, which: Audience, number: int) -> list[int]:
        """All ids in order: a million of them are not read again while nobody comes or goes."""
        sort = self.people.sorted_by
        order = CUSTOMER_ORDERS[sort] if sort is not None else ""
        asked = (which, order, self.people.descending, number)
        settled = not which.words and not order
        if asked != self._ids_of or (not settled and monotonic() - self._ids_at > FRESH_SECONDS):
            found = await customer_ids(self.office.database, which, order=order, backwards=self.people.descending)
            self._ids, self._ids_of, self._ids_at = list(found), asked, monotonic()
        return self._ids

    def paint(self, found: Found) -> None:
        """Both lists."""
        if len(found.shelf) != len(self.shelf.rows.keys):
            self.shelf.rows.refresh(layout=True)
        self.shelf.rows.show(list(found.shelf), found.shelf)
        if self.wanted is not None and self.wanted in found.shelf:
            self.shelf.rows.go_to(self.wanted)
            self.wanted = None
        if found.which != self.shown:
            self.shown = found.which
            self.people.rows.restart()
        self.people.rows.show(found.ids, found.rows)
        total = sum(one.customers for one in found.shelf.values() if isinstance(one, ListRow))
        self.shelf.entitle(f"Campaigns · {total:,} customers" if found.shelf else "Campaigns · none yet")
        row: CampaignRow | ListRow | None = found.shelf.get(found.about) if found.about is not None else None
        what = "campaign" if isinstance(row, CampaignRow) else "list"
        new, brings = self.key("campaigns.new"), self.key("campaigns.import")
        self.people.entitle(
            f"{what} {row.name} · {row.customers:,} customers" if row is not None
            else f"{new} makes a campaign or a list, {brings} brings customers"
        )  # fmt: skip

    @property
    def chosen(self) -> CampaignRow | ListRow | None:
        """The campaign or list whose customers are shown."""
        row = self.shelf.rows.current_row
        return row if isinstance(row, CampaignRow | ListRow) else None

    def _customer_cells(self, row: CustomerRecord) -> Sequence[Cell | str]:
        return customer_cells(row, self.house.now(), self.house.zone, self.house.region)

    @on(Rows.Moved, "#campaigns-rows")
    def _another(self) -> None:
        row = self.chosen
        if row is not None and (self.shown is None or _audience(row) != replace(self.shown, words="")):
            self.refresh_soon()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Wanted, "#customers-rows")
    @work(group="window", exclusive=True, exit_on_error=False)
    async def _fill(self, event: Rows.Wanted) -> None:
        ids = [key for key in event.keys if isinstance(key, int)]
        event.rows.fill(await customers_by_id(self.office.database, ids))

    @on(Rows.Opened, "#campaigns-rows")
    def _into(self) -> None:
        self.people.rows.focus()

    @on(Rows.Opened, "#customers-rows")
    def _card(self, event: Rows.Opened) -> None:
        self.show_card(event.row)


def _audience(row: CampaignRow | ListRow | None) -> Audience:
    if row is None:
        return NOBODY
    return Audience(campaign=row.name) if isinstance(row, CampaignRow) else Audience(list=row.name)


def _ordered(of_campaigns: list[CampaignRow], of_lists: list[ListRow], words: str) -> dict[Key, CampaignRow | ListRow]:
    """Each campaign with its lists below it, then lists of none; with words those that have them."""
    found: dict[Key, CampaignRow | ListRow] = {}
    for campaign in of_campaigns:
        below = [one for one in of_lists if one.campaign == campaign.name]
        if has_words(words, campaign.name, *(one.name for one in below)):
            found["campaign", campaign.id] = campaign
        found |= {("list", one.id): one for one in below if has_words(words, campaign.name, one.name)}
    return found | {("list", one.id): one for one in of_lists if not one.campaign and has_words(words, one.name)}
