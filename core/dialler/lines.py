"""The lines of a file of results, CSV or JSON lines, each with what it says by the names that are known."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from core.campaigns.plain_files import SEPARATORS, encoding_of, rows_of
from core.errors import Wrong
from core.formulas import unguarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_LINE = 200_000
"""Characters; the rest of a longer line is passed over."""
NAMES = {
    "reference": "reference", "ref": "reference", "customer": "reference", "account": "reference",
    "number": "number", "phone": "number", "telephone": "number", "mobile": "number",
    "outcome": "outcome", "result": "outcome", "disposition": "outcome",
    "terminate": "terminate", "terminated": "terminate", "final": "terminate",
    "callback": "callback", "call back": "callback", "call-back": "callback",
    "at": "at", "time": "at", "id": "id", "agent": "agent", "login": "agent", "list": "list", "note": "note",
}  # fmt: skip
"""Columns, or keys, and what each is read as; others are left alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says, or why it cannot be read."""

    number: int
    """1 = the first of the file."""
    values: dict[str, str]
    problem: str = ""


def opened(path: Path) -> Iterator[Line]:
    """The file's lines, read as they are wanted. Raises Wrong at once; OSError when the file goes away meanwhile."""
    try:
        with path.open("rb") as octets:
            encoding = encoding_of(octets)
        with path.open(encoding=encoding, errors="replace") as file:
            head = file.read(4096)
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    if not head.strip():
        raise Wrong(f"{path} is empty: it wants a line with the names of its columns, reference and outcome among them")
    if head.lstrip().startswith("{"):
        return _json_lines(path, encoding)
    columns = _columns(head)
    if "outcome" not in columns.values() or not {"reference", "number"} & set(columns.values()):
        raise Wrong(f"{path} names no columns reference (or number) and outcome in its first line")
    return _csv_lines(path, encoding, _delimiter(head), columns)


def _delimiter(head: str) -> str:
    first = head.splitlines()[0]
    return max(SEPARATORS, key=first.count)


def _columns(head: str) -> dict[int, str]:
    try:
        row = next(csv.reader([head.splitlines()[0]], delimiter=_delimiter(head)), [])
    except csv.Error:
        return {}
    names = [" ".join(name.replace("_", " ").lower().split()) for name in row]
    found: dict[int, str] = {}
    for at, name in enumerate(names):
        if name in NAMES and NAMES[name] not in found.values():
            found[at] = NAMES[name]
    return found


def _csv_lines(path: Path, encoding: str, delimiter: str, columns: dict[int, str]) -> Iterator[Line]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        for row in rows_of(_lines(file), delimiter):
            if row.problem:
                yield Line(row.line, {}, f"this line is left out: {row.problem}")
            elif row.line > 1 and any(row.cells):
                yield Line(row.line, {
                    name: _clean(unguarded(row.cells[at].strip()))
                    for at, name in columns.items() if at < len(row.cells)
                })  # fmt: skip


def _json_lines(path: Path, encoding: str) -> Iterator[Line]:
    with path.open(encoding=encoding, errors="replace") as file:
        for number, text in enumerate(_lines(file), 1):
            if not text.strip():
                continue
            try:
                found = json.loads(text)
            except (ValueError, RecursionError):
                found = None
            if not isinstance(found, dict):
                yield Line(number, {}, "this line is no JSON object")
                continue
            yield Line(number, {
                NAMES[name.lower().replace("_", " ")]: "" if value is None else _clean(str(value).strip())
                for name, value in found.items() if name.lower().replace("_", " ") in NAMES
            })  # fmt: skip


def _clean(text: str) -> str:
    """Without what no database takes: zeros, and halves of characters (JSON can write both)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _lines(file: TextIO) -> Iterator[str]:
    """Line by line, none longer than `LONGEST_LINE`: a file without line ends must not fill the memory."""
    while line := file.readline(LONGEST_LINE):
        rest = line
        while rest and not rest.endswith(("\n", "\r")):
            rest = file.readline(LONGEST_LINE)
        yield line.replace("\0", "")
