"""Applying: decisions written, one commit for many. Who comes second to a contact changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import structlog
from tortoise.exceptions import IntegrityError, OperationalError

from core import consent, events
from core.errors import Wrong
from core.models.fields import to_moment
from core.models.states import ContactState, Purpose
from core.outbox import AnswerBudget
from core.routing.decision import Forward, OptIn, OptOut, Reply, ReplyText
from core.text import one_line
from core.triage import lines
from core.triage.claiming import claim, look_up
from core.triage.planning import Plan
from core.triage.preparing import Ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.clock import Clock
    from core.distribution import Distribution
    from core.outbox import Draft, Outbox
    from core.store import Database
    from core.triage.deciding import Verdict

SPENT = "it has had its automatic answers for this hour"

log = structlog.get_logger("triage")


class Applying:
    """Writes what was decided."""

    def __init__(self, database: Database, clock: Clock, distribution: Distribution, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.distribution = distribution
        self.outbox = outbox

    async def apply(self, ready: Sequence[Ready]) -> int:
        """Write these decisions of one script in one commit; how many contacts were still to be decided.

        One that cannot be written goes to its account's own queue, and the others are written. Raises StoreBusy.
        """
        try:
            return await self._commit(ready)
        except (IntegrityError, OperationalError, Wrong, ValueError, UnicodeError) as error:
            if len(ready) > 1:
                return sum([await self.apply([one]) for one in ready])
            (one,) = ready
            if one.verdict.failure is not None:  # not even that can be written: it is tried again with a later batch
                log.error("a contact could not be routed", contact=one.verdict.case.id, error=type(error).__name__)
                return 0
            return await self.apply([Ready(_undone(one.verdict, error), one.record)])

    async def _commit(self, ready: Sequence[Ready]) -> int:
        async with self.database.transaction():
            mine = await claim(self.database, ready)
            if not mine:
                return 0
            plan = Plan(self.clock.now(), await look_up(self.database, mine))
            budget = AnswerBudget(self.database, plan.now)
            await budget.look_up([letter.address for one in mine for letter in one.letters if letter.automatic])
            letters: list[Draft] = []
            for one in mine:
                verdict = plan.add(one.verdict, one.record)
                if verdict.decision is not None:
                    await self._consent(plan, verdict)
                    letters += await self._allowed(plan, one, budget)
            await self._send(plan, letters)
            await self._write(plan)
        return len(mine)

    async def _consent(self, plan: Plan, verdict: Verdict) -> None:
        case, by = verdict.case, f"the script {verdict.chosen.name}"
        channel, address = case.channel, case.facts.sender
        for action in verdict.decision.side if verdict.decision is not None else ():
            if isinstance(action, OptOut) and await consent.opt_out(
                self.database, channel=channel, address=address, source=by, at=plan.now
            ):
                plan.lines.append((case.id, "opt-out", f"{address} by {by}"))
            if isinstance(action, OptIn) and await consent.opt_in(
                self.database, channel=channel, address=address, by=by, at=plan.now
            ):
                plan.lines.append((case.id, "opt-in", f"{address} by {by}"))

    async def _allowed(self, plan: Plan, one: Ready, budget: AnswerBudget) -> list[Draft]:
        """The letters that may leave: consent is asked when they do."""
        found = []
        for letter in one.letters:
            why = ""
            if letter.automatic:
                why = one.mute or ("" if await budget.spend(letter.address) else SPENT)
            if why:
                plan.lines.append((one.verdict.case.id, "not answered", why))
            else:
                found.append(letter)
        return found

    async def _send(self, plan: Plan, letters: Sequence[Draft]) -> None:
        messages = await self.outbox.put_many(letters)
        answered: Counter[int] = Counter()
        for letter, message in zip(letters, messages, strict=True):
            contact = letter.contact_id or 0
            if letter.purpose is Purpose.FORWARD:
                plan.lines.append((contact, "forwarded", f"to {letter.address} as message {message}"))
            else:
                plan.lines.append((contact, "answered", f"message {message}"))
                answered[contact] += 1
        for contact, count in answered.items():
            plan.changes["message_count = message_count + ?"].append((count, contact))

    async def _write(self, plan: Plan) -> None:
        before = [ContactState.NEW, ContactState.QUEUED]
        for (queue_id, priority, wish), ids in plan.queues.items():
            await self.distribution.enqueue(ids, queue_id=queue_id, priority=priority, before=before, wish=wish)
        for setting, values in plan.changes.items():
            await self.database.many(f"UPDATE contact SET {setting} WHERE id = ?", values)
        await events.record(self.database, "closed", plan.closed, plan.now)
        versions = plan.known.versions
        await self._insert(
            "script_run",
            lines.RUN,
            [
                lines.run_row(one, record, plan.now, kept=one.chosen.version_id in versions)
                for one, record in zip(plan.done, plan.records, strict=True)
            ],
        )
        chosen = plan.done[0].chosen
        batch = lines.batch_line(chosen, plan.done, plan.places)
        told = (to_moment(plan.now), "triage", "routed", "script", chosen.script_id, batch)
        await self._insert("journal", lines.JOURNAL, [*lines.journal_rows(plan.lines, plan.now), told])

    async def _insert(self, table: str, columns: Sequence[str], values: Sequence[tuple[object, ...]]) -> None:
        marks = ", ".join("?" * len(columns))
        await self.database.many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)


def _undone(verdict: Verdict, error: Exception) -> Verdict:
    """The failure of a decision that the outbox or the database refused."""
    decision = verdict.decision
    actions = () if decision is None else (*decision.side, decision.placing)
    at = next((action.at for action in actions if isinstance(action, Reply | ReplyText | Forward)), None)
    why = str(error) if isinstance(error, Wrong) else f"the database refused it ({type(error).__name__})"
    return verdict.failed(f"what it decided cannot be done: {one_line(why, 300)}.", at)
