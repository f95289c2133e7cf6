"""What is wrong with the form of a desk.toml: a sentence for each mistake, with table and key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from core.blueprint.document import Document
from core.blueprint.hints import did_you_mean
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

SINGLE = ("desk", "outgoing_server")
IDENTITY = {"account": "address", "user": "login", "canned": "word"}
"""What a table is known by where it is not its name."""
_TYPES = {
    "missing": "is missing",
    "int_type": "must be a whole number",
    "string_type": "must be a text in quotes",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "string_too_short": "must not be empty",
}


def place(table: str, name: str) -> str:
    """A table as it is written in the file, with what it is known by."""
    return f"[{table}]" if table in SINGLE else f"[[{table}]] {one_line(name, 80)}"


def validated(raw: dict[str, Any], source: str) -> tuple[Document | None, list[str]]:
    """The file as its model has it; or None, and a line for each mistake."""
    try:
        return Document.model_validate(raw), []
    except ValidationError as err:
        return None, [f"{source}: {_sentence(error, raw)}" for error in err.errors(include_input=False)]


def _sentence(error: ErrorDetails, raw: dict[str, Any]) -> str:
    table, *rest = error["loc"]
    if not rest:
        return _about_table(str(table), error["type"], raw)
    where = f"[{table}]"
    if isinstance(rest[0], int):
        where = _numbered(str(table), rest[0], raw)
        rest = rest[1:]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in rest)
    if error["type"] == "extra_forbidden":
        *path, last = (part for part in rest if isinstance(part, str))
        return f"{where}: {key} is not known{did_you_mean(last, _keys(str(table), path))}"
    return f"{where}: {key} {trouble(error)}" if key else f"{where}: {trouble(error)}"


def _about_table(table: str, kind: str, raw: dict[str, Any]) -> str:
    shown = f"[[{table}]]" if isinstance(raw[table], list) else f"[{table}]" if isinstance(raw[table], dict) else table
    if kind == "list_type":
        return f"{shown} must be written [[{table}]], once for each"
    if kind == "model_type":
        return f"{shown} must be written [{table}], once"
    known = [f"[{name}]" if name in SINGLE else f"[[{name}]]" for name in _keys("", [])]
    return f"{one_line(shown, 80)} is not known here; known are {', '.join(known)}"


def _numbered(table: str, index: int, raw: dict[str, Any]) -> str:
    where = f"[[{table}]] number {index + 1}"
    entry = raw[table][index]
    name = entry.get(IDENTITY.get(table, "name")) if isinstance(entry, dict) else None
    return f"{where} ({one_line(name, 60)})" if isinstance(name, str) and name else where


def _keys(table: str, path: list[str]) -> list[str]:
    """The keys that the model knows at this place, in the order of the model."""
    model: type[BaseModel] = Document
    for name in ([table] if table else []) + path:
        field_ = next(f for n, f in model.model_fields.items() if name in (n, f.alias))
        model = next(part for part in _parts(field_.annotation) if issubclass(part, BaseModel))
    return [f.alias or name for name, f in model.model_fields.items()]


def _parts(annotation: Any) -> Iterator[type]:
    """The classes in an annotation such as `list[Table]` or `Table | None`."""
    if isinstance(annotation, type) and not getattr(annotation, "__args__", ()):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _parts(part)


def trouble(error: ErrorDetails) -> str:
    """What is wrong with a value, to be said after its key: `must be a whole number`."""
    kind, given = error["type"], error.get("ctx", {})
    if kind in _TYPES:
        return _TYPES[kind]
    if kind == "literal_error":
        return f"must be {given['expected']}"
    if kind == "greater_than_equal":
        return f"must be at least {given['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {given['le']}"
    if kind == "string_too_long":
        return f"must have at most {given['max_length']} characters"
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "must be").rstrip(".")
