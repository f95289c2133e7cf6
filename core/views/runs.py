"""The runs of scripts: what each saw, printed and decided."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import NotFound
from core.models.fields import from_moment
from core.routing.decision import Decision
from core.views.scripts import known_script
from core.views.stretch import Stretch, all_of

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


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
    stretch = stretch or Stretch()
    where: list[str] = []
    values: list[object] = []
    if contact is not None:
        where.append("r.contact_id = ?")
        values.append(contact)
    if name:
        ids = await _newest(database, name, version, errors, stretch)
        where.append(f"r.id IN ({', '.join('?' * len(ids)) or 'NULL'})")
        values += ids
    if errors:
        where.append("r.error <> ''")
    stretch.narrow("r.id", where, values)
    found = await database.read(
        "SELECT r.id, r.contact_id, r.at, r.event, r.decision, r.error, r.line, r.trace, r.took, s.name, v.number,"
        " c.address, a.address AS account FROM script_run r JOIN contact c ON c.id = r.contact_id"
        " JOIN account a ON a.id = c.account_id LEFT JOIN script_version v ON v.id = r.version_id"
        f" LEFT JOIN script s ON s.id = v.script_id{all_of(where)} ORDER BY r.id DESC LIMIT ?",
        *values, stretch.limit,
    )  # fmt: skip
    return [_run(row) for row in found]


async def _newest(database: Database, name: str, version: int | None, errors: bool, stretch: Stretch) -> list[int]:
    """Ids of a script's newest runs: found version by version, each in the order of its index."""
    await known_script(database, name)
    versions = await database.read(
        "SELECT v.id, v.number FROM script_version v JOIN script s ON s.id = v.script_id WHERE s.name = ?", name
    )
    found: list[int] = []
    for one in versions:
        if version is not None and one["number"] != version:
            continue
        where, values = ["r.version_id = ?"], [one["id"]]
        if errors:
            where.append("r.error <> ''")
        stretch.narrow("r.id", where, values)
        rows = await database.read(
            f"SELECT r.id FROM script_run r{all_of(where)} ORDER BY r.at DESC, r.id DESC LIMIT ?",
            *values, stretch.limit,
        )  # fmt: skip
        found += [row["id"] for row in rows]
    return sorted(found, reverse=True)[: stretch.limit]


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
