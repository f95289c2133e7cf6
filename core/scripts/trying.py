"""The bench: one contact through a source, and what would come of it. Nothing is sent and nothing stored."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import NotFound, Wrong
from core.gathering import read_cases, read_desk
from core.models.states import RunEvent
from core.routing.facts import Facts
from core.routing.program import Program
from core.scripts.answering import Answer, read_answering
from core.scripts.checking import DRAFT
from core.scripts.names import is_script_name
from core.scripts.newcomers import Letter, Typed, letter_facts, read_home, typed_facts
from core.scripts.programs import active_sources
from core.scripts.sources import right_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.clock import Clock
    from core.routing.decision import Decision
    from core.routing.failure import Failure
    from core.routing.run import Trace
    from core.routing.sandbox import Sandbox
    from core.secrets import Vault
    from core.store import Database


@dataclass(frozen=True, slots=True)
class Past:
    """A contact that came: by the facts that its last run kept, or another run's; else as it is now."""

    contact: int
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it."""

    decision: Decision | None
    """None where it failed."""
    failure: Failure | None
    trace: Trace
    """What it printed, and how long it took."""
    facts: Facts
    """What it saw."""
    answers: tuple[Answer, ...]
    """What the customer would be told."""
    marks: tuple[str, ...] = ()
    """What had to be mended to read the mail."""


class Bench:
    """Tries sources."""

    def __init__(self, database: Database, clock: Clock, vault: Callable[[], Vault], sandbox: Sandbox) -> None:
        self.database = database
        self.clock = clock
        self.vault = vault
        self.sandbox = sandbox

    async def test(self, source: str, given: Typed | Letter | Past, *, name: str = "", account: str = "") -> Trial:
        """One contact through a source, as a script of this name. Raises NotFound, Wrong; Refused for a mail that
        makes no contact.

        `account`: the address that a typed text or a letter came to; a past contact has its own.
        """
        entry = name if name and is_script_name(name) else DRAFT
        program = Program(entry, {**await active_sources(self.database), entry: right_source(source)})
        facts, marks = await self._facts(given, account)
        desk = await read_desk(self.database, self.clock.now())
        (run,) = await self.sandbox.run(program, [facts], desk.names)
        answers: tuple[Answer, ...] | Failure = ()
        if run.decision is not None:
            answers = (await read_answering(self.database)).answers(run.decision, facts.contact)
        if not isinstance(answers, tuple):
            return Trial(None, answers, run.trace, facts, (), marks)
        return Trial(run.decision, run.failure, run.trace, facts, answers, marks)

    async def _facts(self, given: Typed | Letter | Past, account: str) -> tuple[Facts, tuple[str, ...]]:
        if isinstance(given, Past):
            return await self._past(given), ()
        if not account:
            raise Wrong("say which account it came to")
        home = await read_home(self.database, account)
        now = self.clock.now()
        desk = await read_desk(self.database, given.received or now)
        marks: tuple[str, ...] = ()
        if isinstance(given, Letter):
            contact, marks = await letter_facts(self.database, self.vault(), home, given, now)
        else:
            contact = await typed_facts(self.database, home, given, now)
        return Facts(contact, desk.facts, json.loads(home.settings)), marks

    async def _past(self, past: Past) -> Facts:
        which, values = ("id = ?", [past.contact, past.run]) if past.run is not None else ("1 = 1", [past.contact])
        rows = await self.database.read(
            f"SELECT facts FROM script_run WHERE contact_id = ? AND {which} ORDER BY id DESC LIMIT 1", *values
        )
        if rows:
            return Facts.from_json(zlib.decompress(rows[0]["facts"]).decode())
        if past.run is not None:
            raise NotFound(f"contact {past.contact} has no run {past.run}")
        if not await self.database.read("SELECT 1 FROM contact WHERE id = ?", past.contact):
            raise NotFound(f"there is no contact {past.contact}")
        now = self.clock.now()
        desk = await read_desk(self.database, now)
        (case,) = await read_cases(self.database, [past.contact], RunEvent.ROUTE, desk.zone, now)
        return Facts(case.facts, desk.facts, json.loads(case.settings))
