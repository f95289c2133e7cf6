"""The editor of a script: choices, search, lines, and what is wrong."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from textual import events
from textual.app import App

from core.routing.names import DeskNames
from tui.widgets.script_editor import ScriptEditor, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import ComposeResult
    from textual.pilot import Pilot

SCRIPT = "\n".join(["def route(contact):", *(f"    print({n})" for n in range(2, 60)), '    return queue("front")'])


class Bare(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.editor = ScriptEditor(name="script")
        self.editor.names = DeskNames(queues=frozenset({"front", "morning", "mending"}))
        self.changes = 0

    def compose(self) -> ComposeResult:
        yield self.editor

    def on_script_editor_changed(self) -> None:
        self.changes += 1

    def text(self) -> str:
        return "\n".join("".join(part.text for part in strip) for strip in self.screen._compositor.render_strips())


@asynccontextmanager
async def editing(text: str = "") -> AsyncIterator[tuple[Bare, ScriptEditor, Pilot[None]]]:
    app = Bare()
    async with app.run_test(size=(70, 12), notifications=True) as pilot:
        app.editor.load(text)
        app.editor.source.focus()
        await pilot.pause()
        yield app, app.editor, pilot


async def test_one_choice_is_taken_at_once_and_closes_its_quotes() -> None:
    async with editing() as (_app, editor, pilot):
        await pilot.press(*'queue("f', "escape", "tab")
        assert editor.text == 'queue("front"'
        await pilot.press(*", pri")
        assert not editor.has_class("-choosing")
        editor.load('queue("x")')
        editor.source.go_to(1, 9)
        await pilot.press("backspace", "m", "down", "tab")
        assert editor.text == 'queue("morning")' and editor.source.cursor_location == (0, 15)


async def test_names_are_offered_as_they_are_typed_and_narrowed_and_esc_drops_them() -> None:
    async with editing() as (app, editor, pilot):
        await pilot.press(*'queue("')
        await pilot.pause()
        screen = app.text().splitlines()
        assert [line[9:20].strip() for line in screen[1:4]] == ["front", "mending", "morning"], "below the quote"
        await pilot.press(*"mo")
        assert "morning" in app.text() and "mending" not in app.text()
        await pilot.press("escape")
        assert not editor.has_class("-choosing") and editor.source.has_focus
        assert editor.text == 'queue("mo'
        await pilot.press("enter", *"x = que", "enter")
        assert editor.text == 'queue("mo\nx = que\n', "elsewhere they come when they are asked for"


async def test_choices_are_shown_above_the_last_line_and_beside_the_right_edge() -> None:
    async with editing("\n" * 30 + " " * 58) as (app, editor, pilot):
        editor.source.go_to(31, 59)
        await pilot.press(*'queue("')
        await pilot.pause()
        region = editor._choices.region
        assert "morning" in app.text() and region.right <= 70 and region.bottom <= editor.source.region.bottom


async def test_every_change_is_told() -> None:
    async with editing() as (app, _editor, pilot):
        await pilot.press("a")
        await pilot.pause()
        before = app.changes
        await pilot.press("b")
        await pilot.pause()
        assert app.changes == before + 1


async def test_words_are_found_and_esc_leads_back() -> None:
    async with editing(SCRIPT) as (_app, editor, pilot):
        await pilot.press("ctrl+f", *"print(40)", "enter")
        assert editor.source.selected_text == "print(40)"
        await pilot.press("escape")
        assert editor.source.has_focus and editor.source.cursor_location[0] == 39
        await pilot.press("ctrl+f", *"nowhere", "enter")
        assert [one.message for one in editor.app._notifications] == ["“nowhere” is not in this script"]


async def test_a_line_is_gone_to_by_its_number() -> None:
    async with editing(SCRIPT) as (_app, editor, pilot):
        await pilot.press("ctrl+l", *"33", "enter")
        assert editor.source.cursor_location == (32, 0) and editor.source.has_focus


async def test_what_is_typed_behind_a_question_lands_in_the_script_in_order() -> None:
    async with editing(SCRIPT) as (app, editor, pilot):
        for key in ("ctrl+l", "3", "enter", "end", "enter", *"if x:", "enter", *'queue("m', "tab", "right_parenthesis"):
            character = {"right_parenthesis": ")"}.get(key, key if len(key) == 1 else None)
            app.post_message(events.Key(key, character))
        await pilot.pause()
        await pilot.pause()
        assert editor.text.splitlines()[2:5] == ["    print(3)", "    if x:", '        queue("mending")']


async def test_what_is_wrong_is_said_and_led_to() -> None:
    async with editing(SCRIPT) as (app, editor, pilot):
        wrong = Trouble(50, 5, 'there is no queue "mornign"; did you mean "morning"?', True)
        editor.show_troubles([wrong, Trouble(20, 1, "never used", False)])
        await pilot.pause()
        assert "line 20: never used (and 1 more; F4 goes there)" in app.text()
        await pilot.press("f4")
        assert editor.source.cursor_location == (19, 0)
        await pilot.press("f4")
        assert editor.source.cursor_location == (49, 4)
        await pilot.pause()
        assert 'did you mean "morning"?' in app.text()
        editor.show_troubles([])
        await pilot.pause()
        assert "● in order" in app.text()


async def test_markup_in_a_problem_is_only_words() -> None:
    async with editing(SCRIPT) as (app, editor, pilot):
        editor.show_troubles([Trouble(1, 1, "[red]no[/] \x1b[31m such [@click=app.quit]thing[/]", True)])
        await pilot.pause()
        assert "[red]no[/]" in app.text() and "\x1b" not in app.text()
