"""A long list read by pages: as many ids as the person has gone down to, and some to spare; never the whole table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.views.stretch import Stretch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tui.widgets.rows import Rows

PAGE = 200
MOST = 100_000
"""Ids that are kept at most; who looks for older ones filters."""


class Paging:
    """What `rows` knows of a list whose newest stand first, under a key that falls from row to row."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.ended = False
        """Whether the oldest of all is among them."""
        self._oldest: int | None = None
        self._lists = 0
        """How many lists there were before this one."""

    def restart(self) -> None:
        """Another list: from its top."""
        self.rows.restart()
        self._oldest = None
        self._lists += 1
        self.ended = False

    @property
    def wants_more(self) -> bool:
        """Whether the cursor is so near the end of what is known that the next page should be read."""
        known = len(self.rows.keys)
        return not self.ended and known < MOST and self._place(self.rows.keys) >= known - 2 * self.rows.page

    async def read(self, ids_of: Callable[[Stretch], Awaitable[list[int]]]) -> list[int]:
        """The ids to show now. What is far below the cursor is forgotten and read again when it is gone to.

        Of a list that is another one by the time it has been read, nothing is remembered.
        """
        oldest, ended, mine = self._oldest, self.ended, self._lists
        asked = PAGE if oldest is None else MOST
        ids = await ids_of(Stretch(limit=asked, since=oldest))
        if oldest is None:
            ended = len(ids) < PAGE
        place = self._place(ids)
        while not ended and place >= len(ids) - 2 * self.rows.page and len(ids) < MOST:
            # As many again as there are: the end of a long list is a few presses of a key away.
            asked = max(PAGE, len(ids))
            older = await ids_of(Stretch(limit=asked, before=ids[-1] if ids else oldest))
            ended = len(older) < asked
            ids += older
        kept = max(2 * PAGE, 2 * (place + PAGE))
        ended = ended and len(ids) <= kept
        ids = ids[:kept]
        if mine == self._lists:
            self.ended, self._oldest = ended, ids[-1] if ids else None
        return ids

    def show(self, ids: Sequence[int], found: Mapping[int, Any]) -> None:
        """Show them. Older ones that were read are not new: nothing ever arrives at the foot of such a list."""
        self.rows.show(ids, found)
        self.rows.new_below = 0

    def _place(self, ids: Sequence[Any]) -> int:
        """Where the cursor will be."""
        here = self.rows.current
        if here is None:
            return 0
        try:
            return ids.index(here)
        except ValueError:
            return sum(1 for one in ids if one > here)
