"""Which screen each work area is, imported when it is first opened. Numbers and names: `actions/areas.py`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.screens.work import WorkScreen

FIRST = "queues"
"""What is open at the start."""
FIRST_RUN = "first-run"
"""What is open while the desk lacks something for its first message; no key leads there but the palette's."""

_PLACES = {
    "accounts": ("tui.screens.accounts", "AccountsScreen"),
    "queues": ("tui.screens.queues", "QueuesScreen"),
    "desk": ("tui.screens.desk", "DeskScreen"),
    "campaigns": ("tui.screens.campaigns", "CampaignsScreen"),
    "scripts": ("tui.screens.scripts", "ScriptsScreen"),
    "outbox": ("tui.screens.outbox", "OutboxScreen"),
    "journal": ("tui.screens.journal", "JournalScreen"),
    "reports": ("tui.screens.reports", "ReportsScreen"),
    "wallboard": ("tui.screens.wallboard", "WallboardScreen"),
    FIRST_RUN: ("tui.screens.first_run", "FirstRunScreen"),
}


def _opened(mode: str) -> Callable[[], WorkScreen[Any]]:
    module, name = _PLACES[mode]

    def screen() -> WorkScreen[Any]:
        made: WorkScreen[Any] = getattr(import_module(module), name)()
        assert made.AREA == mode
        return made

    return screen


MODES: dict[str, Callable[[], WorkScreen[Any]]] = {mode: _opened(mode) for mode in _PLACES}
"""All of them, as Textual wants them."""
SCREENS: tuple[str, ...] = tuple(mode for mode in _PLACES if mode != FIRST_RUN)
"""Those that a number opens, in the order of their numbers."""


def load_areas() -> None:
    """Import them all, in whichever thread may spare the time."""
    for module, _ in _PLACES.values():
        import_module(module)
