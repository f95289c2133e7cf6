"""What a person who mistyped a name probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean "front"?` when a known word is near, else which there are, else nothing."""
    near = get_close_matches(word.casefold(), [name.casefold() for name in known], n=1)
    for name in known:
        if near and name.casefold() == near[0]:
            return f'; did you mean "{name}"?'
    return f"; known are {', '.join(sorted(known))}" if 0 < len(known) <= 30 else ""
