"""One reading of the desk: my contacts, and everything about the one under the cursor."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.views import ContactFilter, contacts, thread
from core.views.choices import Choices, choices
from core.views.customer import also_written_to, customer
from core.views.files import files_that_came
from core.views.mine import newest_note, questions_for, said_to
from tui.screens.desk_consults import DeskConsults
from tui.screens.desk_drafts import DeskDrafts
from tui.screens.desk_mine import DeskMine
from tui.screens.desk_place import Found
from tui.widgets.thread_lines import SHOWN

if TYPE_CHECKING:
    from core.canned import CannedReply
    from core.views import ContactRow
    from core.views.mine import SaidRow

CHOICES_SECONDS = 5.0


def _place(row: ContactRow) -> tuple[float, ...]:
    """What is open first, then what is offered as it was given out, then what is held."""
    if row.state == "offered":
        return 1, -row.priority, row.received_at.timestamp()
    return (2,) if row.state == "held" else (0,)


class DeskReading(DeskMine, DeskDrafts, DeskConsults):
    """Reads, and touches no widget."""

    def __init__(self) -> None:
        super().__init__()
        self._choices = Choices()
        self._canned: list[CannedReply] = []
        self._read_choices_at = -CHOICES_SECONDS

    async def read(self) -> Found:
        """My contacts, and everything about the one under the cursor."""
        database, typed = self.office.database, self.typed
        rows = await contacts(database, ContactFilter(state="unclosed", agent=self.login))
        rows.sort(key=_place)
        questions = await questions_for(database, self.login)
        said = await self._said()
        asked = {-one.id: one.contact for one in questions}
        shown = {row.id for row in rows} | ({self.contact.id} if self.contact else set())
        wanted = self.mine.rows.current if self.looked_at is None else self.looked_at
        wanted = asked.get(wanted, wanted) if wanted is not None else None
        if wanted not in shown | set(asked.values()) and self.looked_at is None:
            wanted = rows[0].id if rows else next(iter(asked.values()), None)
        if wanted is None:
            return Found(rows, said=said)
        try:
            row, messages, notes = await thread(database, wanted, SHOWN)
        except NotFound:
            self.looked_at = None
            raise
        others = await also_written_to(database, wanted) if row.channel == "email" else ()
        files = await files_that_came(database, wanted) if any(one.files for one in messages) else []
        kept = self.chosen(wanted, await self.office.drafts.kept(wanted, login=self.login))
        who = await customer(database, wanted)
        known = await self._known()
        words = tuple(one.word for one in self._canned if one.channel in ("", row.channel))
        return Found(
            rows, row, tuple(messages), tuple(notes), tuple(questions), said, words, who, others, tuple(files), known,
            kept, typed,
        )  # fmt: skip

    async def _said(self) -> tuple[SaidRow, ...]:
        """Answers and whispers since the last; those of before this screen was opened are old."""
        if self.said_after is None:
            self.said_after = await newest_note(self.office.database)
            return ()
        return tuple(await said_to(self.office.database, self.login, self.said_after))

    async def _known(self) -> Choices:
        """What dialogs offer; a few seconds old at most, since the core judges anew what is chosen."""
        if monotonic() - self._read_choices_at > CHOICES_SECONDS:
            self._choices, self._canned = await choices(self.office.database), await self.office.canned.every()
            self._read_choices_at = monotonic()
        return self._choices
