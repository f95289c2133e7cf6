"""How a call ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.desk.waking import wake_time
from core.errors import Wrong
from tui.dialogs.form import Field
from tui.dialogs.plain_form import PlainForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from tui.dialogs.form import Values


class OutcomeForm(PlainForm):
    """Outcome, call-back, note; the customer's status follows from them. Nothing is chosen until a person chooses."""

    def __init__(
        self, who: str, outcomes: Sequence[str], now: datetime, zone: tzinfo, draft: Values | None = None
    ) -> None:
        """`draft`: what was said before, where it was not taken."""
        page = [
            Field(
                "outcome", "Outcome", "How it ended.", "choice",
                (("", "choose one"), *((one, one) for one in outcomes)),
            ),
            Field("callback", "Ring again", "Empty: no; else 45 min, 14:30, tue 9:00 by the customer's clock."),
            Field("personal", "By you alone", "You promised to ring yourself; else anybody does.", "flag"),
            Field("terminate", "Done with", "This customer is not rung any more.", "flag"),
            Field("note", "Note", "It stays with the attempt."),
        ]  # fmt: skip

        def wrong(values: Values) -> dict[str, str]:
            at = str(values["callback"])
            found = {} if values["outcome"] else {"outcome": "say how the call ended: choose one"}
            if at and values["terminate"]:
                return found | {"terminate": "who is done with is not rung again: clear one of the two"}
            try:
                if at:
                    wake_time(at, now, zone)
            except Wrong as error:
                return found | {"callback": str(error)}
            return found

        super().__init__(f"Call to {who}", [("Call", page)], {}, wrong, draft=draft)
