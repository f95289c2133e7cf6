"""Folders in which a dialler leaves its files of results: each is read when it rests, then put aside as NAME.done."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from core import journal, reach
from core.clock import to_moment
from core.dialler.attempts import DIALLER
from core.errors import PostroomError, Refused, Transient, Wrong
from core.store import Leases
from core.text import one_line

if TYPE_CHECKING:
    from core.clock import Clock
    from core.dialler.results import BadLine, Imported, Results
    from core.store import Database

REST_SECONDS = 3.0
"""A file that changed more recently may still be written to."""
SUFFIXES = frozenset((".csv", ".txt", ".tsv", ".json", ".jsonl", ".ndjson"))
LEASE_SECONDS = 30.0
TOLD_AGAIN = timedelta(hours=1)

log = structlog.get_logger("dialler")


class Watch:
    """One engine's look at the folders of all campaigns."""

    def __init__(self, database: Database, clock: Clock, results: Results) -> None:
        self.database = database
        self.clock = clock
        self.results = results
        self.leases = Leases(database, clock)
        self._refused: dict[Path, float] = {}
        """Files that could not be put aside, and when they had last changed: they are told of once."""
        self._unread: dict[int, str] = {}
        """By campaign, why its folder cannot be read: that is told of once, too."""

    async def look(self) -> int:
        """Read what rests in the folders; how many files. Several engines may look: one of them reads a folder."""
        rows = await self.database.read("SELECT id, name, results_folder FROM campaign WHERE results_folder <> ''")
        count = 0
        for row in rows:
            try:
                paths = await asyncio.to_thread(resting, Path(row["results_folder"]))
            except (Refused, Wrong) as error:
                await self._tell(row["id"], str(error))
                continue
            self._unread.pop(row["id"], None)
            paths = [path for path in paths if self._refused.get(path) != _changed_at(path)]
            lease = f"results:{row['id']}"
            if not paths or not await self.leases.take(lease, LEASE_SECONDS):
                continue
            try:
                for path in paths:
                    count += await self._read(row["name"], path, lease)
            finally:
                await self.leases.release(lease)
        return count

    async def _tell(self, campaign_id: int, words: str) -> None:
        """Say in the log, and in the journal once an hour for all engines, that a folder cannot be read."""
        if self._unread.get(campaign_id) == words:
            return
        self._unread[campaign_id] = words
        log.warning("no results", error=words)
        async with self.database.transaction():
            told = await self.database.rows(
                "SELECT 1 FROM journal WHERE kind = 'campaign' AND thing_id = ? AND verb = 'no results' AND text = ?"
                " AND at >= ? LIMIT 1",
                campaign_id, words, to_moment(self.clock.now() - TOLD_AGAIN),
            )  # fmt: skip
            if not told:
                await journal.append(
                    actor=DIALLER, verb="no results", kind="campaign", thing_id=campaign_id, text=words,
                    at=self.clock.now(),
                )  # fmt: skip

    async def _read(self, campaign: str, path: Path, lease: str) -> int:
        async def go_on(lines: int) -> None:
            await self.leases.take(lease, LEASE_SECONDS)

        changed, name = _changed_at(path), one_line(path.name, 255)
        try:
            found = await self.results.read_in(campaign, path, actor=DIALLER, going_on=go_on)
        except Transient:
            raise
        except PostroomError as error:
            log.warning("a file of results cannot be read", file=name, error=str(error))
            report = [f"{error}"]
        except Exception as error:  # noqa: BLE001 - the border of one file: whatever is in it, the engine goes on
            log.warning("a file of results is left in the middle", file=name, error=type(error).__name__)
            words = (
                f"the file was not read to its end, because of something nobody foresaw ({type(error).__name__}):"
                " mend it and put it here again, what it told stays told once"
            )
            report = [words]
        else:
            log.info("results", file=name, attempts=found.attempts, bad=found.bad_count)
            report = report_of(found)
        try:
            await asyncio.to_thread(put_aside, path, report)
        except OSError as error:
            log.warning("a file of results cannot be put aside", file=name, error=str(error))
            self._refused[path] = changed
            return 0
        return 1


def resting(folder: Path) -> list[Path]:
    """The files of results in a folder that nobody writes to any more, oldest first.

    Raises Refused for a folder that cannot be read, Wrong for one that is Postroom's own.
    """
    now, found = time.time(), []
    reach.look_at_folder(folder)
    try:
        for path in folder.iterdir():
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file():
                changed = _changed_at(path)
                if not 0 <= now - changed < REST_SECONDS:
                    found.append((changed, path))
    except OSError as error:
        raise Refused(f"results in {one_line(str(folder), 200)} cannot be read: {error.strerror}") from error
    return [path for _, path in sorted(found)]


def report_of(found: Imported) -> list[str]:
    """The bad lines of a file, each with its reason."""
    more = found.bad_count - len(found.bad)
    return [*map(_sentence, found.bad), *([f"and {more} more"] if more else [])]


def put_aside(path: Path, report: list[str]) -> None:
    """Rename a file to NAME.done, and write NAME.report beside it where there is something to say. Raises OSError."""
    done, number = path.with_name(path.name + ".done"), 1
    while done.exists():
        number += 1
        done = path.with_name(f"{path.name}.{number}.done")
    if report:
        done.with_suffix(".report").write_text("\n".join(report) + "\n", "utf-8", "replace")
    path.rename(done)


def _sentence(bad: BadLine) -> str:
    return f"line {bad.line}: {bad.reason}"


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
