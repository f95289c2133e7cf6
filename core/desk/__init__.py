"""The desk: what a person does with contacts. Every verb is one transaction, and safe when two do it at once.

`taking` brings a contact to a person, `answering` sends, `holding` lays aside until a time, `finishing` gives away and
ends; each verb names who does it by login, and is refused to whom it does not belong. `files` and `waking` are pure.
The verbs are imported when they are first asked for: the tables below them are dear.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.desk.answering import Answer
    from core.desk.finding import IN_HAND
    from core.desk.verbs import Desk

_WHERE = {"Answer": "answering", "IN_HAND": "finding", "Desk": "verbs"}

__all__ = ["IN_HAND", "Answer", "Desk"]


if not TYPE_CHECKING:  # else a wrong name would pass as Any

    def __getattr__(name: str) -> object:
        """A verb's value or class by its name."""
        if name in _WHERE:
            return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
