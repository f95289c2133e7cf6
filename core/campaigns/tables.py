"""Files of customers as rows of cells: CSV in the encodings and with the separators that are met, and workbooks.

A CSV is read line by line, however long it is. A workbook (XLSX, XLS, ODS) is held in memory while it is read, by
a process of its own; it has 1,048,576 rows at most.
"""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.campaigns.plain_files import SEPARATORS, encoding_of, rows_of
from core.campaigns.workbooks import sheet_of
from core.errors import Wrong
from core.formulas import unguarded
from core.reach import look_at
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from core.campaigns.plain_files import Row
    from core.campaigns.workbooks import Sheet

LONGEST_LINE = 1_000_000
MOST_COLUMNS = 200
LONGEST_COLUMN = 60
_SAMPLE = 8192
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Cells = list[str]


class Unread(Cells):
    """In place of the cells of a row that cannot be read: the reason, alone."""


@dataclass(frozen=True, slots=True)
class Table:
    """An open file: its columns, and its rows to be read once."""

    columns: tuple[str, ...]
    """Names of the first line, cleaned, each one of its own."""
    rows: Iterator[tuple[int, Cells]]
    """The number of the line, and its cells as they are written."""
    kind: str
    """`CSV in utf-8, separated by ,` or `workbook`, for people."""
    octets: int
    """Of the whole file."""
    done: Callable[[], int]
    """Octets that are read so far; of a workbook an estimate by rows."""
    first: tuple[int, Cells]
    """The first line as it is written: a file may have no names of columns."""


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """Open a file of customers; blocks, so call it in a thread. Raises Wrong, here and while rows are read."""
    look_at(path)
    try:
        octets = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            if head in _WORKBOOKS:
                with sheet_of(file, path, octets) as sheet:
                    yield _workbook_table(sheet, path, octets)
            else:
                yield _text_table(file, path, octets)
    except OSError as err:
        raise Wrong(f"{path} cannot be read ({err.strerror}): check the path") from err


def _text_table(file: io.BufferedReader, path: Path, octets: int) -> Table:
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    sample = text.read(_SAMPLE)
    text.seek(0)
    separator = _separator(sample)
    rows = _csv_rows(rows_of(_lines(text, path), separator), path)
    first = next(rows, None)
    if first is not None and isinstance(first[1], Unread):
        raise Wrong(f"{path}, line {first[0]} cannot be read as CSV: {first[1][0]}")
    if first is not None and "\0" in "".join(first[1]):
        raise Wrong(f"{path} has zeros in its first line and is no text: save it as CSV in UTF-8")
    if first is None:
        raise Wrong(f"{path} is empty: its first line must name the columns")
    named = {"\t": "tabs"}.get(separator, separator)
    kind = f"CSV in {encoding}, separated by {named}"
    # Through `text`, which would close the file when nobody has it any more.
    return Table(_columns(first[1], path), rows, kind, octets, lambda: text.buffer.tell(), first)


def _separator(sample: str) -> str:
    """As csv sniffs it, where the first line agrees; else what the first line has most of."""
    head = sample.splitlines()[0] if sample.strip() else ""
    try:
        sniffed = csv.Sniffer().sniff(sample, SEPARATORS).delimiter
    except csv.Error:
        sniffed = ""
    most = max(SEPARATORS, key=head.count)
    return sniffed if sniffed and sniffed in head else most


def _lines(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise Wrong(f"{path}, line {number} has more than {LONGEST_LINE:,} characters: that is no line of a table")
        yield line


def _csv_rows(rows: Iterable[Row], path: Path) -> Iterator[tuple[int, Cells]]:
    for row in rows:
        if row.is_open:
            raise Wrong(
                f"{path}, line {row.line} cannot be read as CSV: {row.problem}, and the rows"
                " behind it would be lost in it: close the quote"
            )
        if row.problem:
            yield row.line, Unread([row.problem])
        elif any(row.cells):
            yield row.line, row.cells


def _workbook_table(sheet: Sheet, path: Path, octets: int) -> Table:
    first = next(sheet.rows, None)
    if first is None:
        raise Wrong(f"{path} is empty: the first line of a sheet must name the columns")
    read_so_far = partial(_of_height, sheet, octets)
    return Table(_columns(first[1], path), sheet.rows, "workbook", octets, read_so_far, first)


def _of_height(sheet: Sheet, octets: int) -> int:
    return octets * sheet.at // max(1, sheet.height)


def _columns(cells: Sequence[str], path: Path) -> tuple[str, ...]:
    if len(cells) > MOST_COLUMNS:
        raise Wrong(f"{path} has {len(cells):,} columns, and {MOST_COLUMNS} are the most: leave some out")
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = given = one_line(unguarded(cell.strip()), LONGEST_COLUMN) or f"Column {number}"
        times = 1
        while name in names:
            times += 1
            name = f"{given} ({times})"
        names.append(name)
    return tuple(names)
