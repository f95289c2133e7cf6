"""Plain values that stand in facts, settings and decisions, and the sentences about those that do not fit."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from core.errors import Wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain = None | bool | int | float | str
"""A value without parts."""

Value = Plain | tuple[Plain, ...]
"""What a variable or a setting may hold: a plain value or a flat list of them."""

LONGEST_VALUE = 4_000
"""Characters of one text in a variable, a setting or a customer's field."""

MOST_VALUES = 500
"""Values in one list, and variables, settings or fields in one table."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str, limit: int) -> str:
    """At most `limit` characters, without what JSON in a database cannot hold: NUL and lone surrogates become `?`."""
    text = text[:limit]
    return _UNSTORABLE.sub("?", text) if not text.isascii() or "\x00" in text else text


def value(given: object, what: str) -> Value:
    """A value as facts hold it: texts cut to `LONGEST_VALUE`, lists as tuples. Raises Wrong for anything else."""
    if isinstance(given, list | tuple):
        if len(given) > MOST_VALUES:
            raise Wrong(f"{what} has {len(given):,} values: at most {MOST_VALUES} may stand in one list.")
        return tuple(_plain(one, what) for one in given)
    return _plain(given, what)


def values(given: Mapping[str, object], what: str) -> dict[str, Value]:
    """A table of values. Raises Wrong naming the one that does not fit."""
    if len(given) > MOST_VALUES:
        raise Wrong(f"There are {len(given):,} {what}s: at most {MOST_VALUES} may be given to a script.")
    return {clean(str(name), 200): value(one, f"The {what} {name!r}") for name, one in given.items()}


def dumped(thing: object) -> str:
    """Compact JSON on one line, letters as they are."""
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(given: object, what: str) -> Plain:
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, str):
        return clean(given, LONGEST_VALUE)
    if isinstance(given, int) and abs(given) < 1 << 63:
        return given
    if isinstance(given, float) and math.isfinite(given):
        return given
    raise Wrong(f"{what} is not a text, a number, true or false, or a list of these.")
