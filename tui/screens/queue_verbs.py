"""What a person does with contacts that wait: take, move, assign, another priority, close."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.errors import Refused
from core.views.queue import QueueRow, queues
from core.views.standing import outcomes, people
from core.views.waiting import contacts_by_id
from tui import dialogs
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.widgets.listing import Listing

Found = TypeVar("Found")
QUEUE, AGENT = "queue:", "agent:"


class QueueVerbs(WorkScreen[Found]):
    """The verbs; `QueuesScreen` shows what they are about."""

    waiting: Listing

    @property
    def queue(self) -> QueueRow | None:
        """The queue whose contacts are shown."""
        raise NotImplementedError

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
