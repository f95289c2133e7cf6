"""Names: what one may be called, and all those of a desk."""

from __future__ import annotations

import json
import keyword
import re
from typing import TYPE_CHECKING

from core.errors import NotFound, Wrong
from core.routing.names import DeskNames, unknown
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.routing.values import Value
    from core.store import Database

LONGEST_NAME = 100
LONGEST_WORDS = 255
"""Of a description and of a remark."""
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({*keyword.kwlist, "load"})
_SCRIPT = re.compile(r"[^@\"'\\]+")


def right_name(name: str, kind: str) -> str:
    """The name as it is. Raises Wrong for one that cannot be written on one line."""
    if not name or name != name.strip() or len(name) > LONGEST_NAME or harmless(name, lines=False) != name:
        raise Wrong(
            f"the name of a {kind} is one line of at most {LONGEST_NAME} characters, without a space before or after it"
        )
    return name


def right_script_name(name: str) -> str:
    """The name of what others may load by `load("NAME", ...)`. Raises Wrong."""
    right_name(name, "script")
    if not is_script_name(name):
        raise Wrong(f"a script's name has no quotes, no backslash and no @, since others load it by name: {name}")
    return name


def right_word(name: str, kind: str) -> str:
    """The name of what scripts read as `calendars.NAME` or `variables.NAME`. Raises Wrong."""
    right_name(name, kind)
    if not is_word(name):
        raise Wrong(
            f"the name of a {kind} stands after a dot in scripts: letters, digits and _, no digit first and no word of"
            f" the language; {name} is not"
        )
    return name


def is_script_name(name: str) -> bool:
    """Whether others can load it by that name."""
    return _SCRIPT.fullmatch(name) is not None


def is_word(name: str) -> bool:
    """Whether it can stand after a dot in a script."""
    return _IDENTIFIER.fullmatch(name) is not None and name not in _RESERVED


def right_words(text: str, what: str) -> str:
    """A description or remark on one line. Raises Wrong."""
    text = text.strip()
    if len(text) > LONGEST_WORDS or harmless(text, lines=False) != text:
        raise Wrong(f"a {what} is one line of at most {LONGEST_WORDS} characters")
    return text


async def desk_names(database: Database, settings: Mapping[str, Value] | None = None) -> DeskNames:
    """Every name that a script of this desk may use; `settings` are those of the account it is judged for."""
    found = await database.read(
        "SELECT 'queue' AS kind, name, '' AS value FROM queue UNION ALL SELECT 'class', name, '' FROM call_class"
        " UNION ALL SELECT 'template', name, '' FROM template UNION ALL SELECT 'user', login, '' FROM person"
        " UNION ALL SELECT 'calendar', name, '' FROM calendar UNION ALL SELECT 'variable', name, value FROM variable"
    )

    def of(kind: str) -> frozenset[str]:
        return frozenset(row["name"] for row in found if row["kind"] == kind)

    return DeskNames(
        queues=of("queue"),
        classes=of("class"),
        templates=of("template"),
        users=of("user"),
        calendars=of("calendar"),
        variables={row["name"]: json.loads(row["value"]) for row in found if row["kind"] == "variable"},
        settings=settings or {},
    )


def missing(kind: str, name: str, known: Sequence[str]) -> NotFound:
    """The error for a thing that is not there, with those that are."""
    return NotFound(unknown(kind, name, known).rstrip("."))


def some(names: Sequence[str], most: int = 5) -> str:
    """`a, b and 3 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
