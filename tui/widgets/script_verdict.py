"""What is said below a script: what is wrong with it, or that it is in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from tui.widgets.source import ERROR, WARNING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MUTED = "dim"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about one line of a script."""

    line: int
    """Counted from 1, as columns are."""
    column: int
    words: str
    fatal: bool
    """Whether the script cannot be activated with it."""


def verdict(
    at: tuple[int, int], troubles: Sequence[Trouble], forbidden: str, judged: bool, key: Callable[[str], str]
) -> Content:
    """One line about the script. `at`: the cursor's line and column, from 1; `forbidden`: why it is only read;
    `judged`: whether `troubles`, in their order, are of what is written now; `key`: of an action.
    """
    here = next((one for one in troubles if one.line == at[0]), None)
    others = len(troubles) - 1
    if here is not None:
        more = f" ({key('source.problem')}: {others} more)" if others else ""
        return _trouble_words(here, "", more)
    if troubles:
        goes = f"{key('source.problem')} goes there"
        more = f" (and {others} more; {goes})" if others else f" ({goes})"
        return _trouble_words(troubles[0], f"line {troubles[0].line}: ", more)
    if forbidden:
        return Content.assemble(("○ ", MUTED), one_line(forbidden, 200))
    said = ("● in order", "$success") if judged else ("◌ being read", MUTED)
    keys = f"  Tab completes · {key('source.find')} find · {key('source.line')} line"
    return Content.assemble(said, f"  {at[0]}:{at[1]}", (keys, MUTED))


def _trouble_words(trouble: Trouble, before: str, after: str) -> Content:
    glyph, style = (ERROR, "$error") if trouble.fatal else (WARNING, "$warning")
    return Content.assemble((f"{glyph} ", style), before, one_line(trouble.words, 400), (after, MUTED))
