"""Where a sitting begins: at the first run while the desk lacks something for its first message, else at the queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import PostroomError
from core.views.beginning import beginning
from core.views.standing import people
from tui.areas import FIRST, FIRST_RUN

if TYPE_CHECKING:
    from core.store import Database
    from core.views.sight import Sight


async def where_to_begin(database: Database, login: str, sight: Sight | None = None) -> tuple[str, bool]:
    """The mode to begin in, and whether the desk has people and this login is none of them."""
    try:
        known = {one.login: one.role for one in (sight.people if sight else await people(database))}
        lacks = (sight.beginning if sight else await beginning(database)).lacks
    except PostroomError:
        return FIRST, False  # the queues say what is wrong, and try again
    stranger = bool(known) and login not in known
    return FIRST_RUN if lacks and known.get(login) != "agent" else FIRST, stranger
