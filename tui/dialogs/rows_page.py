"""A list that is only looked at, in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual import on
from textual.content import Content
from textual.widgets import Static

from core.text import clip, harmless
from tui.dialogs.dialog import Dialog
from tui.widgets.listing import Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.widget import Widget

    from tui.widgets.columns import Cell, Column

Row = TypeVar("Row")
LONGEST = 400


class RowsDialog(Dialog[Any], Generic[Row]):
    """Gives back the key of the row that was opened; the filter leaves rows in whose cells the words stand."""

    BUTTONS = (("cancel", "Close", "primary"),)

    def __init__(
        self, title: str, columns: Sequence[Column], cells: Callable[[Row], Sequence[Cell | str]],
        rows: Mapping[Any, Row], *, caption: str = "", opens: bool = False,
        whole: Callable[[Row], str] | None = None,
    ) -> None:  # fmt: skip
        """`opens`: Enter on a row gives it back; otherwise it closes the dialog. `whole`: what stands below of one."""
        super().__init__(title)
        self.rows = rows
        self.opens = opens
        self._cells = cells
        self._whole = whole
        self._below = Static("", classes="whole")
        self._said = caption or f"{len(rows):,}"
        self.listing = Listing(self._said, columns, cells, name="looked-at")

    def body(self) -> Iterable[Widget]:
        """The list, and the row under the cursor in full."""
        yield self.listing
        if self._whole is not None:
            yield self._below

    def on_mount(self) -> None:
        """Move at once."""
        self._show()
        self.listing.entitle(self._said)
        self.listing.rows.focus()

    def _show(self) -> None:
        shown = {key: row for key, row in self.rows.items() if has_words(self.listing.words, *self._texts(row))}
        self.listing.rows.show(list(shown), shown)

    def _texts(self, row: Row) -> list[str]:
        return [one if isinstance(one, str) else one.text for one in self._cells(row)]

    @on(Rows.Moved)
    def _moved(self) -> None:
        row = self.rows.get(self.listing.rows.current)
        words = self._whole(row) if self._whole is not None and row is not None else ""
        self._below.update(Content(clip(harmless(words, lines=False), LONGEST)), layout=False)

    @on(Listing.Reordered)
    def _filtered(self, event: Listing.Reordered) -> None:
        event.stop()
        self._show()

    @on(Rows.Opened)
    def _opened(self, event: Rows.Opened) -> None:
        event.stop()
        self.dismiss(event.key if self.opens else None)

    def accept(self) -> None:
        """The row under the cursor."""
        self.dismiss(self.listing.rows.current if self.opens else None)
