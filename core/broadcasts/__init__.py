"""Broadcasts: one template to many customers; planned, frozen, fed to the outbox, and accounted for one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from core.broadcasts.plans import USUALLY, Example, LeftOut, Plan, Preview, Request, Timing, Worst
    from core.broadcasts.verbs import Broadcasts
    from core.models.states import Channel, CustomerStatus
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "plans": ["USUALLY", "Example", "LeftOut", "Plan", "Preview", "Request", "Timing", "Worst",
                      "Channel", "CustomerStatus"],
            "verbs": ["Broadcasts"],
        },
    )  # fmt: skip

__all__ = [
    "USUALLY",
    "Broadcasts",
    "Channel",
    "CustomerStatus",
    "Example",
    "LeftOut",
    "Plan",
    "Preview",
    "Request",
    "Timing",
    "Worst",
]
