"""What may stand in a template: its tree is looked through before it is compiled, and in HTML each field's place."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from jinja2 import nodes

from core.templates.markup import Misplaced, Where, after, end, joined, take_field

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Found = TypeVar("Found")

MOST_PARTS = 2_000
"""Nodes of its syntax tree."""
DEEPEST = 20
FILTERS = ("capitalize", "d", "date", "default", "firstname", "int", "length", "lower", "money", "round", "time",
           "title", "titlecase", "trim", "truncate", "upper", "urlencode")  # fmt: skip
TESTS = ("defined", "undefined", "number", "string")
LINK = " link"
"""A filter that no template can write, before what begins a link."""
_MAY_STAND = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.If,
    nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Concat, nodes.Filter,
    nodes.Test, nodes.Keyword,
)  # fmt: skip
_WORDS = {
    nodes.For: "a loop", nodes.Call: "a call", nodes.Assign: "an assignment", nodes.AssignBlock: "an assignment",
    nodes.Macro: "a macro", nodes.Include: "another template", nodes.Extends: "another template",
    nodes.Import: "another template", nodes.FromImport: "another template", nodes.BinExpr: "a calculation",
    nodes.UnaryExpr: "a calculation", nodes.List: "a list", nodes.Dict: "a table", nodes.Tuple: "a list",
}  # fmt: skip


class Refusal(Exception):
    """Carried to the border of one part, and no error of ours."""

    def __init__(self, problem: str, line: int = 0, field: str = "", *, blank: bool = False) -> None:
        super().__init__(problem)
        self.line = line
        self.field = field
        self.blank = blank
        """As TemplateWrong has it."""


def look_through(tree: nodes.Template) -> None:
    """Raise Refusal for what may not stand in a template. Without recursion: it may nest as deeply as it likes."""
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 0, 1)]
    count = 0
    while waiting:
        node, depth, line = waiting.pop()
        line = node.lineno or line
        count += 1
        if count > MOST_PARTS or depth > DEEPEST:
            what = f"has more than {MOST_PARTS:,} parts" if count > MOST_PARTS else "nests too deeply"
            raise Refusal(f"it {what}: make it simpler", line)
        if not isinstance(node, _MAY_STAND):
            words = next((words for kind, words in _WORDS.items() if isinstance(node, kind)), "that")
            raise Refusal(f"{words} may not stand in a template: fields, if and filters may", line)
        if isinstance(node, nodes.Name) and node.name == "self":
            raise Refusal("self is Jinja's own: name a field", line)
        if isinstance(node, nodes.Filter) and (node.name not in FILTERS or node.dyn_args or node.dyn_kwargs):
            raise Refusal(f"there is no filter {node.name[:50]}; there are: {', '.join(FILTERS)}", line)
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            raise Refusal(f"there is no test {node.name[:50]}; there are: {', '.join(TESTS)}", line)
        waiting += [(child, depth + 1, line) for child in node.iter_child_nodes()]


def place_fields(tree: nodes.Template) -> None:
    """Of HTML that was looked through: raise Refusal where a field could become more than a text.

    What begins a link is asked, as it is written, whether it is one.
    """
    where = _through(tree.body, Where())
    _at(1, lambda: end(where))


def _through(body: list[nodes.Node], where: Where) -> Where:
    """Where we are behind these, one after the other."""
    text, line = "", 1
    for node in body:
        if isinstance(node, nodes.If):
            where, text = _written(where, text, line), ""
            branches = [node.body, *(more.body for more in node.elif_), node.else_]
            ends = [_through(branch, where) for branch in branches]
            where = _at(node.lineno, lambda ends=ends: reduce(joined, ends))  # type: ignore[misc]
            continue
        assert isinstance(node, nodes.Output)
        for number, child in enumerate(node.nodes):
            if isinstance(child, nodes.TemplateData):
                line = line if text else child.lineno
                text += child.data
                continue
            where, text = _written(where, text, line), ""
            where, is_link = _at(child.lineno, lambda where=where: take_field(where))  # type: ignore[misc]
            if is_link:
                named = nodes.Const(named_in(child), lineno=child.lineno)
                node.nodes[number] = nodes.Filter(child, LINK, [named], [], None, None, lineno=child.lineno)
    return _written(where, text, line)


def named_in(expression: nodes.Expr) -> str:
    """The field it is about: `customer.site`; empty where it names none."""
    found = expression if isinstance(expression, nodes.Getattr | nodes.Name) else None
    found = found or expression.find(nodes.Getattr) or expression.find(nodes.Name)
    if isinstance(found, nodes.Getattr) and isinstance(found.node, nodes.Name):
        return f"{found.node.name}.{found.attr}"
    return found.name if isinstance(found, nodes.Name) else ""


def _written(where: Where, text: str, line: int) -> Where:
    try:
        return after(where, text)
    except Misplaced as error:
        raise Refusal(str(error), line + text.count("\n", 0, error.at)) from None


def _at(line: int, work: Callable[[], Found]) -> Found:
    try:
        return work()
    except Misplaced as error:
        raise Refusal(str(error), line) from None
