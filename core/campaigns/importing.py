"""Customers from a file onto a list: in batches, each one short transaction; done again, it changes nothing twice."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import journal
from core.campaigns.lists import Lists
from core.campaigns.mapping import ColumnMap, mapped
from core.campaigns.naming import missing, right_name
from core.campaigns.reading import Problem, Reader, Surroundings, sample_rows
from core.campaigns.tables import opened
from core.campaigns.writing import Writer
from core.errors import NotFound, Refused, Wrong
from core.roles import supervisor_only
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from core.campaigns.reading import Batch
    from core.campaigns.tables import Table
    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row

DEED = "import customers"
BATCH = 2000
MOST_FIELDS = 200
KEPT = 1000
"""Problems that a result holds; all of them go by in the progress."""
_BLANK: Row = {"id": 0, "own_fields": "[]", "mapping": "{}"}
"""A list that is not there yet; no customer is on list 0."""


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What is to be imported, and how."""

    list: str
    path: Path
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Field -> column, over what the list remembers and what is guessed; an empty column leaves the field out."""
    update: bool = True
    """Customers that are on the list already are changed where the file says otherwise; else they stay as they are."""
    dry_run: bool = False
    new: bool = False
    """The list is not there yet: the import makes it when it begins; a dry run leaves nothing behind."""
    campaign: str = ""
    """Of a new list."""


@dataclass(frozen=True, slots=True)
class Look:
    """A file before it is imported."""

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    """Field -> column, as it would be."""
    own_fields: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The first ones."""
    kind: str
    octets: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is, after each batch."""

    rows: int
    octets: int
    """Read so far, of `total_octets`."""
    total_octets: int
    added: int
    updated: int
    left_out: int
    problems: tuple[Problem, ...]
    """Those of this batch."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of every row: `rows` = added + updated + unchanged + left_out."""

    list: str
    file: str
    dry_run: bool
    rows: int
    added: int
    updated: int
    unchanged: int
    """On the list already, and the same, or to be left as they are."""
    left_out: int
    remarks: int
    """Rows that were taken and are to be looked at: a number that cannot be read, a customer of two lists."""
    problems: tuple[Problem, ...]
    """The first thousand."""
    mapping: Mapping[str, str]


class Imports:
    """Takes customers from files; `actor` is a login or `roles.COMMAND`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def look(self, list_name: str, path: Path, mapping: Mapping[str, str] | None = None, rows: int = 20) -> Look:
        """What a file holds and how it would be taken; without a list as for a new one. Raises Wrong, NotFound."""
        on_list = await self._list(list_name) if list_name else _BLANK

        def work() -> Look:
            with opened(path) as table:
                found = mapped(table.columns, json.loads(on_list["mapping"]), mapping or {})
                first = tuple(sample_rows(table, rows))
                return Look(table.columns, found.columns, found.own_fields, first, table.kind, table.octets)

        return await asyncio.to_thread(work)

    async def run(
        self, wish: ImportWish, *, actor: str, on_progress: Callable[[Progress], None] | None = None
    ) -> ImportResult:
        """Import a file; a new list is made once the file could be opened.

        Cancelled or broken off it leaves whole batches; run again it goes through them and on. Raises Wrong for a file,
        mapping or line that cannot be read, NotFound, Refused, Transient.
        """
        await supervisor_only(self.database, actor, DEED)
        on_list = await (self._new_list(wish) if wish.new else self._list(wish.list))
        around = await self._surroundings(on_list)
        with ExitStack() as stack:
            table = await asyncio.to_thread(lambda: stack.enter_context(opened(wish.path)))
            mapping = mapped(table.columns, json.loads(on_list["mapping"]), wish.mapping)
            reader = Reader(table, mapping, around)
            stack.callback(reader.close)
            count = _Count(wish, table, mapping)
            if not wish.dry_run:
                if wish.new:
                    lists = Lists(self.database, self.clock)
                    on_list["id"] = await lists.create(wish.list, actor=actor, campaign=wish.campaign)
                await self._begin(on_list, mapping, wish, actor)
            ended = "broken off"
            try:
                await self._batches(on_list["id"], wish, mapping, reader, count, on_progress)
                ended = "imported"
            finally:
                if not wish.dry_run:
                    await asyncio.shield(self._tell(actor, ended, on_list["id"], count.words))
        if not wish.dry_run and not self.database.is_sqlite:
            # PostgreSQL would find out by itself within a minute; until then it sorts a whole list for each page.
            await self.database.rows("ANALYZE customer")
        return count.result()

    async def _batches(
        self,
        list_id: int,
        wish: ImportWish,
        mapping: ColumnMap,
        reader: Reader,
        count: _Count,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        writer = Writer(self.database, self.clock, list_id, tuple(mapping.places), update=wish.update)
        coming = asyncio.ensure_future(asyncio.to_thread(reader.batch, BATCH))
        try:
            while True:
                batch = await asyncio.shield(coming)
                if not batch.is_last:  # the next one is read while this one is written
                    coming = asyncio.ensure_future(asyncio.to_thread(reader.batch, BATCH))
                written = await writer.write(batch.entries, dry_run=wish.dry_run)
                batch.problems += [
                    Problem(line, mapping.columns.get(kind, kind), f"stands on list {name} too", False)
                    for line, kind, name in written.elsewhere
                ]
                progress = count.add(batch, written.added, written.updated)
                if on_progress is not None:
                    on_progress(progress)
                if batch.is_last:
                    return
        finally:
            # A thread cannot be stopped, and what it reads must not be closed under it. What it still meets there is of
            # rows that nobody waits for any more.
            await asyncio.gather(coming, return_exceptions=True)

    async def _begin(self, on_list: Row, mapping: ColumnMap, wish: ImportWish, actor: str) -> None:
        known = json.loads(on_list["own_fields"])
        fields = known + [name for name in mapping.own_fields if name not in known]
        if len(fields) > MOST_FIELDS:
            many = f"list {wish.list} would have {len(fields)} fields of its own"
            raise Wrong(f"{many}, and {MOST_FIELDS} are the most: leave some out with an empty column")
        dropped = {name: "" for name, column in wish.mapping.items() if not column}
        remembered = json.loads(on_list["mapping"]) | dropped | dict(mapping.columns)
        async with self.database.transaction():
            await self.database.rows(
                "UPDATE customer_list SET own_fields = ?, mapping = ? WHERE id = ?",
                json.dumps(fields, ensure_ascii=False), json.dumps(remembered, ensure_ascii=False), on_list["id"],
            )  # fmt: skip
            await self._line(actor, "import began", on_list["id"], one_line(wish.path.name, 200))

    async def _tell(self, actor: str, verb: str, list_id: int, text: str) -> None:
        async with self.database.transaction():
            await self._line(actor, verb, list_id, text)

    async def _line(self, actor: str, verb: str, list_id: int, text: str) -> None:
        await journal.append(actor=actor, verb=verb, kind="list", thing_id=list_id, text=text, at=self.clock.now())

    async def _list(self, name: str) -> Row:
        rows = await self.database.rows(
            "SELECT l.*, COALESCE(NULLIF(k.region, ''), d.region, 'GB') AS region, COALESCE(d.timezone, 'UTC') AS zone"
            " FROM customer_list l LEFT JOIN campaign k ON k.id = l.campaign_id LEFT JOIN desk d ON d.id = 1"
            " WHERE l.name = ?",
            name,
        )
        if not rows:
            raise NotFound(f"{await missing(self.database, 'list', name)}; 'postroom list create' makes one")
        return rows[0]

    async def _new_list(self, wish: ImportWish) -> Row:
        """What a list will be that is not there yet. Raises Wrong, NotFound, and Refused where it is there."""
        right_name(wish.list, "list")
        if await self.database.rows("SELECT 1 FROM customer_list WHERE name = ?", wish.list):
            raise Refused(f"there is a list {wish.list} already: choose it, or give the new one another name")
        rows = await self.database.rows(
            "SELECT k.id AS campaign_id, COALESCE(NULLIF(k.region, ''), d.region, 'GB') AS region,"
            " COALESCE(d.timezone, 'UTC') AS zone FROM (SELECT 1) one LEFT JOIN campaign k ON k.name = ?"
            " LEFT JOIN desk d ON d.id = 1",
            wish.campaign,
        )
        if wish.campaign and rows[0]["campaign_id"] is None:
            raise NotFound(await missing(self.database, "campaign", wish.campaign))
        return {**_BLANK, **rows[0]}

    async def _surroundings(self, on_list: Row) -> Surroundings:
        people = await self.database.rows("SELECT id, login FROM person")
        owners = {row["login"].lower(): int(row["id"]) for row in people}
        return Surroundings(on_list["region"], on_list["zone"], owners)


class _Count:
    """Adds up the batches."""

    def __init__(self, wish: ImportWish, table: Table, mapping: ColumnMap) -> None:
        self._wish = wish
        self._total = table.octets
        self._mapping = mapping
        self._rows = self._added = self._updated = self._left_out = self._remarks = 0
        self._problems: list[Problem] = []

    def add(self, batch: Batch, added: int, updated: int) -> Progress:
        self._rows += batch.rows
        self._added += added
        self._updated += updated
        self._left_out += sum(problem.left_out for problem in batch.problems)
        self._remarks += len({problem.line for problem in batch.problems if not problem.left_out})
        batch.problems.sort(key=lambda problem: problem.line)
        self._problems += batch.problems[: KEPT - len(self._problems)]
        octets = self._total if batch.is_last else min(batch.octets, self._total)
        return Progress(
            self._rows, octets, self._total, self._added, self._updated, self._left_out, tuple(batch.problems)
        )

    @property
    def words(self) -> str:
        """For the journal: nothing of what the file says."""
        return (
            f"{one_line(self._wish.path.name, 200)}: {self._rows:,} rows read, {self._added:,} added,"
            f" {self._updated:,} changed, {self._left_out:,} left out"
        )

    def result(self) -> ImportResult:
        return ImportResult(
            list=self._wish.list,
            file=str(self._wish.path),
            dry_run=self._wish.dry_run,
            rows=self._rows,
            added=self._added,
            updated=self._updated,
            unchanged=self._rows - self._added - self._updated - self._left_out,
            left_out=self._left_out,
            remarks=self._remarks,
            problems=tuple(self._problems),
            mapping=dict(self._mapping.columns),
        )
