"""Queues: what waits where and for how long; below, the contacts of the queue under the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.views.arrivals import ArrivalsRow, arrivals
from core.views.queue import QueueRow, queues
from core.views.waiting import contacts_by_id, waiting_ids
from tui.actions import QUEUES, bindings_of
from tui.screens.queue_columns import CONTACT_COLUMNS, CONTACT_ORDERS, QUEUE_COLUMNS, contact_cells, queue_cells
from tui.screens.queue_verbs import QueueVerbs
from tui.widgets.listing import Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.views import ContactRow
    from tui.widgets.columns import Cell


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    queues: list[QueueRow]
    came: dict[int, ArrivalsRow]
    queue_id: int | None
    ids: list[int]
    rows: dict[int, ContactRow]
    beginning: bool = False
    """Whether `ids` are only the first of those that wait."""


class QueuesScreen(QueueVerbs[Found]):
    """All queues, and those who wait in one of them."""

    AREA = "queues"
    CSS_PATH = "queues.tcss"
    BINDINGS: ClassVar = bindings_of(QUEUES)

    def __init__(self) -> None:
        super().__init__()
        self.queues = Listing("Queues", QUEUE_COLUMNS, self._queue_cells, name="queues")
        self.waiting = Listing("", CONTACT_COLUMNS, self._contact_cells, name="waiting", sortable=tuple(CONTACT_ORDERS))
        self.came: dict[int, ArrivalsRow] = {}
        self.read_at = 0.0
        self.shown: int | None = None
        self.wanted: int | None = None
        """A queue that the cursor is to go to."""

    def compose_work(self) -> Iterable[Widget]:
        """Queues above, contacts below."""
        yield self.queues
        yield self.waiting

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """All queues, the ids of one queue, and the rows of it that are seen."""
        now, database = self.house.now(), self.office.database
        rows = [row for row in await queues(database, now) if has_words(self.queues.words, row.name)]
        queue_id = self.queues.rows.current
        if queue_id not in {row.id for row in rows}:
            queue_id = rows[0].id if rows else None
        ids: list[int] = []
        if queue_id is not None:
            sort = self.waiting.sorted_by
            order = CONTACT_ORDERS[sort] if sort is not None else ""
            words, backwards = self.waiting.words, self.waiting.descending
            ids = await waiting_ids(database, queue_id, words=words, order=order, backwards=backwards)
        if queue_id != self.shown:
            seen = ids[: 3 * self.waiting.rows.page]
        else:
            seen = self.waiting.rows.window(ids)
        return Found(rows, await arrivals(database, now), queue_id, ids, await contacts_by_id(database, seen))

    def foreseen(self) -> Found | None:
        """The first sight, unless the first run comes before it."""
        sight = self.house.sight
        if sight is None or sight.beginning.lacks:
            return None
        first = sight.queues[0].id if sight.queues else None
        return Found(sight.queues, sight.came, first, sight.ids, sight.rows, beginning=True)

    def paint(self, found: Found) -> None:
        """Both lists."""
        self.came = found.came
        self.read_at = self.house.now().timestamp()
        if len(found.queues) != len(self.queues.rows.keys):
            self.queues.rows.refresh(layout=True)
        self.queues.rows.show([row.id for row in found.queues], {row.id: row for row in found.queues})
        if self.wanted is not None:
            self.queues.rows.go_to(self.wanted)
            self.wanted = None
        if found.queue_id != self.shown:
            self.shown = found.queue_id
            self.waiting.rows.restart()
        self.waiting.rows.show(found.ids, found.rows, beginning=found.beginning)
        row = self.queue
        self.queues.entitle(f"Queues · {sum(one.waiting for one in found.queues):,} waiting")
        self.waiting.entitle(f"{row.name} · {row.waiting:,} waiting" if row else "no queue")

    def show_thing(self, thing: str) -> None:
        """A queue by its number."""
        self.wanted = int(thing) if thing else None
        self.refresh_soon()

    @property
    def queue(self) -> QueueRow | None:
        """The queue whose contacts are shown."""
        row = self.queues.rows.current_row
        return row if isinstance(row, QueueRow) else None

    def _queue_cells(self, row: QueueRow) -> Sequence[Cell | str]:
        gone = max(0.0, self.house.now().timestamp() - self.read_at)
        return queue_cells(row, self.came.get(row.id), row.oldest_seconds + gone)

    def _contact_cells(self, row: ContactRow) -> Sequence[Cell | str]:
        return contact_cells(row, self.house.now(), self.house.region)

    @on(Rows.Moved, "#queues-rows")
    def _another_queue(self) -> None:
        if self.queues.rows.current != self.shown:
            self.refresh_soon()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Wanted, "#waiting-rows")
    @work(group="window", exclusive=True, exit_on_error=False)
    async def _fill(self, event: Rows.Wanted) -> None:
        ids = [key for key in event.keys if isinstance(key, int)]
        event.rows.fill(await contacts_by_id(self.office.database, ids))

    @on(Rows.Opened, "#queues-rows")
    def _into_the_queue(self) -> None:
        self.waiting.rows.focus()

    @on(Rows.Opened, "#waiting-rows")
    async def _open(self, event: Rows.Opened) -> None:
        await self.house.open_contact(event.row.id)
