"""Triage as the engine runs it: a batch at a time, quick scripts and slow ones apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import journal
from core.gathering import Programs, read_cases, read_desk
from core.models.fields import to_moment
from core.models.states import ContactState, RunEvent
from core.routing.failure import LIMITS
from core.routing.sandbox import Sandbox
from core.triage import timeouts
from core.triage.applying import Applying
from core.triage.deciding import decide
from core.triage.preparing import portions, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.clock import Clock
    from core.distribution import Distribution
    from core.gathering import Case, Chosen, DeskSeen
    from core.outbox import Outbox
    from core.store import Database
    from core.triage.deciding import Verdict

BATCH = 500
_FOUND = "EXISTS (SELECT 1 FROM contact c JOIN account a ON a.id = c.account_id WHERE c.state ="
_NEW = f"{_FOUND} 'new'"
_LATE = f"{_FOUND} 'queued' AND c.timeout_at IS NOT NULL AND c.timeout_at <= ?"


class Triage:
    """Reads contacts `new`, and those `queued` past their timeout; writes them `queued` or `closed`.

    A script that runs into a limit is slow from then on: its contacts are decided in a sandbox and a loop of their own
    (`slow_step`) until a batch of them goes well, so that nobody else's contacts wait for it.
    """

    def __init__(self, database: Database, clock: Clock, distribution: Distribution, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.distribution = distribution
        self._applying = Applying(database, clock, distribution, outbox)
        self._programs = Programs(database)
        self._sandbox = Sandbox()
        self._slow_sandbox = Sandbox()
        self._slow: set[int] = set()
        """Ids of scripts."""

    async def step(self) -> int:
        """Decide a batch of what is to be decided, but for slow scripts; how many contacts there were."""
        which, scripts = self._which(slow=False)
        (row,) = await self.database.look(
            f"SELECT {_NEW} AND a.script_id IS NULL) AS new_alone, {_LATE} AND a.script_id IS NULL) AS late_alone,"
            f" {_NEW}{which}) OR {_LATE}{which}) AS scripted",
            to_moment(now := self.clock.now()), *scripts, to_moment(now), *scripts,
        )  # fmt: skip
        decided = await self._without_script() if row["new_alone"] else 0
        if row["late_alone"]:
            decided += await timeouts.let_stay(self.database, now)
        return decided + (await self._by_scripts(self._sandbox, slow=False) if row["scripted"] else 0)

    async def slow_step(self) -> int:
        """The same for slow scripts alone."""
        if not self._slow:
            return 0
        return await self._by_scripts(self._slow_sandbox, slow=True)

    async def close(self) -> None:
        """End the workers. It can be used again."""
        await self._sandbox.close()
        await self._slow_sandbox.close()

    async def _without_script(self) -> int:
        """Contacts of accounts without a script, each into its account's own queue, in one transaction."""
        async with self.database.transaction():
            rows = await self.database.rows(
                "SELECT contact.id, account.queue_id FROM contact JOIN account ON account.id = contact.account_id"
                " WHERE contact.state = 'new' AND account.script_id IS NULL"
                f" ORDER BY contact.id LIMIT {BATCH}"
                + ("" if self.database.is_sqlite else " FOR UPDATE OF contact SKIP LOCKED")
            )
            by_queue: dict[int, list[int]] = {}
            for row in rows:
                by_queue.setdefault(row["queue_id"], []).append(row["id"])
            for queue_id, ids in by_queue.items():
                await self.distribution.enqueue(ids, queue_id=queue_id, priority=0, before=[ContactState.NEW])
            if rows:
                await journal.append(
                    actor="triage",
                    verb="queued",
                    kind="desk",
                    text=f"{len(rows)} new contact{'s, each' if len(rows) > 1 else ''} into its account's own queue",
                    at=self.clock.now(),
                )
        return len(rows)

    async def _by_scripts(self, sandbox: Sandbox, *, slow: bool) -> int:
        """Ask the scripts, one after the other; what each decides is committed before the next one is asked."""
        which, scripts = self._which(slow)
        new = await self.database.read(
            "SELECT c.id FROM contact c JOIN account a ON a.id = c.account_id"
            f" WHERE c.state = 'new'{which} ORDER BY c.id LIMIT {BATCH}",
            *scripts,
        )
        now = self.clock.now()
        late = await timeouts.due(self.database, now, which, scripts, BATCH)
        if not new and not late:
            return 0
        desk = await read_desk(self.database, now)
        decided = 0
        for event, ids in ((RunEvent.ROUTE, [row["id"] for row in new]), (RunEvent.WAITED, late)):
            cases = await read_cases(self.database, ids, event, desk.zone, now) if ids else []
            decided += await self._each_script(sandbox, cases, desk)
        return decided

    def _which(self, slow: bool) -> tuple[str, list[int]]:
        """A condition on the account `a`, and its values."""
        scripts = sorted(self._slow)
        if not scripts:
            return " AND a.script_id IS NOT NULL", []
        marks = ", ".join("?" * len(scripts))
        return f" AND a.script_id {'' if slow else 'NOT '}IN ({marks})", scripts

    async def _each_script(self, sandbox: Sandbox, cases: Sequence[Case], desk: DeskSeen) -> int:
        by_script: dict[int, list[Case]] = {}
        for case in cases:
            if case.script_id is not None:
                by_script.setdefault(case.script_id, []).append(case)
        chosen = await self._programs.read(by_script) if by_script else {}
        decided = 0
        for script_id, own in by_script.items():
            if script_id in chosen:
                decided += await self._one_script(sandbox, own, chosen[script_id], desk)
        return decided

    async def _one_script(self, sandbox: Sandbox, cases: Sequence[Case], chosen: Chosen, desk: DeskSeen) -> int:
        verdicts = await decide(sandbox, cases, chosen, desk)
        self._take_note(chosen, verdicts)
        decided = 0
        for portion in portions(verdicts):
            decided += await self._applying.apply(await prepare(self.database, portion, desk))
        return decided

    def _take_note(self, chosen: Chosen, verdicts: Sequence[Verdict]) -> None:
        """Of scripts that run into limits."""
        if any(verdict.failure is not None and verdict.failure.kind in LIMITS for verdict in verdicts):
            self._slow.add(chosen.script_id)
        else:
            self._slow.discard(chosen.script_id)
