"""What a terminal sends, made into keys and pastes; and whom the keys are for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events

from core.text import harmless
from tests.tui.seeding import contact
from tui.driver import Heard
from tui.screens.desk import DeskScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from core.office import Office
    from tests.tui.conftest import Sitting
    from tui.screens.desk_place import Found


def said(*pieces: str) -> list[str]:
    """What is heard when a terminal says these pieces one after another."""
    heard = Heard()
    found = []
    for piece in pieces:
        for event in heard.feed(piece):
            if isinstance(event, events.Paste):
                found.append(f"paste {event.text}")
            elif isinstance(event, events.Key):
                found.append(event.key)
    return found


@pytest.mark.parametrize("digit", range(10))
def test_alt_and_a_digit_is_that_key_in_a_terminal_that_sends_esc_for_alt(digit: int) -> None:
    assert said(f"\x1b{digit}") == [f"alt+{digit}"]


def test_a_paste_is_text_whatever_stands_in_it() -> None:
    pasted = "a\x1bq\x13\r\nb \x1b[31m \u202e \x1b[200~"
    assert said(f"x\x1b[200~{pasted}\x1b[201~y\x1b[A") == ["x", f"paste {harmless(pasted)}", "y", "up"]


def test_a_paste_may_come_in_any_pieces_between_its_marks() -> None:
    text = "a\x1bq\x13\nb\x1b[20"
    assert said("x\x1b[200~", *text, "\x1b[20", "1~y") == ["x", f"paste {harmless(text)}", "y"]


def test_a_large_paste_is_heard_in_time_in_proportion_to_it() -> None:
    assert len(said("\x1b[200~", *["x" * 4096] * 500, "\x1b[201~")[0]) == 6 + 4096 * 500


@pytest.mark.parametrize("noise", ["\x1b[9999999999u", "\x1b[1114112u", "\x1b[99999999999999999999;1u", "\x1b[;;;u"])
def test_a_key_that_is_none_is_borne(noise: str) -> None:
    assert said(noise, "x")[-1] == "x"


async def test_what_is_typed_before_a_contact_is_shown_goes_to_no_other_customer(
    office: Office, sit: Callable[..., AbstractAsyncContextManager[Sitting]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await contact(office, "first", agent="sue", address="+447700900123")
    await contact(office, "second", agent="sue", address="+447700900456")
    may_read = asyncio.Event()
    may_read.set()
    read = DeskScreen.read

    async def slow(screen: DeskScreen) -> Found:
        await may_read.wait()
        return await read(screen)

    monkeypatch.setattr(DeskScreen, "read", slow)
    async with sit("sue") as person:
        await person.press("3")
        await person.sees("first", "second", "to 07700 900123")
        screen = person.app.screen
        assert isinstance(screen, DeskScreen)
        may_read.clear()
        await person.press("end", "enter", "a", "b")
        assert screen.editor.draft.text == "" and not screen.editor.area.has_focus
        may_read.set()
        await person.until(lambda: screen.editor.area.has_focus, "the editor")
        await person.press("c")
        await person.sees("to 07700 900456")
        await person.until(lambda: screen.editor.draft.text == "c", "what is typed now")


async def test_a_toast_is_only_text_whatever_is_said_in_it(
    sit: Callable[..., AbstractAsyncContextManager[Sitting]],
) -> None:
    async with sit("sue") as person:
        person.app.screen.notify("[b]x[/] [@click=app.quit]y\x1b]0;z\x07\u202e", markup=True)
        await person.sees("[b]x[/] [@click=app.quit]y␛]0;z␇⟨U+202E⟩")
