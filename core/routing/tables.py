"""What scripts read by name: tables of the desk, settings, and the parts of a contact."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.routing.names import listed, unknown
from core.routing.problem import Severity
from core.routing.wording import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.routing.findings import Finding, Subject

_PARTS = {"queues": ("waiting", "ready", "oldest"), "calendars": ("open",)}
_KINDS = {"queues": "queue", "calendars": "calendar", "variables": "variable"}


def in_tables(subject: Subject) -> Iterator[Finding]:
    """Names behind a dot that are not there."""
    for node in ast.walk(subject.tree):
        if isinstance(node, ast.Attribute):
            yield from _attribute(subject, node, dotted(node.value))
    yield from _contacts(subject)


def dotted(node: ast.expr) -> str:
    """`queues.front` for an expression of plain names, empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _attribute(subject: Subject, node: ast.Attribute, owner: str) -> Iterator[Finding]:
    if owner in subject.bound:
        return
    names = subject.names
    table, _, name = owner.partition(".")
    if owner in _KINDS:
        there = getattr(names, owner)
        if node.attr not in there:
            yield subject.finding(node, unknown(_KINDS[owner], node.attr, there))
    elif owner == "settings" and node.attr not in subject.settings:
        message = f'the setting "{node.attr}" has no value of its own: give it one in DEFAULTS = {{...}} at the top.'
        yield subject.finding(node, message, Severity.WARNING)
    elif table in _PARTS and name in getattr(names, table) and node.attr not in _PARTS[table]:
        message = f'a {_KINDS[table]} has no "{node.attr}". It has: {listed(_PARTS[table])}.'
        yield subject.finding(node, message)


def _contacts(subject: Subject) -> Iterator[Finding]:
    """Parts of the contact, by the name that `route` and `waited` give it."""
    for function in subject.tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name not in ("route", "waited"):
            continue
        if not function.args.args:
            continue
        called = function.args.args[0].arg
        for node in ast.walk(function):
            owner = dotted(node.value) if isinstance(node, ast.Attribute) else ""
            if not isinstance(node, ast.Attribute) or owner.partition(".")[0] != called:
                continue
            part = "contact" + owner[len(called) :]
            if part in FIELDS and node.attr not in FIELDS[part]:
                shown = part.replace("contact", called, 1)
                yield subject.finding(node, f'{shown} has no "{node.attr}". It has: {listed(FIELDS[part])}.')
