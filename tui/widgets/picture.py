"""A script as a tree that is drawn: each branch on a line, each outcome at its end."""

from __future__ import annotations

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
LONGEST = 300


def picture(nodes: Sequence[Node]) -> Content:
    """The functions of a script one below the other; a sentence where there is nothing to draw."""
    if not nodes:
        return Content("This script cannot be read, so there is nothing to draw: the editor says what is wrong.")
    return Content("\n").join(line for node in nodes for line in _function(node))


def _function(node: Node) -> Iterator[Content]:
    yield Content.assemble((one_line(node.text, LONGEST), _STYLE[node.shape]))
    yield from _below(node.children, "")
    yield Content("")


def _below(nodes: Sequence[Node], before: str) -> Iterator[Content]:
    for number, node in enumerate(nodes):
        last = number == len(nodes) - 1
        words = _MARK.get(node.shape, "") + _WORDS.get(node.shape, "") + one_line(node.text, LONGEST)
        yield Content.assemble(
            (before + ("└─ " if last else "├─ "), "$text-muted"),
            (words, _STYLE[node.shape]),
            (f"   {node.line}", "$text-muted"),
        )
        yield from _below(node.children, before + ("   " if last else "│  "))
