"""The frame: head, areas, line of keys, help, palette, feed, errors, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.binding import Binding

from core.errors import Refused
from core.models import Person, Queue
from core.models.states import Role
from tests.tui.conftest import LARGE, SMALL
from tui.actions import ACTIONS, AREAS, SCOPES
from tui.app import PostroomApp
from tui.areas import SCREENS
from tui.dialogs import Dialog
from tui.dialogs.help import HelpScreen
from tui.dialogs.page import Reading
from tui.keymap import read_keymap
from tui.screens.work import WorkScreen
from tui.themes import THEMES
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office


def _owners() -> list[Any]:
    found: list[Any] = [PostroomApp, Dialog, Reading, Rows]
    waiting: list[Any] = [WorkScreen, Rows, Dialog]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return found


def test_every_action_is_bound_labelled_and_helped() -> None:
    bound = {b.id: b for owner in _owners() for b in owner.__dict__.get("BINDINGS", ()) if isinstance(b, Binding)}
    for action in ACTIONS.values():
        assert action.label and action.help.endswith("."), action.id
        assert action.id in bound, f"nothing binds {action.id}"
        assert bound[action.id].key == action.keys


def test_no_key_means_two_things_in_one_scope() -> None:
    for scope in SCOPES:
        keys = [key.strip() for action in scope.actions for key in action.keys.split(",")]
        assert len(keys) == len(set(keys)), scope.name


def test_every_area_has_a_number_and_a_screen() -> None:
    assert [action.id.removeprefix("area.") for action in AREAS.actions] == list(SCREENS)


async def test_the_head_says_whose_desk_who_sits_there_and_what_is_wrong(sit: Any) -> None:
    async with sit("sue") as person:
        await person.sees("Postroom · Acme", "sue, supervisor", "▲ no engine", "10:00 GMT", "2 Queues")


async def test_help_has_every_action_and_its_keys(sit: Any) -> None:
    async with sit() as person:
        await person.press("f1")
        await person.until(lambda: isinstance(person.app.screen, HelpScreen), "the help")
        words = person.app.screen.text.plain
        assert all(action.help in words for action in ACTIONS.values())
        assert words.startswith("Here")
        await person.press("escape")
        await person.until(lambda: not isinstance(person.app.screen, HelpScreen), "the help to close")


async def test_the_palette_finds_an_action_by_its_sentence(sit: Any) -> None:
    async with sit() as person:
        await person.press("ctrl+p", *"dark")
        await person.sees("Change between dark")
        await person.press("enter", "enter")
        await person.until(lambda: person.app.theme == THEMES[1], "another theme")


async def test_keys_can_be_bound_anew_in_a_file(sit: Any, folder: Path) -> None:
    mine = folder / "keys.toml"
    mine.write_text('"app.help" = "f3"\n"list.filter" = "f"\n')
    async with sit(keymap=mine) as person:
        await person.sees("f Filter")
        await person.press("f3")
        await person.until(lambda: isinstance(person.app.screen, HelpScreen), "the help")
        assert "F3" in person.app.screen.text.plain


@pytest.mark.parametrize(
    ("said", "words"),
    [('"list.fliter" = "f"', "did you mean list.filter"), ("[", "cannot be read"), ('"app.help" = 3', "needs a key")],
)
def test_a_keymap_that_is_wrong_says_where(folder: Path, said: str, words: str) -> None:
    (folder / "keys.toml").write_text(said)
    with pytest.raises(Exception, match=words):
        read_keymap(folder / "keys.toml")


async def test_a_wrong_keymap_is_said_on_the_screen_and_the_usual_keys_stand(sit: Any, folder: Path) -> None:
    (folder / "keys.toml").write_text('"no.such" = "x"')
    async with sit(keymap=folder / "keys.toml") as person:
        await person.sees("there is no action no.such")
        await person.press("f1")
        await person.until(lambda: isinstance(person.app.screen, HelpScreen), "the help")


async def test_what_changes_is_on_the_screen_by_the_bell(sit: Any, office: Office) -> None:
    async with sit() as person:
        await person.sees("billing")
        async with office.database.transaction():
            await Queue.create(name="refunds")
        await person.sees("refunds")


async def test_an_error_of_a_verb_is_one_sentence_and_never_markup(sit: Any) -> None:
    async def refuse() -> None:
        raise Refused("that [bold]cannot[/] be \x1b]52;c;eA==\x07 done")

    async with sit() as person:
        person.app.do(refuse)
        await person.sees("that [bold]cannot[/] be ␛]52;c;eA==␇")


async def test_what_nobody_foresaw_is_a_sentence_and_a_file(sit: Any, folder: Path) -> None:
    async def stumble() -> None:
        raise RuntimeError("the inside of it")

    async with sit() as person:
        person.app.do(stumble)
        await person.sees("something nobody foresaw")
        assert "the inside of it" not in person.text()
        assert "the inside of it" in (folder / "state/postroom/last-error.txt").read_text()


async def test_f9_takes_back_what_was_done_once(sit: Any) -> None:
    done: list[str] = []

    async def verb() -> None:
        done.append("done")

    async def back() -> None:
        done.append("back")

    async with sit() as person:
        person.app.do(verb, "it is done", back)
        await person.sees("it is done · F9 takes it back")
        await person.press("f9")
        await person.sees("taken back")
        await person.press("f9")
        await person.sees("there is nothing to take back")
        assert done == ["done", "back"]


async def test_a_stranger_is_told_and_can_say_who_he_is(office: Office) -> None:
    await Person.create(login="zoe", name="Zoe", role=Role.ADMINISTRATOR)
    app = PostroomApp(office, "nobody")
    async with app.run_test(size=SMALL) as pilot:
        from tests.tui.conftest import Sitting

        person = Sitting(app, pilot)
        await person.sees("nobody (not a user here)")
        await person.press("f11")
        await person.sees("Who sits here?", "zoe")
        await person.press("z", "enter")
        await person.sees("zoe, administrator")


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("theme", THEMES)
async def test_the_help_looks_as_accepted(sit: Any, picture: Any, size: tuple[int, int], theme: str) -> None:
    async with sit(size=size) as person:
        person.app.theme = theme
        await person.sees("billing")
        await person.press("f1")
        await person.sees("Keys", "Close")
        picture(person, f"help-{theme}-{size[0]}x{size[1]}")
