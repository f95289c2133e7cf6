"""What may come next where somebody is typing a script."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from core.routing.facts import (
    CalendarFacts,
    ContactFacts,
    CustomerFacts,
    PreviousFacts,
    QueueFacts,
    Received,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.routing.names import DeskNames

ACTIONS = (
    "queue(", "assign(", "forward(", "close(", "stay(", "reply(", "reply_text(", "set_class(", "tag(", "note(",
    "opt_out(", "opt_in(",
)  # fmt: skip
"""As they are typed: each is called."""
WORDS = (
    "contact", "queues", "calendars", "variables", "settings", "matches(", "struct(", "json", "print(", "load(",
    "SECOND", "MINUTE", "HOUR", "def", "return", "if", "elif", "else", "for", "in", "not", "and", "or", "None",
    "True", "False", "len(", "any(", "all(", "min(", "max(", "sorted(", "range(", "str(", "int(",
)  # fmt: skip

_STRING = re.compile(r"""(?:^|[^\w"'])(\w+)\s*\(((?:[^()"']|"[^"]*"|'[^']*')*)(["'])([^"']*)$""")
"""A call whose argument is a string that is still open."""
_KEYWORD = re.compile(r"(\w+)\s*=\s*\[?$")
_DOTTED = re.compile(r"((?:\w+\.)+)(\w*)$")
_WORD = re.compile(r"(\w*)$")


@dataclass(frozen=True, slots=True)
class Completions:
    """What fits, and how much of it is typed already."""

    typed: str
    """The last characters before the cursor, which a choice replaces."""
    choices: tuple[str, ...]


def completions(before: str, names: DeskNames, scripts: Iterable[str] = ()) -> Completions:
    """What fits behind the text of one line up to the cursor; `scripts` are the names that `load` knows."""
    if (inside := _STRING.search(before)) is not None:
        call, arguments, _, typed = inside.groups()
        return _fitting(typed, _strings(call, arguments, names, scripts))
    if _in_string(before):
        return Completions("", ())
    if (dotted := _DOTTED.search(before)) is not None:
        return _fitting(dotted[2], _attributes(dotted[1].rstrip("."), names))
    word = _WORD.search(before)
    typed = word[1] if word else ""
    return _fitting(typed, (*ACTIONS, *WORDS)) if typed else Completions("", ())


def _fitting(typed: str, choices: Iterable[str]) -> Completions:
    low = typed.casefold()
    found = sorted({one for one in choices if one.casefold().startswith(low) and one != typed})
    return Completions(typed, tuple(found))


def _in_string(before: str) -> bool:
    quote = ""
    for char in before:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "#":
            return True
    return bool(quote)


def _strings(call: str, arguments: str, names: DeskNames, scripts: Iterable[str]) -> Iterable[str]:
    keyword = _KEYWORD.search(arguments)
    first = not arguments.strip()
    if keyword is not None:
        return {"otherwise": names.queues, "skills": names.skills}.get(keyword[1], ())
    if call == "queue" and "skills" in arguments and "[" in arguments.rpartition("skills")[2]:
        return names.skills
    if not first:
        return ()
    known: dict[str, Iterable[str]] = {
        "queue": names.queues, "assign": names.users, "reply": names.templates, "set_class": names.classes,
        "load": scripts,
    }  # fmt: skip
    return known.get(call, ())


def _attributes(path: str, names: DeskNames) -> Iterable[str]:
    known: dict[str, Iterable[str]] = {
        "contact": (*_fields(ContactFacts), "words", "lines"),
        "contact.received": _fields(Received),
        "contact.customer": _fields(CustomerFacts),
        "contact.previous": _fields(PreviousFacts),
        "queues": names.queues,
        "calendars": names.calendars,
        "variables": names.variables,
        "settings": names.settings,
    }
    root = path.partition(".")[0]
    each: dict[str, Iterable[str]] = {"queues": _fields(QueueFacts), "calendars": _fields(CalendarFacts)}
    return known[path] if path in known else each.get(root, ())


def _fields(facts: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(facts))
