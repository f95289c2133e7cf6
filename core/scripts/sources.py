"""The text of a script: as it is stored, and one against another."""

from __future__ import annotations

import difflib

from core.errors import Wrong
from core.routing.program import LONGEST_SCRIPT, tidy
from core.text import harmless


def right_source(source: str) -> str:
    """The source with `\\n` at the end of each line, also of the last. Raises Wrong."""
    text = tidy(source).rstrip() + "\n"
    if text == "\n":
        raise Wrong("a script without a line decides nothing: write one, or begin with a ready-made one")
    if len(text) > LONGEST_SCRIPT:
        raise Wrong(f"a script has at most {LONGEST_SCRIPT:,} characters; this one has {len(text):,}")
    for number, (line, shown) in enumerate(zip(text.split("\n"), harmless(text).split("\n"), strict=False), 1):
        if line != shown:
            raise Wrong(f"line {number} of the script holds a character that cannot be seen: {shown.strip()[:80]}")
    return text


def compared(old: str, new: str, *, old_name: str, new_name: str, context: int = 3) -> list[str]:
    """What differs, as unified lines (`@@`, ` `, `-`, `+`), with `context` lines around; empty for the same text."""
    lines = difflib.unified_diff(old.split("\n"), new.split("\n"), old_name, new_name, lineterm="", n=context)
    return list(lines)
