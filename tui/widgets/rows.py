"""The virtual list: its rows, its cursor and its selection, and the keys that move them.

It knows the keys of all rows in order (100,000 are no burden) and the rows themselves only where they are seen; what it
lacks it asks for with `Wanted`. Rows that come or go elsewhere never move what is under the cursor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

from tui.actions import LIST, bindings_of
from tui.widgets.arrived import arrived
from tui.widgets.rows_drawing import DrawnRows

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from textual import events

    from tui.widgets.columns import Cell, Column


class Rows(DrawnRows, can_focus=True):
    """A list with a cursor, a selection, and columns that make room for each other."""

    BINDINGS: ClassVar = bindings_of(LIST)

    @dataclass(eq=False, repr=False)
    class Opened(Message):
        """Enter, or a second click, on a row."""

        rows: Rows
        key: Hashable
        row: Any

        @property
        def control(self) -> Rows:
            """The list."""
            return self.rows

    @dataclass(eq=False, repr=False)
    class Moved(Message):
        """The cursor stands on another row, or on none."""

        rows: Rows
        key: Hashable | None

        @property
        def control(self) -> Rows:
            """The list."""
            return self.rows

    @dataclass(eq=False, repr=False)
    class Wanted(Message):
        """Rows are seen that the list does not know: read them and `fill` them in."""

        rows: Rows
        keys: list[Hashable]

        @property
        def control(self) -> Rows:
            """The list."""
            return self.rows

        def can_replace(self, message: Message) -> bool:
            """Only the newest wish of a list counts."""
            return isinstance(message, Rows.Wanted) and message.rows is self.rows

    @dataclass(eq=False, repr=False)
    class Changed(Message):
        """What the caption says of it has changed: how many rows, new ones, chosen ones."""

        rows: Rows

        @property
        def control(self) -> Rows:
            """The list."""
            return self.rows

    @dataclass(eq=False, repr=False)
    class Asked(Message):
        """The person wants a filter, another order, or no filter: `filter`, `sort`, `reverse`, `clear`."""

        rows: Rows
        what: str

        @property
        def control(self) -> Rows:
            """The list."""
            return self.rows

    def __init__(self, columns: Sequence[Column], cells: Callable[[Any], Sequence[Cell | str]], *, name: str) -> None:
        """`name` is its id; `cells` turns a row into what stands in each column, every time it is drawn."""
        super().__init__(columns, cells, name=name)
        self.is_filtered = False
        """Whether whoever owns it shows only some of its rows."""
        self.new_above = 0
        self.new_below = 0
        self.is_sortable = False
        """Whether there is another order than its own."""
        self._shown_once = False

    # -- what the owner says ------------------------------------------------------------------------------------------

    def show(self, keys: Sequence[Hashable], found: Mapping[Any, Any], *, beginning: bool = False) -> None:
        """All keys in order, and the rows that are known. Cursor, selection and what is under the eye stay.

        `beginning`: these are only the first, and what is shown next is not new.
        """
        if self._shown_once and keys == self.keys:
            self._gone = None
            self._found = dict(found)
            self.repaint()
            return
        here, before = self.current, self.keys
        self._gone = None
        fresh = list(keys)
        rows = dict(found)
        place = _place(fresh, here, self._cursor)
        if place is None and here in self._found:
            place = min(self._cursor, len(fresh))
            fresh.insert(place, here)
            rows[here] = self._found[here]
            self._gone = here
        line = self._cursor - self._top
        self.keys, self._found = fresh, rows
        self._cursor = place if place is not None else min(self._cursor, max(0, len(fresh) - 1))
        self._top = max(0, min(self._cursor - line, len(fresh) - self.page))
        if self._shown_once:
            came = arrived(before, fresh)
            self.new_above += sum(1 for one in came if one < self._cursor)
            self.new_below += sum(1 for one in came if one >= self._top + self.page)  # what is seen needs no count
        self._shown_once = not beginning
        if self.selected:
            self.selected.intersection_update(fresh)
        self.repaint()
        self.post_message(self.Changed(self))
        if self.current != here:
            self.post_message(self.Moved(self, self.current))

    def fill(self, found: Mapping[Any, Any]) -> None:
        """Rows that were wanted."""
        self._found.update(found)
        self.repaint()

    def forget(self, *keys: Hashable) -> None:
        """These rows go because this person did something with them: they need not stay under the cursor."""
        self._gone = None
        going = set(keys)
        kept = [key for key in self.keys if key not in going]
        self.selected -= going
        self._found = {key: row for key, row in self._found.items() if key not in going}
        if self.current in going:
            self._cursor = min(self._cursor, max(0, len(kept) - 1))
        else:
            self._cursor = kept.index(self.current) if self.current is not None else 0
        self.keys = kept
        self._keep_in_view()
        self.post_message(self.Moved(self, self.current))
        self.post_message(self.Changed(self))

    def restart(self) -> None:
        """What is shown next is another list: the cursor begins at its top."""
        self.keys, self._found = [], {}
        self.selected.clear()
        self._cursor = self._top = self.new_above = self.new_below = 0
        self._gone = None
        self._shown_once = False

    def go_to(self, key: Hashable) -> None:
        """Put the cursor on a row, if it is here."""
        place = _place(self.keys, key, self._cursor)
        if place is not None:
            self._to(place)

    # -- what the owner asks ------------------------------------------------------------------------------------------

    @property
    def current(self) -> Any:
        """The key under the cursor, None in an empty list."""
        return self.keys[self._cursor] if self._cursor < len(self.keys) else None

    @property
    def current_row(self) -> Any:
        """The row under the cursor, None where it is not known."""
        return self._found.get(self.current)

    @property
    def chosen(self) -> list[Any]:
        """The selected keys in order; without any the one under the cursor."""
        if self.selected:
            return [key for key in self.keys if key in self.selected]
        return [self.current] if self.current is not None else []

    def window(self, keys: Sequence[Hashable]) -> list[Any]:
        """Which of these keys will be seen once they are shown: what the owner should read, with a page to spare."""
        place = _place(keys, self.current, self._cursor)
        if place is None:
            place = self._cursor if self.current is not None else 0
        first = max(0, place - (self._cursor - self._top) - self.page)
        return list(keys[first : first + 3 * self.page + 2])

    def _ask(self) -> None:
        seen = self.keys[self._top : self._top + self.page]
        if any(key not in self._found for key in seen):
            around = self.keys[max(0, self._top - self.page) : self._top + 2 * self.page]
            self.post_message(self.Wanted(self, [key for key in around if key not in self._found]))

    # -- moving -------------------------------------------------------------------------------------------------------

    def _to(self, place: int) -> None:
        if not self.keys:
            return
        gone, self._gone = self._gone, None
        if gone is not None and self.keys[min(place, len(self.keys) - 1)] != gone:
            left = self.keys.index(gone)
            del self.keys[left]
            place -= place > left
        elif gone is not None:
            self._gone = gone
        place = max(0, min(place, len(self.keys) - 1))
        moved = place != self._cursor or gone != self._gone
        self._cursor = place
        self.new_above = self.new_below = 0
        self._keep_in_view()
        self.post_message(self.Changed(self))
        if moved:
            self.post_message(self.Moved(self, self.current))

    def _keep_in_view(self) -> None:
        if self._cursor < self._top:
            self._top = self._cursor
        elif self._cursor >= self._top + self.page:
            self._top = self._cursor - self.page + 1
        self._top = max(0, min(self._top, len(self.keys) - self.page))
        self.repaint()

    def on_resize(self) -> None:
        """Another size: the cursor stays in view."""
        self._seen.clear()
        self._keep_in_view()
        self.refresh()

    def on_focus(self) -> None:
        """The cursor shows whether keys go here."""
        self.repaint()

    def on_blur(self) -> None:
        """The cursor shows whether keys go here."""
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor there; a click on the cursor opens."""
        place = self._top + event.y - 1
        if event.y > 0 and place < len(self.keys):
            if place == self._cursor and event.chain > 1:
                self.action_open()
            else:
                self._to(place)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self._to(self._cursor + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self._to(max(0, self._cursor - 3))

    def action_move(self, by: int) -> None:
        """Up or down."""
        self._to(max(0, self._cursor + by))

    def action_page(self, by: int) -> None:
        """A page up or down."""
        self._to(max(0, self._cursor + by * self.page))

    def action_first(self) -> None:
        """To the first row."""
        self._to(0)

    def action_last(self) -> None:
        """To the last row."""
        self._to(len(self.keys) - 1)

    def action_open(self) -> None:
        """Open what is under the cursor."""
        if self.current is not None and self.current_row is not None:
            self.post_message(self.Opened(self, self.current, self.current_row))

    def action_select(self) -> None:
        """Into the selection or out of it, and on to the next row."""
        if self.current is not None:
            self.selected ^= {self.current}
            self._to(self._cursor + 1)

    def action_select_all(self) -> None:
        """Every row that is listed."""
        self.selected = set(self.keys)
        self.repaint()
        self.post_message(self.Changed(self))

    def action_clear(self) -> None:
        """The selection first; without one the filter."""
        if self.selected:
            self.selected.clear()
            self.repaint()
            self.post_message(self.Changed(self))
        else:
            self.post_message(self.Asked(self, "clear"))

    def action_filter(self) -> None:
        """Ask for a filter."""
        self.post_message(self.Asked(self, "filter"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a list that has other orders is sorted; Esc with nothing to drop is for whoever stands around it."""
        if action == "clear":
            return bool(self.selected) or self.is_filtered
        return self.is_sortable or action not in ("sort", "reverse")

    def action_sort(self) -> None:
        """Ask for the next order."""
        self.post_message(self.Asked(self, "sort"))

    def action_reverse(self) -> None:
        """Ask for the order the other way round."""
        self.post_message(self.Asked(self, "reverse"))


def _place(keys: Sequence[Hashable], key: Hashable | None, near: int) -> int | None:
    """Where a key stands; looked for where it was before all are."""
    if key is None:
        return None
    if near < len(keys) and keys[near] == key:
        return near
    try:
        return keys.index(key)
    except ValueError:
        return None
