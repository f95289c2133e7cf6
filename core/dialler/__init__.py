"""The dialler: attempts to reach a campaign's customers, by agents and machines, and what is written on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from core.dialler.attempts import Attempts, Done, LetterDone, Told
    from core.dialler.preview import HAND_MINUTES, NextCustomer, Preview
    from core.dialler.results import BadLine, Imported, Results
    from core.dialler.verbs import Dialler
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "attempts": ["Attempts", "Done", "LetterDone", "Told"],
            "preview": ["HAND_MINUTES", "NextCustomer", "Preview"],
            "results": ["BadLine", "Imported", "Results"],
            "verbs": ["Dialler"],
        },
    )

__all__ = [
    "HAND_MINUTES",
    "Attempts",
    "BadLine",
    "Dialler",
    "Done",
    "Imported",
    "LetterDone",
    "NextCustomer",
    "Preview",
    "Results",
    "Told",
]
