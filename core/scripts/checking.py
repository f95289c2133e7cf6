"""Checking scripts against the names of this desk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.routing.problem import Problem, Severity
from core.routing.program import LONGEST_SCRIPT, tidy
from core.scripts.names import desk_names, is_script_name
from core.scripts.programs import active_sources, program_of
from core.scripts.values import right_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.routing.picture import Node
    from core.routing.sandbox import Sandbox
    from core.routing.values import Value
    from core.store import Database

DRAFT = "this script"
"""What a source without a name is called in sentences."""
_NO_ROUTE = "no function route(contact)"


class Checking:
    """Reads the desk and asks a sandbox; nothing is written."""

    def __init__(self, database: Database, sandbox: Sandbox) -> None:
        self.database = database
        self.sandbox = sandbox

    async def check(self, source: str, *, name: str = "", account: str = "") -> tuple[Problem, ...]:
        """What is wrong with a source, errors and advice by line, for a script of this name.

        With the `account`'s own settings where one is given, else with the script's defaults. Raises NotFound.
        """
        settings = await self._settings_of(account) if account else {}
        return await self._check(source, name, settings)

    async def activation(self, name: str, source: str) -> tuple[Problem, ...]:
        """The errors that keep a source from being activated, for every account that is routed by the script.

        A script without `route` that no account uses is one for others to load, which is no error.
        """
        rows = await self.database.read(
            "SELECT DISTINCT a.script_settings FROM account a JOIN script s ON s.id = a.script_id WHERE s.name = ?",
            name,
        )
        found: dict[tuple[int, str], Problem] = {}
        for settings in [json.loads(row["script_settings"]) for row in rows] or [{}]:
            for problem in await self._check(source, name, settings):
                if problem.severity is Severity.ERROR and (rows or not lacks_route(problem)):
                    found.setdefault((problem.line, problem.message), problem)
        return tuple(sorted(found.values(), key=lambda problem: problem.line))

    async def as_router(self, name: str, settings: Mapping[str, object] | None) -> tuple[Problem, ...]:
        """The errors that keep the active version from routing an account with these settings."""
        source = (await active_sources(self.database)).get(name, "")
        found = await self._check(source, name, right_settings(settings or {})) if source else ()
        return tuple(problem for problem in found if problem.severity is Severity.ERROR)

    async def draw(self, source: str, *, name: str = "") -> tuple[Node, ...]:
        """A source as trees of branches; empty where it cannot be read."""
        entry = name if name and is_script_name(name) else DRAFT
        return await self.sandbox.draw(await program_of(self.database, entry, source[: LONGEST_SCRIPT + 1]))

    async def _check(self, source: str, name: str, settings: dict[str, Value]) -> tuple[Problem, ...]:
        entry = name if name and is_script_name(name) else DRAFT
        program = await program_of(self.database, entry, tidy(source[: LONGEST_SCRIPT + 1]))
        return await self.sandbox.check(program, await desk_names(self.database, settings))

    async def _settings_of(self, address: str) -> dict[str, Value]:
        rows = await self.database.read("SELECT script_settings FROM account WHERE address = ?", address.lower())
        if not rows:
            raise NotFound(f"there is no account {address}: `postroom account list` names them")
        settings: dict[str, Value] = json.loads(rows[0]["script_settings"])
        return settings


def lacks_route(problem: Problem) -> bool:
    """Whether it is that the script has no `route`."""
    return _NO_ROUTE in problem.message
