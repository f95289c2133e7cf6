"""Workbooks (XLSX, XLS, ODS) as rows of cells, read by a process of its own that may die of one: `sheet_process`."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from core.errors import Wrong
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_WORKBOOK = 100 * 2**20
LARGEST_UNPACKED = 400 * 2**20
"""A workbook of that size takes some five times as much memory."""
MEMORY = 3 * 2**30
"""Address space of the process that reads one."""
LONGEST_ROW = 64 * 2**20
_PROGRAM = Path(__file__).with_name("sheet_process.py")


@dataclass(slots=True)
class Sheet:
    """The first sheet with something in it."""

    start: int
    """Empty lines above the table, which are not among the rows."""
    height: int
    rows: Iterator[tuple[int, list[str]]]
    """The number of the line in the sheet, and its cells. Raises Wrong."""
    at: int = 0
    """Rows that are read so far."""


@contextmanager
def sheet_of(file: BinaryIO, path: Path, octets: int) -> Iterator[Sheet]:
    """Open a workbook; blocks. Raises Wrong, here and while rows are read."""
    if octets > LARGEST_WORKBOOK or _unpacked(file) > LARGEST_UNPACKED:
        raise Wrong(_too_large(path))
    process = subprocess.Popen(
        [sys.executable, "-I", str(_PROGRAM), str(MEMORY)],
        stdin=file.fileno(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    assert process.stdout is not None
    try:
        head = _line(process, process.stdout, path)
        if not isinstance(head, dict) or head.get("error") == "":
            raise Wrong(f"{path} is empty: the first line of a sheet must name the columns")
        if "error" in head:
            raise Wrong(f"{path} is no workbook that can be read ({one_line(head['error'], 100)}): save it as CSV")
        sheet = Sheet(int(head["start"]), int(head["height"]), iter(()))
        sheet.rows = _rows(sheet, process, process.stdout, path)
        yield sheet
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _rows(
    sheet: Sheet, process: subprocess.Popen[bytes], pipe: IO[bytes], path: Path
) -> Iterator[tuple[int, list[str]]]:
    while (row := _line(process, pipe, path)) is not None:
        if "error" in row:
            raise Wrong(f"{path} cannot be read on ({one_line(row['error'], 100)}): save it as CSV")
        sheet.at = row[0]
        yield sheet.start + row[0], row[1]


def _line(process: subprocess.Popen[bytes], pipe: IO[bytes], path: Path) -> Any:
    """What the process says next; None at its end. Raises Wrong where it died."""
    line = pipe.readline(LONGEST_ROW)
    if not line.endswith(b"\n"):
        if line or process.wait():
            raise Wrong(_too_large(path))
        return None
    return json.loads(line)


def _too_large(path: Path) -> str:
    return (
        f"{path} is too large for a workbook, or says that it has cells far away from the others:"
        " save it as CSV, which may have any size"
    )


def _unpacked(file: BinaryIO) -> int:
    """Octets that a zipped workbook says it has; 0 for another."""
    try:
        with zipfile.ZipFile(file) as archive:
            return sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0
    finally:
        file.seek(0)
