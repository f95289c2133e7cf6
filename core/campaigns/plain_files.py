"""Text files of tables from anywhere: which encoding it is, and rows of CSV in which an open quote swallows nothing."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, getincrementaldecoder
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEPARATORS = ",;\t|"
MOST_LINES = 1_000
"""Of one row: a cell may have line ends, though hardly so many."""
_HEAD = 4096
_MARKS = (
    (BOM_UTF32_LE, "utf-32"), (BOM_UTF32_BE, "utf-32"),  # before those of UTF-16, which begin alike
    (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, or what is wrong with a line of it."""

    line: int
    """Where it begins; 1 = the file's first."""
    cells: list[str]
    problem: str = ""
    is_open: bool = False
    """Whether the problem is a quote that is not closed; what stands behind that line comes as rows of its own."""


def encoding_of(file: BinaryIO) -> str:
    """The encoding of a file, by its mark, else by where its zeros are, else UTF-8, else what Windows writes."""
    head = file.read(_HEAD)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if zeros := _by_zeros(head):
        return zeros
    decoder = getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        while part := file.read(2**20):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig" if head.startswith(BOM_UTF8) else "utf-8"


def _by_zeros(head: bytes) -> str:
    """Text of Latin letters in two or four octets each, without a mark, is mostly zeros at certain places."""
    for width, names in ((4, ("utf-32-le", "utf-32-be")), (2, ("utf-16-le", "utf-16-be"))):
        whole = head[: len(head) // width * width]
        for name, letter in zip(names, (0, width - 1), strict=True):
            others = [whole[at::width] for at in range(width) if at != letter]
            most = 0.9 * len(whole) / width
            if (
                len(whole) >= 2 * width
                and all(part.count(0) > most for part in others)
                and whole[letter::width].strip(b"\0")
            ):
                return name
    return ""


def rows_of(lines: Iterable[str], separator: str) -> Iterator[Row]:
    """Rows of CSV with the lines they begin at, empty ones too.

    A row that cannot be read is a problem of its first line alone; the lines after it are read anew.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=separator)
    while True:
        source.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = _bad(source, str(error))
        else:
            if not source.is_broken_off:
                yield Row(source.first, cells)
                continue
            row = _bad(source, "")
        source.back_to_second()
        reader = csv.reader(source, delimiter=separator)
        yield row


def _bad(source: _Lines, error: str) -> Row:
    if source.is_broken_off or len(source.taken) > 1:
        return Row(source.first, [], "a quote is not closed in this row", is_open=True)
    if "limit" in error:
        return Row(source.first, [], f"a cell has more than {csv.field_size_limit():,} characters")
    return Row(source.first, [], f"it cannot be read as CSV: {error}")


class _Lines:
    """Lines for `csv.reader`, which remembers those of the row that is being read and can give them again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.first = 1
        self.is_broken_off = False
        """Whether the file ended in the middle of a row."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise csv.Error("too many lines")
        try:
            line = self._again.popleft() if self._again else next(self._lines)
        except StopIteration:
            self.is_broken_off = bool(self.taken)
            raise
        self.taken.append(line)
        return line

    def begin(self) -> None:
        """A new row."""
        self.first += len(self.taken)
        self.taken = []

    def back_to_second(self) -> None:
        """Read the lines after the row's first one again."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        self.is_broken_off = False
