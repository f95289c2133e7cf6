"""Drafts at the desk: every letter is written down as it is typed, and two terminals of one person never overwrite."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work

from core.drafts import KeptDraft
from core.errors import PostroomError, Refused
from core.text import one_line
from tui.ages import day
from tui.dialogs import ChoiceDialog
from tui.screens.desk_place import DeskPlace, Found, Kept
from tui.widgets.editor import Addressee, Editor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.drafts import SeatDraft


class DeskDrafts(DeskPlace):
    """Reading, following and writing drafts."""

    def __init__(self) -> None:
        super().__init__()
        self.seat = secrets.token_hex(8)
        self.unsaved: dict[int, tuple[str, KeptDraft]] = {}
        """By contact: who typed it, and what; not in the database yet."""
        self.typed = 0
        self._adopted: dict[int, SeatDraft] = {}
        self._stored: set[int] = set()
        self._loaded: tuple[Addressee, str] | None = None
        self._pristine = True
        self._keeping = False
        self.writing = asyncio.Lock()

    # -- reading ------------------------------------------------------------------------------------------------------

    def chosen(self, contact_id: int, drafts: Sequence[SeatDraft]) -> Kept:
        """Of all that was typed for a contact, what the editor shows."""
        mine = next((one for one in drafts if one.seat == self.seat), None)
        others = [one for one in drafts if one.seat != self.seat]
        if contact_id in self.unsaved or mine is not None:
            at = mine.at if mine is not None else self.house.now()
            draft = self.unsaved[contact_id][1] if contact_id in self.unsaved else mine.draft  # type: ignore[union-attr]
            adopted = self._adopted.get(contact_id)
            beside = tuple(one for one in others if one.draft != draft and one != adopted)
            return Kept(draft, None, beside, mine is not None, at)
        if not others:
            return Kept()
        newest = others[0]
        beside = tuple(one for one in others[1:] if one.draft != newest.draft)
        return Kept(newest.draft, newest, beside, False, newest.at)

    def load_draft(self, found: Found, addressee: Addressee) -> None:
        """Another contact, or the same one where another terminal has gone on: never over what is typed here.

        What was found may be older than what stands here: then the addressee alone is new.
        """
        kept, contact_id = found.kept, addressee.contact_id
        is_new = (addressee, self.login) != self._loaded
        stands_here = self._loaded is not None and self._loaded[1] == self.login
        stands_here = stands_here and contact_id == self.editor.contact_id
        taken_over = not kept.own and (self._pristine or contact_id in self._stored)
        # The last letters may stand in the text and not be told yet: they are typed all the same.
        here = replace(self.editor.draft, text=self.editor.area.text)
        is_quiet = contact_id not in self.unsaved and found.typed == self.typed
        is_quiet = is_quiet and not (stands_here and here != self.editor.draft)
        if contact_id is not None:
            (self._stored.add if kept.own else self._stored.discard)(contact_id)
        if not is_new and not (taken_over and is_quiet and kept.draft != self.editor.draft):
            return
        if contact_id is not None and is_quiet:
            if kept.adopted is not None:
                self._adopted[contact_id] = kept.adopted
            else:
                self._adopted.pop(contact_id, None)
        self._loaded = (addressee, self.login)
        if stands_here and not is_quiet:
            self.editor.load(addressee, here)
            return
        self._pristine = True
        self.editor.load(addressee, kept.draft)

    def notice_of(self, kept: Kept) -> str:
        """What the editor says of a draft's past; empty for nothing."""
        if kept.beside:
            return f"▲ typed elsewhere too: {self.key('desk.drafts')}"
        if kept.adopted is not None and kept.at is not None and self._pristine:
            local, now = kept.at.astimezone(self.house.zone), self.house.now().astimezone(self.house.zone)
            when = f"{local:%H:%M}" if local.date() == now.date() else day(local, now)
            return f"kept from {when}"
        return ""

    def reload_draft(self, contact_id: int) -> None:
        """Read it anew, since something else than typing changed it."""
        self.unsaved.pop(contact_id, None)
        self._adopted.pop(contact_id, None)
        self._stored.discard(contact_id)
        self._loaded = None
        self.outdate()

    def take_out(self, contact_id: int, draft: KeptDraft) -> None:
        """This is on its way: what was typed behind it, and what is typed from now on, is another draft."""
        self._adopted.pop(contact_id, None)
        self._stored.discard(contact_id)
        if self.editor.contact_id != contact_id:
            return
        self.unsaved.pop(contact_id, None)
        self.typed += 1  # what was read before this knows it as still standing here
        self._pristine = True
        text = self.editor.area.text
        self.editor.clear()
        if rest := text[len(draft.text) :] if text.startswith(draft.text) else text:
            self.editor.change(KeptDraft(rest))

    def put_back(self, contact_id: int, draft: KeptDraft) -> None:
        """It did not leave after all: it stands there again, before whatever was typed meanwhile."""
        here = self.editor.contact_id == contact_id
        since = self.editor.draft if here else self.unsaved.get(contact_id, ("", KeptDraft()))[1]
        if since.text:
            draft = replace(draft, text=f"{draft.text}\n{since.text}")
        if here:
            self.editor.change(draft)
        else:
            self.unsaved[contact_id] = (self.login, draft)
            self.keep_drafts()

    # -- writing ------------------------------------------------------------------------------------------------------

    @on(Editor.Typed)
    def _typed(self, event: Editor.Typed) -> None:
        self.typed += 1
        self._pristine = False
        self.unsaved[event.contact_id] = (self.login, event.draft)
        self.keep_drafts()

    @work(group="drafts", exit_on_error=False)
    async def keep_drafts(self) -> None:
        """Write what was typed; while it is being written, more may be typed, and that is written next."""
        if self._keeping:
            return
        self._keeping = True
        try:
            await self.write_drafts()
        finally:
            self._keeping = False

    async def write_drafts(self) -> None:
        """Every draft that is not in the database yet; what cannot be written stays to be written."""
        async with self.writing:
            while self.unsaved:
                contact_id, typed = next(iter(self.unsaved.items()))
                adopted = self._adopted.get(contact_id)
                await self.office.drafts.keep(contact_id, typed[1], login=typed[0], seat=self.seat, instead_of=adopted)
                if self._adopted.get(contact_id) is adopted:
                    self._adopted.pop(contact_id, None)
                if self.unsaved.get(contact_id) is typed:
                    del self.unsaved[contact_id]

    async def leave(self) -> None:
        """Before the app ends: nothing typed is lost."""
        try:
            await self.write_drafts()
        except PostroomError as error:
            raise Refused(f"what you typed cannot be written down yet, so Postroom stays open: {error}") from error

    # -- choosing -----------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_drafts(self) -> None:
        """One of two drafts goes on; the way back is one key."""
        contact, found = self.contact, self.found
        beside = found.kept.beside if found is not None else ()
        if contact is None or not beside:
            self.notify("what you typed stands here alone", markup=False)
            return
        here, drafts, login, seat = self.editor.draft, self.office.drafts, self.login, self.seat
        choices = [("here", f"here  {one_line(here.text, 100) or '(nothing)'}")]
        choices += [
            (str(n), f"{one.at.astimezone(self.house.zone):%H:%M}  {one_line(one.draft.text, 100) or '(no text)'}")
            for n, one in enumerate(beside)
        ]
        said = await self.ask(ChoiceDialog("Typed at two terminals", choices, "Which one goes on?"))
        if said is None or self.editor.contact_id != contact.id:
            return
        goes_on = here if said == "here" else beside[int(said)].draft

        async def settle() -> None:
            await drafts.keep(contact.id, goes_on, login=login, seat=seat)
            for one in beside:
                await drafts.keep(contact.id, goes_on, login=login, seat=seat, instead_of=one)
            self.reload_draft(contact.id)

        async def back() -> None:
            await drafts.keep(contact.id, here, login=login, seat=seat)
            for one in beside:
                await drafts.keep(contact.id, one.draft, login=login, seat=one.seat)
            self.reload_draft(contact.id)

        self.house.do(settle, "that one goes on", back)
