"""The text of a script as it is typed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.app import App

from tui.widgets.source import ERROR, WARNING, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import ComposeResult
    from textual.pilot import Pilot

SCRIPT = """\
def route(contact):
    if contact.text == "refund":
        return queue("billing")
    return queue("front")
"""


class Bare(App[None]):
    """Nothing but the widget."""

    def __init__(self) -> None:
        super().__init__()
        self.source = Source(name="source")

    def compose(self) -> ComposeResult:
        yield self.source


@asynccontextmanager
async def typing(text: str = "") -> AsyncIterator[tuple[Bare, Source, Pilot[None]]]:
    app = Bare()
    async with app.run_test(size=(60, 10)) as pilot:
        app.source.text = text
        app.source.focus()
        await pilot.pause()
        yield app, app.source, pilot


def shown(app: Bare) -> list[str]:
    return ["".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()]


async def test_a_script_is_coloured_as_python() -> None:
    async with typing(SCRIPT) as (_, source, _pilot):
        assert source.is_syntax_aware
        assert any(name.startswith("keyword") for marks in source._highlights.values() for _, _, name in marks)


async def test_lines_with_problems_are_marked_beside_their_number() -> None:
    async with typing(SCRIPT) as (app, source, pilot):
        source.mark({2: ERROR, 4: WARNING})
        await pilot.pause()
        lines = shown(app)
        assert lines[1].startswith(f"2{ERROR}") and lines[3].startswith(f"4{WARNING}")
        source.mark({})
        await pilot.pause()
        assert ERROR not in "".join(shown(app))


async def test_a_new_line_begins_where_python_wants_it() -> None:
    async with typing() as (_, source, pilot):
        await pilot.press(*"def route(contact):", "enter", *"if True:", "enter", *"return close('x')", "enter", *"x")
        assert source.text == "def route(contact):\n    if True:\n        return close('x')\n    x"


async def test_tab_indents_where_a_line_begins() -> None:
    async with typing() as (_app, source, pilot):
        await pilot.press("tab")
        assert source.text == "    "
        await pilot.press("backspace")
        assert source.text == ""
        await pilot.press(*"contact.")
        source.complete("", "text")
        assert source.text == "contact.text"


async def test_keys_are_obeyed_in_order_however_fast_they_come() -> None:
    """A key that moves goes by way of the app in Textual's own, and what is typed behind it overtakes it."""
    async with typing("one\ntwo") as (app, source, pilot):
        for key in ("end", "x", "down", "home", "y", "ctrl+end", "z", "left", "w", "up", "home", "backspace", "q"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert source.text == "qonex\nytwowz"


async def test_words_are_found_one_after_the_other_round_the_end_and_backward() -> None:
    async with typing(SCRIPT) as (_, source, _pilot):
        rows = []
        for _ in range(3):
            assert source.find_next("QUEUE")
            assert source.selected_text == "queue"
            rows.append(source.cursor_location[0])
        assert rows == [2, 3, 2]
        assert source.find_next("queue", backward=True) and source.cursor_location[0] == 3
        assert not source.find_next("nowhere") and not source.find_next("")


@pytest.mark.parametrize(
    ("line", "column", "where"), [(3, 9, (2, 8)), (99, 1, (4, 0)), (-3, 0, (0, 0)), (1, 999, (0, 19))]
)
async def test_a_line_is_gone_to_or_the_nearest(line: int, column: int, where: tuple[int, int]) -> None:
    async with typing(SCRIPT) as (_, source, _pilot):
        source.go_to(line, column)
        assert source.cursor_location == where


async def test_nothing_pasted_steers_the_terminal() -> None:
    async with typing() as (_app, source, pilot):
        source.post_message(events.Paste("if x:\n\treturn \x1b]52;c;aGk=\x07close('a')"))
        await pilot.pause()
        assert "\x1b" not in source.text and "\x07" not in source.text
        assert source.text.startswith("if x:\n    return ")
