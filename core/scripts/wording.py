"""Decisions, failures and branches in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.routing import decision as d
from core.routing.picture import Shape
from core.routing.saying import action_words, decision_words, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.routing.decision import Decision
    from core.routing.failure import Failure
    from core.routing.picture import Node

__all__ = ["action_words", "decision_words", "failure_words", "place_words", "why"]

_BRANCHES = {Shape.IF: "if {}", Shape.ELIF: "if {}", Shape.ELSE: "otherwise", Shape.LOOP: "{}"}


def failure_words(failure: Failure, entry: str) -> str:
    """`error in line 5: there is no queue "fornt"`; with its script's name where that is another one than `entry`."""
    script = f" of {failure.script}" if failure.script and failure.script != entry else ""
    where = f" in line {failure.line}{script}" if failure.line else ""
    return f"error{where}: {short(failure.message)}"


def place_words(decision: Decision | None) -> str:
    """Where a contact ends, and nothing else: `queue front`, `agent ann`, `closed`; `error` for a failure."""
    match decision.placing if decision is not None else None:
        case d.ToQueue(name) | d.ToAgent("" | None, name):
            return f"queue {name}"
        case d.ToAgent(login):
            return f"agent {login}"
        case d.Forward():
            return "forwarded"
        case d.Close():
            return "closed"
        case d.Stay():
            return "stays"
    return "error"


def why(functions: Sequence[Node], event: str, line: int) -> str:
    """The branch in which a line of `route` or `waited` answers: `if contact.customer`; empty where it is in none."""
    for function in functions:
        if function.shape is Shape.FUNCTION and function.text.startswith(f"{event}("):
            return _branch(function, line) or ""
    return ""


def _branch(node: Node, line: int) -> str | None:
    """None where the line is not under this node."""
    for child in node.children:
        found = _branch(child, line)
        if found is not None:
            own = _BRANCHES.get(child.shape, "")
            return found or own.format(short(child.text))
    return "" if node.line == line and not node.children else None
