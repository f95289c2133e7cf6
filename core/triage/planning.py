"""Planning: what is to be written for each decision, gathered so that few statements write many."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from core.distribution import Wish
from core.models.fields import to_moment
from core.models.states import RunEvent
from core.routing.decision import Close, Forward, Note, SetClass, Stay, Tag, ToAgent, ToQueue
from core.text import harmless, one_line
from core.triage.lines import Line, Record, debug_lines, routing_error

if TYPE_CHECKING:
    from datetime import datetime

    from core.routing.decision import Placing
    from core.routing.failure import Place
    from core.triage.claiming import Known
    from core.triage.deciding import Verdict

MOST_TAGS = 50
LONGEST_LINE = 2_000
LONGEST_OUTCOME = 100
LONGEST_WORD = 200

Values = tuple[object, ...]


class _Gone(Exception):
    """A name that was there when the script was asked and is not any more."""

    def __init__(self, kind: str, name: str, at: Place) -> None:
        super().__init__(f'there is no {kind} "{name}" any more.')
        self.at = at


@dataclass
class Plan:
    """What is to be written for contacts that nobody else has decided."""

    now: datetime
    known: Known
    done: list[Verdict] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    """Of each that is done."""
    queues: dict[tuple[int, int, Wish], list[int]] = field(default_factory=lambda: defaultdict(list))
    """Contacts by queue, priority and wish."""
    changes: dict[str, list[Values]] = field(default_factory=lambda: defaultdict(list))
    """By what is set: its values, and the contact's id last."""
    lines: list[Line] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    """Contacts that need nobody."""
    places: list[str] = field(default_factory=list)
    """Where each went, in words."""

    def add(self, verdict: Verdict, record: Record) -> Verdict:
        """Plan for one more; the verdict it came to, a failed one where something it names is gone by now."""
        decision = verdict.decision
        if decision is not None:
            try:
                self._look_for(verdict)
            except _Gone as gone:
                verdict = verdict.failed(str(gone), gone.at)
            else:
                self._place(verdict, decision.placing)
                self._side(verdict)
        if verdict.failure is not None:
            self._into_its_own_queue(verdict)
        if verdict.case.debug:
            self.lines += debug_lines(verdict)
        self.done.append(verdict)
        self.records.append(record)
        return verdict

    def _look_for(self, verdict: Verdict) -> None:
        decision = verdict.decision
        for action in () if decision is None else (decision.placing, *decision.side):
            if isinstance(action, ToQueue | SetClass):
                self._id("queue" if isinstance(action, ToQueue) else "class", action.name, action.at)
            elif isinstance(action, ToAgent):
                self._id("queue", action.otherwise, action.at)
                if action.login:
                    self._id("user", action.login, action.at)

    def _id(self, kind: str, name: str, at: Place) -> int:
        if name not in self.known.ids[kind]:
            raise _Gone(kind, name, at)
        return self.known.ids[kind][name]

    def _place(self, verdict: Verdict, placing: Placing) -> None:
        case = verdict.case
        match placing:
            case ToQueue():
                wish = Wish(tuple(map(_plain, placing.skills)), self._after(placing.timeout))
                self._queue(case.id, placing.name, placing.priority, wish, placing.at)
            case ToAgent():
                agent_id = self._id("user", placing.login, placing.at) if placing.login else None
                self._queue(case.id, placing.otherwise, case.facts.priority, Wish((), None, agent_id), placing.at)
            case Stay():
                until = self._after(placing.timeout)
                self.changes["timeout_at = ?"].append((None if until is None else to_moment(until), case.id))
                self.places.append("stayed")
            case Close():
                self._close(case.id, placing.reason)
                self.lines.append((case.id, "closed", one_line(placing.reason, LONGEST_LINE)))
                self.places.append("closed")
            case Forward():
                self._close(case.id, "forwarded")
                self.places.append("forwarded")
        if case.event is RunEvent.WAITED:
            self.changes["routing_error = ?"].append(("", case.id))

    def _queue(self, contact: int, queue: str, priority: int, wish: Wish, at: Place) -> None:
        self.queues[self._id("queue", queue, at), priority, wish].append(contact)
        self.places.append(f"queued in {queue}")

    def _close(self, contact: int, outcome: str) -> None:
        values = (one_line(outcome, LONGEST_OUTCOME), to_moment(self.now), contact)
        self.changes["state = 'closed', timeout_at = NULL, outcome = ?, closed_at = ?"].append(values)
        self.closed.append(contact)

    def _after(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.now + timedelta(seconds=seconds)

    def _side(self, verdict: Verdict) -> None:
        case = verdict.case
        tags = list(case.facts.tags)
        for action in verdict.decision.side if verdict.decision is not None else ():
            match action:
                case SetClass():
                    class_id = self._id("class", action.name, action.at)
                    self.changes["call_class_id = ?"].append((class_id, case.id))
                case Tag():
                    tags += [tag for tag in map(_plain, action.tags) if tag not in tags]
                case Note():
                    self.lines.append((case.id, "noted", one_line(harmless(action.text), LONGEST_LINE)))
        if len(tags) > len(case.facts.tags):
            self.changes["tags = ?"].append((json.dumps(tags[:MOST_TAGS]), case.id))

    def _into_its_own_queue(self, verdict: Verdict) -> None:
        case, error = verdict.case, routing_error(verdict)
        queue_id, queue = self.known.own_queues[case.account_id]
        self.queues[queue_id, case.facts.priority, Wish(())].append(case.id)
        self.changes["routing_error = ?"].append((error, case.id))
        self.lines.append((case.id, "not routed", f"into {queue}, its account's own queue: {error}"))
        self.places.append(f"queued in {queue}")


def _plain(word: str) -> str:
    """A tag or a skill as a script wrote it, which may have made it of anything."""
    return one_line(word, LONGEST_WORD)
