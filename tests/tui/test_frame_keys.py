"""The registry of actions before the running app: each action works somewhere by its key, in palette and help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.outgoing import full_outbox
from tests.tui.seeding import small_desk
from tests.tui.test_dialogs import DIALOGS, open_up
from tui.actions import ACTIONS, SCOPES
from tui.areas import SCREENS
from tui.palette import ActionProvider
from tui.screens.work import WorkScreen
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.screen import Screen

    from core.office import Office
    from tests.tui.conftest import Sitting

OPEN = ("app", "area", "list", "page", "dialog", "form", "accounts", "account-script", "aside", "queues", "outbox",
        "journal")  # fmt: skip
"""Scopes whose actions all work on an open screen or in a dialog of ours; the tests of the others press theirs."""
TEXTUALS = {"app.next", "app.previous"}
"""Textual binds Tab on every screen to the same: ours are for those who want other keys."""
scopes = [scope for scope in SCOPES if scope.name in OPEN]


async def places(person: Sitting, office: Office) -> AsyncIterator[Screen[Any]]:
    """Every work area and every dialog of ours, with the focus on each thing in turn."""
    person.app.is_here = True  # what signs in and out works
    for mode in SCREENS:
        await person.app.switch_mode(mode)
        screen = person.app.screen
        assert isinstance(screen, WorkScreen)
        await person.until(lambda: not screen.stale.is_set() and screen.focused is not None, mode)  # noqa: B023
        for widget in screen.focus_chain:
            screen.set_focus(widget)
            if isinstance(widget, Rows) and widget.current is not None:
                widget.selected = {widget.current}
            yield screen
    for name in DIALOGS:
        dialog, _ = await open_up(person, office, name)
        for widget in dialog.focus_chain:
            dialog.set_focus(widget)
            yield dialog
        dialog.dismiss(None)
        await person.until(lambda: person.app.screen is not dialog, "it to close")  # noqa: B023


async def test_every_action_works_somewhere_by_its_key_and_stands_in_the_palette(sit: Any, office: Office) -> None:
    await small_desk(office)
    await full_outbox(office)
    by_key: dict[str, set[str]] = {}
    in_palette: set[str] = set()
    async with sit() as person:
        async for screen in places(person, office):
            active = {b.binding.id: key for key, b in screen.active_bindings.items() if b.enabled and b.binding.id}
            for id_, key in active.items():
                by_key.setdefault(id_, set()).add(key)
            found = [binding.binding.id or "" for _, _, binding in ActionProvider(screen)._actions()]
            assert sorted(found) == sorted(active.keys() & ACTIONS.keys() - {"app.palette"})
            in_palette |= set(found)
    unreached = {action.id for scope in scopes for action in scope.actions} - by_key.keys() - TEXTUALS
    assert unreached == set()
    for id_, keys in by_key.items():
        if id_ in ACTIONS:
            assert keys <= {key.strip() for key in ACTIONS[id_].keys.split(",")}, id_
    assert by_key.keys() & ACTIONS.keys() - {"app.palette"} == in_palette


async def test_no_key_of_a_place_is_hidden_behind_another_action_of_ours(sit: Any, office: Office) -> None:
    """Where two are bound to one key, the nearer one wins: then the other must have a key of its own there."""
    await small_desk(office)
    hidden: set[tuple[str, str]] = set()
    async with sit() as person:
        async for screen in places(person, office):
            active = {b.binding.id for b in screen.active_bindings.values() if b.enabled}
            for node, bindings in screen._modal_binding_chain:
                for key, binding in bindings:
                    enabled = person.app._check_action_state(binding.action, node)
                    if enabled and binding.id in ACTIONS and binding.id not in active:
                        winner = screen.active_bindings[key].binding.id
                        hidden |= {(type(screen).__name__, binding.id)} if winner in ACTIONS else set()
    # Esc in a list drops what is selected before it leaves a dialog or the editor: `Rows` lets it through then. The key
    # of ready goes on with the first run as long as there is no account.
    allowed = {"dialog.cancel", "desk.back", "first-run.open"}
    assert {pair for pair in hidden if pair[1] not in allowed} == set()


@pytest.mark.parametrize("scope", scopes, ids=lambda scope: scope.name)
async def test_every_action_can_be_bound_anew(sit: Any, office: Office, folder: Path, scope: Any) -> None:
    mine = {action.id: f"f{number}" for number, action in enumerate(scope.actions, 25)}
    (folder / "keys.toml").write_text("".join(f'"{id_}" = "{key}"\n' for id_, key in mine.items()))
    await small_desk(office)
    await full_outbox(office)
    found: dict[str, str] = {}
    async with sit(keymap=folder / "keys.toml") as person:
        assert not person.said()
        async for screen in places(person, office):
            found |= {b.binding.id or "": key for key, b in screen.active_bindings.items() if b.binding.id in mine}
            if found == mine:
                break
    assert found == mine
