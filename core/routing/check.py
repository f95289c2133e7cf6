"""What is wrong with a script before it runs: read, linked, linted, and its names held against the desk's.

Runs in the worker, for reading alone can end an interpreter. Starlark reads, lints and evaluates the top of the script.
The names inside functions are looked up in Python's own syntax tree of the same source (`core.routing.syntax` says
why): a name counts where it is a literal, or a setting whose value is known; what a script works out is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.routing import wording
from core.routing.calls import in_calls
from core.routing.failure import Failed
from core.routing.findings import Subject
from core.routing.language import Compiled, linked
from core.routing.names import empty_desk
from core.routing.paths import in_functions
from core.routing.problem import Problem, Severity
from core.routing.tables import in_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import starlark

    from core.routing.language import Language
    from core.routing.names import DeskNames
    from core.routing.program import Program

_ADVICE = frozenset({"duplicate-key", "duplicate-top-level-assign", "missing-return", "unreachable", "unused-load"})
"""Starlark's lints that say something here; of the rest most are matters of taste, and off in its own tool as well."""
_OWN = ("`route`", "`waited`")
"""Functions whose ends are looked at in `core.routing.paths`."""


def check(language: Language, program: Program, names: DeskNames, desk: Mapping[str, Any] | None) -> list[Problem]:
    """Every problem of the program's first script, by line. A fault in a script it loads is shown alone."""
    try:
        _, trees = linked(program)
    except Failed as failed:
        return [Problem.of(failed.failure)]
    found = _findings(program, names)
    lines = {problem.line for problem in found if problem.severity is Severity.ERROR}
    try:
        Compiled(language, program, desk or empty_desk(names), names.settings)
    except Failed as failed:
        if failed.failure.script != program.entry or failed.failure.line not in lines:
            found.append(Problem.of(failed.failure))
    lines |= {problem.line for problem in found if problem.script == program.entry}
    found += [problem for problem in _lints(program, trees[program.entry]) if problem.line not in lines]
    return sorted(dict.fromkeys(found), key=lambda one: (one.script != program.entry, one.line, one.column))


def _findings(program: Program, names: DeskNames) -> list[Problem]:
    source = program.sources[program.entry]
    subject = Subject.of(source, names)
    if subject is None:
        return []
    found = [*in_calls(subject), *in_tables(subject), *in_functions(subject)]
    lines = source.split("\n")
    return [
        Problem(one.severity, program.entry, one.line, one.column, lines[one.line - 1][:300], one.message)
        for one in found
    ]


def _lints(program: Program, module: starlark.AstModule) -> list[Problem]:
    """Starlark's own advice, in our words for place and severity."""
    lines = program.sources[program.entry].split("\n")
    found = []
    for lint in module.lint():
        begin = lint.resolved_location.span.begin
        answers = lint.short_name == "missing-return" and any(name in lint.problem for name in _OWN)
        if lint.short_name not in _ADVICE or answers or begin.line >= len(lines):
            continue
        place = (program.entry, begin.line + 1, begin.column + 1, lines[begin.line][:300])
        found.append(Problem(Severity.WARNING, *place, wording.sentence(lint.problem)))
    return found
