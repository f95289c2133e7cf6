"""People: who works at the desk, who they are known to be, and whether they take work now.

`users` are set up, `presence` is sign-in, ready and not ready, and lines that are lost; `passwords` is pure.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.people.presence import Presence
    from core.people.users import User, Users

_WHERE = {"Presence": "presence", "User": "users", "Users": "users"}

__all__ = ["Presence", "User", "Users"]


if not TYPE_CHECKING:  # else a wrong name would pass as Any

    def __getattr__(name: str) -> object:
        """A class by its name, imported when it is first asked for."""
        if name in _WHERE:
            return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
