"""Decisions, failures and branches in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.routing import decision as d
from core.routing.picture import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.routing.failure import Failure
    from core.routing.picture import Node

LONGEST = 120
_BRANCHES = {Shape.IF: "if {}", Shape.ELIF: "if {}", Shape.ELSE: "otherwise", Shape.LOOP: "{}"}


def decision_words(decision: d.Decision) -> str:
    """All of it: `queue billing, priority 7; class Billing; reply away`."""
    return "; ".join([action_words(decision.placing), *map(action_words, decision.side)])


def action_words(action: d.Placing | d.Side) -> str:
    """One action: `queue billing, priority 7, skills refunds, 15 min`."""
    match action:
        case d.ToQueue(name, priority, skills, timeout):
            parts = [f"queue {name}", f"priority {priority}" if priority else "",
                     f"skills {' and '.join(skills)}" if skills else "", _for(timeout)]  # fmt: skip
            return ", ".join(filter(None, parts))
        case d.ToAgent(login, otherwise):
            return f"agent {login}, otherwise queue {otherwise}" if login else f"queue {otherwise}"
        case d.Forward(address):
            return f"forward to {address}"
        case d.Close(reason):
            return f"close: {_short(reason)}"
        case d.Stay(timeout):
            return f"stay, {_for(timeout)}" if timeout else "stay"
        case _:
            return _side_words(action)


def _side_words(action: d.Side) -> str:
    match action:
        case d.Reply(template, fields):
            shown = ", ".join(f"{name} {_short(value)}" for name, value in fields.items())
            return f"reply {template}" + (f" ({shown})" if shown else "")
        case d.ReplyText(text):
            return f"reply: {_short(text)}"
        case d.SetClass(name):
            return f"class {name}"
        case d.Tag(tags):
            return f"tag {', '.join(tags)}"
        case d.Note(text):
            return f"note: {_short(text)}"
        case d.OptOut():
            return "opt out"
        case d.OptIn():
            return "opt in"


def failure_words(failure: Failure, entry: str) -> str:
    """`error in line 5: there is no queue "fornt"`; with its script's name where that is another one than `entry`."""
    script = f" of {failure.script}" if failure.script and failure.script != entry else ""
    where = f" in line {failure.line}{script}" if failure.line else ""
    return f"error{where}: {_short(failure.message)}"


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
            return found or own.format(_short(child.text))
    return "" if node.line == line and not node.children else None


def _for(seconds: int | None) -> str:
    if not seconds:
        return ""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
