"""Batches of customers into the database: new ones added, others changed where the file says otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import to_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.campaigns.reading import Entry
    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row

_INSERT_COLUMNS = (
    ("reference", "text"), ("name", "text"), ("number", "text"), ("number_as_written", "text"), ("email", "text"),
    ("zone", "text"), ("owner_id", "int"), ("status", "text"), ("callback_at", "bigint"), ("own_fields", "text"),
)  # fmt: skip
_NAMES = f"list_id, created_at, changed_at, tries, outcome, {', '.join(name for name, _ in _INSERT_COLUMNS)}"
_INSERT = (
    f"INSERT INTO customer ({_NAMES}) VALUES (?, ?, ?, 0, ''{', ?' * len(_INSERT_COLUMNS)})"
    " ON CONFLICT (list_id, reference) DO NOTHING"
)
_INSERT_ARRAYS = (
    f"INSERT INTO customer ({_NAMES})"
    " SELECT CAST(? AS int), CAST(? AS bigint), CAST(? AS bigint), 0, '', coming.* FROM unnest("
    f"{', '.join(f'CAST(? AS {kind}[])' for _, kind in _INSERT_COLUMNS)}) coming"
    " ON CONFLICT (list_id, reference) DO NOTHING"
)
"""For PostgreSQL: columns instead of rows take half the time there."""
_CHANGED = (
    "name", "number", "number_as_written", "email", "zone", "owner_id", "status", "callback_at", "callback_for_id",
    "own_fields",
)  # fmt: skip
_UPDATE = f"UPDATE customer SET {', '.join(f'{name} = ?' for name in _CHANGED)}, changed_at = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch."""

    added: int
    updated: int
    elsewhere: list[tuple[int, str, str]]
    """Line, `number` or `email`, and the other list that has it."""


class Writer:
    """Writes batches onto one list; columns that the file does not have stay as they are."""

    def __init__(self, database: Database, clock: Clock, list_id: int, fields: Sequence[str], *, update: bool) -> None:
        self._database = database
        self._clock = clock
        self._list_id = list_id
        self._update = update
        self._has = frozenset(fields)

    async def write(self, entries: Sequence[Entry], *, dry_run: bool) -> Written:
        """One batch in one transaction; a dry run only looks."""
        if not entries:
            return Written(0, 0, [])
        elsewhere = [
            *await self._elsewhere(entries, "number"),
            *await self._elsewhere(entries, "email"),
        ]
        if dry_run:
            there = await self._there(entries)
            return Written(len(entries) - len(there), len(self._changes(entries, there)), elsewhere)
        now = to_moment(self._clock.now())
        async with self._database.transaction():
            there = await self._there(entries, lock=True)
            new = [entry for entry in entries if entry.reference not in there]
            await self._insert(new, now)
            changes = self._changes(entries, there)
            await self._database.many(_UPDATE, [(*values, now, customer_id) for customer_id, values in changes])
        return Written(len(new), len(changes), elsewhere)

    async def _there(self, entries: Sequence[Entry], *, lock: bool = False) -> dict[str, Row]:
        """Those on the list already, by reference; locked in one order, so that two imports cannot block each other."""
        marks = ", ".join("?" * len(entries))
        locked = " FOR UPDATE" if lock and self._update and not self._database.is_sqlite else ""
        rows = await self._database.rows(
            f"SELECT id, reference, {', '.join(_CHANGED)} FROM customer WHERE list_id = ? AND reference IN ({marks})"
            f" ORDER BY id{locked}",
            self._list_id, *[entry.reference for entry in entries],
        )  # fmt: skip
        return {row["reference"]: row for row in rows}

    async def _elsewhere(self, entries: Sequence[Entry], column: str) -> list[tuple[int, str, str]]:
        lines = {getattr(entry, column): entry.line for entry in entries if getattr(entry, column)}
        if not lines:
            return []
        rows = await self._database.rows(
            f"SELECT c.{column} AS address, MIN(l.name) AS list FROM customer c"
            f" JOIN customer_list l ON l.id = c.list_id WHERE c.{column} <> '' AND c.list_id <> ?"
            f" AND c.{column} IN ({', '.join('?' * len(lines))}) GROUP BY c.{column}",
            self._list_id, *lines,
        )  # fmt: skip
        return [(lines[row["address"]], column, row["list"]) for row in rows]

    async def _insert(self, new: Sequence[Entry], now: int) -> None:
        rows = [
            (
                entry.reference, entry.name, entry.number, entry.number_as_written, entry.email, entry.zone,
                entry.owner_id, entry.status or "unused", entry.callback_at, _dumped(entry.own),
            )
            for entry in new
        ]  # fmt: skip
        if self._database.is_sqlite:
            await self._database.many(_INSERT, [(self._list_id, now, now, *row) for row in rows])
        elif rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            await self._database.rows(_INSERT_ARRAYS, self._list_id, now, now, *columns)

    def _changes(self, entries: Sequence[Entry], there: dict[str, Row]) -> list[tuple[int, tuple[object, ...]]]:
        if not self._update:
            return []
        found = []
        for entry in entries:
            row = there.get(entry.reference)
            if row is not None and (values := self._changed(entry, row)) is not None:
                found.append((int(row["id"]), values))
        return found

    def _changed(self, entry: Entry, row: Row) -> tuple[object, ...] | None:
        has = self._has
        own = row["own_fields"]
        if entry.own:
            known = json.loads(own)
            # What has never been there and is empty in the file is no change.
            own = _dumped(known | {name: value for name, value in entry.own.items() if value or name in known})
        status, callback, whose = row["status"], row["callback_at"], row["callback_for_id"]
        if entry.status and (entry.status, entry.callback_at) != (status, callback):
            status, callback, whose = entry.status, entry.callback_at, None
        values = (
            entry.name if "name" in has else row["name"],
            entry.number if "number" in has else row["number"],
            entry.number_as_written if "number" in has else row["number_as_written"],
            entry.email if "email" in has else row["email"],
            entry.zone if "zone" in has else row["zone"],
            entry.owner_id if "owner" in has else row["owner_id"],
            status,
            callback,
            whose,
            own,
        )
        return values if any(row[name] != value for name, value in zip(_CHANGED, values, strict=True)) else None


def _dumped(own: dict[str, str]) -> str:
    return json.dumps(own, ensure_ascii=False)
