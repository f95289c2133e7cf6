"""Reports: what happened to queues, agents, classes, accounts and contacts, over any time and in steps of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment, to_moment
from core.errors import Wrong
from core.views.agents import Presence, spans, split
from core.views.figures import NOTHING, Figures, added, desk_zone, figures
from core.views.stepping import Steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database
    from core.views.stepping import Range

BY = ("queue", "agent", "class", "account")
NONE = "(none)"
_COLUMN = {"queue": "queue_id", "agent": "person_id", "class": "class_id", "account": "account_id"}
_NAMES = {
    "queue": "SELECT id, name FROM queue",
    "agent": "SELECT id, login AS name FROM person",
    "class": "SELECT id, name FROM call_class",
    "account": "SELECT id, address AS name FROM account",
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One queue, agent, class or account in one step."""

    since: datetime
    """In the desk's zone, as `until`."""
    until: datetime
    name: str
    """`(none)` where it is about contacts that have none; the login of an agent; `#7` of what was deleted."""
    figures: Figures
    presence: Presence | None = None
    """Of an agent."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report, read at one instant."""

    by: str
    step: str
    within: Range
    rows: tuple[ReportRow, ...]
    """By time, then by name; without those of which there is nothing to say."""
    total: Figures


async def report(database: Database, by: str, within: Range, now: datetime, step: str = "total") -> Report:
    """Count by one of `BY`, in steps of the desk's own day. Raises Wrong for another kind or step."""
    if by not in BY:
        raise Wrong(f"there is no report by {by[:40]}; there are: {', '.join(BY)}, contact")
    zone = await desk_zone(database)
    steps = Steps(step, within, zone)
    found = await figures(database, within.since, within.until, (steps.sql, _COLUMN[by]))
    there: dict[tuple[int, int], Presence] = {}
    if by == "agent":
        found = {key: one for key, one in found.items() if key[1]}  # what happened to nobody's contacts is no agent's
        there = split(await spans(database, within, now), steps.all(now))
    names = {row["id"]: row["name"] for row in await database.read(_NAMES[by])}
    bounds = {key: steps.bounds(key) for key in {key for key, _ in (*found, *there)}}
    rows = [
        ReportRow(
            bounds[key].since.astimezone(zone),
            bounds[key].until.astimezone(zone),
            names.get(thing, f"#{thing}") if thing else NONE,
            found.get((key, thing), NOTHING),
            there.get((key, thing), Presence()) if by == "agent" else None,
        )
        for key, thing in {*found, *there}
    ]
    rows.sort(key=lambda row: (row.since.astimezone(within.since.tzinfo), row.name == NONE, row.name))
    return Report(by, step, within, tuple(rows), added(found.values()))


@dataclass(frozen=True, slots=True)
class ContactReportRow:
    """One contact that arrived in the range."""

    contact: int
    arrived: datetime
    """In the desk's zone."""
    account: str
    address: str
    """The customer's."""
    queue: str
    agent: str
    class_: str
    state: str
    outcome: str
    waited: float | None
    """Seconds until a person's first answer."""
    handled: float
    """Seconds open and in wrap-up, up to now."""
    replies: int


async def contact_report(
    database: Database, within: Range, now: datetime, *, after: int = 0, limit: int = 5000
) -> list[ContactReportRow]:
    """Contacts that arrived in the range, in the order they came. `after`: only those with a higher number."""
    zone = await desk_zone(database)
    rows = await database.read(
        "SELECT c.id, c.received_at, a.address AS account, c.address, q.name AS queue, p.login AS agent,"
        " k.name AS class_, c.state, c.outcome, s.waited, s.handled, s.replies FROM (SELECT t.contact_id,"
        " MAX(CASE WHEN t.verb = 'answered' THEN t.waited END) AS waited,"
        " SUM(CASE WHEN t.state IN ('open', 'wrap-up') THEN COALESCE(t.after, ?) - t.at ELSE 0 END) AS handled,"
        " COUNT(CASE WHEN t.verb IN ('answered', 'replied') THEN 1 END) AS replies FROM (SELECT e.contact_id, e.verb,"
        " e.state, e.at, e.waited, LEAD(e.at) OVER (PARTITION BY e.contact_id ORDER BY e.id) AS after FROM event e"
        " JOIN (SELECT contact_id FROM event WHERE at >= ? AND at < ? AND verb = 'arrived' AND contact_id > ?"
        f" ORDER BY contact_id LIMIT {int(limit)}) mine ON mine.contact_id = e.contact_id) t GROUP BY t.contact_id) s"
        " JOIN contact c ON c.id = s.contact_id JOIN account a ON a.id = c.account_id"
        " LEFT JOIN queue q ON q.id = c.queue_id LEFT JOIN person p ON p.id = c.agent_id"
        " LEFT JOIN call_class k ON k.id = c.call_class_id ORDER BY c.id",
        to_moment(now), to_moment(within.since), to_moment(within.until), after,
    )  # fmt: skip
    return [
        ContactReportRow(
            contact=row["id"],
            arrived=from_moment(row["received_at"]).astimezone(zone),
            account=row["account"],
            address=row["address"],
            queue=row["queue"] or "",
            agent=row["agent"] or "",
            class_=row["class_"] or "",
            state=row["state"],
            outcome=row["outcome"],
            waited=int(row["waited"]) / 1_000_000 if row["waited"] is not None else None,
            handled=int(row["handled"]) / 1_000_000,
            replies=int(row["replies"]),
        )
        for row in rows
    ]


def reasons_of(rows: Sequence[ReportRow]) -> list[str]:
    """Every reason for not being ready that stands in a report of agents."""
    return sorted({reason for row in rows if row.presence for reason in row.presence.not_ready})
