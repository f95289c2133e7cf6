"""What routes contacts: scripts and how they do, their versions and runs, calendars, variables, templates."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import NotFound
from core.models.fields import from_moment, to_moment
from core.routing.decision import Decision
from core.routing.names import unknown
from core.views.stretch import Stretch, all_of

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

TIMED = 5_000
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


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run for one contact."""

    id: int
    contact: int
    at: datetime
    event: str
    """`route` or `waited`."""
    script: str
    """Empty where its version was deleted."""
    version: int
    address: str
    """The customer's."""
    account: str
    decision: Decision | None
    """None where it failed."""
    error: str
    line: int
    trace: tuple[str, ...]
    took_ms: float


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A global variable."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template."""

    name: str
    channel: str
    subject: str
    body: str


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
    counts = {
        row["script_id"]: row
        for row in await database.read(
            "SELECT v.script_id, COUNT(*) AS runs, COUNT(CASE WHEN r.error <> '' THEN 1 END) AS errors,"
            " MAX(CASE WHEN r.error <> '' THEN r.id END) AS worst FROM script_run r"
            " JOIN script_version v ON v.id = r.version_id WHERE r.at >= ? GROUP BY v.script_id",
            midnight,
        )
    }
    times = await _p95(database, midnight)
    worst = await _errors(database, [row["worst"] for row in counts.values() if row["worst"] is not None])
    return [_script(row, accounts, counts.get(row["id"], {}), times, worst) for row in found]


def _script(
    row: dict[str, Any],
    accounts: dict[int, list[str]],
    count: dict[str, Any],
    times: dict[int, float],
    worst: dict[int, dict[str, Any]],
) -> ScriptRow:
    error = worst.get(count.get("worst") or 0, {})
    return ScriptRow(
        id=row["id"],
        name=row["name"],
        description=row["description"],
        accounts=tuple(accounts.get(row["id"], ())),
        active=row["active"],
        newest=row["newest"],
        versions=row["versions"],
        runs=count.get("runs", 0),
        errors=count.get("errors", 0),
        p95_ms=times.get(row["id"]),
        last_error=error.get("error", ""),
        last_error_line=error.get("line", 0),
        last_error_at=from_moment(error["at"]) if error else None,
    )


async def _p95(database: Database, midnight: int) -> dict[int, float]:
    rows = await database.read(
        "SELECT script_id, MIN(took) AS took FROM (SELECT script_id, took,"
        " ROW_NUMBER() OVER (PARTITION BY script_id ORDER BY took) AS place,"
        " COUNT(*) OVER (PARTITION BY script_id) AS n FROM (SELECT v.script_id, r.took,"
        " ROW_NUMBER() OVER (PARTITION BY v.script_id ORDER BY r.at DESC) AS recent FROM script_run r"
        f" JOIN script_version v ON v.id = r.version_id WHERE r.at >= ?) runs WHERE recent <= {TIMED}) placed"
        " WHERE place * 100 >= n * 95 GROUP BY script_id",
        midnight,
    )
    return {row["script_id"]: row["took"] / 1000 for row in rows}


async def _errors(database: Database, ids: list[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    found = await database.read(f"SELECT id, at, error, line FROM script_run WHERE id IN ({marks})", *ids)
    return {row["id"]: row for row in found}


async def script_versions(database: Database, name: str) -> list[VersionRow]:
    """The versions of a script, the newest first. Raises NotFound."""
    await _known(database, name)
    found = await database.read(
        "SELECT v.id, v.number, v.at, v.remark, v.locked, v.source, s.active, p.login FROM script_version v"
        " JOIN script s ON s.id = v.script_id LEFT JOIN person p ON p.id = v.author_id WHERE s.name = ?"
        " ORDER BY v.number DESC",
        name,
    )
    runs = {
        row["version_id"]: row
        for row in await database.read(
            "SELECT r.version_id, COUNT(*) AS runs, COUNT(CASE WHEN r.error <> '' THEN 1 END) AS errors"
            " FROM script_run r JOIN script_version v ON v.id = r.version_id JOIN script s ON s.id = v.script_id"
            " WHERE s.name = ? GROUP BY r.version_id",
            name,
        )
    }
    return [
        VersionRow(
            name, row["number"], from_moment(row["at"]), row["login"] or "", row["remark"],
            row["active"] == row["number"], bool(row["locked"]), row["source"].count("\n"),
            runs[row["id"]]["runs"] if row["id"] in runs else 0, runs[row["id"]]["errors"] if row["id"] in runs else 0,
        )
        for row in found
    ]  # fmt: skip


async def script_source(database: Database, name: str, number: int | None = None) -> SourceRow:
    """What a version says; without a number the active one, else the newest. Raises NotFound."""
    await _known(database, name)
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


async def script_runs(
    database: Database,
    name: str = "",
    *,
    version: int | None = None,
    contact: int | None = None,
    errors: bool = False,
    stretch: Stretch | None = None,
) -> list[RunRow]:
    """Runs, the newest first: of a script, of one version, of a contact, only those that failed. Raises NotFound."""
    where: list[str] = ["r.error <> ''"] if errors else []
    values: list[object] = []
    if name:
        await _known(database, name)
    for column, value in (("s.name", name or None), ("v.number", version), ("r.contact_id", contact)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    stretch = stretch or Stretch()
    stretch.narrow("r.id", where, values)
    found = await database.read(
        "SELECT r.id, r.contact_id, r.at, r.event, r.decision, r.error, r.line, r.trace, r.took, s.name, v.number,"
        " c.address, a.address AS account FROM script_run r JOIN contact c ON c.id = r.contact_id"
        " JOIN account a ON a.id = c.account_id LEFT JOIN script_version v ON v.id = r.version_id"
        f" LEFT JOIN script s ON s.id = v.script_id{all_of(where)} ORDER BY r.id DESC LIMIT ?",
        *values, stretch.limit,
    )  # fmt: skip
    return [_run(row) for row in found]


def _run(row: dict[str, Any]) -> RunRow:
    return RunRow(
        id=row["id"],
        contact=row["contact_id"],
        at=from_moment(row["at"]),
        event=row["event"],
        script=row["name"] or "",
        version=row["number"] or 0,
        address=row["address"],
        account=row["account"],
        decision=Decision.from_json(row["decision"]) if row["decision"] else None,
        error=row["error"],
        line=row["line"],
        trace=tuple(str(line) for line in json.loads(row["trace"])),
        took_ms=row["took"] / 1000,
    )


async def run_facts(database: Database, run_id: int) -> str:
    """The facts that a run saw, as JSON. Raises NotFound."""
    found = await database.read("SELECT facts FROM script_run WHERE id = ?", run_id)
    if not found:
        raise NotFound(f"there is no run {run_id}")
    return zlib.decompress(found[0]["facts"]).decode()


async def variables(database: Database) -> list[VariableRow]:
    """All variables by name."""
    found = await database.read("SELECT name, value FROM variable ORDER BY name")
    return [VariableRow(row["name"], json.loads(row["value"])) for row in found]


async def templates(database: Database) -> list[TemplateRow]:
    """All templates by name."""
    found = await database.read("SELECT name, channel, subject, body FROM template ORDER BY name")
    return [TemplateRow(**row) for row in found]


async def _known(database: Database, name: str) -> None:
    names = [row["name"] for row in await database.read("SELECT name FROM script ORDER BY name")]
    if name not in names:
        raise NotFound(unknown("script", name, names).rstrip("."))
