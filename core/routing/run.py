"""What one run of a script left behind: its decision or its failure, and the trace. Frozen, JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from core.routing.decision import Decision
from core.routing.failure import Failure, Place
from core.routing.values import dumped


@dataclass(frozen=True, slots=True)
class Printed:
    """One `print` of a script, and the line it stands on."""

    text: str
    at: Place


@dataclass(frozen=True, slots=True)
class Trace:
    """What a script printed, and how long it took."""

    printed: tuple[Printed, ...] = ()
    dropped: int = 0
    """Prints beyond those that are kept."""
    seconds: float = 0.0
    """Time in the script itself, without compiling it."""

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        printed = [[one.text, one.at.script, one.at.line] for one in self.printed]
        return {"printed": printed, "dropped": self.dropped, "seconds": round(self.seconds, 6)}

    @classmethod
    def from_plain(cls, found: dict[str, Any]) -> Trace:
        """What `to_plain` made."""
        printed = tuple(Printed(text, Place(script, line)) for text, script, line in found["printed"])
        return cls(printed, found["dropped"], found["seconds"])


@dataclass(frozen=True, slots=True)
class Run:
    """One contact through one script: either a decision or a failure, never both."""

    decision: Decision | None
    failure: Failure | None = None
    trace: Trace = field(default_factory=Trace)
    facts: str = ""
    """The JSON of the facts it saw, as `Facts.from_json` reads it; empty on the way from the worker."""

    def to_json(self) -> str:
        """One line of JSON, without the facts."""
        decision = None if self.decision is None else self.decision.to_plain()
        failure = None if self.failure is None else self.failure.to_plain()
        return dumped({"decision": decision, "failure": failure, "trace": self.trace.to_plain()})

    @classmethod
    def from_plain(cls, found: dict[str, Any], facts: str = "") -> Run:
        """What `to_json` wrote, read from JSON. Raises ValueError, KeyError or TypeError where it is something else."""
        decision, failure = found["decision"], found["failure"]
        return cls(
            None if decision is None else Decision.from_plain(decision),
            None if failure is None else Failure.from_plain(failure),
            Trace.from_plain(found["trace"]),
            facts,
        )

    @classmethod
    def from_json(cls, text: str, facts: str = "") -> Run:
        """What `to_json` wrote."""
        return cls.from_plain(json.loads(text), facts)
