"""Preparing: what decisions send, made before anything is written. Nothing here writes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.routing.decision import Forward, Reply, ReplyText
from core.triage.answering import CannotAnswer, answers_of, letters, read_newest, read_templates, why_mute
from core.triage.lines import Record, record_of
from core.triage.passing_on import passed_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.gathering import DeskSeen
    from core.outbox import Draft
    from core.store import Database
    from core.store.database import Row
    from core.triage.deciding import Verdict

COST = {Reply: 10, ReplyText: 10, Forward: 100}
"""Of actions, where a plain decision costs 1."""
MOST_COST = 500
"""Of decisions that are prepared and written together: a transaction is short, and files do not fill the memory."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A verdict with what it sends."""

    verdict: Verdict
    record: Record
    letters: tuple[Draft, ...] = ()
    mute: str = ""
    """Why its answers may not leave; empty when they may."""


def portions(verdicts: Sequence[Verdict]) -> list[list[Verdict]]:
    """Verdicts in the pieces that are written together."""
    found: list[list[Verdict]] = [[]]
    cost = 0
    for verdict in verdicts:
        actions = () if verdict.decision is None else (verdict.decision.placing, *verdict.decision.side)
        own = 1 + sum(COST.get(type(action), 0) for action in actions)
        if cost + own > MOST_COST and found[-1]:
            found.append([])
            cost = 0
        cost += own
        found[-1].append(verdict)
    return found


async def prepare(database: Database, verdicts: Sequence[Verdict], desk: DeskSeen) -> list[Ready]:
    """Verdicts with their letters. One whose template cannot be filled in has a failure instead of its decision."""
    answering = [verdict for verdict in verdicts if answers_of(verdict)]
    templates = await read_templates(database, answering)
    newest = await read_newest(database, [verdict.case.id for verdict in answering])
    ready = await asyncio.to_thread(_all_ready, verdicts, templates, newest, desk.name)
    for place, one in enumerate(ready):
        if one.verdict.decision is not None and isinstance(one.verdict.decision.placing, Forward):
            letter = await passed_on(database, one.verdict.case, one.verdict.decision.placing.address)
            ready[place] = replace(one, letters=(*one.letters, letter))
    return ready


def _all_ready(
    verdicts: Sequence[Verdict], templates: Mapping[str, Row], newest: Mapping[int, Row], desk: str
) -> list[Ready]:
    return [_ready(verdict, templates, newest.get(verdict.case.id), desk) for verdict in verdicts]


def _ready(verdict: Verdict, templates: Mapping[str, Row], last: Row | None, desk: str) -> Ready:
    record = record_of(verdict)
    if not answers_of(verdict):
        return Ready(verdict, record)
    try:
        return Ready(verdict, record, tuple(letters(verdict, templates, last, desk)), why_mute(verdict.case, last))
    except CannotAnswer as cannot:
        return Ready(verdict.failed(str(cannot), cannot.at), record)
