"""Names of campaigns and lists: which may be given, and what to say where there is none of that name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store import Database
    from core.store.database import Row

LONGEST = 100
NAMED = 20
"""Names that a sentence holds; there may be more."""
_TABLES = {"campaign": "campaign", "list": "customer_list"}


def right_name(name: str, kind: str) -> None:
    """Raise Wrong for a name that is empty, too long, or not one line."""
    if not name or len(name) > LONGEST or one_line(name, LONGEST) != name:
        shown = one_line(name, 60) or "(nothing)"
        raise Wrong(f"{shown} is no name for a {kind}: give one line of at most {LONGEST} characters")


async def missing(database: Database, kind: str, name: str) -> str:
    """The sentence for a `campaign` or `list` that is not there: what may be meant."""
    rows = await database.rows(f"SELECT name FROM {_TABLES[kind]} ORDER BY name LIMIT 1000")
    known = [row["name"] for row in rows]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {named(rows) or 'none yet'}"
    return f"there is no {kind} {one_line(name, 100)}; {hint}"


def named(rows: Sequence[Row]) -> str:
    """Their names for a sentence, the first ones."""
    return ", ".join(row["name"] for row in rows[:NAMED])
