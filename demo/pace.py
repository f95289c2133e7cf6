"""How fast the demo lives, and its dice."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """Speed 1 looks human and lively; everything that people do takes 1/speed of its time."""

    speed: float = 1.0
    once: bool = False
    """Hold every talk once and then be silent, instead of going on for ever."""
    dice: random.Random = field(default_factory=random.Random)

    async def rest(self, least: float, most: float | None = None) -> None:
        """Let so many seconds pass, or some number between the two."""
        await asyncio.sleep(self.seconds(least, most))

    def seconds(self, least: float, most: float | None = None) -> float:
        """So many seconds at this speed, or some number between the two."""
        return self.dice.uniform(least, least if most is None else most) / self.speed
