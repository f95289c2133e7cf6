"""Which screen each work area is. Its number and its name stand in `actions/areas.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.screens.accounts import AccountsScreen
from tui.screens.desk import DeskScreen
from tui.screens.journal import JournalScreen
from tui.screens.outbox import OutboxScreen
from tui.screens.queues import QueuesScreen

if TYPE_CHECKING:
    from tui.screens.work import WorkScreen

SCREENS: dict[str, type[WorkScreen[Any]]] = {
    screen.AREA: screen for screen in (AccountsScreen, QueuesScreen, DeskScreen, OutboxScreen, JournalScreen)
}
"""In the order of their numbers."""
FIRST = "queues"
"""What is open at the start."""
