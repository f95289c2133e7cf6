"""A script as a tree that is drawn: each branch on a line, each outcome at its end, numbers of lines before them."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content

from core.routing.picture import Shape
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.routing.picture import Node

_WORDS = {Shape.IF: "if ", Shape.ELIF: "else if ", Shape.ELSE: "otherwise", Shape.LOOP: ""}
_STYLE = {
    Shape.FUNCTION: "bold $primary", Shape.IF: "$accent", Shape.ELIF: "$accent", Shape.ELSE: "$accent",
    Shape.LOOP: "$secondary", Shape.STEP: "$secondary", Shape.ANSWER: "bold $success", Shape.END: "bold $warning",
}  # fmt: skip
_MARK = {Shape.ANSWER: "→ ", Shape.END: "▲ "}
NUMBER = 5
"""Cells for the number of a line."""
LONGEST = 300
LEAST = 24
"""Cells for words, however deep they stand."""


def picture(nodes: Sequence[Node], room: int) -> Content:
    """The functions of a script one below the other, in so many cells; a sentence where there is nothing to draw."""
    if not nodes:
        return Content("This script cannot be read, so there is nothing to draw: the editor says what is wrong.")
    return Content("\n").join(line for node in nodes for line in _function(node, room))


def _function(node: Node, room: int) -> Iterator[Content]:
    yield Content.assemble(_number(node.line), (one_line(node.text, LONGEST), _STYLE[node.shape]))
    yield from _below(node.children, "", room)
    yield Content("")


def _below(nodes: Sequence[Node], before: str, room: int) -> Iterator[Content]:
    for number, node in enumerate(nodes):
        last = number == len(nodes) - 1
        deeper = before + ("   " if last else "│  ")
        words = _MARK.get(node.shape, "") + _WORDS.get(node.shape, "") + one_line(node.text, LONGEST)
        beside = deeper + ("│ " if node.children else "  ")
        first, *more = wrap(words, max(LEAST, room - NUMBER - len(beside))) or [""]
        branch = (before + ("└─ " if last else "├─ "), "dim")
        yield Content.assemble(_number(node.line), branch, (first, _STYLE[node.shape]))
        for line in more:
            yield Content.assemble((" " * NUMBER + beside, "dim"), (line, _STYLE[node.shape]))
        yield from _below(node.children, deeper, room)


def _number(line: int) -> tuple[str, str]:
    return (f"{line or '':>{NUMBER - 2}}  ", "dim")
