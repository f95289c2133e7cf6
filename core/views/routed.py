"""How scripts routed a contact: which version, the facts it saw, what it printed, and what it decided or why not."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.clock import from_moment
from core.gathering import in_short
from core.routing.decision import Decision
from core.routing.facts import Facts
from core.routing.saying import decision_words
from core.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

MOST = 50
"""Newest runs of a contact that are told."""
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class RoutedRow:
    """One run of a script for one contact."""

    at: datetime
    script: str
    """Empty where it was deleted."""
    version: int | None
    event: str
    """`route` or `waited`."""
    facts: str
    """In short."""
    printed: tuple[str, ...]
    decided: str
    """In words; empty where it failed."""
    error: str
    line: int
    """Where the error is; 0 = nowhere in particular."""
    source: str
    """The offending line as it stands; empty where it is not known."""
    took_ms: float

    @property
    def who(self) -> str:
        """`office-hours v3`."""
        version = f" v{self.version}" if self.version is not None else ""
        return f"{self.script}{version}" if self.script else "a script that was deleted"

    @property
    def sentences(self) -> list[str]:
        """What it saw, printed, and decided."""
        asked = "asked where it belongs" if self.event == "route" else "asked again, for it has waited its time"
        said = [f"{asked}; saw {self.facts}", *(f"printed: {line}" for line in self.printed)]
        if not self.error:
            return [*said, f"decided: {self.decided}"]
        where = f"line {self.line}: " if self.line else ""
        source = f"  [{self.source}]" if self.source else ""
        return [*said, f"failed: {where}{self.error}{source}"]


async def routed(database: Database, contact_id: int) -> list[RoutedRow]:
    """The runs for a contact, oldest first."""
    rows = await database.read(
        "SELECT r.id, r.event, r.at, r.facts, r.decision, r.trace, r.error, r.line, r.took, v.number, v.source,"
        " COALESCE(s.name, own.name) AS name FROM script_run r JOIN contact c ON c.id = r.contact_id"
        " JOIN account a ON a.id = c.account_id LEFT JOIN script own ON own.id = a.script_id AND r.version_id IS NULL"
        " LEFT JOIN script_version v ON v.id = r.version_id LEFT JOIN script s ON s.id = v.script_id"
        f" WHERE r.contact_id = ? ORDER BY r.id DESC LIMIT {MOST}",
        contact_id,
    )
    return [_row(row) for row in reversed(rows)]


def _row(row: dict[str, Any]) -> RoutedRow:
    decision = Decision.from_json(row["decision"]) if row["decision"] else None
    lines = (row["source"] or "").split("\n")
    # The line of a script that this one loads stands in another source.
    own = 0 < row["line"] <= len(lines) and not row["error"].startswith("in ")
    return RoutedRow(
        at=from_moment(row["at"]),
        script=row["name"] or "",
        version=row["number"],
        event=row["event"],
        facts=one_line(in_short(Facts.from_json(zlib.decompress(row["facts"]).decode())), LONGEST),
        printed=tuple(str(line) for line in json.loads(row["trace"])),
        decided="" if decision is None else one_line(decision_words(decision), LONGEST),
        error=row["error"],
        line=row["line"],
        source=lines[row["line"] - 1].strip() if own else "",
        took_ms=row["took"] / 1000,
    )
