"""What comes to a person by itself: offers with their countdown, and contacts that are hers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui.actions import ACTIONS
from tui.dialogs import TextDialog
from tui.screens.desk_place import DeskPlace, Found
from tui.telling import shown_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.views import ContactRow
    from tui.widgets.tall_rows import TallListing


class DeskOffers(DeskPlace):
    """Accept and refuse; what is offered is shown, unless something is being written."""

    mine: TallListing

    def __init__(self) -> None:
        super().__init__()
        self._hers: set[int] | None = None
        """Contacts that were hers at the last reading."""
        self._offers: set[int] = set()

    def write_to(self, contact_id: int) -> None:
        """Show a contact, and begin to write."""
        raise NotImplementedError

    @property
    def is_offered(self) -> bool:
        """Whether the contact before her is offered to her."""
        row = self.contact
        return row is not None and row.state == "offered" and row.agent == self.login

    @property
    def urgent_keys(self) -> Mapping[str, str]:
        """An offer runs out while one looks for its keys."""
        if not self.is_offered:
            return {}
        accept = ACTIONS["desk.accept"].label
        of_the_list = {"list.open": accept} if self.mine.rows.has_focus else {}
        return {**of_the_list, "desk.accept": accept, "desk.refuse": ACTIONS["desk.refuse"].label}

    def heed_offers(self, found: Found) -> None:
        """Show what is new; let go of what is offered no more. Before the list is painted."""
        offered = {row.id for row in found.mine if row.state == "offered"}
        before, known = self._offers, self._hers
        self._offers, self._hers = offered, {row.id for row in found.mine}
        for contact_id in before - self._hers:
            self.let_go(contact_id)
            if self.contact is not None and self.contact.id == contact_id:
                self.contact = None
        came = [row for row in found.mine if row.id in offered - before]
        given = [row for row in found.mine if known is not None and row.id not in known and row.state == "open"]
        given = [row for row in given if row.id not in self.expected]
        self.expected -= self._hers
        for row in given:
            self.notify(f"{self._who(row)} is yours: nobody asked, since you take what comes", timeout=6.0)
        if given:
            self.app.bell()
        if not self.is_quiet:
            return
        if came and self.is_offered and found.contact is not None and found.contact.id in before:
            return  # what she reads just now must not be another one when her Enter comes
        if came and (found.contact is None or came[0].id != found.contact.id):
            self.look_at(came[0].id)
        elif given and not came:
            self.write_to(given[0].id)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is being written or just begun, nor asked, so that another contact may be shown."""
        if not self.is_current or self.contact is None or not self.is_mine:
            return self.is_current
        is_fresh = self.contact.state != "held" and self.contact.id not in self.sent_here
        begins = is_fresh and self.editor.area.has_focus
        return not begins and not self.editor.area.text.strip()

    def waiting_words(self, found: Found) -> str:
        """What waits for an answer of hers while she writes; empty for nothing."""
        if self.is_offered:
            return ""
        shown = found.contact.id if found.contact else None
        waits = [row for row in found.mine if row.state == "offered" and row.id != shown]
        return f"▲ {self._who(waits[0])} is offered" if waits else ""

    def accept(self, row: ContactRow) -> None:
        """It is hers, and she writes."""
        desk, login = self.office.desk, self.login

        async def accept() -> None:
            await desk.accept(row.id, login=login)
            self.write_to(row.id)

        self.expected.add(row.id)
        self.house.do(accept)

    def action_accept(self) -> None:
        """What is shown is hers."""
        if self.contact is not None and self.is_offered:
            self.accept(self.contact)

    def action_refuse(self) -> None:
        """Back to its place, at once."""
        if self.contact is not None and self.is_offered:
            self._refuse(self.contact, "")

    @work(group="asking", exit_on_error=False)
    async def action_refuse_why(self) -> None:
        """Back to its place, with a reason in the journal."""
        row = self.contact
        if row is None or not self.is_offered:
            return
        why = await self.ask(TextDialog(self.question_on("Refuse", row), "Why? The journal keeps it."))
        if why is not None:
            self._refuse(row, why)

    def _refuse(self, row: ContactRow, why: str) -> None:
        desk, login = self.office.desk, self.login
        self.house.do(lambda: desk.refuse(row.id, login=login, why=why), f"{self._who(row)} waits for somebody else")

    def _who(self, row: ContactRow) -> str:
        return row.name or shown_address(row.address, self.house.region)
