"""What a benchmark finds: a number of ours beside an anchor's, and what it was wanted to be."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HEADINGS = ("what", "ours", "anchor", "", "ratio", "wanted", "verdict")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the table. `ours` and `anchor` are medians of interleaved rounds, in `unit`."""

    name: str
    unit: str
    ours: float
    anchor_name: str
    anchor: float
    wanted: float | None = None
    """What ours over the anchor (or ours less the anchor) should be; None where nothing is asked."""
    aim: Literal["at least", "at most"] = "at least"
    how: Literal["ratio", "difference"] = "ratio"

    @property
    def found(self) -> float:
        """Ours over the anchor, or ours less the anchor."""
        return self.ours / self.anchor if self.how == "ratio" else self.ours - self.anchor

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or `shown` where nothing is asked."""
        if self.wanted is None:
            return "shown"
        met = self.found >= self.wanted if self.aim == "at least" else self.found <= self.wanted
        return "met" if met else "missed"

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return asdict(self) | {"found": self.found, "verdict": self.verdict}

    def as_row(self) -> tuple[str, ...]:
        """For people."""
        sign = ">=" if self.aim == "at least" else "<="
        return (
            self.name,
            f"{_number(self.ours)} {self.unit}",
            f"{_number(self.anchor)} {self.unit}",
            self.anchor_name,
            self._in_words(self.found),
            f"{sign} {self._in_words(self.wanted)}" if self.wanted is not None else "-",
            self.verdict,
        )

    def _in_words(self, value: float) -> str:
        return f"{value:.2f} x" if self.how == "ratio" else f"{value:+.1f} {self.unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:,.1f}" if value >= 10 else f"{value:.2f}"


def table(found: Sequence[Comparison]) -> str:
    """All of them, one a line."""
    rows = [HEADINGS, *(one.as_row() for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)


def interleaved(rounds: int, sides: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Measure the sides in turn, A B C A B C, so that a busy minute falls on all of them; each one's median."""
    values: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, side in sides.items():
            values[name].append(side())
            note(f"  round {number + 1} of {rounds}: {name} {_number(values[name][-1])}")
    return {name: median(found) for name, found in values.items()}


def note(words: str) -> None:
    """Say what goes on, beside the table."""
    print(words, file=sys.stderr, flush=True)
