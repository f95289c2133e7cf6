"""Help: every action of the registry with its keys; first those that work where the person is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.actions import ACTIONS, AREAS, EVERYWHERE, SCOPES
from tui.dialogs.page import PageDialog
from tui.widgets.keysline import shown_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.screen import Screen

    from tui.actions import Action


class HelpScreen(PageDialog):
    """All keys, made from the registry and the person's keymap."""

    def __init__(self, screen: Screen[object], keymap: Mapping[str, str]) -> None:
        working = {active.binding.id for active in screen.active_bindings.values() if active.binding.id}
        everywhere = {*EVERYWHERE.actions, *AREAS.actions}
        here = [action for action in ACTIONS.values() if action.id in working and action not in everywhere]
        groups = [("Here", here)] if here else []
        groups += [(scope.title, [a for a in scope.actions if a not in here]) for scope in SCOPES]
        super().__init__("Keys", Content("\n").join(_group(*group, keymap) for group in groups if group[1]))


def keys_of(action: Action, keymap: Mapping[str, str]) -> str:
    """The keys of an action as people write them."""
    return " or ".join(shown_key(key.strip()) for key in keymap.get(action.id, action.keys).split(","))


def _group(title: str, actions: Sequence[Action], keymap: Mapping[str, str]) -> Content:
    lines: list[Content | tuple[str, str] | str] = [(f"{title}\n", "bold $primary")]
    for action in actions:
        keys = keys_of(action, keymap)
        lines += [(f"  {keys:<14}", "bold"), f"{action.help}\n"]
    return Content.assemble(*lines)
