"""What a person does with the contact before her: one core verb each, with a way back where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from core.desk.waking import wake_time
from core.text import one_line
from tui.ages import day
from tui.dialogs import ChoiceDialog, PageDialog, TextDialog
from tui.dialogs.explained import explained
from tui.dialogs.holding import HoldDialog
from tui.dialogs.passing_on import TransferDialog
from tui.screens.desk_finishing import DeskFinishing
from tui.screens.desk_offers import DeskOffers
from tui.widgets.thread_lines import LINES

if TYPE_CHECKING:
    from asyncio import Future

    from core.views import ContactRow, MessageRow
    from tui.screens.desk_place import Found

QUEUE, AGENT = "queue:", "agent:"


class DeskVerbs(DeskOffers, DeskFinishing):
    """The actions by which a contact comes, goes, and is asked about."""

    def action_take(self) -> None:
        """Take what waits, bring back what is held, open again what is closed."""
        contact, login, desk = self.before_me, self.login, self.office.desk
        if contact is None:
            return

        if contact.state == "offered" and contact.agent == login:
            self.accept(contact)
            return

        async def take() -> None:
            if contact.state == "closed":
                await desk.reopen(contact.id, login=login)
            elif contact.state == "held":
                await desk.resume(contact.id, login=login)
            else:
                await desk.take(contact.id, login=login)
            self.write_to(contact.id)

        async def back() -> None:
            if contact.state == "closed":
                await desk.close(contact.id, contact.outcome, login=login)
            elif contact.state == "held" and contact.held_until is not None:
                await desk.hold(contact.id, contact.held_until, login=login)
            else:
                await desk.transfer(contact.id, queue=contact.queue, login=login)

        self.expect_back(contact.id)
        self.expected.add(contact.id)
        self.house.do(take, f"contact {contact.id} is yours", back if contact.state != "new" else None)

    def go_on_from(self, contact_id: int) -> None:
        """To the next contact, since this one can wait."""
        raise NotImplementedError

    def expect_back(self, contact_id: int) -> None:
        """This person brings it back herself: nobody need tell her."""
        raise NotImplementedError

    def action_transfer(self) -> None:
        """To a queue or an agent, with a note."""
        contact, found = self.before_me, self.found
        if contact is None or found is None:
            return
        choices = [(QUEUE + name, f"queue {name}") for name in found.choices.queues]
        choices += [
            (AGENT + one.login, f"agent {one.login}  {one.name}")
            for one in found.choices.people
            if one.login != contact.agent
        ]
        dialog = TransferDialog(self.question_on("Transfer", contact), choices)
        self._transfer(contact, dialog, self.ask(dialog))

    @work(group="asking", exit_on_error=False)
    async def _transfer(self, contact: ContactRow, dialog: TransferDialog, answer: Future[str | None]) -> None:
        login, desk = self.login, self.office.desk
        to = await answer
        if to is None:
            return
        name, note = to.partition(":")[2], dialog.note

        async def transfer() -> None:
            await self.after_sending(contact.id)
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

    def action_hold(self) -> None:
        """Aside, until a time."""
        contact = self.before_me
        if contact is not None:
            dialog = HoldDialog(self.question_on("Hold", contact), self.house.now(), self.house.zone)
            self._hold(contact, self.ask(dialog))

    @work(group="asking", exit_on_error=False)
    async def _hold(self, contact: ContactRow, answer: Future[str | None]) -> None:
        login, desk, zone = self.login, self.office.desk, self.house.zone
        said = await answer
        if said is None:
            return
        at = wake_time(said, self.house.now(), zone)

        async def hold() -> None:
            await self.after_sending(contact.id)
            await desk.hold(contact.id, at, login=login)
            self.go_on_from(contact.id)

        async def back() -> None:
            self.expect_back(contact.id)
            if contact.held_until is not None:
                await desk.hold(contact.id, contact.held_until, login=login)
            else:
                await desk.resume(contact.id, login=login)
            self.look_at(contact.id)

        local = at.astimezone(zone)
        when = f"{day(local, self.house.now().astimezone(zone))} {local:%H:%M}"
        self.house.do(hold, f"contact {contact.id} is held until {when}", back)

    def action_close(self) -> None:
        """Close with an outcome; a message that came meanwhile forbids it."""
        contact, found = self.before_me, self.found
        if contact is None or found is None:
            return
        if contact.agent == self.login and (contact.state == "wrap-up" or contact.wrap_up_seconds):
            self.begin_wrap_up(contact, found)
            return
        known = found.choices.outcomes
        written = self.editor.contact_id == contact.id and self.editor.draft.text.strip() and self.sending is None
        unsent = " What you have written is not sent, and is kept." if written else ""
        dialog = ChoiceDialog(
            self.question_on("Close", contact),
            [(one, one) for one in known],
            f"How did it end?{unsent}",
            free=not known,
        )
        self._close(contact, found, self.ask(dialog))

    @work(group="asking", exit_on_error=False)
    async def _close(self, contact: ContactRow, found: Found, answer: Future[str | None]) -> None:
        login, desk = self.login, self.office.desk
        outcome = await answer
        if outcome is None:
            return

        async def close() -> None:
            await self.after_sending(contact.id)
            await desk.close(contact.id, outcome, login=login, seen=self.seen_of(contact, found))
            if contact.agent == login:
                self.let_go(contact.id)

        async def back() -> None:
            await desk.reopen(contact.id, login=login)

        self.house.do(close, f"contact {contact.id} closed: {outcome}", back)

    def action_note(self) -> None:
        """A line beside the thread."""
        contact = self.before_me
        if contact is not None:
            self._note(contact, self.ask(TextDialog(self.question_on("Note on", contact), "It stays at the desk.")))

    @work(group="asking", exit_on_error=False)
    async def _note(self, contact: ContactRow, answer: Future[str | None]) -> None:
        login, desk = self.login, self.office.desk
        text = await answer
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
            chosen = await self.ask(ChoiceDialog("Read whole", choices, "The newest is first."))
            which = next((one for one in offered if str(one.id) == chosen), None)
        if which is not None:
            quoted = f"\n\n── quoted ──\n{which.quoted}" if which.quoted else ""
            title = which.subject or f"Message {which.id}"
            await self.ask(PageDialog(title, which.text + quoted))

    @work(group="asking", exit_on_error=False)
    async def action_explain(self) -> None:
        """What happened to it."""
        if self.contact is not None:
            await self.ask(await explained(self.house, "contact", self.contact.id))
