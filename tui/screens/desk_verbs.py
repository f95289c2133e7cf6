"""What a person does with the contact before him: one core verb each, with a way back where there is one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from core.desk import Answer
from core.mime import attachment_bytes
from core.views import ContactRow, MessageRow, NoteRow, queues, raw_mail
from core.views.standing import outcomes, people
from tui.dialogs import ChoiceDialog, PageDialog, TextDialog
from tui.dialogs.explained import explained
from tui.dialogs.heading import HeadingDialog, copies
from tui.files import file_wrong, read_file, safe_name, write_file
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from core.drafts import KeptDraft
    from core.views.customer import CustomerRow
    from tui.widgets.editor import Editor

QUEUE, AGENT = "queue:", "agent:"


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the desk."""

    mine: list[ContactRow]
    contact: ContactRow | None
    messages: list[MessageRow]
    notes: list[NoteRow]
    customer: CustomerRow | None
    kept: KeptDraft


class DeskVerbs(WorkScreen[Found]):
    """The actions of the desk."""

    editor: Editor
    found: Found | None = None
    contact: ContactRow | None = None
    """The contact before the person."""

    def let_go(self, contact_id: int) -> None:
        """It leaves this person's list."""
        raise NotImplementedError

    def reload_draft(self) -> None:
        """Read the kept draft again, since something else than typing changed it."""
        raise NotImplementedError

    @property
    def is_mine(self) -> bool:
        """Whether this person has the contact in hand."""
        return self.contact is not None and self.contact.agent == self.login and self.contact.state != "closed"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that cannot work now are not shown."""
        if action in {"send", "note", "transfer", "close", "forward", "explain", "read", "customer", "save"}:
            return self.contact is not None
        if action in {"heading", "attach"}:
            return self.contact is not None and self.contact.channel == "email"
        if action == "plain":
            return self.contact is not None and self.contact.channel == "sms"
        if action == "take":
            return self.contact is not None and not self.is_mine
        return True

    @work(group="verbs", exclusive=True, exit_on_error=False)
    async def action_send(self) -> None:
        """Send what is written."""
        contact, draft, login = self.contact, self.editor.draft, self.login
        if contact is None:
            return
        override = ""
        customer = self.found.customer if self.found else None
        if customer is not None and customer.opted_out_by:
            reason = await self.app.push_screen_wait(
                TextDialog("This customer has opted out", "Why is it sent all the same? The journal keeps the reason.")
            )
            if not reason:
                return
            override = reason
        files = tuple(await asyncio.to_thread(lambda: [read_file(path) for path in draft.files]))
        answer = Answer(draft.text, draft.subject, copies(draft.cc), files, override)
        desk, settling, drafts = self.office.desk, self.office.settling, self.office.drafts
        self.editor.area.read_only = True
        sent: list[int] = []

        async def send() -> None:
            try:
                sent.append(await desk.reply(contact.id, answer, login=login))
                self.reload_draft()
            finally:
                self.editor.area.read_only = not self.is_mine

        async def back() -> None:
            await settling.cancel(sent[0], actor=login)
            await drafts.keep(contact.id, draft, login=login)
            self.reload_draft()

        self.house.do(send, "it is in the outbox", back)

    def action_plain(self) -> None:
        """Plain twins."""
        self.editor.make_plain()

    def action_take(self) -> None:
        """Take what waits, open again what is closed."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return

        async def take() -> None:
            if contact.state == "closed":
                await desk.reopen(contact.id, login=login)
            else:
                await desk.take(contact.id, login=login)

        self.house.do(take, f"contact {contact.id} is yours")

    @work(group="asking", exit_on_error=False)
    async def action_transfer(self) -> None:
        """To a queue or an agent."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return
        database = self.office.database
        choices = [(QUEUE + row.name, f"queue {row.name}") for row in await queues(database, self.house.now())]
        choices += [
            (AGENT + one.login, f"agent {one.login}  {one.name}")
            for one in await people(database)
            if one.login != login
        ]
        to = await self.app.push_screen_wait(ChoiceDialog(f"Transfer contact {contact.id}", choices))
        if to is None:
            return
        name = to.partition(":")[2]

        async def transfer() -> None:
            if to.startswith(QUEUE):
                await desk.transfer(contact.id, queue=name, login=login)
            else:
                await desk.transfer(contact.id, agent=name, login=login)
            self.let_go(contact.id)

        async def back() -> None:
            await desk.take(contact.id, login=login)

        undo = back if to.startswith(QUEUE) and contact.agent == login else None
        self.house.do(transfer, f"contact {contact.id} is with {name}", undo)

    @work(group="asking", exit_on_error=False)
    async def action_close(self) -> None:
        """Close with an outcome; a message that came meanwhile forbids it."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return
        known = await outcomes(self.office.database)
        unsent = " What you have written is not sent, and is kept." if self.editor.draft.text.strip() else ""
        outcome = await self.app.push_screen_wait(
            ChoiceDialog(f"Close contact {contact.id}", [(one, one) for one in known], f"How did it end?{unsent}",
                         free=not known)
        )  # fmt: skip
        if outcome is None:
            return

        async def close() -> None:
            await desk.close(contact.id, outcome, login=login, seen=contact.messages)
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
            if text:
                self.house.do(lambda: desk.note(contact.id, text, login=login), "noted")

    @work(group="asking", exit_on_error=False)
    async def action_forward(self) -> None:
        """The contact as an e-mail to somebody."""
        contact, login, desk = self.contact, self.login, self.office.desk
        if contact is None:
            return
        to = await self.app.push_screen_wait(
            TextDialog(
                "Forward", "To which e-mail address? Both sides of the contact go with it.", check=_address_wrong
            )
        )
        if to is None:
            return
        words = await self.app.push_screen_wait(TextDialog("Forward", f"What do you say to {to}? It may be nothing."))
        if words is not None:
            self.house.do(lambda: desk.forward(contact.id, to, words, login=login), f"forwarded to {to}")

    @work(group="asking", exit_on_error=False)
    async def action_read(self) -> None:
        """The newest message in full."""
        said = [one for one in (self.found.messages if self.found else []) if one.direction == "in"]
        if said:
            quoted = f"\n\n── quoted ──\n{said[-1].quoted}" if said[-1].quoted else ""
            title = said[-1].subject or f"Message {said[-1].id}"
            await self.app.push_screen_wait(PageDialog(title, said[-1].text + quoted))

    @work(group="asking", exit_on_error=False)
    async def action_explain(self) -> None:
        """What happened to it."""
        if self.contact is not None:
            await self.app.push_screen_wait(await explained(self.house, "contact", self.contact.id))

    @work(group="asking", exit_on_error=False)
    async def action_heading(self) -> None:
        """Subject and copies."""
        contact, draft = self.contact, self.editor.draft
        if contact is None:
            return
        said = await self.app.push_screen_wait(HeadingDialog(draft.subject, draft.cc, f"Re: {contact.subject}"))
        if said is not None and self.editor.contact_id == contact.id:
            self.editor.change(replace(self.editor.draft, subject=said[0], cc=said[1]))

    @work(group="asking", exit_on_error=False)
    async def action_attach(self) -> None:
        """A file more, or one less."""
        contact, files = self.contact, self.editor.draft.files
        if contact is None:
            return
        question = "Attached: " + ", ".join(files) + ". One of these again takes it out." if files else "Which file?"
        path = await self.app.push_screen_wait(
            TextDialog("Attach a file", question, placeholder="path of the file",
                       check=lambda text: "" if text in files else file_wrong(text))
        )  # fmt: skip
        if path and self.editor.contact_id == contact.id:
            kept = tuple(one for one in files if one != path)
            self.editor.change(replace(self.editor.draft, files=kept if path in files else (*files, path)))

    @work(group="asking", exit_on_error=False)
    async def action_save(self) -> None:
        """A file that came, to this machine's disk."""
        offered = [
            (message.mail_id, file)
            for message in reversed(self.found.messages if self.found else [])
            if message.mail_id is not None
            for file in message.files
        ]
        if not offered:
            self.notify("no file came with these messages", markup=False)
            return
        choices = [(str(n), f"{file['name']}  {file['size']:,} bytes") for n, (_, file) in enumerate(offered)]
        chosen = await self.app.push_screen_wait(ChoiceDialog("Save a file", choices, "A stranger sent it."))
        if chosen is None:
            return
        mail_id, file = offered[int(chosen)]
        place = str(Path.home() / safe_name(str(file["name"])))
        path = await self.app.push_screen_wait(TextDialog("Save a file", "Where to?", value=place))
        if path:
            content = attachment_bytes(await raw_mail(self.office.database, mail_id), int(file["part"]))
            written = await asyncio.to_thread(write_file, path, content)
            self.notify(f"saved as {written}", markup=False)


def _address_wrong(text: str) -> str:
    fine = "@" in text.strip() and not any(char.isspace() for char in text.strip())
    return "" if fine else "an e-mail address, as in name@example.org"
