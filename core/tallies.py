"""Sums of the event log by quarter of an hour: what reports and the wallboard read.

An event is either folded into a tally or not yet; `measured` counts both alike, in one statement and so at one instant.
The tallies can be thrown away and made anew from the log at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store import Database

QUARTER = 900_000_000
"""Microseconds."""
KEYS = ("quarter", "queue_id", "person_id", "account_id", "class_id", "channel")
COUNTS = {
    "arrived": "e.verb = 'arrived'",
    "entered": "e.state = 'queued' AND (p.state IS NULL OR p.state NOT IN ('queued', 'offered')"
    " OR COALESCE(p.queue_id, 0) <> COALESCE(e.queue_id, 0))",
    "offered": "e.verb = 'offered'",
    "missed": "e.verb = 'expired'",
    "refused": "e.verb = 'refused'",
    "taken": "e.verb IN ('taken', 'accepted')",
    "answered": "e.verb = 'answered'",
    "in_time": "e.verb = 'answered' AND e.in_time = TRUE",
    "replies": "e.verb IN ('answered', 'replied')",
    "transferred": "e.verb = 'transferred'",
    "returned": "e.verb = 'returned'",
    "handled": "p.state IN ('open', 'held') AND e.state IN ('wrap-up', 'closed') AND e.verb <> 'merged'",
    "closed": "e.state = 'closed' AND e.verb = 'closed'",
    "unserved": "e.verb = 'closed' AND (p.state IS NULL OR p.state IN ('new', 'queued', 'offered'))",
}
"""What is counted of an event `e` after the event `p` of the same contact."""
SPANS = {"open_time": "open", "held_time": "held", "wrap_time": "wrap-up"}
"""Microseconds in a state, for whoever had the contact in it; they count when the state ends."""
MEASURES = (*COUNTS, "waited", "longest", *SPANS)
BATCH = 2000
_BEFORE = "p.id = (SELECT MAX(x.id) FROM event x WHERE x.contact_id = e.contact_id AND x.id < e.id)"


def _quarter(of: str) -> str:
    return f"{of}.at - {of}.at % {QUARTER} AS quarter"


def _keys(of: str) -> str:
    return ", ".join(f"COALESCE({of}.{key}, 0) AS {key}" for key in KEYS[1:-1]) + f", {of}.channel"


def measured(where: str) -> str:
    """SQL of rows with all `KEYS` and `MEASURES`, of the events `e` that `where` names; `?` stands in it twice."""
    counts = ", ".join(f"CASE WHEN {when} THEN 1 ELSE 0 END AS {name}" for name, when in COUNTS.items())
    answered = "CASE WHEN e.verb = 'answered' THEN e.waited ELSE 0 END"
    zero_spans = ", ".join(f"0 AS {name}" for name in SPANS)
    zero_counts = ", ".join(f"0 AS {name}" for name in (*COUNTS, "waited", "longest"))
    spans = ", ".join(f"CASE WHEN p.state = '{state}' THEN e.at - p.at ELSE 0 END AS {n}" for n, state in SPANS.items())
    return (
        f"SELECT {_quarter('e')}, {_keys('e')}, {counts}, {answered} AS waited, {answered} AS longest, {zero_spans}"
        f" FROM event e LEFT JOIN event p ON {_BEFORE} WHERE +e.contact_id IS NOT NULL AND {where}"
        f" UNION ALL SELECT {_quarter('e')}, {_keys('p')}, {zero_counts}, {spans}"
        f" FROM event e JOIN event p ON {_BEFORE} WHERE p.state IN ('open', 'held', 'wrap-up')"
        f" AND +e.contact_id IS NOT NULL AND {where}"
    )


def together(columns: str, where: str, *, names: Sequence[str] = (*KEYS, *MEASURES)) -> str:
    """SQL of all measured rows, folded or not, whose `quarter` `where` names (`e.at` of those that are not folded).

    `columns`: what is selected of the rows, named `t`. Values for `?`: those of `where`, three times. `names`: the keys
    and measures that `columns` needs; with fewer of them it is quicker.
    """
    some = ", ".join(names)
    folded = f"SELECT {some} FROM tally WHERE {where.replace('AT', 'quarter')}"
    # The sign keeps both databases from the index of all times: few events are not folded, and those have their own.
    fresh = measured(f"e.folded = FALSE AND {where.replace('AT', '+e.at')}")
    return f"SELECT {columns} FROM ({folded} UNION ALL SELECT {some} FROM ({fresh}) f) t"


class Tallies:
    """Keeps the sums."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def fold(self) -> int:
        """Add a batch of events to the tallies, each exactly once; how many. One transaction."""
        if not await self.database.read("SELECT 1 FROM event WHERE folded = FALSE LIMIT 1"):
            return 0
        async with self.database.transaction():
            rows = await self.database.rows(
                "UPDATE event SET folded = TRUE WHERE id IN (SELECT id FROM event WHERE folded = FALSE ORDER BY id"
                f" LIMIT {BATCH}{self.database.skip_locked}) AND folded = FALSE RETURNING id"
            )
            if not rows:
                return 0
            ids = ", ".join(str(int(row["id"])) for row in rows)
            sums = ", ".join(f"SUM({name})" if name != "longest" else "MAX(longest)" for name in MEASURES)
            plus = ", ".join(
                f"{name} = tally.{name} + excluded.{name}"
                if name != "longest"
                else "longest = CASE WHEN tally.longest > excluded.longest THEN tally.longest ELSE excluded.longest END"
                for name in MEASURES
            )
            every = ", ".join(KEYS)
            await self.database.rows(
                f"INSERT INTO tally ({every}, {', '.join(MEASURES)}) SELECT {every}, {sums}"
                f" FROM ({measured(f'e.id IN ({ids})')}) m WHERE TRUE GROUP BY {every}"
                f" ON CONFLICT ({every}) DO UPDATE SET {plus}"
            )
        return len(rows)

    async def make_anew(self) -> int:
        """Throw all sums away and count the whole log again; how many events. Reports are right all the while."""
        async with self.database.transaction():
            await self.database.rows("DELETE FROM tally")
            await self.database.rows("UPDATE event SET folded = FALSE WHERE folded = TRUE")
        total = 0
        while done := await self.fold():
            total += done
        return total
