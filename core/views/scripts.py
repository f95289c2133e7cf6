"""Scripts: who uses them, how they do today, their versions."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import NotFound
from core.models.fields import from_moment, to_moment
from core.routing.names import unknown

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

TIMED = 1_000
"""Newest runs of a day and script among which p95 is found."""


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """A script, who uses it and how it does today (UTC)."""

    id: int
    name: str
    description: str
    accounts: tuple[str, ...]
    """Addresses of those it routes."""
    active: int | None
    """The version that decides; None while there is none."""
    newest: int
    """Number of the newest version; 0 without one."""
    versions: int
    runs: int
    errors: int
    p95_ms: float | None
    """Within so many milliseconds 95 of 100 runs ended; None without a run."""
    last_error: str
    """Of today; empty when all went well."""
    last_error_line: int
    last_error_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version, without its source."""

    script: str
    number: int
    at: datetime
    author: str
    """Login; empty where it was the command, or somebody who is gone."""
    remark: str
    active: bool
    locked: bool
    lines: int
    runs: int
    """Ever."""
    errors: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What one version says."""

    script: str
    number: int
    source: str
    active: bool
    locked: bool
    remark: str
    at: datetime
    author: str


async def scripts(database: Database, now: datetime) -> list[ScriptRow]:
    """All scripts by name."""
    midnight = to_moment(now.replace(hour=0, minute=0, second=0, microsecond=0))
    found = await database.read(
        "SELECT s.id, s.name, s.description, s.active, COUNT(v.id) AS versions, COALESCE(MAX(v.number), 0) AS newest"
        " FROM script s LEFT JOIN script_version v ON v.script_id = s.id"
        " GROUP BY s.id, s.name, s.description, s.active ORDER BY s.name"
    )
    accounts: dict[int, list[str]] = {}
    for row in await database.read(
        "SELECT script_id, address FROM account WHERE script_id IS NOT NULL ORDER BY address"
    ):
        accounts.setdefault(row["script_id"], []).append(row["address"])
    versions = await _version_counts(database, midnight)
    worst = await _errors(database, [one["worst"] for one in versions if one["worst"] is not None])
    rows: list[ScriptRow] = []
    for row in found:
        own = [one for one in versions if one["script_id"] == row["id"]]
        times = await _times(database, [one["id"] for one in own if one["runs"]], midnight)
        rows.append(_script(row, tuple(accounts.get(row["id"], ())), own, times, worst))
    return rows


def _script(
    row: dict[str, Any],
    accounts: tuple[str, ...],
    versions: list[dict[str, Any]],
    times: list[int],
    worst: dict[int, dict[str, Any]],
) -> ScriptRow:
    error = worst.get(max((one["worst"] or 0 for one in versions), default=0), {})
    return ScriptRow(
        id=row["id"],
        name=row["name"],
        description=row["description"],
        accounts=accounts,
        active=row["active"],
        newest=row["newest"],
        versions=row["versions"],
        runs=sum(one["runs"] for one in versions),
        errors=sum(one["errors"] for one in versions),
        p95_ms=times[math.ceil(len(times) * 0.95) - 1] / 1000 if times else None,
        last_error=error.get("error", ""),
        last_error_line=error.get("line", 0),
        last_error_at=from_moment(error["at"]) if error else None,
    )


async def _version_counts(database: Database, since: int) -> list[dict[str, Any]]:
    """Of each version: `runs`, `errors`, and the id of the `worst`, the last that failed."""
    runs = "FROM script_run r WHERE r.version_id = v.id AND r.at >= ?"
    return await database.read(
        f"SELECT v.id, v.script_id, (SELECT COUNT(*) {runs}) AS runs, (SELECT COUNT(*) {runs} AND r.error <> '')"
        f" AS errors, (SELECT MAX(r.id) {runs} AND r.error <> '') AS worst FROM script_version v",
        since, since, since,
    )  # fmt: skip


async def _times(database: Database, versions: list[int], since: int) -> list[int]:
    """What the newest runs of these versions took, the shortest first: each is a row of its own to read."""
    found: list[tuple[int, int]] = []
    for version in versions:
        rows = await database.read(
            f"SELECT at, took FROM script_run WHERE version_id = ? AND at >= ? ORDER BY at DESC LIMIT {TIMED}",
            version, since,
        )  # fmt: skip
        found += [(row["at"], row["took"]) for row in rows]
    return sorted(took for _, took in sorted(found, reverse=True)[:TIMED])


async def _errors(database: Database, ids: list[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    found = await database.read(f"SELECT id, at, error, line FROM script_run WHERE id IN ({marks})", *ids)
    return {row["id"]: row for row in found}


async def script_versions(database: Database, name: str) -> list[VersionRow]:
    """The versions of a script, the newest first. Raises NotFound."""
    await known_script(database, name)
    found = await database.read(
        "SELECT v.id, v.number, v.at, v.remark, v.locked, v.source, s.active, p.login FROM script_version v"
        " JOIN script s ON s.id = v.script_id LEFT JOIN person p ON p.id = v.author_id WHERE s.name = ?"
        " ORDER BY v.number DESC",
        name,
    )
    counts = {row["id"]: row for row in await _version_counts(database, 0)}
    return [
        VersionRow(
            name, row["number"], from_moment(row["at"]), row["login"] or "", row["remark"],
            row["active"] == row["number"], bool(row["locked"]), row["source"].count("\n"),
            counts[row["id"]]["runs"], counts[row["id"]]["errors"],
        )
        for row in found
    ]  # fmt: skip


async def script_source(database: Database, name: str, number: int | None = None) -> SourceRow:
    """What a version says; without a number the active one, else the newest. Raises NotFound."""
    await known_script(database, name)
    found = await database.read(
        "SELECT v.number, v.source, v.locked, v.remark, v.at, s.active, p.login FROM script_version v"
        " JOIN script s ON s.id = v.script_id LEFT JOIN person p ON p.id = v.author_id WHERE s.name = ?"
        " ORDER BY CASE WHEN v.number = s.active THEN 0 ELSE 1 END, v.number DESC",
        name,
    )
    for row in found:
        if number is None or row["number"] == number:
            return SourceRow(
                name, row["number"], row["source"], row["active"] == row["number"], bool(row["locked"]),
                row["remark"], from_moment(row["at"]), row["login"] or "",
            )  # fmt: skip
    there = ", ".join(f"v{row['number']}" for row in found[:20])
    raise NotFound(f"script {name} has no {'version yet' if number is None else f'v{number}; there are: {there}'}")


async def known_script(database: Database, name: str) -> None:
    """Raise NotFound, with the scripts that there are, for one that is not there."""
    names = [row["name"] for row in await database.read("SELECT name FROM script ORDER BY name")]
    if name not in names:
        raise NotFound(unknown("script", name, names).rstrip("."))


async def account_settings(database: Database, address: str) -> dict[str, Any]:
    """What an account says instead of its script's own settings. Raises NotFound."""
    found = await database.read("SELECT script_settings FROM account WHERE address = ?", address.lower())
    if not found:
        raise NotFound(f"there is no account {address}")
    settings: dict[str, Any] = json.loads(found[0]["script_settings"])
    return settings
