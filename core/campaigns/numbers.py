"""Telephone numbers by the million: numbers of one shape are read once, the others like it at a glance."""

from __future__ import annotations

import re

from core.campaigns.cells import number_of

_PLAIN = re.compile(r"[+0][0-9](?: ?[0-9]){7,13}")
TAIL = 5
"""Last digits that decide nothing: how a number is read hangs on its length and its first digits."""
HEAD = 4
"""Of what is kept of a number so many must be of its shape: a country's code is among them."""
MOST = 20_000


class Numbers:
    """Reads numbers as `number_of` does, several times as quick. Not for two threads at once."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._shapes: dict[tuple[str, int], tuple[int, str]] = {}

    def read(self, text: str) -> str:
        """E.164, empty for what is no telephone number."""
        if not _PLAIN.fullmatch(text):
            return number_of(text, self._region)
        digits = text.replace(" ", "")
        shape = (digits[:-TAIL], len(digits))
        learned = self._shapes.get(shape)
        if learned is not None:
            return learned[1] + digits[learned[0] :]
        found = number_of(text, self._region)
        same = _same_end(digits, found)
        if same >= TAIL + HEAD and len(self._shapes) < MOST:
            self._shapes[shape] = (len(digits) - same, found[: len(found) - same])
        return found


def _same_end(one: str, other: str) -> int:
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return same
