"""Folders in which a dialler leaves its files of results: each is read when it rests, then put aside as NAME.done."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from core.dialler.attempts import DIALLER
from core.errors import PostroomError, Transient
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

log = structlog.get_logger("dialler")


class Watch:
    """One engine's look at the folders of all campaigns."""

    def __init__(self, database: Database, clock: Clock, results: Results) -> None:
        self.database = database
        self.results = results
        self.leases = Leases(database, clock)
        self._refused: dict[Path, float] = {}
        """Files that could not be put aside, and when they had last changed: they are told of once."""

    async def look(self) -> int:
        """Read what rests in the folders; how many files. Several engines may look: one of them reads a folder."""
        rows = await self.database.read("SELECT id, name, results_folder FROM campaign WHERE results_folder <> ''")
        count = 0
        for row in rows:
            paths = await asyncio.to_thread(resting, Path(row["results_folder"]))
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
    """The files of results in a folder that nobody writes to any more, oldest first; none where there is no folder."""
    now, found = time.time(), []
    try:
        for path in folder.iterdir():
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file():
                changed = _changed_at(path)
                if not 0 <= now - changed < REST_SECONDS:
                    found.append((changed, path))
    except (OSError, ValueError) as error:  # ValueError: a name with a zero in it
        log.debug("a folder of results cannot be read", folder=str(folder), error=str(error))
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
