"""The names a desk has, and what to say of one it has not."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.routing.values import Value

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class DeskNames:
    """Every name an answer may use, and the values of what scripts read."""

    queues: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    """Logins."""
    calendars: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    variables: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Value] = field(default_factory=dict)
    """The account's own values, where a script is checked for one account."""

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        sets = {name: sorted(getattr(self, name)) for name in _SETS}
        return {**sets, "variables": dict(self.variables), "settings": dict(self.settings)}

    @classmethod
    def from_plain(cls, found: Mapping[str, Any]) -> DeskNames:
        """What `to_plain` made."""
        sets = {name: frozenset(found[name]) for name in _SETS}
        return cls(**sets, variables=found["variables"], settings=found["settings"])


def empty_desk(names: DeskNames) -> dict[str, dict[str, Any]]:
    """A desk with these names where nobody waits and all is closed, as JSON of facts holds it."""
    return {
        "queues": {name: {"waiting": 0, "ready": 0, "oldest": 0} for name in sorted(names.queues)},
        "calendars": {name: {"open": False} for name in sorted(names.calendars)},
        "variables": dict(names.variables),
    }


_SETS = ("queues", "classes", "templates", "users", "calendars", "skills")


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """The sentence about a name that does not exist: what was perhaps meant, and what there is."""
    there = sorted(known)
    shown = str(name)[:100]
    if not there:
        return f'there is no {kind} "{shown}": this desk has none.'
    near = difflib.get_close_matches(shown, there, n=1, cutoff=0.6)
    meant = f'; did you mean "{near[0]}"' if near else ""
    return f'there is no {kind} "{shown}"{meant}{"?" if near else "."} There are: {listed(there)}.'


def listed(names: Iterable[str]) -> str:
    """Names in a row, the first twenty of them."""
    there = list(names)
    more = f" and {len(there) - _MOST_LISTED} more" if len(there) > _MOST_LISTED else ""
    return ", ".join(there[:_MOST_LISTED]) + more
