"""Claiming: which contacts are still to be decided, and what the decisions name; inside the transaction that writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.states import RunEvent
from core.routing.decision import Close, Forward, SetClass, ToAgent, ToQueue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.store import Database
    from core.store.database import Row
    from core.triage.preparing import Ready

_TABLES = {"queue": ("queue", "name"), "class": ("call_class", "name"), "user": ("person", "login")}


@dataclass(frozen=True, slots=True)
class Known:
    """What there is, kept as it is until the transaction ends."""

    ids: dict[str, dict[str, int]]
    """By kind (`queue`, `class`, `user`) and name: of what the decisions name."""
    own_queues: dict[int, tuple[int, str]]
    """Id and name of each account's queue."""
    versions: frozenset[int]
    """Of those that decided: one may be deleted by now."""


async def claim(database: Database, ready: Sequence[Ready]) -> list[Ready]:
    """Those that nobody has decided meanwhile. On PostgreSQL they are locked; what somebody else has locked is left."""
    rows = await database.rows(
        f"SELECT id, state, timeout_at, message_count FROM contact WHERE id IN ({', '.join('?' * len(ready))})"
        f" AND state IN ('new', 'queued') ORDER BY id{database.skip_locked}",
        *(one.verdict.case.id for one in ready),
    )
    found = {row["id"]: row for row in rows}
    return [one for one in ready if _undecided(one, found.get(one.verdict.case.id))]


def _undecided(one: Ready, row: Row | None) -> bool:
    case, decision = one.verdict.case, one.verdict.decision
    if row is None or row["state"] != ("new" if case.event is RunEvent.ROUTE else "queued"):
        return False
    if case.event is RunEvent.WAITED and row["timeout_at"] != case.timeout_at:
        return False
    # What it would end has a message by now that its script has not seen: the script is asked again.
    ends = decision is not None and isinstance(decision.placing, Close | Forward)
    return not ends or row["message_count"] == case.messages


async def look_up(database: Database, mine: Sequence[Ready]) -> Known:
    """Ids of everything that these decisions name."""
    return Known(
        {kind: await _ids(database, kind, names) for kind, names in _named(mine).items()},
        await _own_queues(database, {one.verdict.case.account_id for one in mine}),
        await _versions(database, {one.verdict.chosen.version_id for one in mine}),
    )


def _named(mine: Iterable[Ready]) -> dict[str, set[str]]:
    named: dict[str, set[str]] = {kind: set() for kind in _TABLES}
    for one in mine:
        decision = one.verdict.decision
        for action in () if decision is None else (decision.placing, *decision.side):
            if isinstance(action, ToQueue):
                named["queue"].add(action.name)
            elif isinstance(action, ToAgent):
                named["queue"].add(action.otherwise)
                named["user"] |= {action.login} if action.login else set()
            elif isinstance(action, SetClass):
                named["class"].add(action.name)
    return named


async def _ids(database: Database, kind: str, names: set[str]) -> dict[str, int]:
    if not names:
        return {}
    table, column = _TABLES[kind]
    marks = ", ".join("?" * len(names))
    rows = await database.rows(
        f"SELECT id, {column} AS name FROM {table} WHERE {column} IN ({marks}){database.for_share}", *names
    )
    return {row["name"]: row["id"] for row in rows}


async def _own_queues(database: Database, accounts: set[int]) -> dict[int, tuple[int, str]]:
    rows = await database.rows(
        "SELECT a.id, a.queue_id, q.name FROM account a JOIN queue q ON q.id = a.queue_id"
        f" WHERE a.id IN ({', '.join('?' * len(accounts))})",
        *accounts,
    )
    return {row["id"]: (row["queue_id"], row["name"]) for row in rows}


async def _versions(database: Database, ids: set[int | None]) -> frozenset[int]:
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return frozenset()
    marks = ", ".join("?" * len(wanted))
    rows = await database.rows(f"SELECT id FROM script_version WHERE id IN ({marks}){database.for_share}", *wanted)
    return frozenset(row["id"] for row in rows)
