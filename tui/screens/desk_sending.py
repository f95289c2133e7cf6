"""What leaves the desk: answers, what is forwarded, and what is tried again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from core.desk.files import read_file
from core.sms import count_parts
from core.text import clip, one_line, size_words
from core.views.files import content_of
from tui.dialogs import ChoiceDialog, ConfirmDialog, TextDialog
from tui.dialogs.heading import HeadingDialog, copies, with_all, without
from tui.dialogs.passing_on import ForwardDialog, Forwarding
from tui.screens.desk_drafts import DeskDrafts

if TYPE_CHECKING:
    from asyncio import Future
    from datetime import datetime

    from core.desk import Answer
    from core.drafts import KeptDraft
    from core.views import ContactRow, MessageRow
    from core.views.files import FileRow


class DeskSending(DeskDrafts):
    """Send, and what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.noticed: dict[int, int] = {}
        """By contact: the newest message of the customer's that the person has certainly seen."""
        self.fresh: list[MessageRow] = []
        """Those of the contact before her that came since, while something was written."""

    def look(self) -> None:
        """The person has looked at what is new."""
        if self.contact is not None and self.fresh:
            self.noticed[self.contact.id] = max(message.id for message in self.fresh)
            self.fresh = []
            self.refresh_soon()

    def action_send(self) -> None:
        """Send what is written."""
        contact = self.contact
        if contact is None or self.sending is not None or self.editor.contact_id != contact.id:
            return
        self.sending = asyncio.get_running_loop().create_future()
        # Letters may be on their way into the editor still: this waits in line behind them, and before those to come.
        self.editor.area.call_later(self._begin, contact, self.seen_of(contact, self.found))

    def _begin(self, contact: ContactRow, seen: int) -> None:
        draft = replace(self.editor.draft, text=self.editor.area.text)
        said = draft.text.strip()
        if said.startswith("/") and any(word.lstrip("/").startswith(said[1:]) for word in self.editor.area.words):
            self._sent(False)  # no customer is answered with the name of a reply
            words = f"{said} is not written out yet: Tab does that, or says what it lacks"
            self.notify(words, markup=False, severity="warning")
            return
        if draft.text.strip() and self.editor.contact_id == contact.id:
            self._prepare(contact, draft, seen, self.office.clock.now())
            return
        self._sent(False)
        self.notify("there is nothing to send yet: write something first", markup=False, severity="warning")

    @work(group="sending", exit_on_error=False)
    async def _prepare(self, contact: ContactRow, draft: KeptDraft, seen: int, begun: datetime) -> None:
        try:
            override = await self._reason() if await self._sure(contact) else None
            if override is None:
                self._sent(False)
                return
            files = tuple(await asyncio.to_thread(lambda: [read_file(path) for path in draft.files]))
        except BaseException:
            self._sent(False)
            raise
        from core.desk import Answer  # dear to import, and not needed before something leaves

        answer = Answer(draft.text, draft.subject, copies(draft.cc), files, override, self.seat, begun)
        self._send(contact.id, draft, answer, seen)

    def _sent(self, done: bool) -> None:
        sending, self.sending = self.sending, None
        if sending is not None and not sending.done():
            sending.set_result(done)

    async def _sure(self, contact: ContactRow) -> bool:
        """Whether it is to be sent although the customer has written meanwhile."""
        if not self.fresh:
            return True
        said = "\n\n".join(clip(message.text, 400) for message in self.fresh[-3:])
        who = contact.name or contact.address
        sure = await self.ask(
            ConfirmDialog(f"{one_line(who, 40)} has written since you began", said, "Send all the same")
        )
        self.look()
        return bool(sure)

    async def _reason(self) -> str | None:
        """Why one whom the desk is not to write to is written to; empty for all others, None to leave it."""
        customer = self.found.customer if self.found else None
        if customer is None or (customer.opted_out_at is None and customer.listed_at is None):
            return ""
        what = "has opted out" if customer.opted_out_at is not None else "is on the do-not-contact list"
        asked = TextDialog(f"This customer {what}", "Why is it sent all the same? The journal keeps the reason.")
        return (await self.ask(asked)) or None

    def _send(self, contact_id: int, draft: KeptDraft, answer: Answer, seen: int) -> None:
        login, desk, settling = self.login, self.office.desk, self.office.settling
        self.take_out(contact_id, draft)
        sent: list[int] = []

        async def send() -> None:
            try:
                async with self.writing:  # no draft of it is on its way into the database, to be there again after this
                    sent.append(await desk.reply(contact_id, answer, login=login, seen=seen))
                self.sent_here.setdefault(contact_id, []).append(sent[0])
            except BaseException:
                self.put_back(contact_id, draft)
                raise
            finally:
                self._sent(bool(sent))
                self.keep_drafts()

        async def back() -> None:
            await settling.cancel(sent[0], actor=login)
            self.put_back(contact_id, draft)

        self.house.do(send, "it is in the outbox", back)

    def action_plain(self) -> None:
        """Plain twins; what has none is named."""
        self.editor.make_plain()
        left = [char for char, _ in count_parts(self.editor.area.text).forcing]
        if left:
            shown = " ".join(f"{one_line(char, 12)} (U+{ord(char):04X})" for char in left[:4])
            self.notify(f"no plain twin for {shown}", markup=False, severity="warning")

    def action_heading(self) -> None:
        """Subject and copies."""
        from core.mime import reply_subject

        contact, draft = self.contact, self.editor.draft
        if contact is not None:
            others = self.found.others if self.found else ()
            dialog = HeadingDialog(draft.subject, draft.cc, reply_subject(contact.subject), others)
            self._head(contact.id, self.ask(dialog))

    @work(group="asking", exit_on_error=False)
    async def _head(self, contact_id: int, answer: Future[tuple[str, str] | None]) -> None:
        said = await answer
        if said is not None and self.editor.contact_id == contact_id:
            self.editor.change(replace(self.editor.draft, subject=said[0], cc=said[1]))

    def action_reply_all(self) -> None:
        """Copies to all who got the customer's e-mail; once more, and to none of them."""
        others, draft = self.found.others if self.found else (), self.editor.draft
        if not others:
            self.notify("the customer wrote to nobody but us", markup=False)
            return
        everybody = with_all(draft.cc, others)
        to_all = everybody != draft.cc
        self.editor.change(replace(draft, cc=everybody if to_all else without(draft.cc, others)))
        who = one_line(", ".join(others), 100)
        self.notify(f"it goes to {who} too" if to_all else "it goes to the customer alone", markup=False)

    def action_forward(self) -> None:
        """The contact as an e-mail to somebody."""
        contact = self.contact
        if contact is None:
            return
        files = [one for one in (self.found.files if self.found else ()) if one.contact == contact.id]
        many = f"{len(files)} file{'s' if len(files) > 1 else ''}, {size_words(sum(one.size for one in files))}"
        question = "Both sides of the contact go with it, as an e-mail. The contact stays with you."
        self._forward(contact.id, files, self.ask(ForwardDialog(question, many if files else "")))

    @work(group="asking", exit_on_error=False)
    async def _forward(self, contact_id: int, files: list[FileRow], answer: Future[Forwarding | None]) -> None:
        login, database = self.login, self.office.database
        desk, settling, sent = self.office.desk, self.office.settling, list[int]()
        said = await answer
        if said is None:
            return

        async def forward() -> None:
            attachments = [await content_of(database, one) for one in files] if said.files else []
            sent.append(await desk.forward(contact_id, said.to, said.text, login=login, attachments=attachments))

        async def back() -> None:
            await settling.cancel(sent[0], actor=login)

        self.house.do(forward, f"forwarded to {said.to}", back)

    @work(group="asking", exit_on_error=False)
    async def action_retry(self) -> None:
        """Try again what failed; of several the person chooses."""
        desk, login = self.office.desk, self.login
        out = [one for one in (self.found.messages if self.found else ()) if one.direction == "out"]
        failed = [one for one in out if one.state == "failed"]
        if not failed:
            doubt = any(one.state == "unknown" for one in out)
            came_back = any(one.delivery == "failed" for one in out)
            words = (
                "whether it went is in doubt: a supervisor settles it in the outbox" if doubt
                else "it left and was not delivered: write again, or to another address" if came_back
                else "nothing has failed here"
            )  # fmt: skip
            self.notify(words, markup=False)
            return
        which = failed[-1].id
        if len(failed) > 1:
            choices = [
                (str(one.id), f"{one_line(one.text, 60)}  {one_line(one.reply, 60)}") for one in reversed(failed)
            ]
            said = await self.ask(ChoiceDialog("Send again", choices, "Which of those that failed?"))
            if said is None:
                return
            which = int(said)
        self.house.do(lambda: desk.retry(which, login=login), "it is tried again")
