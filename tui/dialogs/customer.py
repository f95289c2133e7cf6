"""The customer of a contact, where there is no room for the pane beside the thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Button

from tui.dialogs.dialog import Dialog
from tui.widgets.customer_card import CustomerCard
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from textual.widget import Widget

    from core.views.customer import CustomerRow

MOST = 13
"""Lines for the list, caption and filter among them."""


class CustomerDialog(Dialog[int]):
    """Gives back the id of an earlier contact to open, None for none."""

    BUTTONS = (("accept", "Open", "primary"), ("cancel", "Close", "default"))

    def __init__(self, row: CustomerRow, region: str, zone: tzinfo, now: datetime) -> None:
        super().__init__("Customer")
        self._shown = (row, region, zone, now)
        self.card = CustomerCard(zone, name="card")

    def body(self) -> Iterable[Widget]:
        """The card."""
        yield self.card

    def on_mount(self) -> None:
        """Choose at once."""
        self.card.show(*self._shown)
        self.card.earlier.styles.height = min(MOST, 2 * len(self.card.earlier.rows.keys) + 2)
        if self.card.earlier.rows.keys:
            self.card.earlier.rows.focus()
        else:
            self.query_one("#accept", Button).display = False
            self.query_one("#cancel", Button).focus()

    @on(Rows.Asked)
    def _asked(self, event: Rows.Asked) -> None:
        if event.what == "clear" and not self.card.earlier.words:
            event.prevent_default()
            self.dismiss(None)

    @on(Rows.Opened)
    def _opened(self, event: Rows.Opened) -> None:
        event.stop()
        self.accept()

    def accept(self) -> None:
        """The contact under the cursor."""
        self.dismiss(self.card.earlier.rows.current)
