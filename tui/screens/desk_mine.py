"""The list of a person's contacts at the desk: who is in it, what is new in each, and who is back from hold."""

from __future__ import annotations

from core.views import ContactRow
from core.views.mine import QuestionRow
from tui.screens.desk_lines import lines_of, question_lines
from tui.screens.desk_place import DeskPlace, Found
from tui.telling import shown_address
from tui.widgets.listing import has_words
from tui.widgets.tall_rows import TallListing, TwoLines


class DeskMine(DeskPlace):
    """The left pane."""

    def __init__(self) -> None:
        super().__init__()
        self.mine = TallListing("Mine", self._lines, name="mine")
        self.looked_at: int | None = None
        self._seen: dict[int, int] = {}
        self._states: dict[int, str] = {}
        self._back: set[int] = set()
        self._returned: set[int] = set()

    @property
    def before_me(self) -> ContactRow | None:
        """The one under the cursor."""
        row = self.mine.rows.current_row
        return row if isinstance(row, ContactRow) else self.contact

    def show_mine(self, found: Found) -> None:
        """All of them, and the one that is looked at."""
        self._tell_who_is_back(found)
        self._list(found)

    def _list(self, found: Found) -> None:
        rows = list(found.mine)
        contact = found.contact
        asked = self.mine.rows.current_row
        on_question = (asked is None or isinstance(asked, QuestionRow)) and self.looked_at is None
        known = {row.id for row in rows} | {one.contact for one in found.questions if on_question}
        if contact is not None and contact.id not in known:
            rows.append(contact)
        for row in rows:
            self._seen.setdefault(row.id, row.messages)
        if contact is not None:
            self._seen[contact.id] = contact.messages
            self._returned.discard(contact.id)
        rows = [row for row in rows if has_words(self.mine.words, row.address, row.name, row.subject, row.text)]
        shown: dict[int, ContactRow | QuestionRow] = {row.id: row for row in rows}
        shown |= {-one.id: one for one in found.questions if has_words(self.mine.words, one.author, one.text)}
        self.mine.rows.show(list(shown), shown)
        if contact is not None and self.looked_at == contact.id:
            self.looked_at = None
            self.mine.rows.go_to(contact.id)
        self.mine.entitle(f"Mine {len(found.mine)}")

    def _tell_who_is_back(self, found: Found) -> None:
        states = {row.id: row.state for row in found.mine}
        for row in found.mine:
            if row.state == "open" and self._states.get(row.id) == "held" and row.id not in self._back:
                who = row.name or shown_address(row.address, self.house.region)
                self.notify(f"{who} is back from hold", markup=False)
                self.app.bell()
                self._returned.add(row.id)
        self._back -= {row.id for row in found.mine if row.state == "open"}
        self._states = states

    def look_at(self, contact_id: int) -> None:
        """Show a contact, whoever has it."""
        self.looked_at = contact_id
        self.outdate()

    def let_go(self, contact_id: int) -> None:
        """It leaves the list."""
        self.mine.rows.forget(contact_id)
        self.refresh_soon()

    def go_on_from(self, contact_id: int) -> None:
        """To the next that is not held, the first after the last; the cursor stays where there is none."""
        if self.mine.rows.current != contact_id:
            return
        keys = self.mine.rows.keys
        at = keys.index(contact_id)
        open_ones = {one for one, state in self._states.items() if state != "held"}
        following = [key for key in (*keys[at + 1 :], *keys[:at]) if key in open_ones]
        if following:
            self.mine.rows.go_to(following[0])

    def expect_back(self, contact_id: int) -> None:
        """This person brings it back herself."""
        self._back.add(contact_id)

    def _lines(self, row: ContactRow | QuestionRow) -> TwoLines:
        if isinstance(row, QuestionRow):
            return question_lines(row, self.house.now())
        news = max(0, row.messages - self._seen.get(row.id, row.messages))
        back = row.id in self._returned
        return lines_of(row, self.house.now(), self.house.region, self.login, news=news, is_back=back)
