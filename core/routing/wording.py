"""Starlark's own error text made into a failure: one sentence, with script, line and column.

starlark-pyo3 raises one error type that carries text alone. Its end is `error: MESSAGE`, then ` --> FILE:LINE:COLUMN`
and the offending line drawn; before it stand the calls, each as `  * FILE:LINE, in FUNCTION`.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from core.routing import syntax
from core.routing.answers import called_at
from core.routing.failure import Failure, Kind, Place, placed
from core.routing.names import listed, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

CANCELLED = "Evaluation cancelled"
_OURS = "@"
"""Files of the language itself begin with this."""

_PLACE = re.compile(r"^ *--> (.+):(\d+):(\d+)$", re.MULTILINE)
_MESSAGE = re.compile(r"(?:^|\n)error: (.*)\Z", re.DOTALL)
_HOST = re.compile(r"^(?:Wrong|Failed): ")
_NO_ATTRIBUTE = re.compile(r"has no attribute `([^`]*)`")
_NO_VARIABLE = re.compile(r"Variable `([^`]*)` not found")
_NO_KEY = re.compile(r"Key `\"?(.*?)\"?` was not found")
_NO_SYMBOL = re.compile(r"Module has no symbol `([^`]*)`")
_PRELUDE = re.compile(r"`?@language\.(\w+)`?")
_QUOTED = re.compile("`([^`]*)`")
_LONGEST = 600
_FEW = 6
"""Quotation marks in a list of three."""

TABLES = {"queues": "queue", "calendars": "calendar", "variables": "variable", "settings": "setting"}


def failure(
    text: str, sources: Mapping[str, str], known: Mapping[str, Mapping[str, object]], *, limit: float
) -> Failure:
    """The failure in an error text; `known` are the tables a script reads, `limit` the seconds it had."""
    script, line, column = _where(text)
    message = _message(text)
    kind = Kind.ERROR
    if message.startswith(CANCELLED):
        kind, message = Kind.TIME, f"it took longer than the {limit:g} s a script may take for one contact."
    elif "call stack overflow" in message:
        message = "functions call each other too deeply: a script cannot call itself."
    elif message.startswith("Parse error: "):
        return placed(_syntax(message, sources.get(script, ""), Place(script, line), column), dict(sources))
    elif better := _about_a_name(message, sources.get(script, ""), line, known, sources):
        kind, message = better
    else:
        message = sentence(message)
    return placed(Failure(kind, message, script, line, column), dict(sources))


def _syntax(message: str, source: str, at: Place, column: int) -> Failure:
    """Starlark lists all it would have taken, and puts an open bracket on line 1: Python's parser says which."""
    message, _, wanted = message.removeprefix("Parse error: ").partition(", expected one of ")
    better = syntax.complaint(source) if wanted or message == "incorrect indentation" else None
    if better is not None:
        return Failure(Kind.SYNTAX, sentence(better[2]), at.script, better[0], better[1])
    if message.startswith("unexpected end of file"):  # Starlark says line 1
        lines = source.rstrip().split("\n")
        at, column = Place(at.script, len(lines)), len(lines[-1]) + 1
    few = f", expected {wanted}" if wanted and wanted.count('"') <= _FEW else ""
    return Failure(Kind.SYNTAX, sentence(message.rstrip(".") + few), at.script, at.line, column)


def _where(text: str) -> tuple[str, int, int]:
    """Script, line and column; where the error is in the language itself, the line that called it."""
    *_, last = [None, *_PLACE.finditer(text)]
    if last is not None and not last.group(1).startswith(_OURS):
        return last.group(1), int(last.group(2)), int(last.group(3))
    caller = called_at(text.partition("\nerror: ")[0])
    return ("", 0, 0) if caller is None else (caller.script, caller.line, 0)


def _message(text: str) -> str:
    found = _MESSAGE.search(text)
    message = found.group(1) if found else text
    *_, place = [None, *_PLACE.finditer(message)]
    message = message[: place.start()] if place else message
    return _PRELUDE.sub(r"\1()", _HOST.sub("", message.strip()))[:_LONGEST]


def _about_a_name(
    message: str,
    source: str,
    line: int,
    known: Mapping[str, Mapping[str, object]],
    sources: Mapping[str, str],
) -> tuple[Kind, str] | None:
    """The better sentence about a name that does not exist: it says which do."""
    if found := _NO_ATTRIBUTE.search(message):
        return _no_attribute(found.group(1), _owners(source, line, found.group(1)), known)
    if (found := _NO_KEY.search(message)) and (keys := _fields_asked(source, line, known)):
        return Kind.NAME, unknown("field", found.group(1), keys[0])
    if found := _NO_SYMBOL.search(message):
        return _no_symbol(found.group(1), source, line, sources)
    if found := _NO_VARIABLE.search(message):
        hint = message.partition("did you mean ")[2].strip("`? .\n")
        return Kind.NAME, f'there is no "{found.group(1)}"' + (f'; did you mean "{hint}"?' if hint else ".")
    return None


def _no_attribute(name: str, owners: list[str], known: Mapping[str, Mapping[str, object]]) -> tuple[Kind, str] | None:
    for owner in owners:
        if owner in TABLES and owner in known:
            return Kind.NAME, unknown(TABLES[owner], name, known[owner])
        if owner in FIELDS:
            return Kind.NAME, f'{owner} has no "{name}". It has: {listed(FIELDS[owner])}.'
    return None


def _no_symbol(name: str, source: str, line: int, sources: Mapping[str, str]) -> tuple[Kind, str] | None:
    for call in syntax.loads(source):
        script = str(syntax.literal(call.args[0])) if call.args else ""
        if call.lineno <= line <= (call.end_lineno or line) and script in sources:
            return Kind.LOAD, unknown(f'name in "{script}" called', name, syntax.exported(sources[script]))
    return None


FIELDS: dict[str, tuple[str, ...]] = {
    "contact": (
        *("account", "channel", "class_", "customer", "event", "lines", "name", "number", "previous", "priority"),
        *("queue", "received", "sender", "subject", "tags", "text", "to", "waited", "words"),
    ),
    "contact.received": ("date", "hour", "iso", "minute", "weekday"),
    "contact.customer": ("campaign", "fields", "list", "name", "owner", "reference", "status"),
    "contact.previous": ("agent", "class_", "closed_ago", "outcome"),
}
"""The names of what a contact has, for the sentences about those it has not."""


def _owners(source: str, line: int, name: str) -> list[str]:
    """What stands before `.name` on a line: `queues`, `contact.customer`."""
    found = syntax.tree(source)
    if found is None:
        return []
    return [
        ast.unparse(node.value)
        for node in ast.walk(found)
        if isinstance(node, ast.Attribute) and node.attr == name and node.lineno <= line <= (node.end_lineno or line)
    ]


def _fields_asked(source: str, line: int, known: Mapping[str, Mapping[str, object]]) -> list[list[str]]:
    """The keys of the customer's fields where the line asks for one by `fields[...]`."""
    found = syntax.tree(source)
    if found is None or "fields" not in known:
        return []
    return [
        sorted(known["fields"])
        for node in ast.walk(found)
        if isinstance(node, ast.Subscript) and node.lineno == line and ast.unparse(node.value).endswith(".fields")
    ]


def sentence(message: str) -> str:
    """Starlark's own words as one line that ends as a sentence does, beginning small where a plain word begins it."""
    message = _QUOTED.sub(r'"\1"', " ".join(message.split()).replace('`"', "`").replace('"`', "`"))
    if message[:1].isupper() and message[1:2].islower():
        message = message[0].lower() + message[1:]
    return message if message.endswith((".", "?", "!", "…")) else message + "."
