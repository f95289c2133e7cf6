"""Queues: what waits where and for how long; below, the contacts of the queue under the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.errors import Refused
from core.views.arrivals import ArrivalsRow, arrivals
from core.views.queue import QueueRow, queues
from core.views.standing import outcomes, people
from core.views.waiting import contacts_by_id, waiting_ids
from tui import dialogs
from tui.actions import QUEUES, bindings_of
from tui.screens.queue_columns import CONTACT_COLUMNS, CONTACT_ORDERS, QUEUE_COLUMNS, contact_cells, queue_cells
from tui.screens.work import WorkScreen
from tui.widgets.listing import Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.views import ContactRow
    from tui.widgets.columns import Cell

QUEUE, AGENT = "queue:", "agent:"


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


class QueuesScreen(WorkScreen[Found]):
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

    # -- doing --------------------------------------------------------------------------------------------------------

    def action_take(self) -> None:
        """Take the contact under the cursor."""
        contact_id, queue = self.waiting.rows.current, self.queue
        if contact_id is not None and queue is not None:
            self._take(contact_id, queue.name)

    def _take(self, contact_id: int, queue: str) -> None:
        desk, login = self.office.desk, self.login

        async def take() -> None:
            await desk.take(contact_id, login=login)
            await self._onto_the_desk(contact_id)

        async def back() -> None:
            await desk.transfer(contact_id, queue=queue, login=login)

        self.house.do(take, f"contact {contact_id} is yours", back)

    def action_next(self) -> None:
        """Take the first that waits here."""
        queue = self.queue
        if queue is not None:
            self._next(queue.name)

    def _next(self, queue: str) -> None:
        desk, login = self.office.desk, self.login
        taken: list[int] = []

        async def take() -> None:
            contact_id = await desk.take_next(queue, login=login)
            if contact_id is None:
                raise Refused(f"nobody waits in {queue}")
            taken.append(contact_id)
            await self._onto_the_desk(contact_id)

        async def back() -> None:
            await desk.transfer(taken[0], queue=queue, login=login)

        self.house.do(take, "the next contact is yours", back)

    async def _onto_the_desk(self, contact_id: int) -> None:
        self.waiting.rows.forget(contact_id)
        if self.is_current:
            await self.house.open_contact(contact_id, write=True)

    @work(group="asking", exit_on_error=False)
    async def action_move(self) -> None:
        """To another queue or an agent."""
        ids, here = self.waiting.rows.chosen, self.queue
        if not ids or here is None:
            return
        database = self.office.database
        names = [row.name for row in await queues(database, self.house.now()) if row.name != here.name]
        choices = [(QUEUE + name, f"queue {name}") for name in names]
        if len(ids) == 1:
            choices += [(AGENT + one.login, f"agent {one.login}  {one.name}") for one in await people(database)]
        to = await self.app.push_screen_wait(dialogs.ChoiceDialog(_many("Move", ids), choices))
        if to is None:
            return
        login, waiting, desk = self.login, self.office.waiting, self.office.desk
        name = to.partition(":")[2]

        async def move() -> None:
            if to.startswith(AGENT):
                await desk.transfer(ids[0], agent=name, login=login)
            else:
                await waiting.move(ids, queue=name, login=login)
            self.waiting.rows.forget(*ids)

        async def back() -> None:
            if to.startswith(AGENT):
                await desk.transfer(ids[0], queue=here.name, login=login)
            else:
                await waiting.move(ids, queue=here.name, login=login)

        self.house.do(move, f"{_contacts(ids)} moved to {name}", back)

    @work(group="asking", exit_on_error=False)
    async def action_assign(self) -> None:
        """To one agent."""
        from tui.screens.queue_assigning import assign, whom_to_assign

        ids, here = self.waiting.rows.chosen, self.queue
        agent = await whom_to_assign(self.house, ids) if ids and here is not None else None
        if agent is None or here is None:
            return
        office, login, done = self.office, self.login, list[int]()

        async def give() -> None:
            done.extend(await assign(office, ids, agent, login))
            self.waiting.rows.forget(*done)
            left = len(ids) - len(done)
            words = f"{_contacts(done)} assigned to {agent}" + (f"; {left:,} had gone meanwhile" if left else "")
            self.notify(words, markup=False)

        async def back() -> None:
            for contact_id in done:
                await office.desk.transfer(contact_id, queue=here.name, login=login)

        self.house.do(give, "", back)

    @work(group="asking", exit_on_error=False)
    async def action_priority(self) -> None:
        """Another priority."""
        ids = self.waiting.rows.chosen
        if not ids:
            return
        rows = await contacts_by_id(self.office.database, ids)
        before = {contact_id: row.priority for contact_id, row in rows.items()}
        now = sorted(set(before.values()))
        question = f"It is {now[0]} now." if len(now) == 1 else f"They are {now[0]} to {now[-1]} now."
        said = await self.app.push_screen_wait(
            dialogs.TextDialog(
                _many("Priority of", ids),
                f"{question} A higher one is given out first.",
                value=str(now[0]) if len(now) == 1 else "",
                check=priority_wrong,
            )
        )
        if said is None:
            return
        waiting, login = self.office.waiting, self.login

        async def change() -> None:
            await waiting.prioritise(dict.fromkeys(ids, int(said)), login=login)

        async def back() -> None:
            await waiting.prioritise(before, login=login)

        self.house.do(change, f"{_contacts(ids)} at priority {int(said)}", back)

    @work(group="asking", exit_on_error=False)
    async def action_close(self) -> None:
        """Close all that are selected, after a question that counts them."""
        ids = self.waiting.rows.chosen
        if not ids:
            return
        known = await outcomes(self.office.database)
        outcome = await self.app.push_screen_wait(
            dialogs.ChoiceDialog(
                _many("Close", ids), [(one, one) for one in known], "With which outcome?", free=not known
            )
        )
        if outcome is None:
            return
        question = f"Close {_contacts(ids)} with the outcome {outcome}? Nobody will answer them."
        if not await self.app.push_screen_wait(dialogs.ConfirmDialog("Close", question, f"Close {len(ids):,}")):
            return
        waiting, login = self.office.waiting, self.login

        async def close() -> None:
            await waiting.close(ids, outcome, login=login)
            self.waiting.rows.forget(*ids)

        async def back() -> None:
            await waiting.put_back(ids, login=login)

        self.house.do(close, f"{_contacts(ids)} closed: {outcome}", back)

    @work(group="asking", exit_on_error=False)
    async def action_explain(self) -> None:
        """Why it is here."""
        contact_id = self.waiting.rows.current
        if contact_id is not None:
            from tui.dialogs.explained import explained

            await self.app.push_screen(
                await explained(self.house, "contact", contact_id, f"Why contact {contact_id} is here")
            )


def _contacts(ids: Sequence[int]) -> str:
    return f"contact {ids[0]}" if len(ids) == 1 else f"{len(ids):,} contacts"


def _many(verb: str, ids: Sequence[int]) -> str:
    return f"{verb} {_contacts(ids)}"


def priority_wrong(text: str) -> str:
    """What is wrong with a typed priority; empty when nothing is."""
    try:
        return "" if -99 <= int(text) <= 99 else "a whole number from -99 to 99"
    except ValueError:
        return "a whole number from -99 to 99"
