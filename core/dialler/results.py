"""A file of a dialler's results, CSV or JSON lines: each line an attempt, told once however often the file comes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from core import journal
from core.campaigns.cells import callback_of, number_of
from core.dialler.attempts import DIALLER, Told
from core.dialler.finding import campaign_named, customer_of, zone_of_customer
from core.dialler.lines import opened
from core.errors import PostroomError, Transient, Wrong
from core.roles import COMMAND, supervisor_only
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from core.clock import Clock
    from core.dialler.attempts import Attempts
    from core.dialler.lines import Line
    from core.store import Database
    from core.store.database import Row

AT_ONCE = 100
"""Lines that are read before any of them is told."""
MOST_BAD = 10_000
"""Bad lines that are kept word for word."""
_YES = frozenset("yes y true t 1 x terminate terminated ja oui si".split())
_NO = frozenset(("", "no", "n", "false", "f", "0", "none", "nein", "non"))


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that told nothing."""

    line: int
    """1 = the first of the file."""
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file told."""

    file: str
    attempts: int
    repeated: int
    """Lines that were told before."""
    bad: tuple[BadLine, ...]
    """The first `MOST_BAD`."""
    bad_count: int


class Results:
    """Reads files of results for a campaign."""

    def __init__(self, database: Database, clock: Clock, attempts: Attempts) -> None:
        self.database = database
        self.clock = clock
        self.attempts = attempts

    async def read_in(
        self,
        campaign: str,
        path: Path,
        *,
        actor: str = COMMAND,
        going_on: Callable[[int], Awaitable[None]] | None = None,
    ) -> Imported:
        """Tell every line of a file, each in a transaction of its own, so that a bad one is in nobody's way.

        A second reading tells nothing twice. `going_on` hears how many lines were read. Raises Wrong for a file that
        is none, Refused to an agent, NotFound for no such campaign, StoreBusy: read again, it
        tells the rest.
        """
        if actor != DIALLER:
            await supervisor_only(self.database, actor, "read in a dialler's results")
        row = await campaign_named(self.database, campaign)
        lines = await asyncio.to_thread(opened, path)
        told = repeated = count = bad_count = 0
        bad: list[BadLine] = []
        while part := await asyncio.to_thread(_some, lines, path):
            for line in part:
                try:
                    new = await self._tell(row, path.name, line)
                except Transient:
                    raise
                except PostroomError as error:
                    bad_count += 1
                    if len(bad) < MOST_BAD:
                        bad.append(BadLine(line.number, str(error)))
                else:
                    told, repeated = told + new, repeated + (not new)
            count += len(part)
            if going_on is not None:
                await going_on(count)
        async with self.database.transaction():
            words = f"{one_line(path.name, 200)}: {told} attempts, {repeated} told before, {bad_count} bad lines"
            await journal.append(
                actor=actor, verb="results", kind="campaign", thing_id=row["id"], text=words, at=self.clock.now()
            )
        return Imported(path.name, told, repeated, tuple(bad), bad_count)

    async def _tell(self, campaign: Row, file: str, line: Line) -> bool:
        if line.problem:
            raise Wrong(line.problem)
        values = line.values
        (desk,) = await self.database.rows("SELECT region, timezone FROM desk WHERE id = 1")
        number = number_of(values.get("number", ""), campaign["region"] or desk["region"])
        reference = values.get("reference", "")
        if not reference and values.get("number") and not number:
            raise Wrong(f"{one_line(values['number'], 40)} is no telephone number")
        customer_id = await customer_of(
            self.database, campaign, reference=reference, number=number, list_name=values.get("list", "")
        )
        zone = await zone_of_customer(self.database, customer_id)
        told = Told(
            values.get("outcome", ""),
            _is_yes(values.get("terminate", "")),
            callback_of(values.get("callback", ""), zone),
            note=values.get("note", ""),
            at=callback_of(values.get("at", ""), desk["timezone"]),
        )
        key = _key(campaign["id"], file, line)
        done = await self.attempts.attempt_on(
            campaign, customer_id, told, person=values.get("agent", ""), source=one_line(file, 255), key=key
        )
        return done.new


def _key(campaign_id: int, file: str, line: Line) -> str:
    """What makes it the same attempt: the dialler's own id, else the file's name, the line and its words."""
    if line.values.get("id"):
        said = f"id {line.values['id']}"
    else:
        said = json.dumps([file, line.number, sorted(line.values.items())])
    return f"{campaign_id} {hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()}"


def _is_yes(text: str) -> bool:
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Wrong(f"terminate is yes or no, not {one_line(text, 40)}")


def _some(lines: Iterator[Line], path: Path) -> list[Line]:
    try:
        return list(islice(lines, AT_ONCE))
    except OSError as error:
        raise Wrong(f"{path} cannot be read to its end: {(error.strerror or str(error)).lower()}") from None
