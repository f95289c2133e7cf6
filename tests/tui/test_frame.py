"""The frame: head, areas, line of keys, help, palette, feed, errors, undo."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode

import tui
from core.errors import Refused
from core.models import Engine, Lease, Mailbox, Person, Queue
from core.models.states import Health, Role
from tests.flow.conftest import NOW
from tests.tui.conftest import LARGE, SMALL
from tests.tui.outgoing import full_outbox
from tests.tui.seeding import contact
from tui.actions import ACTIONS, AREAS, JOURNAL, LIST, SCOPES
from tui.app import PostroomApp
from tui.areas import SCREENS
from tui.dialogs.help import HelpScreen
from tui.keymap import read_keymap, written_keymap
from tui.remembered import choices_path, remember_theme, remembered_theme
from tui.screens.accounts import AccountsScreen
from tui.screens.outbox import OutboxScreen
from tui.screens.queues import QueuesScreen
from tui.themes import DARK, LIGHT, SIXTEEN, THEMES

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office


def _owners() -> list[Any]:
    """Every class of ours that may bind keys."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        importlib.import_module(module.name)
    found, waiting = [], [DOMNode]
    while waiting:
        below = [one for one in waiting.pop().__subclasses__() if one not in found]
        found += below
        waiting += below
    return [one for one in found if one.__module__.startswith("tui.")]


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
        words = " ".join(person.app.screen.text.plain.split())
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
    [
        ('"list.fliter" = "f"', "did you mean list.filter"),
        ("[", "cannot be read"),
        ('"app.help" = 3', "needs a key"),
        ('"queues.take" = "m"', "queues.take and queues.move are both on m"),
        ('"queues.take" = "x"\n"queues.next" = "y,x"', "queues.take and queues.next are both on x"),
    ],
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
        assert "takes it back" not in person.text()  # what is taken back is offered no more
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


# -- themes ----------------------------------------------------------------------------------------------------------


async def test_a_theme_is_found_again_by_whoever_chose_it_on_this_machine(sit: Any) -> None:
    async with sit("sue") as person:
        await person.press("f12")
        await person.until(lambda: person.app.theme == LIGHT.name, "the light theme")
    async with sit("ann") as person:
        assert person.app.theme == DARK.name
        await person.press("f11", *"sue", "enter")
        await person.until(lambda: person.app.theme == LIGHT.name, "sue's theme")
    async with sit("sue") as person:
        assert person.app.theme == LIGHT.name


@pytest.mark.parametrize("said", ["", "[", "[1]", '{"theme": 3}', '{"theme": {"sue": 7}}', '{"theme": {"sue": "x"}}'])
async def test_a_file_of_choices_that_says_nothing_is_as_none(sit: Any, said: str) -> None:
    choices_path().parent.mkdir(parents=True)
    choices_path().write_text(said)
    async with sit("sue") as person:
        assert person.app.theme == DARK.name


async def test_a_theme_that_cannot_be_remembered_is_shown_all_the_same(sit: Any, folder: Path) -> None:
    (folder / "state").write_text("in the way")
    async with sit("sue") as person:
        await person.press("f12")
        await person.sees("the theme is not remembered")
        assert "cannot be written" in person.said()[0]
        assert person.app.theme == LIGHT.name


async def test_the_bell_is_turned_off_for_good_and_on_again(sit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(App, "bell", lambda app: rung.append(app.login))
    async with sit("sue") as person:
        person.app.bell()
        await person.press("alt+b")
        await person.sees("the bell is off")
        person.app.bell()
    async with sit("sue") as person:
        person.app.bell()
        assert rung == ["sue"]
        await person.press("alt+b")
        await person.sees("the bell is on")
        person.app.bell()
    assert rung == ["sue", "sue"]


async def test_a_terminal_of_16_colours_gets_the_plain_theme_and_nothing_is_remembered_of_it(
    sit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_theme(choices_path(), "sue", LIGHT.name)
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", "linux")
    async with sit("sue") as person:
        assert person.app.theme == SIXTEEN
        await person.press("f12")
        await person.until(lambda: person.app.theme == DARK.name, "another theme")
    assert remembered_theme(choices_path(), "sue") == LIGHT.name


async def test_without_colours_nothing_is_coloured_and_there_is_nothing_to_choose(
    sit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with sit("sue") as person:
        await person.sees("▲ no engine", "billing")
        assert person.app.theme == SIXTEEN
        colours = {
            colour.name
            for strip in person.app.screen._compositor.render_strips()
            for segment in strip.apply_filter(person.app._filters[-1], person.app.screen.background_colors[1])
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        }
        assert colours == {"default"}
        await person.press("f12")
        await person.sees("NO_COLOR is set: there are no colours to choose among")
        assert person.app.theme == SIXTEEN


# -- alarms ----------------------------------------------------------------------------------------------------------


async def test_0_lists_what_is_wrong_and_leads_to_it(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    await contact(office, "Invoice 7 is wrong", queue="front")
    await Mailbox.filter(account_id=2).update(health=Health.BROKEN, error="\x1b[31mno [b]login[/b]", error_at=NOW)
    async with sit(size=LARGE) as person:
        await person.sees("front")
        await person.press("0")
        await person.sees("Alarms", "✖    0 s  1 message is in doubt", "help@acme.example: ␛[31mno [b]login[/b]",
                          "▲         no engine runs", "▲  3 min  front: 1 waits longer")  # fmt: skip
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, OutboxScreen), "the outbox")
        await person.until(lambda: person.app.screen.listing.rows.keys == [ids["unknown"]], "those in doubt")
        await person.press("0", *"help", "enter")
        await person.until(lambda: isinstance(person.app.screen, AccountsScreen), "the accounts")
        await person.until(
            lambda: person.app.screen.current and person.app.screen.current.address == "help@acme.example", "the cursor"
        )
        await person.press("0", *"front", "enter")
        await person.until(lambda: isinstance(person.app.screen, QueuesScreen), "the queues")
        await person.until(lambda: person.app.screen.queue and person.app.screen.queue.name == "front", "its queue")


async def test_a_desk_without_alarms_says_so(sit: Any) -> None:
    await Lease.create(name="engine:me", holder="me", until=NOW.replace(hour=23))
    await Engine.create(holder="me", host="h", pid=1, version="1", started_at=NOW, sessions=0)
    async with sit() as person:
        await person.press("0")
        await person.sees("nothing is wrong, as far as the desk knows")


# -- errors ----------------------------------------------------------------------------------------------------------


async def test_a_screen_that_stumbled_reads_again(sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async with sit() as person:
        screen = person.app.screen
        await person.sees("billing")
        read = screen.read

        async def stumble() -> None:
            monkeypatch.setattr(screen, "read", read)
            raise RuntimeError("the inside of it")

        monkeypatch.setattr(screen, "read", stumble)
        async with office.database.transaction():
            await Queue.create(name="refunds")
        await person.sees("something nobody foresaw", "refunds")


# -- keys ------------------------------------------------------------------------------------------------------------


async def test_the_way_back_is_said_by_the_key_that_the_person_has_for_it(sit: Any, folder: Path) -> None:
    (folder / "keys.toml").write_text('"app.undo" = "f5"\n')

    async def nothing() -> None: ...

    async with sit(keymap=folder / "keys.toml") as person:
        person.app.do(nothing, "it is done", nothing)
        await person.sees("it is done · F5 takes it back")
        await person.press("f5")
        await person.sees("taken back")
        assert "takes it back" not in person.text()  # what is taken back is offered no more


def test_the_file_to_begin_ones_own_keys_with_has_every_action_as_it_is(folder: Path) -> None:
    lines = written_keymap().splitlines()
    assert all(line.startswith("# ") or not line for line in lines)
    (folder / "keys.toml").write_text("\n".join(line.removeprefix("# ") for line in lines if line[:3] == '# "'))
    assert read_keymap(folder / "keys.toml") == {action.id: action.keys for action in ACTIONS.values()}


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_help_looks_as_accepted(
    sit: Any, looks: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("tui.dialogs.help.SCOPES", (JOURNAL, LIST))  # another action elsewhere is no other picture
    async with sit(size=size) as person:
        await person.press("7")
        await person.sees("Journal · every line")
        await person.press("f1")
        await person.sees("Keys", "Close")
        await looks(person, "help")
