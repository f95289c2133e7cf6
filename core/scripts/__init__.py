"""Setting up what routes contacts. `Workshop` has it all; every verb is one transaction with one line of the journal.

editing      Scripts: create, save, activate, publish, roll back, lock, copy, delete, put back; on which account
calendars    Calendars: opening hours; holidays from iCalendar files (`holidays`)
variables    Variables: values that all scripts read
templates    Templates: texts with fields that scripts send
checking     what is wrong with a source, by the names of this desk (`names`)
uses         which scripts name a queue, a calendar, a template, ...
trying       Bench: one contact, typed, from an .eml or one that came, through a source
replaying    Replays: every contact of the last days through a version
sources      one text against another
wording      decisions and failures in words
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.scripts.accounts import AccountScript
    from core.scripts.answering import Answer
    from core.scripts.calendars import Calendars, Holidays, Hours
    from core.scripts.checking import Checking
    from core.scripts.editing import Activated, DoesNotCheck, Scripts, ready_made_named
    from core.scripts.letters import MOST_SURVEYED, Survey, previewed_for, previewed_of, surveyed
    from core.scripts.names import desk_names
    from core.scripts.newcomers import Letter, Typed
    from core.scripts.removing import KeptScript, KeptVersion
    from core.scripts.replaying import Difference, Replay, ReplayedRun, Replays
    from core.scripts.sources import compared
    from core.scripts.templates import Preview, Templates, Wording, filled_in, previewed
    from core.scripts.trying import Bench, Past, Trial
    from core.scripts.uses import Use, Uses
    from core.scripts.values import shown_value, typed_value
    from core.scripts.variables import Variables
    from core.scripts.wording import action_words, decision_words, failure_words
    from core.scripts.workshop import Workshop

_WHERE = {
    "accounts": ("AccountScript",),
    "answering": ("Answer",),
    "calendars": (
        "Calendars",
        "Holidays",
        "Hours",
    ),
    "checking": ("Checking",),
    "editing": (
        "Activated",
        "DoesNotCheck",
        "Scripts",
        "ready_made_named",
    ),
    "letters": (
        "MOST_SURVEYED",
        "Survey",
        "previewed_for",
        "previewed_of",
        "surveyed",
    ),
    "names": ("desk_names",),
    "newcomers": (
        "Letter",
        "Typed",
    ),
    "removing": (
        "KeptScript",
        "KeptVersion",
    ),
    "replaying": (
        "Difference",
        "Replay",
        "ReplayedRun",
        "Replays",
    ),
    "sources": ("compared",),
    "templates": (
        "Preview",
        "Templates",
        "Wording",
        "filled_in",
        "previewed",
    ),
    "trying": (
        "Bench",
        "Past",
        "Trial",
    ),
    "uses": (
        "Use",
        "Uses",
    ),
    "values": (
        "shown_value",
        "typed_value",
    ),
    "variables": ("Variables",),
    "wording": (
        "action_words",
        "decision_words",
        "failure_words",
    ),
    "workshop": ("Workshop",),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "MOST_SURVEYED",
    "AccountScript",
    "Activated",
    "Answer",
    "Bench",
    "Calendars",
    "Checking",
    "Difference",
    "DoesNotCheck",
    "Holidays",
    "Hours",
    "KeptScript",
    "KeptVersion",
    "Letter",
    "Past",
    "Preview",
    "Replay",
    "ReplayedRun",
    "Replays",
    "Scripts",
    "Survey",
    "Templates",
    "Trial",
    "Typed",
    "Use",
    "Uses",
    "Variables",
    "Wording",
    "Workshop",
    "action_words",
    "compared",
    "decision_words",
    "desk_names",
    "failure_words",
    "filled_in",
    "previewed",
    "previewed_for",
    "previewed_of",
    "ready_made_named",
    "shown_value",
    "surveyed",
    "typed_value",
]


def __getattr__(name: str) -> object:
    # What reads a file of holidays, or the names that may be, needs no database.
    if name in _MODULES:
        return getattr(import_module(f"core.scripts.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
