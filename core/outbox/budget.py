"""The loop budget: how many automatic answers one address gets within an hour, whoever gives them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.mail import Automatic
from core.models.fields import to_moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.mail import InboundMail
    from core.store import Database

BUDGET_WINDOW = timedelta(hours=1)
ANSWER_BUDGET = 3
"""Automatic answers that one address gets within the window."""


class AnswerBudget:
    """What is left of the budget of some addresses, inside one transaction. What is spent is on the outbox by then."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        self._given: dict[str, int] = {}

    async def look_up(self, addresses: Iterable[str]) -> None:
        """Count what these addresses have been given lately."""
        wanted = [address for address in set(addresses) if address not in self._given]
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            rows = await self.database.rows(
                f"SELECT address, count(*) AS n FROM outbox WHERE address IN ({', '.join('?' * len(part))})"
                " AND created_at >= ? AND lane = 1 GROUP BY address",
                *part, to_moment(self.now - BUDGET_WINDOW),
            )  # fmt: skip
            self._given |= dict.fromkeys(part, 0) | {row["address"]: row["n"] for row in rows}

    async def spend(self, address: str) -> bool:
        """Take one answer out of an address's budget; False when there is none left."""
        if address not in self._given:
            await self.look_up([address])
        if self._given[address] >= ANSWER_BUDGET:
            return False
        self._given[address] += 1
        return True


def why_not_answered(address: str, mail: InboundMail | None) -> str:
    """Why nothing automatic may answer this mail of that address (RFC 3834); empty when something may."""
    if mail is not None and mail.automatic in (Automatic.BULK, Automatic.AUTO_REPLY):
        return f"a machine wrote it ({mail.auto_reason})" if mail.auto_reason else "a machine wrote it"
    if "@" not in address and not address.startswith("+"):
        return f"nobody can be answered at {address}"
    return ""
