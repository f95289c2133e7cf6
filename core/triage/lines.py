"""What the journal and the row of a run say of a verdict. Nothing here reads or writes."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.gathering import in_short
from core.models.fields import to_moment
from core.routing.facts import Facts
from core.text import harmless, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.gathering import Chosen
    from core.triage.deciding import Verdict

Line = tuple[int, str, str]
"""Contact, verb, sentence."""

RUN = ("contact_id", "version_id", "event", "at", "facts", "decision", "trace", "error", "line", "took")
JOURNAL = ("at", "actor", "verb", "kind", "thing_id", "text")
LONGEST_ERROR = 1_000


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a run, as its row holds it."""

    facts: bytes
    """JSON, zlib."""
    decision: str
    trace: str
    took: int
    """Microseconds."""


def record_of(verdict: Verdict) -> Record:
    """What is kept of a run. It takes a while for hundreds: in a thread."""
    printed = [harmless(one.text, lines=False)[:LONGEST_ERROR] for one in verdict.trace.printed]
    if verdict.trace.dropped:
        printed.append(f"… and {verdict.trace.dropped:,} more lines")
    return Record(
        zlib.compress(verdict.facts.encode(), 1),
        "" if verdict.decision is None else verdict.decision.to_json(),
        json.dumps(printed),
        round(verdict.trace.seconds * 1_000_000),
    )


def run_row(verdict: Verdict, record: Record, now: datetime, *, kept: bool) -> tuple[object, ...]:
    """A row of `script_run`, its columns as in `RUN`; `kept` says whether the version is still there."""
    version_id = verdict.chosen.version_id if kept else None
    decision = "" if verdict.failure is not None else record.decision
    return (
        verdict.case.id, version_id, verdict.case.event.value, to_moment(now), record.facts, decision, record.trace,
        *_error(verdict), record.took,
    )  # fmt: skip


def routing_error(verdict: Verdict) -> str:
    """What a contact's row says of a failure: version, line and reason; empty for a decision."""
    if verdict.failure is None:
        return ""
    failure, chosen = verdict.failure, verdict.chosen
    script = failure.script or chosen.name
    version = f" v{chosen.number}" if script == chosen.name and chosen.number is not None else ""
    line = f", line {failure.line}" if failure.line else ""
    source = f" ({one_line(failure.source, 100)})" if failure.source else ""
    return one_line(f"{script}{version}{line}: {failure.message}{source}", LONGEST_ERROR)


def debug_lines(verdict: Verdict) -> list[Line]:
    """For accounts that are debugged: the facts in short, and each line it printed."""
    case = verdict.case
    lines = [(case.id, "facts", in_short(Facts.from_json(verdict.facts)))]
    lines += [(case.id, "printed", f"line {one.at.line}: {one_line(one.text, 1_000)}") for one in verdict.trace.printed]
    return lines


def journal_rows(lines: Iterable[Line], now: datetime) -> list[tuple[object, ...]]:
    """Rows of the journal about contacts, their columns as in `JOURNAL`."""
    return [(to_moment(now), "triage", verb, "contact", contact, text) for contact, verb, text in lines]


def batch_line(chosen: Chosen, verdicts: Sequence[Verdict], places: Iterable[str]) -> str:
    """What became of a batch: `41 contacts by office-hours v3: 40 queued in front, 1 closed; 2 of them failed`."""
    counted = Counter(places)
    where = ", ".join(f"{count} {place}" for place, count in counted.most_common(8))
    failed = sum(1 for verdict in verdicts if verdict.failure is not None)
    version = f" v{chosen.number}" if chosen.number is not None else ""
    contacts = "1 contact" if len(verdicts) == 1 else f"{len(verdicts):,} contacts"
    return f"{contacts} by {chosen.name}{version}: {where}" + (f"; {failed} of them failed" if failed else "")


def _error(verdict: Verdict) -> tuple[str, int]:
    failure = verdict.failure
    if failure is None:
        return "", 0
    elsewhere = failure.script not in ("", verdict.chosen.name)
    message = f"in {failure.script}: {failure.message}" if elsewhere else failure.message
    return one_line(message, LONGEST_ERROR), failure.line
