"""Help: every action of the registry with its keys; first those that work where the person is."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content

from tui.actions import ACTIONS, AREAS, DIALOG, EVERYWHERE, LIST, READING, SCOPES
from tui.dialogs.page import PageDialog, room_of
from tui.widgets.keysline import shown_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.screen import Screen

    from tui.actions import Action


OWN = "`postroom keys` writes them all as a file to begin with, and says where it belongs.\n"
KEYS = 15
"""Cells for the keys before what they do."""
COMMON = (LIST, READING, DIALOG)


class HelpScreen(PageDialog):
    """All keys, made from the registry and the person's keymap."""

    def __init__(self, screen: Screen[object], keymap: Mapping[str, str]) -> None:
        working = {active.binding.id for active in screen.active_bindings.values() if active.binding.id}
        everywhere = {*EVERYWHERE.actions, *AREAS.actions}
        here = [action for action in ACTIONS.values() if action.id in working and action not in everywhere]
        here.sort(key=lambda action: any(action in scope.actions for scope in COMMON))  # what is only here comes first
        groups = [("Here", here)] if here else []
        groups += [(scope.title, [a for a in scope.actions if a not in here]) for scope in SCOPES]
        room = room_of(screen.size.width)
        own = Content.assemble(("Your own keys\n", "bold $primary"), OWN)
        pages = [_group(*group, keymap, room) for group in groups if group[1]]
        super().__init__("Keys", Content("\n").join([*pages, own]))


def keys_of(action: Action, keymap: Mapping[str, str]) -> str:
    """The keys of an action as people write them."""
    return " or ".join(shown_key(key.strip()) for key in keymap.get(action.id, action.keys).split(","))


def _group(title: str, actions: Sequence[Action], keymap: Mapping[str, str], room: int) -> Content:
    lines: list[Content | tuple[str, str] | str] = [(f"{title}\n", "bold $primary")]
    for action in actions:
        first, *more = wrap(action.help, max(20, room - KEYS), break_on_hyphens=False)
        lines += [(f"{keys_of(action, keymap):<{KEYS - 1}} ", "bold"), f"{first}\n"]
        lines += [f"{' ' * KEYS}{line}\n" for line in more]
    return Content.assemble(*lines)
