"""Those whom a plan leaves out, as a file for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.views.broadcast_ledger import csv_for_people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.broadcasts.plans import Plan
    from core.broadcasts.verbs import Broadcasts


async def left_out_csv(broadcasts: Broadcasts, plan: Plan) -> AsyncIterator[str]:
    """Lines of CSV (RFC 4180) with their ends, the names first: who, and why not."""
    yield csv_for_people([("reference", "name", "address", "reason", "detail")])
    async for reason, one in broadcasts.left_out(plan):
        words = reason.in_words(plan.request.channel)
        yield csv_for_people([(one.reference, one.name, one.address, words, one.detail)])
