"""How long agents were ready and not ready, from what the log says of their turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.clock import to_moment
from core.models.states import AgentState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database
    from core.views.stepping import Range


@dataclass(frozen=True, slots=True)
class Span:
    """A time that one agent spent in one state; microseconds since 1970."""

    person_id: int
    state: str
    reason: str
    since: int
    until: int


@dataclass(slots=True)
class Presence:
    """How an agent's time went, in seconds."""

    ready: float = 0.0
    not_ready: dict[str, float] = field(default_factory=dict)
    """By reason; an empty one is none."""

    @property
    def signed_in(self) -> float:
        """All of it."""
        return self.ready + sum(self.not_ready.values())

    def add(self, state: str, reason: str, seconds: float) -> None:
        """So many seconds more."""
        if state == AgentState.READY:
            self.ready += seconds
        elif state == AgentState.NOT_READY:
            self.not_ready[reason] = self.not_ready.get(reason, 0.0) + seconds


async def spans(database: Database, within: Range, now: datetime) -> list[Span]:
    """What agents were from one turn to the next, cut at the range's ends and at `now`; signed out is left out."""
    first, last = to_moment(within.since), min(to_moment(within.until), to_moment(now))
    rows = await database.read(
        "SELECT e.person_id, e.at, e.state, e.text FROM (SELECT p.id AS person_id, COALESCE((SELECT x.id FROM event x"
        " WHERE x.contact_id IS NULL AND x.person_id = p.id AND x.at <= ? ORDER BY x.id DESC LIMIT 1), 0) AS id"
        " FROM person p) f JOIN event e ON e.contact_id IS NULL AND e.person_id = f.person_id AND e.id >= f.id"
        " WHERE e.at < ? ORDER BY e.person_id, e.id",
        first, last,
    )  # fmt: skip
    found: list[Span] = []
    for number, row in enumerate(rows):
        after = rows[number + 1] if number + 1 < len(rows) else None
        until = after["at"] if after is not None and after["person_id"] == row["person_id"] else last
        begins, ends = max(row["at"], first), min(until, last)
        if ends > begins and row["state"] != AgentState.SIGNED_OUT:
            reason = row["text"] if row["state"] == AgentState.NOT_READY else ""
            found.append(Span(row["person_id"], row["state"], reason, begins, ends))
    return found


def split(spans: Sequence[Span], steps: Sequence[tuple[int, Range]]) -> dict[tuple[int, int], Presence]:
    """By step and person: each span cut at the borders of the steps, which follow one another."""
    borders = [(key, to_moment(bounds.since), to_moment(bounds.until)) for key, bounds in steps]
    found: dict[tuple[int, int], Presence] = {}
    at, last = 0, 0
    for span in sorted(spans, key=lambda one: one.since):
        while at < len(borders) and borders[at][2] <= span.since:
            at += 1
        last = at
        while last < len(borders) and borders[last][1] < span.until:
            key, begins, ends = borders[last]
            seconds = (min(ends, span.until) - max(begins, span.since)) / 1_000_000
            found.setdefault((key, span.person_id), Presence()).add(span.state, span.reason, seconds)
            last += 1
    return found
