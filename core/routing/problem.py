"""One thing that is wrong with a script, found before it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.routing.failure import Failure


class Severity(StrEnum):
    """A script with an error cannot be activated; a warning is advice."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where. Line and column begin at 1."""

    severity: Severity
    script: str
    line: int
    column: int
    source: str
    """The offending line as it stands."""
    message: str
    """One sentence for a person."""

    @property
    def sentence(self) -> str:
        """The message with its place."""
        return f"{self.script}, line {self.line}: {self.message}"

    @classmethod
    def of(cls, failure: Failure) -> Problem:
        """A failure as a problem; one without a place stands on line 1."""
        place = (failure.script, failure.line or 1, failure.column or 1)
        return cls(Severity.ERROR, *place, failure.source, failure.message)

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, found: dict[str, Any]) -> Problem:
        """What `to_plain` made."""
        return cls(**{**found, "severity": Severity(found["severity"])})
