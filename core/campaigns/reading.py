"""Rows of a file as customers: every cell cleaned and judged, every bad row named, in constant memory."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from core.campaigns.cells import callback_of, email_of, named_zone, status_of
from core.campaigns.numbers import Numbers
from core.campaigns.tables import Unread
from core.clock import to_moment
from core.errors import Wrong
from core.formulas import unguarded
from core.sms import zone_of
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from core.campaigns.mapping import ColumnMap
    from core.campaigns.tables import Cells, Table

LONGEST_OWN = 1_000
LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one row."""

    line: int
    column: str
    """The file's own name for it; empty where the whole row is meant."""
    reason: str
    left_out: bool
    """Whether the row is not taken; else it is taken as well as it can be."""


@dataclass(slots=True)
class Entry:
    """A customer as one row has it. Empty = nothing in the cell, or no such column."""

    line: int
    reference: str
    name: str = ""
    number: str = ""
    number_as_written: str = ""
    email: str = ""
    zone: str = ""
    owner_id: int | None = None
    status: str = ""
    callback_at: int | None = None
    own: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """Some rows, one after another."""

    entries: list[Entry]
    problems: list[Problem]
    rows: int
    octets: int
    """Read of the file so far."""
    is_last: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row is judged by."""

    region: str
    zone: str
    """The desk's."""
    owners: Mapping[str, int]
    """Login in lower case -> id."""


class Reader:
    """Reads batches; blocks, so each is for a thread. What it has seen stands in a file that goes with it."""

    def __init__(self, table: Table, mapping: ColumnMap, around: Surroundings) -> None:
        self._table = table
        self._mapping = mapping
        self._around = around
        self._numbers = Numbers(around.region)
        self._seen = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._problems: list[Problem] = []
        # Most files have few zones and statuses, and millions of cells with them.
        self._zones: dict[str, str] = {}

    def close(self) -> None:
        """Forget what was seen."""
        self._seen.close()

    def batch(self, size: int) -> Batch:
        """The next rows. Raises Wrong where the file cannot be read on."""
        entries: list[Entry] = []
        self._problems = []
        rows = 0
        self._seen.execute("BEGIN")
        for line, cells in islice(self._table.rows, size):
            rows += 1
            if (entry := self._entry(line, cells)) is not None:
                entries.append(entry)
        self._seen.execute("COMMIT")
        return Batch(entries, self._problems, rows, self._table.done(), rows < size)

    def _entry(self, line: int, cells: Cells) -> Entry | None:
        if isinstance(cells, Unread):
            self._leave_out(line, "", cells[0])
            return None
        if len(cells) > len(self._table.columns) and any(cells[len(self._table.columns) :]):
            more = f"has {len(cells)} cells, and the file has {len(self._table.columns)} columns"
            self._leave_out(line, "", more)
            return None
        values = {field: self._cell(cells, places) for field, places in self._mapping.places.items()}
        entry = Entry(line, "")
        column = ""
        try:
            for column in self._mapping.places:
                if column in _JUDGES:
                    _JUDGES[column](self, entry, values[column])
                elif column not in ("reference", "callback"):
                    entry.own[column] = one_line(values[column], LONGEST_OWN)
            column = "callback"
            self._callback(entry, values.get("callback", ""))
            column = "reference"
            self._reference(entry, values.get("reference", ""))
        except Wrong as err:
            self._leave_out(line, self._mapping.columns.get(column, column), str(err))
            return None
        return entry if self._is_first(entry) else None

    def _cell(self, cells: Cells, places: tuple[int, ...]) -> str:
        if len(places) == 1:
            text = cells[places[0]] if places[0] < len(cells) else ""
            return unguarded(text.strip())
        return " ".join(part for place in places if place < len(cells) and (part := unguarded(cells[place].strip())))

    def _number(self, entry: Entry, text: str) -> None:
        if not text:
            return
        entry.number = self._numbers.read(text)
        if not entry.number:
            entry.number_as_written = one_line(text, 64)
            reason = (
                f"{one_line(text, 40)} is no telephone number in {self._around.region}: it is kept as it is written"
            )
            self._remark(entry.line, "number", reason)

    def _email(self, entry: Entry, text: str) -> None:
        try:
            entry.email = email_of(text)
        except Wrong as err:
            self._remark(entry.line, "email", f"{err}; the customer has none now")

    def _zone(self, entry: Entry, text: str) -> None:
        found = self._zones.get(text)
        if found is None:
            found = self._zones.setdefault(text, named_zone(text)) if len(self._zones) < 1000 else named_zone(text)
        entry.zone = found

    def _owner(self, entry: Entry, text: str) -> None:
        if text:
            entry.owner_id = self._around.owners.get(text.lower())
            if entry.owner_id is None:
                raise Wrong(f"there is no user {one_line(text, 64)}: write the login of one, or nothing")

    def _status(self, entry: Entry, text: str) -> None:
        entry.status = status_of(text)

    def _name(self, entry: Entry, text: str) -> None:
        entry.name = one_line(text, 200)

    def _callback(self, entry: Entry, text: str) -> None:
        at = callback_of(text, zone_of(entry.zone, entry.number, self._around.zone)) if text else None
        if at is not None:
            entry.callback_at = to_moment(at)
            if entry.status not in ("", "callback"):
                raise Wrong(
                    f"a customer whose status is {entry.status} has no call-back: take the time or the status out"
                )
            entry.status = "callback"
        elif entry.status == "callback":
            raise Wrong("a call-back has a time: write it in the column of call-backs")

    def _reference(self, entry: Entry, text: str) -> None:
        entry.reference = one_line(text, LONGEST_REFERENCE + 1) or entry.number or entry.email
        if not entry.reference:
            raise Wrong("is empty, and there is no number or e-mail address that could stand for it")
        if len(entry.reference) > LONGEST_REFERENCE:
            raise Wrong(f"has more than {LONGEST_REFERENCE} characters")

    def _is_first(self, entry: Entry) -> bool:
        before = self._line_before(f"r{entry.reference}", entry.line)
        if before:
            self._leave_out(entry.line, self._mapping.columns.get("reference", ""), f"same customer as line {before}")
            return False
        for kind, value in (("number", entry.number), ("email", entry.email)):
            if value and value != entry.reference and (before := self._line_before(kind[0] + value, entry.line)):
                self._remark(entry.line, kind, f"same {'number' if kind == 'number' else 'address'} as line {before}")
        return True

    def _line_before(self, key: str, line: int) -> int:
        done = self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line))
        if done.rowcount:
            return 0
        return int(self._seen.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()[0])

    def _remark(self, line: int, field_: str, reason: str) -> None:
        self._problems.append(Problem(line, self._mapping.columns.get(field_, field_), reason, False))

    def _leave_out(self, line: int, column: str, reason: str) -> None:
        self._problems.append(Problem(line, column, reason, True))


_JUDGES: dict[str, Callable[[Reader, Entry, str], None]] = {
    "name": Reader._name,
    "number": Reader._number,
    "email": Reader._email,
    "zone": Reader._zone,
    "owner": Reader._owner,
    "status": Reader._status,
}


def sample_rows(table: Table, many: int) -> Iterator[tuple[str, ...]]:
    """The first rows, cleaned, for people to look at."""
    for _, cells in islice(table.rows, many):
        if not isinstance(cells, Unread):
            yield tuple(one_line(cell, 60) for cell in cells[: len(table.columns)])
