"""The end of a contact: wrap-up where its queue has one, and the class it was of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from textual import work

from core.errors import PostroomError
from core.text import one_line
from tui.dialogs import ChoiceDialog
from tui.dialogs.wrapping import Wrapped, WrapUpDialog
from tui.screens.desk_place import DeskPlace, Found
from tui.telling import shown_address

if TYPE_CHECKING:
    from asyncio import Future

    from core.views import ContactRow

NONE = "\0"


class DeskFinishing(DeskPlace):
    """Wrap-up and class."""

    def __init__(self) -> None:
        super().__init__()
        self._wrapping: tuple[int, WrapUpDialog] | None = None
        """The contact in wrap-up whose dialog is open, once the core knows that it is."""

    def write_to(self, contact_id: int) -> None:
        """Show a contact, and begin to write."""
        raise NotImplementedError

    def heed_wrap_up(self, found: Found) -> None:
        """A wrap-up that has ended by itself needs no dialog any more."""
        if self._wrapping is None:
            return
        contact_id, dialog = self._wrapping
        row = next((row for row in found.mine if row.id == contact_id), None)
        if row is not None and row.state == "wrap-up":
            dialog.until = row.wrap_until or dialog.until
            return
        self._wrapping = None
        if dialog.is_current:
            dialog.dismiss(None)
            self.notify(
                f"{dialog.who} wrote again: it is open" if row is not None
                else f"the wrap-up of {dialog.who} is over: closed without an outcome",
                severity="warning", markup=False,
            )  # fmt: skip

    def begin_wrap_up(self, contact: ContactRow, found: Found) -> None:
        """Open the strip at once; the core is told behind it."""
        desk, login, house = self.office.desk, self.login, self.house
        choices = found.choices
        written = self.editor.contact_id == contact.id and self.editor.draft.text.strip() and self.sending is None
        until = contact.wrap_until or house.now() + timedelta(seconds=contact.wrap_up_seconds)
        dialog = WrapUpDialog(
            one_line(contact.name or shown_address(contact.address, house.region), 40),
            choices.outcomes, choices.classes, contact.class_, until=until, now=house.now,
            longer=lambda seconds: desk.extend_wrap_up(contact.id, seconds, login=login), unsent=bool(written),
        )  # fmt: skip
        self._wrap_up(contact, found, dialog, self.ask(dialog))

    @work(group="asking", exit_on_error=False)
    async def _wrap_up(
        self, contact: ContactRow, found: Found, dialog: WrapUpDialog, answer: Future[str | None]
    ) -> None:
        desk, login = self.office.desk, self.login
        try:
            await self.after_sending(contact.id)
            seen = self.seen_of(contact, found) if contact.state != "wrap-up" else None
            await desk.wrap_up(contact.id, login=login, seen=seen)
        except PostroomError:
            if dialog.is_current:
                dialog.dismiss(None)
            raise
        self.outdate()
        if not answer.done():
            self._wrapping = (contact.id, dialog)
        said = await answer
        self._wrapping = None
        if said is None:
            return
        if said == WrapUpDialog.BACK:
            await desk.back_from_wrap_up(contact.id, login=login)
            self.write_to(contact.id)
            return
        wrapped = dialog.wrapped

        async def close() -> None:
            await self._keep(contact, wrapped)
            await desk.close(contact.id, said, login=login)
            self.let_go(contact.id)

        async def back() -> None:
            self.expected.add(contact.id)
            await desk.reopen(contact.id, login=login)

        self.house.do(close, f"contact {contact.id} closed: {said}", back)

    async def _keep(self, contact: ContactRow, wrapped: Wrapped) -> None:
        desk, login = self.office.desk, self.login
        if wrapped.class_ != contact.class_:
            await desk.set_class(contact.id, wrapped.class_, login=login)
        if wrapped.note:
            await desk.note(contact.id, wrapped.note, login=login)

    @work(group="asking", exit_on_error=False)
    async def action_class(self) -> None:
        """What the contact is about."""
        contact, found = self.before_me, self.found
        if contact is None or found is None:
            return
        desk, login = self.office.desk, self.login
        choices = [(one, one) for one in found.choices.classes] + [(NONE, "no class")]
        said = await self.ask(
            ChoiceDialog(
                self.question_on("Class of", contact), choices, f"It is {contact.class_ or 'of no class'} now."
            )
        )
        if said is None:
            return
        name = "" if said == NONE else said

        async def back() -> None:
            await desk.set_class(contact.id, contact.class_, login=login)

        done = f"contact {contact.id} is of the class {name}" if name else f"contact {contact.id} is of no class"
        self.house.do(lambda: desk.set_class(contact.id, name, login=login), done, back)
