"""A list with its caption and its filter: what most screens put on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from core.text import one_line
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult, RenderResult

    from tui.widgets.columns import Cell, Column


class Caption(Widget):
    """`── front · 14 waiting ──── 3 new ↑ ──`; bold while its list has the focus."""

    DEFAULT_CSS = """
    Caption { height: 1; text-wrap: nowrap; color: $text-muted; }
    Caption.-focused { color: $primary; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.left = ""
        self.right = ""

    def say(self, left: str, right: str) -> None:
        """Draw it again where it differs."""
        if (left, right) != (self.left, self.right):
            self.left, self.right = left, right
            self.refresh()

    def render(self) -> RenderResult:
        """The line."""
        right = f" {one_line(self.right, 80)} ──" if self.right else ""
        left = f"── {one_line(self.left, max(8, self.size.width - cell_len(right) - 5))} "
        rule = "─" * max(0, self.size.width - cell_len(left) - cell_len(right))
        return Content(left + rule + right)


class Listing(Vertical):
    """Caption, rows, and a filter line that comes with `/`. The owner reads again when `Reordered` says so."""

    DEFAULT_CSS = """
    Listing {
        height: 1fr;
        & Input, & Input:focus { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
        &.-filtering Input, &.-filtering Input:focus { display: block; }
    }
    """

    @dataclass
    class Reordered(Message):
        """Another filter or another order is wanted: `listing.words`, `.sorted_by`, `.descending`."""

        listing: Listing

        @property
        def control(self) -> Listing:
            """The listing."""
            return self.listing

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        cells: Callable[[Any], Sequence[Cell | str]],
        *,
        name: str,
        sortable: Sequence[int] = (),
    ) -> None:
        """`name`: its id; its rows are `name-rows`. `sortable`: columns, by index, that the owner can order by."""
        super().__init__(id=name)
        self.title = title
        self.rows = Rows(columns, cells, name=f"{name}-rows")
        self.sortable = tuple(sortable)
        self.rows.is_sortable = bool(self.sortable)
        self.words = ""
        self._caption = Caption()
        self._input = Input(placeholder="words to look for; Enter keeps them, Esc shows all", id=f"{name}-filter")

    @property
    def sorted_by(self) -> int | None:
        """Column index, None for the list's own order."""
        return self.rows.sorted_by

    @property
    def descending(self) -> bool:
        """Whether that order is turned round."""
        return self.rows.descending

    def compose(self) -> ComposeResult:
        """Caption and rows; the filter comes when it is asked for."""
        yield self._caption
        yield self.rows

    def entitle(self, title: str) -> None:
        """Another title."""
        self.title = title
        self._caption_again()

    @on(Rows.Changed)
    def _caption_again(self) -> None:
        rows = self.rows
        right = []
        if rows.new_above:
            right.append(f"{rows.new_above:,} new ↑")
        if rows.new_below:
            right.append(f"{rows.new_below:,} new ↓")
        if rows.selected:
            right.append(f"{len(rows.selected):,} selected")
        if self.words:
            right.append(f"/{self.words}: {len(rows.keys):,}")
        self._caption.say(self.title, " · ".join(right))

    def on_descendant_focus(self) -> None:
        """The caption shows where the keys go."""
        self._caption.add_class("-focused")

    def on_descendant_blur(self) -> None:
        """The caption shows where the keys go."""
        self._caption.remove_class("-focused")

    @on(Rows.Asked)
    def _asked(self, event: Rows.Asked) -> None:
        event.stop()
        match event.what:
            case "filter":
                self.rows.is_filtered = True
                self.add_class("-filtering")
                if not self._input.is_attached:
                    self.mount(self._input)
                self._input.focus()
                return
            case "clear" if self.words or self.has_class("-filtering"):
                self._input.value = ""
                self.remove_class("-filtering")
                self.words = ""
                self.rows.is_filtered = False
            case "sort" if self.sortable:
                order: list[int | None] = [None, *self.sortable]
                self.rows.sorted_by = order[(order.index(self.rows.sorted_by) + 1) % len(order)]
            case "reverse" if self.rows.sorted_by is not None:
                self.rows.descending = not self.rows.descending
            case _:
                return
        self._reordered()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self.words:
            self.words = event.value
            self._reordered()

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.words:
            self.remove_class("-filtering")
            self.rows.is_filtered = False
        self.rows.focus()

    def key_escape(self) -> None:
        """In the filter line: all rows again."""
        if self._input.has_focus:
            self.rows.focus()
            self.rows.post_message(Rows.Asked(self.rows, "clear"))

    def _reordered(self) -> None:
        self.rows.restart()
        self._caption_again()
        self.post_message(self.Reordered(self))


def has_words(words: str, *texts: str) -> bool:
    """Whether every one of these words stands somewhere in the texts, in any case: the filter of a short list."""
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words.casefold().split())
