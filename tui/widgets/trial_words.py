"""What came of a trial, in lines: the decision, what the customer would be told, what was printed, what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.scripts.values import shown_value
from core.scripts.wording import action_words, failure_words
from core.text import clip, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.routing.facts import ContactFacts
    from core.scripts.trying import Trial

MUTED = "dim"
MOST_PRINTED = 50


def outcome(trial: Trial, name: str) -> Content:
    """All of it, for the script of that name; every word of others harmless and on its own line."""
    return Content("\n").join([*_decided(trial, name), *_told(trial), *_printed(trial), *_facts(trial)])


def _decided(trial: Trial, name: str) -> Iterable[Content]:
    if trial.decision is not None:
        placing = trial.decision.placing
        yield Content.assemble((f"→ {one_line(action_words(placing), 300)}", "bold $success"), _line(placing.at.line))
        for action in trial.decision.side:
            yield Content.assemble(f"  {one_line(action_words(action), 300)}", _line(action.at.line))
    if trial.failure is not None:
        yield Content.assemble(("✖ ", "$error"), one_line(failure_words(trial.failure, name), 600))
        yield Content.styled("  so it would go to its account's own queue", MUTED)


def _line(number: int) -> tuple[str, str]:
    return (f"  line {number}" if number else "", MUTED)


def _told(trial: Trial) -> Iterable[Content]:
    for answer in trial.answers:
        subject = f"{one_line(answer.subject, 200)}: " if answer.subject else ""
        yield Content.assemble(("  the customer would be told: ", MUTED), subject, one_line(answer.text, 600))


def _printed(trial: Trial) -> Iterable[Content]:
    for printed in trial.trace.printed[:MOST_PRINTED]:
        yield Content.assemble((f"  line {printed.at.line} printed: ", MUTED), one_line(printed.text, 300))
    more = len(trial.trace.printed) - MOST_PRINTED + trial.trace.dropped
    if more > 0:
        yield Content.styled(f"  and {more:,} lines more", MUTED)
    for mark in trial.marks:
        yield Content.assemble(("▲ ", "$warning"), one_line(mark, 300))


def _facts(trial: Trial) -> Iterable[Content]:
    yield Content.styled("What it saw", "bold $primary")
    for name, value in _contact(trial.facts.contact):
        yield Content.assemble((f"  {name:<9} ", MUTED), one_line(value, 300))
    for name, queue in trial.facts.desk.queues.items():
        oldest = f", oldest {queue.oldest} s" if queue.waiting else ""
        words = f"waiting {queue.waiting:,}, ready {queue.ready}{oldest}"
        yield Content.assemble((f"  queues.{one_line(name, 40)} ", MUTED), words)
    for name, calendar in trial.facts.desk.calendars.items():
        yield Content.assemble((f"  calendars.{one_line(name, 40)} ", MUTED), "open" if calendar.open else "closed")
    for where, held in (("variables", trial.facts.desk.variables), ("settings", trial.facts.settings)):
        for name, worth in held.items():
            yield Content.assemble((f"  {where}.{one_line(name, 40)} ", MUTED), one_line(shown_value(worth), 200))


def _contact(seen: ContactFacts) -> Iterable[tuple[str, str]]:
    customer, previous = seen.customer, seen.previous
    if seen.channel == "email":
        yield "subject", seen.subject or "-"
    yield "text", clip(seen.text, 300) or "-"
    yield "received", f"{seen.received.weekday} {seen.received.iso}"
    yield "event", seen.event + (f", {seen.waited} s in {seen.queue}" if seen.queue else "")
    yield "channel", seen.channel
    yield "sender", seen.sender
    yield "name", seen.name or "-"
    yield "to", seen.to
    yield "class_", seen.class_ or "None"
    yield "tags", ", ".join(seen.tags) or "-"
    yield "customer", f"{customer.name}, {customer.status}, owner {customer.owner or 'nobody'}" if customer else "None"
    said = (
        f"{previous.outcome or 'closed'} by {previous.agent or 'nobody'} {previous.closed_ago} s before"
        if previous
        else ""
    )
    yield "previous", said or "None"
