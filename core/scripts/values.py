"""Values of variables and settings: as they are stored, as they are typed, as they are shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.routing.values import dumped, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.routing.values import Value


def right_value(given: object, what: str) -> Value:
    """A value as it is stored. Raises Wrong for one that neither a script nor desk.toml can hold."""
    found = value(given, what)
    if found is None or (isinstance(found, tuple) and None in found):
        raise Wrong(f"{what} must have a value: a text, a number, true or false, or a list of these")
    return found


def right_settings(given: Mapping[str, object]) -> dict[str, Value]:
    """An account's own values, by name in order. Raises Wrong."""
    return {name: right_value(given[name], f"setting {name}") for name in sorted(given)}


def typed_value(text: str) -> Value:
    """A value as somebody types it: `true`, `12`, `["a", "b"]`; whatever is no JSON is a text. Raises Wrong."""
    try:
        given = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        given = text
    return right_value(given, "what was typed")


def stored_value(text: str) -> Value:
    """The value in a row."""
    found = json.loads(text)
    return tuple(found) if isinstance(found, list) else found


def shown_value(given: Value) -> str:
    """A value on one line."""
    text = dumped(given)
    return text if len(text) <= 200 else text[:199] + "…"
