"""The syntax tree of a script, read with Python's own parser.

starlark-pyo3 shows no tree. Starlark is, but for `load`, a subset of Python's syntax, so Python's `ast` reads every
script that Starlark accepts save a few oddities; where it cannot, there is no tree, and whoever asks does without it.
Only the worker calls this: a hostile source can cost Python's parser time as well.
"""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@lru_cache(maxsize=64)
def tree(source: str) -> ast.Module | None:
    """The tree of a source, None where Python cannot read it. Never changed by those who read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def complaint(source: str) -> tuple[int, int, str] | None:
    """Line, column and words of what Python's parser says is wrong; None where it has nothing particular to say."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as err:
        if err.lineno and err.msg != "invalid syntax":
            return err.lineno, err.offset or 1, err.msg
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def functions(source: str) -> dict[str, ast.FunctionDef]:
    """The functions at the top of a script by name."""
    module = tree(source)
    found = [] if module is None else module.body
    return {one.name: one for one in found if isinstance(one, ast.FunctionDef)}


def function_line(source: str, name: str) -> int:
    """The line on which a function begins, 1 where it is not found."""
    found = functions(source).get(name)
    return 1 if found is None else found.lineno


def calls(node: ast.AST, *names: str) -> Iterator[ast.Call]:
    """The calls of functions by their plain names, all of them where no name is given."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and (not names or one.func.id in names):
            yield one


def loads(source: str) -> list[ast.Call]:
    """The `load` statements at the top of a script."""
    module = tree(source)
    found = [] if module is None else module.body
    calls_there = [one.value for one in found if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
    return [one for one in calls_there if isinstance(one.func, ast.Name) and one.func.id == "load"]


def load_line(source: str, script: str) -> int:
    """The line that loads a script, 1 where it is not found."""
    for call in loads(source):
        if call.args and literal(call.args[0]) == script:
            return call.lineno
    return 1


def exported(source: str) -> list[str]:
    """The names another script can load."""
    module = tree(source)
    found: list[str] = []
    for one in [] if module is None else module.body:
        if isinstance(one, ast.FunctionDef):
            found.append(one.name)
        elif isinstance(one, ast.Assign):
            found += [name.id for target in one.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return [name for name in dict.fromkeys(found) if not name.startswith("_")]


def defaults(source: str) -> dict[str, object]:
    """The literal values of the dict `DEFAULTS` at the top of a script; values that are no literals are left out."""
    module = tree(source)
    for one in [] if module is None else module.body:
        if not isinstance(one, ast.Assign) or not isinstance(one.value, ast.Dict):
            continue
        if any(isinstance(target, ast.Name) and target.id == "DEFAULTS" for target in one.targets):
            pairs = zip(one.value.keys, one.value.values, strict=True)
            return {str(name): given for key, given_at in pairs for name, given in _pair(key, given_at)}
    return {}


def literal(node: ast.expr | None) -> object:
    """The value of a plain literal or a list of them, None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [literal(one) for one in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        given = node.operand.value
        return -given if isinstance(given, int | float) else None
    return None


def column(source: str, node: ast.expr | ast.stmt) -> int:
    """Where a node begins in its line, in characters from 1 (Python counts octets of UTF-8 from 0)."""
    lines = source.split("\n")
    line = lines[node.lineno - 1] if node.lineno <= len(lines) else ""
    return len(line.encode("utf-8", "replace")[: node.col_offset].decode("utf-8", "replace")) + 1


def _pair(key: ast.expr | None, given: ast.expr) -> list[tuple[object, object]]:
    name, found = literal(key), literal(given)
    is_none = isinstance(given, ast.Constant) and given.value is None
    return [(name, found)] if isinstance(name, str) and (found is not None or is_none) else []
