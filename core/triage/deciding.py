"""Deciding: contacts of one script through the sandbox. Whatever goes wrong becomes a verdict with a failure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from core.errors import Wrong
from core.routing.facts import Facts
from core.routing.failure import Failure, Kind
from core.routing.run import Run, Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.gathering import Case, Chosen, DeskSeen
    from core.routing.decision import Decision
    from core.routing.failure import Place
    from core.routing.sandbox import Sandbox

log = structlog.get_logger("triage")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one script said of one contact: a decision or a failure, never both."""

    case: Case
    chosen: Chosen
    decision: Decision | None
    failure: Failure | None
    trace: Trace
    facts: str
    """The JSON of what it saw."""

    def failed(self, message: str, at: Place | None = None, kind: Kind = Kind.ERROR) -> Verdict:
        """The same with a failure in the decision's place: what was decided cannot be done."""
        script, line = (at.script, at.line) if at is not None else (self.chosen.name, 0)
        return replace(self, decision=None, failure=Failure(kind, message, script, line))


async def decide(sandbox: Sandbox, cases: Sequence[Case], chosen: Chosen, desk: DeskSeen) -> list[Verdict]:
    """A verdict for each contact, in order. All of them have the same script."""
    settings: dict[str, dict[str, object] | Failure] = {}
    for case in cases:
        if case.settings not in settings:
            settings[case.settings] = _settings(case, chosen)
    facts: list[Facts] = []
    failed: dict[int, Verdict] = {}
    for case in cases:
        own = settings[case.settings]
        seen = Facts(case.facts, desk.facts, {} if isinstance(own, Failure) else own)  # type: ignore[arg-type]
        problem = own if isinstance(own, Failure) else None
        if chosen.program is None:
            problem = Failure(Kind.LOAD, chosen.problem, chosen.name)
        if problem is None:
            facts.append(seen)
        else:
            failed[case.id] = Verdict(case, chosen, None, problem, Trace(), seen.to_json())
    runs = iter(await _run(sandbox, chosen, facts, desk))
    return [failed.get(case.id) or _verdict(case, chosen, next(runs)) for case in cases]


async def _run(sandbox: Sandbox, chosen: Chosen, facts: Sequence[Facts], desk: DeskSeen) -> list[Run]:
    if not facts or chosen.program is None:
        return []
    try:
        return await sandbox.run(chosen.program, facts, desk.names)
    except Exception as error:  # noqa: BLE001 - the border of the script runner: no contact waits on what it cannot do
        log.error("scripts could not be run", script=chosen.name, error=f"{type(error).__name__}: {error}")
        failure = Failure(Kind.ENDED, "the worker process for scripts could not be started or used.", chosen.name)
        return [Run(None, failure, Trace(), one.to_json()) for one in facts]


def _verdict(case: Case, chosen: Chosen, run: Run) -> Verdict:
    return Verdict(case, chosen, run.decision, run.failure, run.trace, run.facts)


def _settings(case: Case, chosen: Chosen) -> dict[str, object] | Failure:
    try:
        found = json.loads(case.settings)
        if not isinstance(found, dict):
            raise Wrong("they are no table")
        return dict(Facts(case.facts, settings=found).settings)
    except (ValueError, Wrong) as error:
        return Failure(Kind.ERROR, f"the settings of {case.facts.account} cannot be read: {error}.", chosen.name)
