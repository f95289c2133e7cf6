"""What went wrong with a script, and where: the same frozen words from the worker to the screen."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from core.text import harmless, one_line


class Kind(StrEnum):
    """What sort of failure it was."""

    SYNTAX = "syntax"
    """It cannot be read as Starlark."""
    LOAD = "load"
    """A script it loads is not there, is not right, or loads it back."""
    ERROR = "error"
    """It stopped at an error of its own."""
    NAME = "name"
    """It used a name this desk does not have."""
    ANSWER = "answer"
    """What it answered is no decision."""
    TIME = "time"
    """It took longer than it may."""
    MEMORY = "memory"
    """It wanted more memory than it may have."""
    SIZE = "size"
    """It, or what it answered, is larger than it may be."""
    ENDED = "ended"
    """The worker process ended under it."""


LONGEST_MESSAGE = 700

LIMITS = frozenset({Kind.TIME, Kind.MEMORY, Kind.ENDED})
"""Kinds that cost time or a worker process."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a script; line 0 where none is known."""

    script: str
    line: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no decision. `message` is one sentence for a person; line and column begin at 1, 0 is unknown."""

    kind: Kind
    message: str
    script: str = ""
    line: int = 0
    column: int = 0
    source: str = ""
    """The offending line as it stands."""

    @property
    def sentence(self) -> str:
        """The message with its place: `front-door, line 5: there is no queue "mornign"`."""
        return f"{self.script}, line {self.line}: {self.message}" if self.line else self.message

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, found: dict[str, Any]) -> Failure:
        """What `to_plain` made."""
        return cls(**{**found, "kind": Kind(found["kind"])})


class Failed(Exception):
    """Carries a failure up to whoever asked for a run."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


def placed(failure: Failure, sources: dict[str, str]) -> Failure:
    """The failure on one harmless line, with the offending line filled in from the sources where its place is known."""
    failure = replace(failure, message=one_line(failure.message, LONGEST_MESSAGE))
    if not failure.line or failure.source:
        return failure
    lines = sources.get(failure.script, "").split("\n")
    if failure.line > len(lines):
        return failure
    line = lines[failure.line - 1].rstrip("\r")
    column = failure.column or len(line) - len(line.lstrip()) + 1
    return replace(failure, source=harmless(line[:300], lines=False), column=column)
