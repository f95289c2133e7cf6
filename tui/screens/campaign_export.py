"""Customers and ledgers into CSV files: where is asked, and nothing is written over."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from core.desk.files import place_wrong
from core.errors import Wrong
from core.reach import typed
from core.text import one_line
from core.views.customer_files import export_lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import TextIO

    from core.campaigns import Audience
    from tui.app import PostroomApp

LINES = 2000
"""Lines that are written at a time."""


async def export_customers(house: PostroomApp, name: str, which: Audience) -> None:
    """Ask for a path, and write these customers there; an import reads the file as it is."""
    usual = "".join(char if char.isalnum() or char in "-_" else "-" for char in name)[:60]
    await write_csv(house, "Export customers", f"{usual}.csv", export_lines(house.office.database, which))


async def write_csv(house: PostroomApp, title: str, usual: str, lines: AsyncIterator[str]) -> None:
    """Ask for a path, and write this text there, a line or many at a time. Raises Wrong where it cannot be."""
    from tui.dialogs.files import PathDialog

    question = "A file that is not there yet; nothing from outside can become a formula in it."
    said = await house.push_screen_wait(PathDialog(title, question, usual))
    if said is None:
        return
    path = typed(said)
    wrong = place_wrong(said)
    if wrong:
        raise Wrong(f"{one_line(str(path), 200)}: {wrong}")
    try:
        file = await asyncio.to_thread(_opened, path)
        number = await _written(file, lines)
    except OSError as error:
        words = one_line(error.strerror or str(error), 100)
        raise Wrong(f"{path} cannot be written: {words}; choose another place") from error
    house.notify(f"written: {path}, {max(0, number - 1):,} lines", markup=False)


def _opened(path: Path) -> TextIO:
    """For its owner alone: it has customers in it."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="")


async def _written(file: TextIO, lines: AsyncIterator[str]) -> int:
    waiting: list[str] = []
    number = 0
    try:
        async for line in lines:
            waiting.append(line)
            number += line.count("\n")
            if len(waiting) >= LINES:
                await asyncio.to_thread(file.write, "".join(waiting))
                waiting.clear()
        await asyncio.to_thread(file.write, "".join(waiting))
    finally:
        await asyncio.to_thread(file.close)
    return number
