"""The one page that explains any contact, message or account."""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap
from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content

from core.errors import NotFound
from core.text import clip, harmless, one_line
from core.views.journal import EXPLAINED, explain
from tui.dialogs.page import LIMIT, PageDialog, room_of
from tui.telling import explanation

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from core.views.journal import Explanation
    from tui.app import PostroomApp

LABEL = 10
PANE_TEXT, PANE_STEPS = 1_000, 40
DEAR_SECONDS = 4.0
STEPS = 500
"""Steps that a page shows, the newest of them."""


async def explained(house: PostroomApp, kind: str, thing_id: int, title: str = "") -> PageDialog:
    """The page for a `contact`, a `message` or an `account`, under its own title or another. Raises NotFound."""
    now = house.now()
    told = await explain(house.office.database, kind, thing_id, now, who_could=True)
    page = page_of(told, house.zone, now, room_of(house.size.width))
    return PageDialog(title or told.title[:1].upper() + told.title[1:], page)


class Teller:
    """What the right pane tells of a thing. The story of an account is dear to read: every few seconds will do."""

    def __init__(self) -> None:
        self._key: tuple[str, int | None] = ("", None)
        self._at = 0.0
        self._told: Explanation | None = None

    async def tell(self, house: PostroomApp, kind: str, thing_id: int | None) -> Explanation | None:
        """None of what has no explanation, or is gone."""
        key = (kind, thing_id)
        if kind != "account" or key != self._key or monotonic() - self._at > DEAR_SECONDS:
            self._told = await _told_of(house, kind, thing_id)
            self._key, self._at = key, monotonic()
        return self._told


async def _told_of(house: PostroomApp, kind: str, thing_id: int | None) -> Explanation | None:
    if thing_id is None or kind not in EXPLAINED:
        return None
    try:
        told = await explain(house.office.database, kind, thing_id, house.now())
    except NotFound:
        return None
    facts = tuple(fact for fact in told.facts if fact[0] != "letter")  # long, and for those who read server logs
    return replace(told, facts=facts, text=clip(told.text, PANE_TEXT), steps=told.steps[-PANE_STEPS:])


def page_of(told: Explanation, zone: tzinfo, now: datetime, room: int) -> Content:
    """Facts, the whole text, and what happened, oldest first; wrapped to so many cells."""
    parts: list[Content] = []
    for name, value in told.facts:
        first, *more = wrap(one_line(value, 1000), max(20, room - LABEL)) or [""]
        parts.append(Content.assemble((f"{name:<{LABEL}}", "$secondary"), first))
        parts += [Content(f"{' ' * LABEL}{line}") for line in more]
    if told.text:
        parts += [Content(""), Content(clip(harmless(told.text), LIMIT))]
    left_out = len(told.steps) - STEPS
    if left_out > 0:
        parts += [Content(""), Content(f"{left_out:,} earlier steps are left out")]
    parts += [Content(""), explanation(told.steps[-STEPS:], zone, now, room)]
    return Content("\n").join(parts)
