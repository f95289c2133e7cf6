"""`matches(pattern, text)`: RE2, so the cost is linear in the text whatever the pattern says.

Syntax: https://github.com/google/re2/wiki/Syntax, which has no look-around and no back-reference. A pattern is found
anywhere in the text; case is ignored and `^` and `$` stand at every line; `(?-i)` and `(?-m)` undo that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from core.errors import Wrong

LONGEST_PATTERN = 1_000
LONGEST_SEARCHED = 65_536

_MOST_STEPS = 4_000
"""RE2's size of a compiled pattern. Linear is not yet fast: the cost of one character grows with this."""

_FLAGS = "(?mi)"
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


def matches(pattern: object, text: object) -> bool:
    """Whether the pattern is found in the first `LONGEST_SEARCHED` characters. Raises Wrong for a bad pattern."""
    if not isinstance(pattern, str) or not isinstance(text, str):
        raise Wrong("matches() wants two texts: the pattern, then what to look in.")
    return compiled(pattern).search(text[:LONGEST_SEARCHED]) is not None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """A compiled pattern. Raises Wrong in one sentence where RE2 cannot take it."""
    if len(pattern) > LONGEST_PATTERN:
        raise Wrong(f"The pattern has {len(pattern):,} characters: at most {LONGEST_PATTERN:,} are taken.")
    try:
        found = re2.compile(_FLAGS + pattern, _OPTIONS)
    except (re2.error, UnicodeError) as err:
        why = err.args[0] if err.args and isinstance(err, re2.error) else "it is not text"
        why = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise Wrong(f'The pattern "{pattern}" cannot be used ({why.replace(_FLAGS, "")}).') from err
    if found.programsize > _MOST_STEPS:
        raise Wrong(f'The pattern "{pattern}" is too large: write it shorter or with smaller repetitions.')
    return found
