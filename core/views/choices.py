"""What a person chooses from at the desk: queues, people, outcomes, classes. Cheap: no dialog waits for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from core.serving import IN_THE_WAY
from core.views.standing import PersonRow, outcomes, people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.store import Database

SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}


@dataclass(frozen=True, slots=True)
class Price:
    """What one part of a text costs."""

    amount: Decimal
    currency: str
    """ISO 4217, as in GBP."""

    def of(self, parts: int) -> str:
        """What so many parts cost, as in `£0.064` or `0.064 CHF`."""
        amount = f"{self.amount * parts:f}"
        sign = SIGNS.get(self.currency)
        return f"{sign}{amount}" if sign else f"{amount} {self.currency}"


@dataclass(frozen=True, slots=True)
class Choices:
    """All by name."""

    queues: tuple[str, ...] = ()
    people: tuple[PersonRow, ...] = ()
    outcomes: tuple[str, ...] = ()
    """Empty where the desk names none, and any word will do."""
    classes: tuple[str, ...] = ()
    prices: Mapping[str, Price] = field(default_factory=dict)
    """Of a part of a text, by the address of the account it is sent from; none where its gateway names none."""


async def choices(database: Database) -> Choices:
    """All of them."""
    queues = await database.read("SELECT name FROM queue ORDER BY name")
    classes = await database.read("SELECT name FROM call_class ORDER BY name")
    return Choices(
        tuple(row["name"] for row in queues), tuple(await people(database)), tuple(await outcomes(database)),
        tuple(row["name"] for row in classes), await prices(database),
    )  # fmt: skip


async def room_taken(database: Database) -> dict[str, int]:
    """How many contacts take up the room of each person, by login."""
    rows = await database.read(
        "SELECT p.login, count(c.id) AS n FROM person p LEFT JOIN contact c ON c.agent_id = p.id"
        f" AND c.state IN {IN_THE_WAY} GROUP BY p.login"
    )
    return {row["login"]: row["n"] for row in rows}


async def prices(database: Database) -> dict[str, Price]:
    """What a part of a text costs, by the address of the account."""
    rows = await database.read(
        "SELECT a.address, g.overrides FROM account a JOIN gateway g ON g.id = a.gateway_id WHERE a.kind = 'sms'"
    )
    found: dict[str, Price] = {}
    for row in rows:
        said = json.loads(row["overrides"]) if isinstance(row["overrides"], str) else row["overrides"]
        if said.get("price_per_part") and said.get("currency"):
            found[row["address"]] = Price(Decimal(str(said["price_per_part"])), str(said["currency"]))
    return found
