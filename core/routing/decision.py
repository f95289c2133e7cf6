"""What a script may answer: exactly one placing action and any side actions, each with the line it was made on.

`core.routing.answers` reads a script's answer into a `Decision`; this module is what the rest of the desk sees.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from typing import TYPE_CHECKING, Any, ClassVar

from core.errors import Wrong
from core.routing.failure import Place
from core.routing.values import dumped

if TYPE_CHECKING:
    from collections.abc import Mapping

NOWHERE = Place("", 0)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a script asked for. Two actions are equal when they ask the same, wherever they were made."""

    word: ClassVar[str] = ""
    """Its name in the language."""
    placing: ClassVar[bool] = False

    at: Place = field(default=NOWHERE, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ToQueue(Action):
    """`queue(name, priority, skills, timeout)`: wait there for an agent; `timeout` in seconds, None for ever."""

    word: ClassVar[str] = "queue"
    placing: ClassVar[bool] = True

    name: str
    priority: int = 0
    skills: tuple[str, ...] = ()
    timeout: int | None = None


@dataclass(frozen=True, slots=True)
class ToAgent(Action):
    """`assign(login, otherwise)`: to that agent if signed in and able, else the queue; no login is the queue."""

    word: ClassVar[str] = "assign"
    placing: ClassVar[bool] = True

    login: str | None
    otherwise: str


@dataclass(frozen=True, slots=True)
class Forward(Action):
    """`forward(address)`: send on as e-mail, then close."""

    word: ClassVar[str] = "forward"
    placing: ClassVar[bool] = True

    address: str


@dataclass(frozen=True, slots=True)
class Close(Action):
    """`close(reason)`: no agent is needed."""

    word: ClassVar[str] = "close"
    placing: ClassVar[bool] = True

    reason: str


@dataclass(frozen=True, slots=True)
class Stay(Action):
    """`stay(timeout)`: keep place and queue; only in `waited`. `timeout` in seconds from now, None for ever."""

    word: ClassVar[str] = "stay"
    placing: ClassVar[bool] = True

    timeout: int | None = None


@dataclass(frozen=True, slots=True)
class Reply(Action):
    """`reply(template, **fields)`: answer now with a template."""

    word: ClassVar[str] = "reply"

    template: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReplyText(Action):
    """`reply_text(text)`: answer now with this text."""

    word: ClassVar[str] = "reply_text"

    text: str


@dataclass(frozen=True, slots=True)
class SetClass(Action):
    """`set_class(name)`: give it this call class."""

    word: ClassVar[str] = "set_class"

    name: str


@dataclass(frozen=True, slots=True)
class Tag(Action):
    """`tag(...)`: label it."""

    word: ClassVar[str] = "tag"

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note(Action):
    """`note(text)`: leave a line in the journal."""

    word: ClassVar[str] = "note"

    text: str


@dataclass(frozen=True, slots=True)
class OptOut(Action):
    """`opt_out()`: record that this address wants nothing more on this channel."""

    word: ClassVar[str] = "opt_out"


@dataclass(frozen=True, slots=True)
class OptIn(Action):
    """`opt_in()`: record that it does again."""

    word: ClassVar[str] = "opt_in"


Placing = ToQueue | ToAgent | Forward | Close | Stay
Side = Reply | ReplyText | SetClass | Tag | Note | OptOut | OptIn

ACTIONS: dict[str, type[Placing] | type[Side]] = {
    kind.word: kind
    for kind in (
        *(ToQueue, ToAgent, Forward, Close, Stay),
        *(Reply, ReplyText, SetClass, Tag, Note, OptOut, OptIn),
    )
}
"""Every action by its name in the language."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the contact goes, and what else is to be done, in the order the script said."""

    placing: Placing
    side: tuple[Side, ...] = ()

    def to_json(self) -> str:
        """One line of JSON."""
        return dumped(self.to_plain())

    @classmethod
    def from_json(cls, text: str) -> Decision:
        """What `to_json` wrote. Raises Wrong where it did not."""
        try:
            return cls.from_plain(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError) as err:
            raise Wrong(f"This decision cannot be read ({err}): it was not written by this version.") from err

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"placing": _plain(self.placing), "side": [_plain(action) for action in self.side]}

    @classmethod
    def from_plain(cls, found: dict[str, Any]) -> Decision:
        """What `to_plain` made. Raises ValueError, KeyError or TypeError where it is something else."""
        placing = _action(found["placing"])
        side = tuple(_action(one) for one in found["side"])
        if not isinstance(placing, Placing) or not all(isinstance(one, Side) for one in side):
            raise ValueError("a placing action stands where a side action belongs")
        return cls(placing, side)  # type: ignore[arg-type]  # just looked at


_FIELDS = {
    word: tuple(one.name for one in dataclass_fields(kind) if one.name != "at") for word, kind in ACTIONS.items()
}


def _plain(action: Action) -> dict[str, Any]:
    known: dict[str, Any] = {"action": action.word}
    for name in _FIELDS[action.word]:
        known[name] = getattr(action, name)
    if action.at is not NOWHERE:
        known["at"] = [action.at.script, action.at.line]
    return known


def _action(found: dict[str, Any]) -> Placing | Side:
    given: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in found.items()}
    kind: Any = ACTIONS[str(given.pop("action"))]
    at = given.pop("at", None)
    made: Placing | Side = kind(**given, at=NOWHERE if at is None else Place(*at))
    return made
