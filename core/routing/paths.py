"""The two functions the desk calls: are they there, and does every way through them end with one place."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.routing import syntax
from core.routing.decision import ACTIONS
from core.routing.picture import ends
from core.routing.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.routing.findings import Finding, Subject


def in_functions(subject: Subject) -> Iterator[Finding]:
    """What is wrong with `route` and `waited` themselves, and with names the script takes from the language."""
    for name, function in syntax.functions(subject.source).items():
        if name in ("route", "waited"):
            yield from _shape(subject, function)
            yield from _answers(subject, function)
        elif name in ACTIONS:
            message = f"{name}() is a word of the language: this script can no longer use it as such."
            yield subject.finding(function, message, Severity.WARNING)


def _shape(subject: Subject, function: ast.FunctionDef) -> Iterator[Finding]:
    given = function.args
    required = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    needed_by_name = sum(default is None for default in given.kw_defaults)
    takes = len(given.posonlyargs) + len(given.args) + (given.vararg is not None)
    if required > 1 or takes < 1 or needed_by_name:
        yield subject.finding(function, f"{function.name}(contact) takes exactly one argument, the contact.")
    if not ends(function.body):
        last = function.body[-1]
        message = f"{function.name}(contact) may come to its end without an answer."
        yield subject.finding(last, message, Severity.WARNING)


def _answers(subject: Subject, function: ast.FunctionDef) -> Iterator[Finding]:
    for node in _returns(function):
        if node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield subject.finding(node, f"{function.name}(contact) answers nothing here.")
            continue
        for answer in _choices(node.value):
            yield from _places(subject, answer)
        if function.name == "route" and "stay" not in subject.bound:
            for call in syntax.calls(node.value, "stay"):
                yield subject.finding(call, "stay() is for waited: a contact that has just come has no place to keep.")


def _returns(function: ast.FunctionDef) -> list[ast.Return]:
    """The function's own returns, without those of functions inside it."""
    inner = {
        id(one)
        for node in ast.walk(function)
        if isinstance(node, ast.FunctionDef) and node is not function
        for one in ast.walk(node)
    }
    return [node for node in ast.walk(function) if isinstance(node, ast.Return) and id(node) not in inner]


def _choices(node: ast.expr) -> list[ast.expr]:
    return _choices(node.body) + _choices(node.orelse) if isinstance(node, ast.IfExp) else [node]


def _places(subject: Subject, answer: ast.expr) -> Iterator[Finding]:
    """An answer that is written out places the contact once, or it is wrong."""
    parts = answer.elts if isinstance(answer, ast.List) else [answer]
    words = [part.func.id if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) else "" for part in parts]
    if any(word not in ACTIONS or word in subject.bound for word in words):
        return
    placing = [word for word in words if ACTIONS[word].placing]
    if not placing:
        yield subject.finding(
            answer, "this answer places the contact nowhere: it needs queue, assign, forward or close."
        )
    elif len(placing) > 1:
        yield subject.finding(answer, f"this answer places the contact twice, with {placing[0]} and {placing[1]}.")
