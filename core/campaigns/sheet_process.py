"""The process that reads one workbook from its standard input and writes its first table as lines of JSON.

A few octets can say that a sheet has seventeen thousand million cells, and the library that reads it then ends its
process; so it is a process of its own, with little memory. It imports nothing of ours: it is run by its path.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime

CPU_SECONDS = 600


def confine(memory: int) -> None:
    """No more than `memory` octets of address space, no endless reckoning, no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def read_sheet() -> None:
    """A line with {start, height} or {error}, then [number of the row from 1, cells] of each row with something."""
    from python_calamine import CalamineError, CalamineWorkbook

    with open(0, "rb", closefd=False) as file:
        try:
            book = CalamineWorkbook.from_filelike(file)
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if sheet.height:
                    break
            else:
                say({"error": ""})
                return
            say({"start": (sheet.start or (0, 0))[0], "height": sheet.height})
            for at, row in enumerate(sheet.iter_rows(), 1):
                cells = [cell_of(value) for value in row]
                if any(cells):
                    say([at, cells])
        except CalamineError as err:
            say({"error": str(err)[:500] or "it is broken"})


def say(line: object) -> None:
    """To whoever started this process."""
    sys.stdout.write(json.dumps(line) + "\n")


def cell_of(value: object) -> str:
    """What a person sees in a cell, nearly."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e17:
        return str(int(value))  # a spreadsheet has no other number: 447700900123 is 447700900123.0
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


if __name__ == "__main__":
    confine(int(sys.argv[1]))
    read_sheet()
