"""One reading of the desk: my contacts, and everything about the one under the cursor."""

from __future__ import annotations

from time import monotonic

from core.errors import NotFound
from core.views import ContactFilter, contacts, thread
from core.views.choices import Choices, choices
from core.views.customer import also_written_to, customer
from core.views.files import files_that_came
from tui.screens.desk_drafts import DeskDrafts
from tui.screens.desk_mine import DeskMine
from tui.screens.desk_place import Found
from tui.widgets.thread_lines import SHOWN

CHOICES_SECONDS = 5.0


class DeskReading(DeskMine, DeskDrafts):
    """Reads, and touches no widget."""

    def __init__(self) -> None:
        super().__init__()
        self._choices = Choices()
        self._read_choices_at = -CHOICES_SECONDS

    async def read(self) -> Found:
        """My contacts, and everything about the one under the cursor."""
        database, typed = self.office.database, self.typed
        rows = await contacts(database, ContactFilter(state="unclosed", agent=self.login))
        rows.sort(key=lambda row: row.state == "held")
        shown = {row.id for row in rows} | ({self.contact.id} if self.contact else set())
        wanted = self.mine.rows.current if self.looked_at is None else self.looked_at
        if wanted not in shown and self.looked_at is None:
            wanted = rows[0].id if rows else None
        if wanted is None:
            return Found(rows)
        try:
            row, messages, notes = await thread(database, wanted, SHOWN)
        except NotFound:
            self.looked_at = None
            raise
        others = await also_written_to(database, wanted) if row.channel == "email" else ()
        files = await files_that_came(database, wanted) if any(one.files for one in messages) else []
        kept = self.chosen(wanted, await self.office.drafts.kept(wanted, login=self.login))
        who = await customer(database, wanted)
        return Found(
            rows, row, tuple(messages), tuple(notes), who, others, tuple(files), await self._known(), kept, typed
        )

    async def _known(self) -> Choices:
        """What dialogs offer; a few seconds old at most, since the core judges anew what is chosen."""
        if monotonic() - self._read_choices_at > CHOICES_SECONDS:
            self._choices, self._read_choices_at = await choices(self.office.database), monotonic()
        return self._choices
