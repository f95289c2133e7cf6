"""The command palette: every action that can be done where the person is, found by its name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

from tui.actions import ACTIONS
from tui.widgets.keysline import shown_key

if TYPE_CHECKING:
    from textual.app import App
    from textual.binding import ActiveBinding
    from textual.command import Hits


async def _press(app: App[object], active: ActiveBinding) -> None:
    await app.run_action(active.binding.action, active.node)


class ActionProvider(Provider):
    """The actions of the registry that are bound where the focus is."""

    def _actions(self) -> list[tuple[str, str, ActiveBinding]]:
        found: dict[str, tuple[str, str, ActiveBinding]] = {}
        for key, active in self.screen.active_bindings.items():
            action = ACTIONS.get(active.binding.id or "")
            if action is not None and active.enabled and action.action != "command_palette":
                found.setdefault(action.id, (f"{action.label}  ({shown_key(key)})", action.help, active))
        return list(found.values())

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for title, words, active in self._actions():
            yield DiscoveryHit(title, partial(_press, self.app, active), help=words)

    async def search(self, query: str) -> Hits:
        """Those whose name or sentence has the words."""
        matcher = self.matcher(query)
        for title, words, active in self._actions():
            score = max(matcher.match(title), matcher.match(words) * 0.7)
            if score > 0:
                yield Hit(score, matcher.highlight(title), partial(_press, self.app, active), help=words)
