"""What goes between the sandbox and its worker: lines of text over a socket, and a board of shared memory.

To the worker, one line each; JSON never holds a line end:

    P {"program": .., "sources": {..}, "names": {..}}      the program of the contacts that follow
    E K {"desk": {..}, "settings": {..}}                   what contacts with K see beside themselves
    L SECONDS IN_A_ROW                                     the time limit, and how many in a row ran into one
    C N K EVENT {contact}                                  one contact: run it, answer with its number
    Q N SECONDS {question}                                 check, draw or locate: answer with its number

From the worker: `R` when it is ready, then `N {answer}`, each as soon as it is known. The board says which contact or
question is being worked on and, while a line is being located, which line: it is what is left of a worker that ended.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

LONGEST_ANSWER = 1 << 20
"""Octets of one line from the worker: more is a worker gone wrong."""

OUT_OF_MEMORY = 77
"""Exit code of a worker that could not get memory."""

READY = b"R\n"

_BOARD = struct.Struct("<qii")
BOARD_SIZE = mmap.PAGESIZE


@dataclass(frozen=True, slots=True)
class Standing:
    """What a board says: the number being worked on (-1 is none), the script's index and its line."""

    number: int
    script: int
    line: int


class Board:
    """A page of memory that the worker writes and the sandbox reads, even after the worker has died."""

    def __init__(self, file: int) -> None:
        self._memory = mmap.mmap(file, BOARD_SIZE)
        self._number = -1

    def begin(self, number: int) -> None:
        """From now on this contact or question."""
        self._number = number
        _BOARD.pack_into(self._memory, 0, number, -1, 0)

    def at(self, script: int, line: int) -> None:
        """From now on this line."""
        _BOARD.pack_into(self._memory, 0, self._number, script, line)

    def read(self) -> Standing:
        """What stands there now."""
        return Standing(*_BOARD.unpack_from(self._memory, 0))

    def close(self) -> None:
        """Give the page back."""
        self._memory.close()
