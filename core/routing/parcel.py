"""The contacts of one call on their way to the worker and back, as the lines of `core.routing.wire`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.routing.facts import contact_json, desk_json, joined
from core.routing.failure import Failure, Kind
from core.routing.run import Run
from core.routing.values import dumped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.routing.facts import Facts
    from core.routing.limits import Patience
    from core.routing.names import DeskNames
    from core.routing.program import Program

CHUNK = 100
"""Contacts that go over at once; between chunks other callers have their turn."""
CHUNK_SIZE = 500_000
"""Characters that go over at once."""


class Parcel:
    """One program, the facts of its contacts, and their JSON, each made once and when it is needed."""

    def __init__(self, program: Program, names: DeskNames, facts: Sequence[Facts]) -> None:
        self.program = program
        self.names = names
        self.facts = facts
        self.contacts: dict[int, str] = {}
        self._desks: dict[int, str] = {}
        self._last: Failure | None = None

    def chunks(self) -> Iterator[range]:
        """The numbers of all contacts, in pieces of at most `CHUNK` and about `CHUNK_SIZE`."""
        begin, size = 0, 0
        for number, one in enumerate(self.facts):
            self.contacts[number] = contact_json(one.contact)
            size += len(self.contacts[number])
            if number + 1 - begin >= CHUNK or size >= CHUNK_SIZE:
                yield range(begin, number + 1)
                begin, size = number + 1, 0
        if begin < len(self.facts):
            yield range(begin, len(self.facts))

    def lines(self, numbers: Iterable[int], patience: Patience) -> list[bytes]:
        """What the worker is sent for these contacts."""
        lines = [f"L {patience.seconds} {patience.in_a_row}\n"]
        keys: dict[tuple[str, str], int] = {}
        for number in numbers:
            seen = (self._desk(number), dumped(self.facts[number].settings))
            if seen not in keys:
                keys[seen] = len(keys)
                lines.append(f'E {keys[seen]} {{"desk":{seen[0]},"settings":{seen[1]}}}\n')
            lines.append(f"C {number} {keys[seen]} {self.facts[number].contact.event} {self.contacts[number]}\n")
        return [line.encode() for line in lines]

    def run(self, line: bytes, patience: Patience) -> tuple[int, Run]:
        """A line from the worker: which contact, and its run."""
        number, _, text = line.partition(b" ")
        at = int(number)
        if patience.limit() is None:
            return at, self.untried(at)
        run = Run.from_json(text.decode(), self.facts_json(at))
        self._last = run.failure or self._last
        return at, run

    def failed(self, number: int, failure: Failure) -> Run:
        """The run of a contact that ended its worker."""
        self._last = failure
        return Run(None, failure, facts=self.facts_json(number))

    def like_the_last(self, failure: Failure) -> Failure | None:
        """The failure at the place of the last one, where that was of the same kind: a script that is bad for all."""
        last = self._last
        if last is None or last.kind is not failure.kind or not last.line:
            return None
        return replace(failure, script=last.script, line=last.line, column=last.column, source=last.source)

    def untried(self, number: int) -> Run:
        """The run of a contact that was not tried because those before it all ran into a limit."""
        why = "" if self._last is None else f" Those before it: {self._last.message}"
        last = self._last or Failure(Kind.TIME, "", self.program.entry)
        message = f"it was not tried, for the script ran into a limit with every contact before this one.{why}"
        failure = Failure(last.kind, message, last.script, last.line, last.column, last.source)
        return Run(None, failure, facts=self.facts_json(number))

    def seen(self, number: int) -> dict[str, Any]:
        """What one contact saw, for the question that finds the line it failed at."""
        one = self.facts[number]
        known = {"desk": json.loads(self._desk(number)), "settings": dict(one.settings)}
        return {**known, "contact": self.contacts[number], "event": one.contact.event}

    def facts_json(self, number: int) -> str:
        """The JSON of one contact's facts, as `Facts.to_json` writes it."""
        return joined(self.contacts[number], self._desk(number), dumped(self.facts[number].settings))

    def _desk(self, number: int) -> str:
        """The JSON of the desk, made once for each object."""
        desk = self.facts[number].desk
        found = self._desks.get(id(desk))
        if found is None:
            found = self._desks[id(desk)] = desk_json(desk)
        return found
