"""Regular expressions that a person may put into a dialect: RE2, so their cost is linear whatever they say.

Syntax: https://github.com/google/re2/wiki/Syntax, which has no look-around and no back-reference. Patterns
ignore case, and `^` and `$` stand at every line; `(?-i)` and `(?-m)` undo that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from core.errors import Wrong

LONGEST = 65_536
"""Characters of a mail that a dialect looks at. The longest text there can be, 255 parts, has 39,015."""

_MOST_STEPS = 4_000
"""RE2's size of a compiled pattern. Linear is not yet fast: the cost of one character grows with this."""

_FLAGS = "(?mi)"
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


class Pattern:
    """One compiled pattern. It looks at the first `LONGEST` characters of a text and never raises."""

    __slots__ = ("_compiled",)

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def find(self, text: str) -> str | None:
        """What the first group caught (the whole match where there is no group), or None."""
        match = self._compiled.search(searchable(text))
        if match is None:
            return None
        return str(match.group(1 if self._compiled.groups else 0) or "")

    def span(self, text: str) -> tuple[int, int] | None:
        """Where the first match begins and ends, in characters, or None."""
        match = self._compiled.search(searchable(text))
        return None if match is None else (int(match.start()), int(match.end()))


def searchable(text: str) -> str:
    """The first `LONGEST` characters, lone surrogates as question marks: RE2 reads UTF-8 and knows none."""
    window = text[:LONGEST]
    return window if window.isascii() else window.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=512)
def pattern(expression: str) -> Pattern:
    """Compile an expression once. Raises Wrong in one sentence where RE2 cannot take it."""
    try:
        compiled = re2.compile(_FLAGS + expression, _OPTIONS)
    except (re2.error, UnicodeError) as err:
        why = err.args[0] if err.args and isinstance(err, re2.error) else "it is not text"
        why = why.decode("utf-8", "replace").replace(_FLAGS, "") if isinstance(why, bytes) else str(why)
        raise Wrong(f"The pattern {expression!r} cannot be used ({why}): RE2 has its own syntax.") from err
    if compiled.programsize > _MOST_STEPS:
        raise Wrong(f"The pattern {expression!r} is too large: write it shorter or with smaller repetitions.")
    return Pattern(compiled)


def literal(words: str) -> str:
    """An expression for exactly these words, with any run of blanks between them."""
    return r"\s+".join(re2.escape(word) for word in words.split())


@lru_cache(maxsize=512)
def lines(block: str) -> Pattern:
    """A pattern for these whole lines as they stand; case and the space around each line do not matter."""
    each = [r"[ \t]*" + literal(line) + r"[ \t]*" for line in block.splitlines()]
    return pattern("^" + r"\r?\n".join(each) + r"\r?$")


@lru_cache(maxsize=512)
def line_beginning(beginning: str) -> Pattern:
    """A pattern for the beginning of a line that reads so; case and space before it do not matter."""
    return pattern(r"^[ \t]*" + literal(beginning))
