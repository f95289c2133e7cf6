"""Finding the line that ended a worker: the script once more, with each line telling where it is.

A worker that was ended leaves no error. So the contact is run again in a worker of its own, first compiling each
expression by itself (constant folding is done there), then running a copy of the script in which every statement first
writes its line on the board. What the board says when that worker ends is the line.
"""

from __future__ import annotations

import ast
import builtins

from core.routing import syntax

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)


def stepped(source: str, script: int) -> str:
    """The source with a call of `step_at(script, line)` before each statement that begins a line."""
    module = syntax.tree(source)
    if module is None:
        return source
    lines = source.split("\n")
    seen: set[int] = set()
    for node in sorted(_statements(module), key=lambda one: one.lineno, reverse=True):
        at = node.lineno - 1
        line = lines[at]
        before = line[: len(line) - len(line.lstrip())]
        if at in seen or len(before) != node.col_offset or line.lstrip().startswith("elif"):
            continue
        seen.add(at)
        call = f"step_at({script}, {node.lineno})"
        if isinstance(node, _SIMPLE):
            lines[at] = f"{before}{call}; {line.lstrip()}"
        elif isinstance(node, ast.If | ast.For):
            lines.insert(at, f"{before}{call}")
    return "\n".join(lines)


def expressions(source: str) -> list[tuple[int, str]]:
    """Each expression that computes something: its line, and a module that compiles it alone."""
    module = syntax.tree(source)
    found: list[tuple[int, str]] = []
    for node in [] if module is None else _statements(module):
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr) and any(
                isinstance(one, ast.BinOp | ast.Call | ast.UnaryOp | ast.BoolOp) for one in ast.walk(part)
            ):
                names = {one.id for one in ast.walk(part) if isinstance(one, ast.Name)}
                free = ", ".join(sorted(name for name in names if not hasattr(builtins, name)))
                text = ast.get_source_segment(source, part) or "None"
                found.append((part.lineno, f"def probe({free}):\n    return (\n{text}\n)\n"))
    return found


def likely_line(source: str, event: str) -> int:
    """The best guess where nothing better is known: the function that is called, or the longest line."""
    if event in syntax.functions(source):
        return syntax.function_line(source, event)
    lines = source.split("\n")
    return max(range(len(lines)), key=lambda at: len(lines[at])) + 1


def _statements(module: ast.Module) -> list[ast.stmt]:
    """Every statement but `load` and `def` themselves; what has no line of its own is left out by whoever asks."""
    loads = {id(call) for call in syntax.calls(module, "load")}
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.stmt)
        and not isinstance(node, ast.FunctionDef)
        and not (isinstance(node, ast.Expr) and id(node.value) in loads)
    ]
