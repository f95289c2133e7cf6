"""What uses what: which scripts would no longer be right without a queue, calendar, template, variable or script."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from core.routing.program import Program
from core.scripts.names import desk_names

if TYPE_CHECKING:
    from core.routing.names import DeskNames
    from core.routing.problem import Problem
    from core.routing.sandbox import Sandbox
    from core.routing.values import Value
    from core.store import Database

_SETS = {
    "queue": "queues", "class": "classes", "template": "templates", "user": "users", "calendar": "calendars",
    "skill": "skills",
}  # fmt: skip
KINDS = (*_SETS, "variable", "script")
"""Kinds of things that scripts name."""


@dataclass(frozen=True, slots=True)
class Use:
    """One script that names a thing."""

    script: str
    version: int
    active: bool
    line: int

    @property
    def words(self) -> str:
        """`front-door v7 (line 5)`."""
        return f"{self.script} v{self.version} (line {self.line})"


class Uses:
    """Asks the check itself: a script names a thing if it would be wrong without it."""

    def __init__(self, database: Database, sandbox: Sandbox) -> None:
        self.database = database
        self.sandbox = sandbox

    async def of(self, kind: str, name: str, *, drafts: bool = False) -> list[Use]:
        """The active versions that name it, of scripts by name; with `drafts` the newest versions as well."""
        found = await self.database.read(
            "SELECT s.name, v.number, v.source, s.active FROM script s JOIN script_version v ON v.script_id = s.id"
            " WHERE v.number = s.active OR v.number = (SELECT MAX(number) FROM script_version WHERE script_id = s.id)"
            " ORDER BY s.name, v.number"
        )
        names = await desk_names(self.database)
        settings = await self._settings()
        sources = {row["name"]: row["source"] for row in found if row["number"] == row["active"]}
        uses: list[Use] = []
        for row in found:
            active = row["number"] == row["active"]
            own = settings.get(row["name"], [{}])
            if (row["name"] == name and kind == "script") or not (active or drafts):
                continue
            if name not in row["source"] and not any(name in one.values() for one in own):
                continue
            program = Program(row["name"], {**sources, row["name"]: row["source"]})
            lines = [await self._line(program, replace(names, settings=one), kind, name) for one in own]
            if any(lines):
                uses.append(Use(row["name"], row["number"], active, next(filter(None, lines))))
        return uses

    async def _settings(self) -> dict[str, list[dict[str, Value]]]:
        """The accounts' own settings by script, each once."""
        rows = await self.database.read(
            "SELECT DISTINCT s.name, a.script_settings FROM account a JOIN script s ON s.id = a.script_id"
        )
        found: dict[str, list[dict[str, Value]]] = {}
        for row in rows:
            found.setdefault(row["name"], []).append(json.loads(row["script_settings"]))
        return found

    async def active(self, kind: str, name: str) -> list[str]:
        """The active versions that name it, in words."""
        return [use.words for use in await self.of(kind, name)]

    async def _line(self, program: Program, names: DeskNames, kind: str, name: str) -> int:
        """The line that would be wrong without it; 0 where none would."""
        with_it = await self.sandbox.check(program, _with(names, kind, name))
        if kind == "script":
            sources = {other: source for other, source in program.sources.items() if other != name}
            without = await self.sandbox.check(Program(program.entry, sources), names)
        else:
            without = await self.sandbox.check(program, _without(names, kind, name))
        known = {_key(problem) for problem in with_it}
        return next((max(problem.line, 1) for problem in without if _key(problem) not in known), 0)


def _key(problem: Problem) -> tuple[object, ...]:
    return tuple(getattr(problem, field.name) for field in fields(problem))


def _with(names: DeskNames, kind: str, name: str) -> DeskNames:
    if kind in _SETS:
        return replace(names, **{_SETS[kind]: getattr(names, _SETS[kind]) | {name}})
    return replace(names, variables={name: "", **names.variables}) if kind == "variable" else names


def _without(names: DeskNames, kind: str, name: str) -> DeskNames:
    if kind in _SETS:
        return replace(names, **{_SETS[kind]: getattr(names, _SETS[kind]) - {name}})
    return replace(names, variables={other: value for other, value in names.variables.items() if other != name})
