"""The scripts of accounts, each with the active versions of those it may load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.routing.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.store import Database
    from core.store.database import Row


@dataclass(frozen=True, slots=True)
class Chosen:
    """A script as it is active at one moment."""

    script_id: int
    name: str
    number: int | None
    """The active version's; None where there is none."""
    version_id: int | None
    program: Program | None
    problem: str = ""
    """Why it cannot run, where it cannot."""


class Programs:
    """Reads scripts. A version never changes, so its source is read once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._sources: dict[tuple[int, int], str] = {}
        self._programs: dict[str, Program] = {}

    async def read(self, script_ids: Iterable[int]) -> dict[int, Chosen]:
        """These scripts by id, as they are active now."""
        rows = await self.database.read(
            "SELECT s.id, s.name, s.active, v.id AS version_id FROM script s LEFT JOIN script_version v"
            " ON v.script_id = s.id AND v.number = s.active ORDER BY s.name"
        )
        active = [row for row in rows if row["version_id"] is not None]
        await self._fetch(active)
        sources = {row["name"]: self._sources[_key(row)] for row in active if _key(row) in self._sources}
        wanted = set(script_ids)
        found = {row["id"]: self._chosen(row, sources) for row in rows if row["id"] in wanted}
        self._programs = {one.name: one.program for one in found.values() if one.program is not None}
        return found

    async def _fetch(self, active: list[Row]) -> None:
        keys = {_key(row) for row in active}
        self._sources = {key: source for key, source in self._sources.items() if key in keys}
        missing = [row["version_id"] for row in active if _key(row) not in self._sources]
        for start in range(0, len(missing), 500):
            part = missing[start : start + 500]
            rows = await self.database.read(
                f"SELECT script_id AS id, number AS active, source FROM script_version"
                f" WHERE id IN ({', '.join('?' * len(part))})",
                *part,
            )
            self._sources |= {_key(row): row["source"] for row in rows}

    def _chosen(self, row: Row, sources: dict[str, str]) -> Chosen:
        name = row["name"]
        if name not in sources:
            problem = f"script {name} has no active version: activate one"
            return Chosen(row["id"], name, None, None, None, problem)
        try:
            program = Program(name, _loadable(name, sources))
        except Wrong as wrong:
            return Chosen(row["id"], name, row["active"], row["version_id"], None, str(wrong))
        before = self._programs.get(name)
        # The same object as before, where nothing has changed: its digest is known.
        return Chosen(row["id"], name, row["active"], row["version_id"], before if before == program else program)


def _key(row: Row) -> tuple[int, int]:
    # A version's number is never given again, while a deleted row's id may be.
    return row["id"], row["active"]


def _loadable(name: str, sources: dict[str, str]) -> dict[str, str]:
    """The script and every other one whose name stands anywhere in it: reading it properly is the worker's."""
    found = {name: sources[name]}
    waiting = [name]
    while waiting:
        text = sources[waiting.pop()]
        for other, source in sources.items():
            if other not in found and other in text:
                found[other] = source
                waiting.append(other)
    return found
