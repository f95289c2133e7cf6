"""What the look at a syntax tree works on, and what it brings back."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from core.routing import syntax
from core.routing.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.routing.names import DeskNames


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem at a place in the one source that is looked at."""

    line: int
    column: int
    message: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Subject:
    """A source, its tree, the desk's names, and what is known of the values of settings."""

    source: str
    tree: ast.Module
    names: DeskNames
    settings: Mapping[str, object]
    bound: frozenset[str]
    """Names the script defines or loads itself: they hide the language's own."""

    @classmethod
    def of(cls, source: str, names: DeskNames) -> Self | None:
        """None where Python cannot read the source."""
        tree = syntax.tree(source)
        if tree is None:
            return None
        settings = {**syntax.defaults(source), **names.settings}
        return cls(source, tree, names, settings, frozenset(_bound(tree)))

    def finding(self, node: ast.expr | ast.stmt, message: str, severity: Severity = Severity.ERROR) -> Finding:
        """A finding where a node begins."""
        return Finding(node.lineno, syntax.column(self.source, node), message, severity)

    def known(self, node: ast.expr | None) -> list[tuple[ast.expr, object]]:
        """The values an expression may have, as far as they can be read: literals, settings, and choices of them."""
        if node is None:
            return []
        if isinstance(node, ast.IfExp):
            return self.known(node.body) + self.known(node.orelse)
        if isinstance(node, ast.BoolOp):
            return [pair for one in node.values for pair in self.known(one)]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "settings":
            return [(node, self.settings[node.attr])] if node.attr in self.settings else []
        found = syntax.literal(node)
        return [] if found is None else [(node, found)]


def _bound(tree: ast.Module) -> set[str]:
    """What a script binds anywhere: functions, parameters, variables, loaded names."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load":
            found |= {str(syntax.literal(one)) for one in node.args[1:]}
            found |= {one.arg for one in node.keywords if one.arg}
    return found
