"""Programs: a source together with the active versions of every script it may load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.routing.program import Program

if TYPE_CHECKING:
    from core.store import Database


async def active_sources(database: Database) -> dict[str, str]:
    """The source of each script's active version, by name."""
    found = await database.read(
        "SELECT s.name, v.source FROM script s JOIN script_version v ON v.script_id = s.id AND v.number = s.active"
        " ORDER BY s.name"
    )
    return {row["name"]: row["source"] for row in found}


async def program_of(database: Database, name: str, source: str) -> Program:
    """This source under this name, and what it loads as it is active now."""
    return Program(name, {**await active_sources(database), name: source})
