"""Calls of the language's own words: are the arguments right, and do the names in them exist."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import Wrong
from core.routing import answers, syntax
from core.routing.expressions import compiled
from core.routing.failure import Failed, Place
from core.routing.names import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.routing.findings import Finding, Subject

_SHAPES: dict[str, Callable[..., object]] = {
    "queue": lambda name, priority=0, skills=[], timeout=None: 0,
    "assign": lambda login, otherwise: 0,
    "forward": lambda address: 0,
    "close": lambda reason: 0,
    "stay": lambda timeout=None: 0,
    "reply": lambda template, /, **fields: 0,
    "reply_text": lambda text: 0,
    "set_class": lambda name: 0,
    "tag": lambda *tags: 0,
    "note": lambda text: 0,
    "opt_out": lambda: 0,
    "opt_in": lambda: 0,
    "matches": lambda pattern, text: 0,
}
"""Each word's parameters, as the prelude has them."""

_SIGNATURES = {word: inspect.signature(shape) for word, shape in _SHAPES.items()}

_NAMED = {
    ("queue", "name"): ("queue", "queues"),
    ("assign", "login"): ("user", "users"),
    ("assign", "otherwise"): ("queue", "queues"),
    ("reply", "template"): ("template", "templates"),
    ("set_class", "name"): ("class", "classes"),
}
"""Parameters that are names: what kind, and where the desk has them."""

_STAND_IN = "something"
"""A text where one is wanted, and a name that passes for one of the desk's."""
_ASIDE = Place("", 0)


def in_calls(subject: Subject) -> Iterator[Finding]:
    """What is wrong with calls of the words that the script does not define itself."""
    words = [word for word in _SIGNATURES if word not in subject.bound]
    for call in syntax.calls(subject.tree, *words):
        word = call.func.id if isinstance(call.func, ast.Name) else ""
        if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
            continue
        try:
            bound = _SIGNATURES[word].bind(*call.args, **{str(one.arg): one.value for one in call.keywords})
        except TypeError as err:
            yield subject.finding(call, f"{word}(): {err}.")
            continue
        bound.apply_defaults()
        wrong = list(_names(subject, word, bound.arguments))
        yield from wrong or _values(subject, word, call, bound.arguments)


def _names(subject: Subject, word: str, given: dict[str, Any]) -> Iterator[Finding]:
    for name, node in given.items():
        kind, table = _NAMED.get((word, name), ("", ""))
        for at, known in subject.known(node) if kind else []:
            there = getattr(subject.names, table)
            if isinstance(known, str) and known not in there:
                yield subject.finding(at, unknown(kind, known, there))


def _values(subject: Subject, word: str, call: ast.Call, given: dict[str, Any]) -> Iterator[Finding]:
    """Read the action as a run would, with stand-ins for what is not known before."""
    if word == "matches":
        for at, known in subject.known(given["pattern"]):
            if isinstance(known, str):
                try:
                    compiled(known)
                except Wrong as err:
                    yield subject.finding(at, str(err)[0].lower() + str(err)[1:])
        return
    plain = {name: _plain(subject, word, name, node) for name, node in given.items()}
    names = subject.names
    there = {table: getattr(names, table) | {_STAND_IN} for table in ("queues", "classes", "templates", "users")}
    try:
        answers.action({"action": word, **plain}, replace(names, **there), _ASIDE)
    except Failed as failed:
        yield subject.finding(call, failed.failure.message)


def _plain(subject: Subject, word: str, name: str, node: Any) -> Any:
    """A parameter's value as JSON has it: the literal, or one that is right where it cannot be known."""
    if not isinstance(node, ast.AST):
        if name == "tags":
            return [_plain(subject, word, "tag", one) for one in node]
        return {key: _plain(subject, word, "field", one) for key, one in node.items()} if name == "fields" else node
    known = subject.known(node) if isinstance(node, ast.expr) else []
    if len(known) == 1 and (known[0][0] is node) and not _unsure(known[0][1]):
        return known[0][1]
    if isinstance(node, ast.Constant):
        return node.value
    return {"address": "someone@example.com", "priority": 0, "skills": [], "timeout": None}.get(name, _STAND_IN)


def _unsure(known: object) -> bool:
    """A list with parts that are not literals."""
    return isinstance(known, list) and any(one is None for one in known)
