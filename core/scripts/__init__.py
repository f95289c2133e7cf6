"""Setting up what routes contacts. `Workshop` has it all; every verb is one transaction with one line of the journal.

editing      Scripts: create, save, activate, roll back, lock, copy, delete, put back; on which account
calendars    Calendars: opening hours; holidays from iCalendar files (`holidays`)
variables    Variables: values that all scripts read
templates    Templates: texts with fields that scripts send
checking     what is wrong with a source, by the names of this desk (`names`)
uses         which scripts name a queue, a calendar, a template, ...
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.scripts.accounts import AccountScript
    from core.scripts.editing import Activated, DoesNotCheck, Scripts
    from core.scripts.removing import KeptScript, KeptVersion
    from core.scripts.templates import Templates, Wording
    from core.scripts.uses import Use, Uses
    from core.scripts.variables import Variables
    from core.scripts.workshop import Workshop

_WHERE = {
    "AccountScript": "accounts", "Activated": "editing", "DoesNotCheck": "editing", "KeptScript": "removing",
    "KeptVersion": "removing", "Scripts": "editing", "Templates": "templates", "Use": "uses", "Uses": "uses",
    "Variables": "variables", "Wording": "templates", "Workshop": "workshop",
}  # fmt: skip

__all__ = [
    "AccountScript",
    "Activated",
    "DoesNotCheck",
    "KeptScript",
    "KeptVersion",
    "Scripts",
    "Templates",
    "Use",
    "Uses",
    "Variables",
    "Wording",
    "Workshop",
]


def __getattr__(name: str) -> object:
    # What reads a file of holidays, or the names that may be, needs no database.
    if name in _WHERE:
        return getattr(import_module(f"core.scripts.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
