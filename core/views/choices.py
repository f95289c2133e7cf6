"""What a person chooses from at the desk: queues, people, outcomes, classes. Cheap: no dialog waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.views.standing import PersonRow, outcomes, people

if TYPE_CHECKING:
    from core.store import Database


@dataclass(frozen=True, slots=True)
class Choices:
    """All by name."""

    queues: tuple[str, ...] = ()
    people: tuple[PersonRow, ...] = ()
    outcomes: tuple[str, ...] = ()
    """Empty where the desk names none, and any word will do."""
    classes: tuple[str, ...] = ()


async def choices(database: Database) -> Choices:
    """All of them."""
    queues = await database.read("SELECT name FROM queue ORDER BY name")
    classes = await database.read("SELECT name FROM call_class ORDER BY name")
    return Choices(
        tuple(row["name"] for row in queues), tuple(await people(database)), tuple(await outcomes(database)),
        tuple(row["name"] for row in classes),
    )  # fmt: skip
