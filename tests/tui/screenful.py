"""A terminal in a few lines: what a program's output makes of a screen, for tests and benchmarks of output."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from rich.cells import get_character_cell_size

_PIECE = re.compile(
    r"\x1b\[([<>?=]?)([0-9;:]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]]"
    r"|([^\x1b\x00-\x1f]+)|[\x00-\x1a]"
)
Cell = tuple[str, str]


class Screenful:
    """Cells with their style, as CUP, SGR and text leave them (ECMA-48); all else is ignored."""

    def __init__(self, width: int = 80, height: int = 24) -> None:
        self.width = width
        self.cells: list[list[Cell]] = [[(" ", "")] * width for _ in range(height)]
        self.octets = 0
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._x = self._y = 0
        self._style = ""

    def feed(self, octets: bytes) -> None:
        """More output."""
        self.octets += len(octets)
        text, self._rest = self._rest + self._decode(octets), ""
        at = 0
        while at < len(text):
            found = _PIECE.match(text, at)
            if found is None:
                self._rest = text[at:]
                return
            at = found.end()
            if found[4]:
                self._write(found[4])
            elif found[3] == "H" and not found[1]:
                row, _, column = found[2].partition(";")
                self._y, self._x = int(row or 1) - 1, int(column or 1) - 1
            elif found[3] == "m" and not found[1]:
                self._dress(found[2])

    def _dress(self, parameters: str) -> None:
        if parameters in ("", "0"):
            self._style = ""
        elif parameters.startswith("0;"):
            self._style = parameters[2:]
        else:
            self._style = f"{self._style};{parameters}" if self._style else parameters

    def _write(self, text: str) -> None:
        for character in text:
            size = get_character_cell_size(character)
            if size and self._x + size <= self.width and self._y < len(self.cells):
                line = self.cells[self._y]
                line[self._x] = (character, self._style)
                if size == 2:
                    line[self._x + 1] = ("", self._style)
            self._x += size

    @property
    def lines(self) -> list[str]:
        """The text of each line."""
        return ["".join(character for character, _ in line) for line in self.cells]
