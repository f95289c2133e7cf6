"""What a template says and has said, version by version, each as one text that can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.views.calendars import template_versions, templates

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database
    from core.views.calendars import TemplateRow, TemplateVersionRow


@dataclass(frozen=True, slots=True)
class SaidVersion:
    """What a template said from a moment on."""

    number: int | None
    """None: what it says now and no version says, for desk.toml or a new desk gave it that."""
    at: datetime | None
    author: str
    text: str
    """Subject, body and HTML, one below the other."""
    is_now: bool
    """Whether the template says this now."""


async def template_history(database: Database, name: str) -> list[SaidVersion]:
    """All that a template has said, newest first; never empty. Raises NotFound."""
    kept = await template_versions(database, name)
    now = next(row for row in await templates(database) if row.name == name)
    is_known = bool(kept) and whole_text(kept[0]) == whole_text(now)
    newest = [] if is_known else [SaidVersion(None, None, "", whole_text(now), is_now=True)]
    return newest + [
        SaidVersion(row.number, row.at, row.author, whole_text(row), is_now=is_known and row is kept[0]) for row in kept
    ]


def version_of(history: list[SaidVersion], name: str, number: int) -> SaidVersion:
    """That version. Raises NotFound."""
    for one in history:
        if one.number == number:
            return one
    raise NotFound(f"template {name} has no version {number}: 'postroom template versions' shows them")


def whole_text(row: TemplateRow | TemplateVersionRow) -> str:
    """All that its letter is made of, as one text."""
    text = f"Subject: {row.subject}\n\n{row.body}" if row.subject else row.body
    return f"{text}\n\nHTML:\n{row.html}" if row.html else text
