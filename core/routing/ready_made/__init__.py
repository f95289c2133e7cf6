"""Scripts that ship with Postroom: read-only starting points, each to be copied under a name of its own.

The first lines of each are its description. What a desk would change stands in its `DEFAULTS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """One of them: its name, what it does in a sentence or two, its source."""

    name: str
    description: str
    source: str


_ORDER = ("one-queue", "office-hours", "keywords", "known-customers-first", "language-by-words", "overflow")


@cache
def ready_made() -> tuple[ReadyMade, ...]:
    """All of them, the simplest first."""
    return tuple(_read(name) for name in _ORDER)


def _read(name: str) -> ReadyMade:
    source = files("core.routing.ready_made").joinpath(f"{name}.star").read_text("utf-8")
    comment = []
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# "))
    return ReadyMade(name, " ".join(comment), source)
