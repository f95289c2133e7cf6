"""One text against another, drawn line by line: what is new, what is old, where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.text import clip, harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LINES = 5_000
LONGEST_LINE = 1_000
_STYLES = {"+": "$success", "-": "$error", "@": "bold $primary"}


def difference(lines: Sequence[str], *, compared: bool = True) -> Content:
    """Unified lines in their colours, the first ones; those of one text as they are, where nothing is `compared`."""
    return Content("\n").join(
        Content.styled(
            clip(harmless(line, lines=False), LONGEST_LINE) or " ", _STYLES.get(line[:1], "") if compared else ""
        )
        for line in lines[:MOST_LINES]
    )
