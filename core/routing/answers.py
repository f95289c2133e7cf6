"""Reads what a script answered into a `Decision`, against the names the desk has.

The answer is plain JSON from the language: one action or a list of them, each with the stack of calls that made it. A
script can forge an action out of a struct, so nothing in it is trusted.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from core.routing import decision as d
from core.routing.failure import Failed, Failure, Kind, Place
from core.routing.names import unknown
from core.routing.values import clean
from core.text import harmless, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.routing.names import DeskNames

MOST_ACTIONS = 50
MOST_TAGS = 20
MOST_SKILLS = 20
MOST_FIELDS = 100
LONGEST_TAG = 50
LONGEST_REASON = 200
LONGEST_NOTE = 2_000
LONGEST_REPLY = 10_000
LONGEST_FIELD = 2_000
LONGEST_NAME = 200
LONGEST_TIMEOUT = 30 * 86_400
"""Seconds: thirty days."""
HIGHEST_PRIORITY = 1_000

STAY = d.Decision(d.Stay())
"""What a script without a function `waited` answers to it."""

_ADDRESS = re.compile(r"[^\s@<>,;\"\x00-\x1f]{1,64}@[^\s@<>,;\"\x00-\x1f]{1,250}\.[^\s@<>,;\"\x00-\x1f.]{2,}")
_FRAME = "\n  * "
"""Before each call in Starlark's text of a stack; what is quoted of a script stands further in."""


def read(answer: object, *, event: str, names: DeskNames, at: Place) -> d.Decision:
    """The decision in an answer; `at` is where the function begins. Raises Failed with the offending line."""
    given = answer if isinstance(answer, list) else [answer]
    if answer is None or answer == []:
        raise wrong(f"{_function(event)} answered nothing: it must end with one of {_placings(event)}.", at)
    if len(given) > MOST_ACTIONS:
        raise wrong(f"{_function(event)} answered {len(given):,} actions: at most {MOST_ACTIONS} are read.", at)
    actions = [action(one, names, at) for one in given]
    placing = [one for one in actions if isinstance(one, d.Placing)]
    side = tuple(one for one in actions if not isinstance(one, d.Placing))
    if not placing:
        raise wrong(f"The answer places the contact nowhere: it needs one of {_placings(event)}.", side[-1].at)
    if len(placing) > 1:
        first, second = placing[:2]
        raise wrong(
            f"The answer places the contact twice, with {first.word} (line {first.at.line}) and {second.word}"
            f" (line {second.at.line}): leave one of them.",
            second.at,
        )
    if isinstance(placing[0], d.Stay) and event != "waited":
        raise wrong("stay() is for waited: a contact that has just come has no place to keep.", placing[0].at)
    return d.Decision(placing[0], side)


def action(given: object, names: DeskNames, at: Place) -> d.Placing | d.Side:
    """One action of an answer. Raises Failed, at its own line where that is known."""
    asked = _Asked(names, at)
    reader = _READERS.get(str(given.get("action"))) if isinstance(given, dict) else None
    if reader is None or not isinstance(given, dict):
        raise asked.fail(f"An answer is an action such as queue(...) or a list of them, not {_said(given)}.")
    asked.given = given
    asked.word = str(given["action"])
    asked.at = called_at(given.get("at")) or at
    return reader(asked)


def called_at(stack: object) -> Place | None:
    """The last line of a script, not of the language itself, in Starlark's own text of a call stack."""
    if not isinstance(stack, str):
        return None
    before = len(stack)
    while (begin := stack.rfind(_FRAME, 0, before)) >= 0:
        frame = stack[begin + len(_FRAME) : stack.find("\n", begin + 1)]
        script, _, line = frame.rpartition(", in ")[0].rpartition(":")
        if not script.startswith("@"):
            return Place(script, int(line)) if line.isdecimal() else None
        before = begin
    return None


def wrong(message: str, at: Place, kind: Kind = Kind.ANSWER) -> Failed:
    """A failure at a place, ready to be raised."""
    return Failed(Failure(kind, message, at.script, at.line))


class _Asked:
    """One action as it was asked for: looks at each of its values and says what is wrong with it."""

    def __init__(self, names: DeskNames, at: Place) -> None:
        self.names = names
        self.at = at
        self.word = ""
        self.given: dict[str, Any] = {}

    def fail(self, message: str) -> Failed:
        return wrong(message, self.at)

    def known(self, name: str, kind: str, there: Iterable[str]) -> str:
        """A name that the desk has."""
        asked = self.given.get(name)
        if not isinstance(asked, str):
            raise self.fail(f"{self.word}() wants the name of a {kind} as {name}, not {_said(asked)}.")
        if asked not in there:
            raise wrong(unknown(kind, asked, there), self.at, Kind.NAME)
        return asked

    def text(self, name: str, limit: int) -> str:
        """A text that is not empty and not too long."""
        asked = self.given.get(name)
        if not isinstance(asked, str) or not asked.strip():
            raise self.fail(f"{self.word}() wants a text as {name}, not {_said(asked)}.")
        if len(asked) > limit:
            raise self.fail(f"The {name} of {self.word}() has {len(asked):,} characters: at most {limit:,} are taken.")
        return harmless(clean(asked, limit))

    def texts(self, name: str, most: int, limit: int) -> tuple[str, ...]:
        """A list of short texts, each once."""
        asked = self.given.get(name)
        if not isinstance(asked, list) or any(not isinstance(one, str) or not one.strip() for one in asked):
            raise self.fail(f"{self.word}() wants a list of texts as {name}, not {_said(asked)}.")
        if len(asked) > most or any(len(one) > limit for one in asked):
            raise self.fail(f"{self.word}() takes at most {most} {name} of {limit} characters each.")
        return tuple(dict.fromkeys(one_line(one, limit) for one in asked))

    def whole(self, name: str, lowest: int, highest: int) -> int:
        """A whole number in bounds; 450.0 is whole."""
        asked = self.given.get(name)
        if isinstance(asked, float) and math.isfinite(asked) and asked == int(asked):
            asked = int(asked)
        if isinstance(asked, bool) or not isinstance(asked, int):
            raise self.fail(f"{self.word}() wants a whole number as {name}, not {_said(asked)}.")
        if not lowest <= asked <= highest:
            raise self.fail(f"The {name} of {self.word}() must be from {lowest:,} to {highest:,}, not {_said(asked)}.")
        return asked

    def timeout(self) -> int | None:
        """Seconds, or None for ever."""
        return None if self.given.get("timeout") is None else self.whole("timeout", 1, LONGEST_TIMEOUT)


def _queue(asked: _Asked) -> d.ToQueue:
    skills = asked.texts("skills", MOST_SKILLS, LONGEST_NAME)
    for skill in skills:
        if asked.names.skills and skill not in asked.names.skills:
            raise wrong(unknown("skill", skill, asked.names.skills), asked.at, Kind.NAME)
    priority = asked.whole("priority", -HIGHEST_PRIORITY, HIGHEST_PRIORITY)
    return d.ToQueue(asked.known("name", "queue", asked.names.queues), priority, skills, asked.timeout(), at=asked.at)


def _assign(asked: _Asked) -> d.ToAgent:
    login = None if asked.given.get("login") is None else asked.known("login", "user", asked.names.users)
    return d.ToAgent(login, asked.known("otherwise", "queue", asked.names.queues), at=asked.at)


def _forward(asked: _Asked) -> d.Forward:
    address = asked.text("address", 320)
    if not _ADDRESS.fullmatch(address):
        raise asked.fail(f"forward() wants an e-mail address such as back-office@acme.example, not {_said(address)}.")
    return d.Forward(address, at=asked.at)


def _reply(asked: _Asked) -> d.Reply:
    template = asked.known("template", "template", asked.names.templates)
    fields = asked.given.get("fields")
    if not isinstance(fields, dict) or len(fields) > MOST_FIELDS:
        raise asked.fail(f"reply() takes at most {MOST_FIELDS} fields by name.")
    said: dict[str, str] = {}
    for name, given in fields.items():
        if isinstance(given, list | dict):
            raise asked.fail(f"The field {name} of reply() wants a text or a number, not {_said(given)}.")
        shown = "" if given is None else str(given).lower() if isinstance(given, bool) else str(given)
        if len(shown) > LONGEST_FIELD:
            raise asked.fail(f"The field {name} of reply() is longer than {LONGEST_FIELD:,} characters.")
        said[clean(name, LONGEST_NAME)] = clean(shown, LONGEST_FIELD)
    return d.Reply(template, said, at=asked.at)


_READERS: dict[str, Callable[[_Asked], d.Placing | d.Side]] = {
    "queue": _queue,
    "assign": _assign,
    "forward": _forward,
    "close": lambda asked: d.Close(asked.text("reason", LONGEST_REASON), at=asked.at),
    "stay": lambda asked: d.Stay(asked.timeout(), at=asked.at),
    "reply": _reply,
    "reply_text": lambda asked: d.ReplyText(asked.text("text", LONGEST_REPLY), at=asked.at),
    "set_class": lambda asked: d.SetClass(asked.known("name", "class", asked.names.classes), at=asked.at),
    "tag": lambda asked: d.Tag(asked.texts("tags", MOST_TAGS, LONGEST_TAG), at=asked.at),
    "note": lambda asked: d.Note(asked.text("text", LONGEST_NOTE), at=asked.at),
    "opt_out": lambda asked: d.OptOut(at=asked.at),
    "opt_in": lambda asked: d.OptIn(at=asked.at),
}


def _said(given: object) -> str:
    """A value in words, short."""
    if given is None:
        return "None"
    if isinstance(given, list | dict):
        return "a list" if isinstance(given, list) else "a dict or a struct"
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) > 1 << 63:
        return "a number with many digits"
    shown = f'"{given}"' if isinstance(given, str) else str(given)
    return shown if len(shown) <= 60 else shown[:60] + "…"


def _function(event: str) -> str:
    return f"{event}(contact)"


def _placings(event: str) -> str:
    words = [word for word, kind in d.ACTIONS.items() if kind.placing and (word != "stay" or event == "waited")]
    return ", ".join(words[:-1]) + f" and {words[-1]}"
