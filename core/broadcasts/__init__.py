"""Broadcasts: one template to many customers; planned, frozen, fed to the outbox, and accounted for one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from core.broadcasts.forecasting import Forecast, forecast
    from core.broadcasts.plans import (
        USUALLY,
        Example,
        LeftOut,
        Plan,
        Preview,
        Request,
        Timing,
        Worst,
        hours_in_words,
    )
    from core.broadcasts.verbs import Broadcasts
    from core.models.states import Channel, CustomerStatus
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "forecasting": ["Forecast", "forecast"],
            "plans": ["USUALLY", "Example", "LeftOut", "Plan", "Preview", "Request", "Timing", "Worst",
                      "hours_in_words", "Channel", "CustomerStatus"],
            "verbs": ["Broadcasts"],
        },
    )  # fmt: skip

__all__ = [
    "USUALLY",
    "Broadcasts",
    "Channel",
    "CustomerStatus",
    "Example",
    "Forecast",
    "LeftOut",
    "Plan",
    "Preview",
    "Request",
    "Timing",
    "Worst",
    "forecast",
    "hours_in_words",
]
