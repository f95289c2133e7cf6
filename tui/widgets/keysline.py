"""The line of keys at the foot: what works where the focus is, as much of it as fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tui.actions import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import App, RenderResult
    from textual.screen import Screen

HELP = "app.help"
READY = "app.ready"
_NAMES = {
    "enter": "⏎", "escape": "Esc", "space": "Space", "question_mark": "?", "slash": "/", "full_stop": ".",
    "pageup": "PgUp", "pagedown": "PgDn", "up": "↑", "down": "↓", "left": "←", "right": "→", "tab": "Tab",
    "home": "Home", "end": "End", "comma": ",", "exclamation_mark": "!", "plus": "+", "minus": "-", "underscore": "_",
}  # fmt: skip


def shown_key(key: str) -> str:
    """A Textual key name as people write it: `Ctrl+S`, `F2`, `⏎`."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    name = _NAMES.get(last, last.upper() if last[:1] == "f" and last[1:].isdigit() else last)
    if modifiers:
        name = name.upper() if len(name) == 1 else name
    return "+".join([*(one.capitalize() for one in modifiers), name])


def first_key(app: App[Any], action: str) -> str:
    """The key of an action, as this person has it and as people write it."""
    return shown_key(bound_key(app, action))


def bound_key(app: App[Any], action: str) -> str:
    """The same as Textual names it."""
    keymap: Mapping[str, str] = getattr(app, "keymap", {})
    return keymap.get(action, ACTIONS[action].keys).split(",")[0].strip()


class KeysLine(Widget):
    """One line; it is drawn again when the focus goes elsewhere and another key works."""

    DEFAULT_CSS = """
    KeysLine { dock: bottom; height: 1; background: $panel; color: $foreground; }
    KeysLine:ansi { background: ansi_default; }
    """

    def __init__(self) -> None:
        super().__init__(id="keysline")
        self._places: list[tuple[int, int, str]] = []
        self._said: list[tuple[str, str, str]] = []

    def on_mount(self) -> None:
        """Hear when other keys work."""
        self.screen.bindings_updated_signal.subscribe(self, self._again)

    def _again(self, screen: Screen[object]) -> None:
        if screen is self.screen and self._known() != self._said:
            self.refresh()

    def _known(self) -> list[tuple[str, str, str]]:
        found: dict[str, tuple[str, str, str]] = {}
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if binding.show and active.enabled:
                found.setdefault(binding.id or binding.action, (key, shown_key(key), binding.description))
        places = {name: place for place, name in enumerate(ACTIONS)}
        if getattr(self.screen, "AREA", "") != "desk":  # elsewhere the keys of the place come first
            places[READY] = len(places)
        urgent: Mapping[str, str] = getattr(self.screen, "urgent_keys", {})
        places |= {name: at - len(urgent) for at, name in enumerate(urgent)}
        for name in urgent.keys() & found.keys():
            found[name] = (*found[name][:2], urgent[name])
        return [found[name] for name in sorted(found, key=lambda name: places.get(name, -1))]

    def render(self) -> RenderResult:
        """As many keys as fit, and the one that tells the rest."""
        self._said = self._known()
        self._places = []
        parts: list[str | tuple[str, str]] = [" "]
        helps = not self.screen.is_modal or getattr(self.screen, "SAYS_HELP", False)
        help_key = first_key(self.app, HELP) if helps else ""
        always = f"{help_key} {ACTIONS[HELP].label}" if help_key else ""
        at, room = 1, self.size.width - len(always) - 2
        for key, shown, label in self._said:
            size = cell_len(shown) + 1 + cell_len(label)
            if at + size > room:
                break
            parts += [(shown, "bold $primary"), f" {label}  "]
            self._places.append((at, at + size, key))
            at += size + 2
        parts.append(" " * max(0, self.size.width - at - len(always) - 1))
        if always:
            parts += [(help_key, "bold $primary"), always[len(help_key) :]]
            self._places.append((self.size.width - len(always) - 1, self.size.width, bound_key(self.app, HELP)))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        for start, end, key in self._places:
            if start <= event.x < end:
                self.app.simulate_key(key)
