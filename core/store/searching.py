"""What a person looks for, as a pattern of SQL."""

from __future__ import annotations


def containing(words: str) -> str:
    """For `LOWER(...) LIKE ? ESCAPE '!'`: that these words stand in it somewhere; what they hold is no pattern."""
    return "%" + "".join(f"!{char}" if char in "!%_" else char for char in words.lower()) + "%"
