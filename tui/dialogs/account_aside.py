"""The mails of an account that were set aside, why, and which of them to let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import Static

from core.text import harmless
from tui.actions import ASIDE, bindings_of
from tui.dialogs.dialog import Dialog
from tui.widgets.columns import Cell, Column
from tui.widgets.listing import Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from textual.widget import Widget

    from core.views import MailRow

COLUMNS = (
    Column("Mail", 6, right=True),
    Column("Arrived", 12),
    Column("Octets", 11, right=True, drop=1),
    Column("Why", 20, grow=1),
)


class AsideDialog(Dialog[int]):
    """Gives back the id of a mail that shall be released."""

    CSS_PATH: ClassVar = ["dialog.tcss", "account_aside.tcss"]  # type: ignore[assignment]
    BINDINGS: ClassVar = bindings_of(ASIDE)
    BUTTONS = (("accept", "Release", "primary"), ("cancel", "Close", "default"))

    def __init__(self, title: str, mails: Sequence[MailRow], zone: tzinfo) -> None:
        super().__init__(title)
        self.mails = mails
        self.zone = zone
        self.listing = Listing(f"{len(mails):,} set aside", COLUMNS, self._cells, name="aside")
        self.why = Static("", classes="why")

    def body(self) -> Iterable[Widget]:
        """The list, and the whole reason of the mail under the cursor."""
        yield self.listing
        yield self.why

    def on_mount(self) -> None:
        """Show them."""
        self._show()
        self.listing.rows.focus()

    @on(Listing.Reordered)
    def _show(self) -> None:
        found = {row.id: row for row in self.mails if has_words(self.listing.words, row.reason, str(row.id))}
        self.listing.rows.show(list(found), found)
        self._explain()

    @on(Rows.Moved)
    def _explain(self) -> None:
        row = self.listing.rows.current_row
        self.why.update(Content(harmless(row.reason) if row is not None else "none is left: nothing is set aside"))

    @on(Rows.Opened)
    def accept(self) -> None:
        """Release the mail under the cursor."""
        if self.listing.rows.current is not None:
            self.dismiss(self.listing.rows.current)

    def action_release(self) -> None:
        """The same."""
        self.accept()

    def _cells(self, row: MailRow) -> Sequence[Cell | str]:
        at = row.arrived_at.astimezone(self.zone)
        return f"{row.id}", f"{at:%d %b %H:%M}", f"{row.size:,}", Cell(row.reason or row.outcome, "look")
