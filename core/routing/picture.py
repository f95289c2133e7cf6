"""A script as a tree: its functions, the branches in them, and where each ends. The screen draws it; nothing edits it.

Made from the syntax tree alone (`core.routing.syntax`), so it shows what stands there, not what happens.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.routing import syntax
from core.routing.decision import ACTIONS

_LONGEST = 200


class Shape(StrEnum):
    """What a node is."""

    FUNCTION = "function"
    IF = "if"
    ELIF = "elif"
    ELSE = "else"
    LOOP = "loop"
    STEP = "step"
    """Something is worked out."""
    ANSWER = "answer"
    """The function ends here with this."""
    END = "end"
    """The function ends here with nothing."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the picture and what stands under it. `if`, `elif` and `else` of one choice follow each other."""

    shape: Shape
    text: str
    """A function's name, a condition, a step, or an outcome such as `queue billing, priority 7`."""
    line: int
    children: tuple[Node, ...] = ()

    def to_plain(self) -> list[Any]:
        """As JSON can hold it."""
        return [self.shape.value, self.text, self.line, [child.to_plain() for child in self.children]]

    @classmethod
    def from_plain(cls, found: list[Any]) -> Node:
        """What `to_plain` made."""
        shape, text, line, children = found
        return cls(Shape(shape), text, line, tuple(cls.from_plain(child) for child in children))


def draw(source: str) -> tuple[Node, ...]:
    """The functions of a script, `route` and `waited` first; empty where the source cannot be read."""
    functions = syntax.functions(source)
    first = [name for name in ("route", "waited") if name in functions]
    return tuple(_function(functions[name]) for name in dict.fromkeys([*first, *functions]))


def _function(node: ast.FunctionDef) -> Node:
    name = f"{node.name}({', '.join(one.arg for one in node.args.args)})"
    try:
        children = _body(node.body)
    except RecursionError:
        children = (Node(Shape.STEP, "nested too deeply to be drawn", node.lineno),)
    if not ends(node.body):
        children = (*children, Node(Shape.END, "no answer", node.body[-1].end_lineno or node.lineno))
    return Node(Shape.FUNCTION, name, node.lineno, children)


def ends(body: list[ast.stmt]) -> bool:
    """Whether every way through these statements ends the function, with a `return` or a `fail`."""
    for node in body:
        if isinstance(node, ast.Return):
            return True
        if isinstance(node, ast.If) and node.orelse and ends(node.body) and ends(node.orelse):
            return True
        if isinstance(node, ast.Expr) and any(node.value is call for call in syntax.calls(node.value, "fail")):
            return True
    return False


def _body(body: list[ast.stmt]) -> tuple[Node, ...]:
    return tuple(found for node in body for found in _statement(node))


def _statement(node: ast.stmt) -> list[Node]:
    if isinstance(node, ast.If):
        return _choice(node, Shape.IF)
    if isinstance(node, ast.For):
        text = f"for each {_text(node.target)} in {_text(node.iter)}"
        return [Node(Shape.LOOP, text, node.lineno, _body(node.body))]
    if isinstance(node, ast.Return):
        nothing = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
        if node.value is None or nothing:
            return [Node(Shape.END, "no answer", node.lineno)]
        return _answer(node.value, node.lineno)
    if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return []
    return [Node(Shape.STEP, _text(node), node.lineno)]


def _choice(node: ast.If, shape: Shape) -> list[Node]:
    found = [Node(shape, _text(node.test), node.lineno, _body(node.body))]
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        return found + _choice(node.orelse[0], Shape.ELIF)
    if node.orelse:
        found.append(Node(Shape.ELSE, "", node.orelse[0].lineno, _body(node.orelse)))
    return found


def _answer(node: ast.expr, line: int) -> list[Node]:
    """An answer; one that depends on a condition is a choice."""
    if isinstance(node, ast.IfExp):
        return [
            Node(Shape.IF, _text(node.test), node.test.lineno, tuple(_answer(node.body, node.body.lineno))),
            Node(Shape.ELSE, "", node.orelse.lineno, tuple(_answer(node.orelse, node.orelse.lineno))),
        ]
    return [Node(Shape.ANSWER, outcome(node), line)]


def outcome(node: ast.expr) -> str:
    """An answer in words: `set_class Billing; queue billing, priority 7`."""
    if isinstance(node, ast.List | ast.Tuple):
        return "; ".join(outcome(one) for one in node.elts)[:_LONGEST]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and any(syntax.calls(node, *ACTIONS)):
        return "; ".join(filter(None, [outcome(node.left), outcome(node.right)]))[:_LONGEST]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ACTIONS:
        parts = [_bare(one) for one in node.args] + [f"{one.arg} {_bare(one.value)}" for one in node.keywords]
        return f"{node.func.id} {', '.join(parts)}".strip()[:_LONGEST]
    return _text(node)


def _bare(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return " and ".join(_bare(one) for one in node.elts)
    return _text(node)


def _text(node: ast.AST) -> str:
    """The node as it would be written, on one line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
