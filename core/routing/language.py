"""The routing language: Starlark, its prelude, `load` of other scripts, and one compiled program.

Only the worker imports this: a script can abort the interpreter while it is compiled (constant folding), and one
built-in can run for a minute without asking whether it may. starlark-pyo3 reads its source with `parse`, evaluates a
module once, freezes it, and then calls functions of the frozen module; nothing a script does outlives one call.
"""

from __future__ import annotations

import contextlib
import json
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import starlark

from core.routing import syntax, wording
from core.routing.answers import called_at
from core.routing.expressions import matches
from core.routing.failure import Failed, Failure, Kind, Place, placed
from core.routing.names import unknown
from core.routing.program import DEEPEST_LOAD, LONGEST_SCRIPT
from core.routing.run import Printed, Trace
from core.routing.values import dumped
from core.text import clip, harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.routing.program import Program

WORDS = (
    *("queue", "assign", "forward", "close", "stay", "reply", "reply_text", "set_class", "tag", "note"),
    *("opt_out", "opt_in", "matches", "print", "SECOND", "MINUTE", "HOUR"),
)
"""The words of the prelude."""

TABLES = ("queues", "calendars", "variables", "settings")
"""The tables of facts beside the contact."""

DEEPEST_CALL = 64
MOST_PRINTED = 200
LONGEST_PRINTED = 500

_INNER = ("contact_of", "table_of", "tables_of")
_LIBRARY = starlark.LibraryExtension
_GLOBALS = starlark.Globals.extended_by([_LIBRARY.StructType, _LIBRARY.Json, _LIBRARY.CallStack, _LIBRARY.Typing])
_BUILTINS = starlark.Globals.extended_by([_LIBRARY.StructType, _LIBRARY.Json])


def dialect() -> starlark.Dialect:
    """Starlark with `load`, f-strings and types; without statements that make a script more than a function."""
    chosen = starlark.Dialect.extended()
    chosen.enable_load = True
    chosen.enable_f_strings = True
    chosen.enable_positional_only_arguments = True
    return chosen


_DIALECT = dialect()
_NO_ROUTE = "Module has no symbol `route`"
_NO_WAITED = "Module has no symbol `waited`"
NO_ROUTE = "it has no function route(contact), which every script must have."
_LOADED_WORDS = ", ".join(f'"{word}"' for word in (*WORDS, *_INNER))
_PREAMBLE = (
    f'load("@language", {_LOADED_WORDS})\nload("@desk", "queues", "calendars", "variables")\n'
    "settings = table_of(settings_text)\n"
)
_DESK = (
    'load("@language", "table_of", "tables_of")\nqueues = tables_of(queues_text)\n'
    "calendars = tables_of(calendars_text)\nvariables = table_of(variables_text)\n"
)


def _driver_source(*functions: str) -> str:
    """The module that makes a contact out of its JSON and hands it to one of the script's functions."""
    names = ", ".join(f'"{name}"' for name in functions)
    calls = "".join(f"def on_{name}(facts):\n    return {name}(contact_of(facts))\n" for name in functions)
    return f'load("@language", "contact_of")\nload("@entry", {names})\n{calls}'


class Deadline:
    """When the running script must have ended: CPU seconds of this thread, and twice as many on the wall."""

    def __init__(self) -> None:
        self.limit = 0.0
        self._cpu = 0.0
        self._wall = 0.0

    def begin(self, limit: float) -> None:
        """From now on, `limit` seconds."""
        self.limit = limit
        self._cpu = time.thread_time() + limit
        self._wall = time.monotonic() + 2 * limit

    def passed(self) -> bool:
        """Whether it must end."""
        return time.thread_time() > self._cpu or time.monotonic() > self._wall


class Language:
    """The prelude and what a running script leaves in the trace; one in a worker."""

    def __init__(self, deadline: Deadline, step: Callable[[int, int], None] | None = None) -> None:
        self.deadline = deadline
        self.step = step
        self.options = starlark.EvalOptions(check_cancelled=deadline.passed, max_callstack_size=DEEPEST_CALL)
        self._printed: list[Printed] = []
        self._dropped = 0
        self._preamble = starlark.parse("@preamble", _PREAMBLE, _DIALECT)
        self._desk = starlark.parse("@desk", _DESK, _DIALECT)
        route_only = starlark.parse("@driver", _driver_source("route"), _DIALECT)
        self._drivers = (route_only, starlark.parse("@driver", _driver_source("route", "waited"), _DIALECT))
        self._linked: tuple[str, tuple[list[str], dict[str, starlark.AstModule]]] | None = None
        module = starlark.Module()
        module.add_callable("printed", self._print)
        module.add_callable("matches", matches)
        prelude = files("core.routing").joinpath("prelude.star").read_text("utf-8")
        starlark.eval(module, starlark.parse("@language", prelude, _DIALECT), _GLOBALS)
        self.prelude = module.freeze()

    def desk(self, queues: str, calendars: str, variables: str) -> starlark.FrozenModule:
        """The tables of the desk from their JSON."""
        module = starlark.Module()
        for name, text in (("queues", queues), ("calendars", calendars), ("variables", variables)):
            module[f"{name}_text"] = text
        starlark.eval(module, self._desk, _GLOBALS, self._loader({}))
        return module.freeze()

    def evaluate(
        self, ast: starlark.AstModule, settings: str, modules: Mapping[str, starlark.FrozenModule]
    ) -> starlark.FrozenModule:
        """One script, after the modules it loads. Raises StarlarkError."""
        module = starlark.Module()
        module["settings_text"] = settings
        if self.step is not None:
            module.add_callable("step_at", self.step)
        loader = self._loader(modules)
        starlark.eval_with(self.options, module, self._preamble, _GLOBALS, loader)
        starlark.eval_with(self.options, module, ast, _BUILTINS, loader)
        return module.freeze()

    def driver(self, entry: str, modules: Mapping[str, starlark.FrozenModule], *, waits: bool) -> starlark.FrozenModule:
        """The module that makes a contact out of its JSON and hands it to the script."""
        module = starlark.Module()
        loader = self._loader({**modules, "@entry": modules[entry]})
        starlark.eval_with(self.options, module, self._drivers[waits], _GLOBALS, loader)
        return module.freeze()

    def linked(self, program: Program) -> tuple[list[str], dict[str, starlark.AstModule]]:
        """As `linked`, read once for many desks."""
        if self._linked is None or self._linked[0] != program.digest:
            self._linked = (program.digest, linked(program))
        return self._linked[1]

    def compile_alone(self, source: str) -> None:
        """Compile a piece of a script, whatever becomes of it."""
        with contextlib.suppress(starlark.StarlarkError):
            starlark.eval(starlark.Module(), starlark.parse("@piece", source, _DIALECT), _BUILTINS)

    def begin_trace(self, printed: tuple[Printed, ...] = ()) -> None:
        """Forget what was printed, but for what the script prints whenever it is read."""
        self._printed = list(printed)
        self._dropped = 0

    def printed(self) -> tuple[Printed, ...]:
        """What was printed since `begin_trace`."""
        return tuple(self._printed)

    def trace(self, seconds: float) -> Trace:
        """What was printed since `begin_trace`."""
        return Trace(tuple(self._printed), self._dropped, seconds)

    def _print(self, text: str, stack: str) -> None:
        if len(self._printed) >= MOST_PRINTED:
            self._dropped += 1
            return
        self._printed.append(Printed(clip(harmless(text), LONGEST_PRINTED), called_at(stack) or Place("", 0)))

    def _loader(self, modules: Mapping[str, starlark.FrozenModule]) -> starlark.FileLoader:
        return starlark.FileLoader(lambda name: self.prelude if name == "@language" else modules[name])


class Compiled:
    """One program with the desk and the settings it sees, ready to run many contacts."""

    def __init__(
        self, language: Language, program: Program, desk: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> None:
        """Raises Failed with script, line and sentence. `desk` and `settings` are what JSON of the facts holds."""
        self.language = language
        self.program = program
        language.begin_trace()
        self.tables: dict[str, Mapping[str, Any]] = {**desk, "settings": settings}
        order, trees = language.linked(program)
        modules = {"@desk": language.desk(*(dumped(desk[name]) for name in ("queues", "calendars", "variables")))}
        for name in order:
            own = {**syntax.defaults(program.sources[name]), **settings}
            self.tables["settings"] = own
            try:
                modules[name] = language.evaluate(trees[name], dumped(own), modules)
            except starlark.StarlarkError as err:
                raise self._failed(err) from err
        self.driver, self.waits = self._driver(modules)
        self.printed = language.printed()

    def _driver(self, modules: Mapping[str, starlark.FrozenModule]) -> tuple[starlark.FrozenModule, bool]:
        """The driver, and whether the script has a function `waited`."""
        try:
            if "waited" not in self.program.sources[self.program.entry]:
                return self.language.driver(self.program.entry, modules, waits=False), False
            return self.language.driver(self.program.entry, modules, waits=True), True
        except starlark.StarlarkError as err:
            if _NO_ROUTE in str(err):
                failure = Failure(Kind.SYNTAX, NO_ROUTE, self.program.entry, 1)
                raise Failed(placed(failure, dict(self.program.sources))) from err
            if _NO_WAITED not in str(err):
                raise self._failed(err) from err
        return self.language.driver(self.program.entry, modules, waits=False), False

    def call(self, event: str, contact: str) -> object:
        """The script's answer to one contact's JSON, as plain JSON values. Raises Failed."""
        try:
            return self.driver.call_with(self.language.options, f"on_{event}", contact).value
        except starlark.StarlarkError as err:
            raise self._failed(err, contact, event) from err

    def begins(self, event: str) -> Place:
        """Where the function for an event stands."""
        return Place(self.program.entry, syntax.function_line(self.program.sources[self.program.entry], event))

    def _failed(self, err: starlark.StarlarkError, contact: str = "", event: str = "route") -> Failed:
        text = str(err)
        tables = self.tables
        if "was not found" in text and contact:
            tables = {**tables, "fields": _fields(contact)}
        found = wording.failure(text, self.program.sources, tables, limit=self.language.deadline.limit)
        if not found.line:
            found = self._unplaced(found, event)
        return Failed(found)

    def _unplaced(self, found: Failure, event: str) -> Failure:
        """Errors without a place: the answer could not be read, so the function that gave it is shown."""
        at = self.begins(event)
        kind, message = found.kind, found.message
        if "converting" in message or "not supported on type" in message or "serialize" in message:
            message = "the answer holds something that is no action: a function, a set, or a list within itself."
            kind = Kind.ANSWER
        return placed(Failure(kind, message, at.script, at.line), dict(self.program.sources))


def parsed(name: str, source: str) -> starlark.AstModule:
    """The parsed source. Raises Failed where it is too long or no Starlark."""
    if len(source) > LONGEST_SCRIPT:
        message = f"it has {len(source):,} characters: a script may have {LONGEST_SCRIPT:,}."
        raise Failed(placed(Failure(Kind.SIZE, message, name, 1), {name: source}))
    try:
        return starlark.parse(name, source, _DIALECT)
    except starlark.StarlarkError as err:
        raise Failed(wording.failure(str(err), {name: source}, {}, limit=0)) from err


def linked(program: Program) -> tuple[list[str], dict[str, starlark.AstModule]]:
    """The scripts a program needs, each after those it loads, and their parsed sources. Raises Failed."""
    order: list[str] = []
    trees: dict[str, starlark.AstModule] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        trees[name] = parsed(name, program.sources[name])
        for wanted in trees[name].loads():
            _check_load(program, (*path, name), wanted.module_id)
            if wanted.module_id not in trees:
                visit(wanted.module_id, (*path, name))
        order.append(name)

    visit(program.entry, ())
    return order, trees


def _check_load(program: Program, path: tuple[str, ...], wanted: str) -> None:
    """Raises Failed at the `load` of a script that is not there, loads this one back, or lies too deep."""
    message = ""
    if wanted not in program.sources:
        message = unknown("script", wanted, [name for name in program.sources if name != path[-1]])
    elif wanted in path:
        message = f"scripts load each other in a circle: {' → '.join((*path[path.index(wanted) :], wanted))}."
    elif len(path) > DEEPEST_LOAD:
        message = f"scripts load each other more than {DEEPEST_LOAD} deep: {' → '.join((*path, wanted))}."
    if message:
        source = program.sources[path[-1]]
        failure = Failure(Kind.LOAD, message, path[-1], syntax.load_line(source, wanted))
        raise Failed(placed(failure, dict(program.sources)))


def _fields(contact: str) -> dict[str, object]:
    customer = json.loads(contact).get("customer") or {}
    return dict(customer.get("fields") or {})
