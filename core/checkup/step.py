"""One step of a check, as a screen or a command shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.errors import PostroomError


@dataclass(frozen=True, slots=True)
class Step:
    """Given once when it begins (with neither `ok` nor `detail`), and once with what was found."""

    name: str
    ok: bool | None = None
    """None while it runs, and for what is only worth knowing or was left out."""
    detail: str = ""
    remedy: str = ""
    """What to do; empty when there is nothing to do."""

    @property
    def running(self) -> bool:
        """Whether its result is yet to come."""
        return self.ok is None and not self.detail


def good(name: str, detail: str) -> Step:
    """It works."""
    return Step(name, True, detail)


def noted(name: str, detail: str, remedy: str = "") -> Step:
    """Neither right nor wrong: left out, or to be known."""
    return Step(name, None, detail, remedy)


def bad(name: str, detail: str, remedy: str) -> Step:
    """It does not work."""
    return Step(name, False, detail, remedy)


def failed(name: str, error: PostroomError) -> Step:
    """It does not work, in the words of the error; what those say to do is the remedy."""
    detail, colon, remedy = str(error).rstrip(".").rpartition(": ")
    return Step(name, False, detail, remedy) if colon else Step(name, False, remedy, "see docs/desk-toml.md")
