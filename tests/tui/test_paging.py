"""A long list by pages: what is remembered of it belongs to it, and not to the one that was shown before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tui.widgets.paging import Paging

if TYPE_CHECKING:
    from core.views.stretch import Stretch
    from tui.widgets.rows import Rows


class _Rows:
    """What paging needs of a list."""

    keys: tuple[int, ...] = ()
    current: int | None = None
    page = 10

    def restart(self) -> None:
        self.current = None


def within(ids: list[int], stretch: Stretch) -> list[int]:
    """What a query of these ids would find in a stretch."""
    found = [one for one in ids if (stretch.since or 0) <= one and (stretch.before is None or one < stretch.before)]
    return found[: stretch.limit]


async def test_a_list_that_was_read_while_it_became_another_does_not_shorten_the_other() -> None:
    pages = Paging(cast("Rows", _Rows()))

    async def few(stretch: Stretch) -> list[int]:
        pages.restart()  # the filter is dropped just now
        return within([9], stretch)

    async def all_of_them(stretch: Stretch) -> list[int]:
        return within([9, 7, 3, 1], stretch)

    assert await pages.read(few) == [9]
    assert await pages.read(all_of_them) == [9, 7, 3, 1]


async def test_pages_are_read_down_to_the_cursor_and_what_came_meanwhile_stands_first() -> None:
    rows: Any = _Rows()
    pages, ids = Paging(rows), list(range(1_000, 0, -1))

    async def read(stretch: Stretch) -> list[int]:
        return within(ids, stretch)

    assert await pages.read(read) == ids[:200] and not pages.ended
    rows.current = ids[190]
    assert await pages.read(read) == ids[:400]
    ids.insert(0, 1_001)
    assert (await pages.read(read))[:2] == [1_001, 1_000]
