"""Replay: what a version would have decided for every contact of the last days, from the facts that were kept."""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.errors import NotFound
from core.models.fields import from_moment, to_moment
from core.routing.decision import Decision
from core.routing.facts import Facts
from core.routing.program import Program
from core.routing.sandbox import Sandbox
from core.scripts.answering import read_answering
from core.scripts.names import desk_names, missing
from core.scripts.programs import active_sources
from core.scripts.sources import right_source
from core.scripts.wording import action_words, decision_words, failure_words, place_words, why

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.routing.facts import DeskFacts
    from core.routing.picture import Node
    from core.routing.run import Run
    from core.scripts.answering import Answering
    from core.store import Database

PAGE = 100
"""Runs that are read and run at once: some milliseconds of this process."""
DAYS = 7.0


@dataclass(frozen=True, slots=True)
class ReplayedRun:
    """One run that would end otherwise now; its contact can be opened, its facts read (`core.views.scripts`)."""

    run: int
    contact: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """Runs that ended alike and would now end alike."""

    old: str
    """In words: `queue front`, or `error in line 5: ...`."""
    new: str
    reason: str
    """The branch of the new version that decides: `if contact.customer`, `otherwise`; empty where it is in none."""
    line: int
    """The line that decides, or fails; 0 where none is known."""
    failed: bool
    """Whether the new version fails there."""
    runs: tuple[ReplayedRun, ...]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.runs)


@dataclass(frozen=True, slots=True)
class Place:
    """Where contacts end, and how many."""

    name: str
    """`queue front`, `closed`, `error`: without priority, skills and the like."""
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Replay:
    """How far it is, and what came of it so far."""

    script: str
    version: str
    """`v8`, or `draft`."""
    done: int
    total: int
    same: int
    differences: tuple[Difference, ...]
    """Those that would go elsewhere, most first."""
    errors: tuple[Difference, ...]
    """Those at which the new version fails and the old one did not, most first."""
    places: tuple[Place, ...] = ()
    """Every place that a contact went to or would go to; those that change most first."""

    @property
    def differ(self) -> int:
        """Contacts that would go elsewhere."""
        return sum(one.count for one in self.differences)

    @property
    def failed(self) -> int:
        """Contacts that would now fail."""
        return sum(one.count for one in self.errors)


class Replays:
    """Runs versions over kept facts, each replay in a worker of its own; nothing is written."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def replay(
        self, name: str, *, number: int | None = None, source: str | None = None, days: float | None = DAYS
    ) -> AsyncGenerator[Replay, None]:
        """Replay the script's runs of the last days (None: all) through a version of it, or through a draft's source.

        Yields how far it is; the last one is the whole result. Leave it early with `aclosing`: the worker ends.
        Raises NotFound, Wrong.
        """
        program, label = await self._program(name, number, source)
        ids = await self._which(name, days)
        async with Sandbox() as sandbox:
            tally = _Tally(name, label, len(ids), await sandbox.draw(program))
            yield tally.result()
            names = await desk_names(self.database)
            answering = await read_answering(self.database)
            for start in range(0, len(ids), PAGE):
                rows = await self._page(ids[start : start + PAGE])
                desks: dict[str, DeskFacts] = {}
                facts = [_facts(row, desks) for row in rows]
                runs = await sandbox.run(program, facts, names)
                for row, seen, run in zip(rows, facts, runs, strict=True):
                    tally.add(row, _with_answers(run, answering, seen))
                yield tally.result()

    async def _program(self, name: str, number: int | None, source: str | None) -> tuple[Program, str]:
        found = await self.database.read(
            "SELECT v.number, v.source FROM script s LEFT JOIN script_version v ON v.script_id = s.id WHERE s.name = ?"
            " ORDER BY CASE WHEN v.number = s.active THEN 0 ELSE 1 END, v.number DESC",
            name,
        )
        if not found:
            known = [row["name"] for row in await self.database.read("SELECT name FROM script ORDER BY name")]
            raise missing("script", name, known)
        label = "draft"
        if source is None:
            chosen = [row for row in found if row["number"] is not None and number in (None, row["number"])]
            if not chosen:
                raise NotFound(f"script {name} has no {'version' if number is None else f'v{number}'} to replay")
            source, label = chosen[0]["source"], f"v{chosen[0]['number']}"
        return Program(name, {**await active_sources(self.database), name: right_source(source)}), label

    async def _which(self, name: str, days: float | None) -> list[int]:
        """Ids of the runs, the oldest first."""
        since = 0 if days is None else to_moment(self.clock.now() - timedelta(days=days))
        # One row with all ids: a hundred thousand rows of one number would hold up the screen while Python makes them.
        together = "json_group_array" if self.database.is_sqlite else "json_agg"
        rows = await self.database.read(
            f"SELECT {together}(id) AS ids FROM (SELECT r.id FROM script_run r JOIN script_version v"
            " ON v.id = r.version_id JOIN script s ON s.id = v.script_id WHERE s.name = ? AND r.at >= ?) chosen",
            name, since,
        )  # fmt: skip
        return sorted(json.loads(rows[0]["ids"] or "[]"))

    async def _page(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        return await self.database.read(
            "SELECT id, contact_id, at, event, facts, decision, error, line FROM script_run"
            f" WHERE id IN ({', '.join('?' * len(ids))}) ORDER BY id",
            *ids,
        )


class _Tally:
    """What came of a replay so far."""

    def __init__(self, script: str, version: str, total: int, functions: Sequence[Node]) -> None:
        self.script = script
        self.version = version
        self.total = total
        self.functions = functions
        self.done = 0
        self.same = 0
        self.groups: defaultdict[tuple[str, str, str, int, bool], list[ReplayedRun]] = defaultdict(list)
        self.before: Counter[str] = Counter()
        self.after: Counter[str] = Counter()

    def add(self, row: dict[str, Any], run: Run) -> None:
        """One run beside what it was."""
        self.done += 1
        old = Decision.from_json(row["decision"]) if row["decision"] else None
        self.before[place_words(old)] += 1
        self.after[place_words(run.decision)] += 1
        if run.decision == old:  # two failures end alike as well: in the account's own queue
            self.same += 1
            return
        one = ReplayedRun(row["id"], row["contact_id"], from_moment(row["at"]))
        self.groups[self._key(row, old, run)].append(one)

    def _key(self, row: dict[str, Any], old: Decision | None, run: Run) -> tuple[str, str, str, int, bool]:
        said = f"error in line {row['line']}: {row['error']}" if row["line"] else f"error: {row['error']}"
        if run.decision is None:
            assert run.failure is not None
            before = decision_words(old) if old else said
            return before, failure_words(run.failure, self.script), "", run.failure.line, True
        at = run.decision.placing.at
        reason = why(self.functions, row["event"], at.line) if at.script == self.script else f"in {at.script}"
        if old is None:
            return said, decision_words(run.decision), reason, at.line, False
        # Where it goes is what counts; the rest is told where that is all that differs.
        words = decision_words if old.placing == run.decision.placing else _placing
        return words(old), words(run.decision), reason, at.line, False

    def result(self) -> Replay:
        """As it stands."""
        groups = [Difference(*key, tuple(runs)) for key, runs in self.groups.items()]
        groups.sort(key=lambda one: (-one.count, one.old, one.new))
        return Replay(
            self.script, self.version, self.done, max(self.total, self.done), self.same,
            tuple(one for one in groups if not one.failed), tuple(one for one in groups if one.failed), self._places(),
        )  # fmt: skip

    def _places(self) -> tuple[Place, ...]:
        found = [Place(name, self.before[name], self.after[name]) for name in {**self.before, **self.after}]
        return tuple(sorted(found, key=lambda one: (-abs(one.after - one.before), -one.after, one.name)))


def _with_answers(run: Run, answering: Answering, facts: Facts) -> Run:
    """A decision whose templates cannot be filled in is a failure, here as at the station."""
    if run.decision is None:
        return run
    answers = answering.answers(run.decision, facts.contact)
    return run if isinstance(answers, tuple) else replace(run, decision=None, failure=answers)


def _placing(decision: Decision) -> str:
    return action_words(decision.placing)


def _facts(row: dict[str, Any], desks: dict[str, DeskFacts]) -> Facts:
    """The facts of a run; those that saw the same desk share it, for it goes to the worker once."""
    text = zlib.decompress(row["facts"]).decode()
    facts = Facts.from_json(text)
    begin = text.index('"desk":')
    desk = desks.setdefault(text[begin:], facts.desk)
    return facts if desk is facts.desk else Facts(facts.contact, desk, facts.settings)
