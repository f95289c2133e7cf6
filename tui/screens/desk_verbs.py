"""What a person does with the contact before her: one core verb each, with a way back where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from core.desk.waking import wake_time
from core.text import one_line
from core.views import queues
from core.views.standing import outcomes, people
from tui.ages import day
from tui.dialogs import ChoiceDialog, PageDialog, TextDialog
from tui.dialogs.explained import explained
from tui.dialogs.holding import HoldDialog
from tui.dialogs.passing_on import TransferDialog
from tui.screens.desk_place import DeskPlace
from tui.widgets.thread_lines import LINES

if TYPE_CHECKING:
    from core.views import MessageRow

QUEUE, AGENT = "queue:", "agent:"


class DeskVerbs(DeskPlace):
    """The actions by which a contact comes, goes, and is asked about."""

    def action_take(self) -> None:
        """Take what waits, bring back what is held, open again what is closed."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return

        async def take() -> None:
            if contact.state == "closed":
                await desk.reopen(contact.id, login=login)
            elif contact.state == "held":
                await desk.resume(contact.id, login=login)
            else:
                await desk.take(contact.id, login=login)

        async def back() -> None:
            if contact.state == "closed":
                await desk.close(contact.id, contact.outcome, login=login)
            elif contact.state == "held" and contact.held_until is not None:
                await desk.hold(contact.id, contact.held_until, login=login)
            else:
                await desk.transfer(contact.id, queue=contact.queue, login=login)

        self.expect_back(contact.id)
        self.house.do(take, f"contact {contact.id} is yours", back if contact.state != "new" else None)

    def expect_back(self, contact_id: int) -> None:
        """This person brings it back herself: nobody need tell her."""
        raise NotImplementedError

    @work(group="asking", exit_on_error=False)
    async def action_transfer(self) -> None:
        """To a queue or an agent, with a note."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return
        database = self.office.database
        choices = [(QUEUE + row.name, f"queue {row.name}") for row in await queues(database, self.house.now())]
        choices += [
            (AGENT + one.login, f"agent {one.login}  {one.name}")
            for one in await people(database)
            if one.login != contact.agent
        ]
        dialog = TransferDialog(f"Transfer contact {contact.id}", choices)
        to = await self.app.push_screen_wait(dialog)
        if to is None:
            return
        name, note = to.partition(":")[2], dialog.note

        async def transfer() -> None:
            if to.startswith(QUEUE):
                await desk.transfer(contact.id, queue=name, note=note, login=login)
            else:
                await desk.transfer(contact.id, agent=name, note=note, login=login)
            if contact.agent == login:
                self.let_go(contact.id)

        async def back() -> None:
            if to.startswith(QUEUE) and contact.agent == login:
                await desk.take(contact.id, login=login)
            elif contact.agent:
                await desk.transfer(contact.id, agent=contact.agent, login=login)
            else:
                await desk.transfer(contact.id, queue=contact.queue, login=login)

        can_undo = self.supervises or (to.startswith(QUEUE) and contact.agent == login)
        self.house.do(transfer, f"contact {contact.id} is with {name}", back if can_undo else None)

    @work(group="asking", exit_on_error=False)
    async def action_hold(self) -> None:
        """Aside, until a time."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return
        zone = self.house.zone
        said = await self.app.push_screen_wait(HoldDialog(f"Hold contact {contact.id}", self.house.now(), zone))
        if said is None:
            return
        at = wake_time(said, self.house.now(), zone)

        async def hold() -> None:
            await desk.hold(contact.id, at, login=login)

        async def back() -> None:
            if contact.held_until is not None:
                await desk.hold(contact.id, contact.held_until, login=login)
            else:
                await desk.resume(contact.id, login=login)

        self.expect_back(contact.id)
        local = at.astimezone(zone)
        when = f"{day(local, self.house.now().astimezone(zone))} {local:%H:%M}"
        self.house.do(hold, f"contact {contact.id} is held until {when}", back)

    @work(group="asking", exit_on_error=False)
    async def action_close(self) -> None:
        """Close with an outcome; a message that came meanwhile forbids it."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return
        found = self.found
        known = await outcomes(self.office.database)
        unsent = " What you have written is not sent, and is kept." if self.editor.draft.text.strip() else ""
        outcome = await self.app.push_screen_wait(
            ChoiceDialog(f"Close contact {contact.id}", [(one, one) for one in known], f"How did it end?{unsent}",
                         free=not known)
        )  # fmt: skip
        if outcome is None:
            return
        seen = self.seen_of(contact, found)

        async def close() -> None:
            await desk.close(contact.id, outcome, login=login, seen=seen)
            if contact.agent == login:
                self.let_go(contact.id)

        async def back() -> None:
            await desk.reopen(contact.id, login=login)

        self.house.do(close, f"contact {contact.id} closed: {outcome}", back)

    @work(group="asking", exit_on_error=False)
    async def action_note(self) -> None:
        """A line beside the thread."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is not None:
            text = await self.app.push_screen_wait(TextDialog("Note", "It stays at the desk."))
            if text and text.strip():
                self.house.do(lambda: desk.note(contact.id, text, login=login), "noted")

    @work(group="asking", exit_on_error=False)
    async def action_read(self) -> None:
        """A message in full: the newest, or the one that is chosen where several are longer than the thread shows."""
        said = [one for one in (self.found.messages if self.found else ()) if one.direction == "in"]
        if not said:
            self.notify("the customer has not written yet", markup=False)
            return
        longer = [one for one in said if one.quoted or one.text.count("\n") >= LINES or len(one.text) > 20 * LINES]
        which: MessageRow | None = said[-1]
        if len(longer) > 1 or (longer and longer[-1] is not said[-1]):
            offered = list(reversed(longer if said[-1] in longer else [*longer, said[-1]]))
            zone = self.house.zone
            choices = [
                (str(one.id), f"{one.at.astimezone(zone):%d %b %H:%M}  {one_line(one.subject or one.text, 100)}")
                for one in offered
            ]
            chosen = await self.app.push_screen_wait(ChoiceDialog("Read whole", choices, "The newest is first."))
            which = next((one for one in offered if str(one.id) == chosen), None)
        if which is not None:
            quoted = f"\n\n── quoted ──\n{which.quoted}" if which.quoted else ""
            title = which.subject or f"Message {which.id}"
            await self.app.push_screen_wait(PageDialog(title, which.text + quoted))

    @work(group="asking", exit_on_error=False)
    async def action_explain(self) -> None:
        """What happened to it."""
        if self.contact is not None:
            await self.app.push_screen_wait(await explained(self.house, "contact", self.contact.id))
