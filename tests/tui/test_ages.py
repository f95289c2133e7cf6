"""How long something still lasts, as people read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from tui.ages import time_left

SIZES = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"), (0, "0 s"), (0.2, "1 s"), (40, "40 s"), (59.5, "1 min"), (60, "1 min"), (60.5, "2 min"),
        (61, "2 min"), (45 * 60 - 0.1, "45 min"), (99 * 60, "99 min"), (2 * 3600 - 1, "2 h"), (47 * 3600, "47 h"),
        (3 * 86_400 - 1, "3 d"),
    ],
)  # fmt: skip
def test_what_is_left_is_what_was_chosen_and_never_nothing(seconds: float, words: str) -> None:
    assert time_left(seconds) == words


@given(floats(0.001, 400 * 86_400))
def test_it_never_says_nothing_and_is_never_far_off(seconds: float) -> None:
    number, unit = time_left(seconds).split()
    said = int(number) * SIZES[unit]
    assert said > 0
    assert abs(said - seconds) <= SIZES[unit] * (1 if unit in ("s", "min") else 0.51) + 60
    if unit in ("s", "min"):
        assert said >= seconds
