"""What came into a list: quick where two long lists differ in a few places, right wherever they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

NEAR = 1_000
"""How far away what has left is looked for."""
MANY = 50
"""Differences after which all keys are compared at once."""


def arrived(before: Sequence[Hashable], now: Sequence[Hashable]) -> list[int]:
    """The places in `now` of keys that are not in `before`."""
    rest: list[int] = []
    at = place = 0
    for _ in range(MANY):
        run = _alike(before, at, now, place)
        at, place = at + run, place + run
        if place == len(now) or at == len(before):
            break
        try:
            at = before.index(now[place], at, at + NEAR)
        except ValueError:
            rest.append(place)
            place += 1
    rest += range(place, len(now))
    if not rest:
        return []
    known = set(before)
    return [one for one in rest if now[one] not in known]


def _alike(left: Sequence[Hashable], at: int, right: Sequence[Hashable], place: int) -> int:
    """How many keys are the same from there on; found by stretches that grow, then shrink."""
    most = min(len(left) - at, len(right) - place)
    found, step = 0, 64
    while step and found < most:
        step = min(step, most - found)
        if left[at + found : at + found + step] == right[place + found : place + found + step]:
            found += step
            step *= 2
        else:
            step //= 2
    return found
