"""What commands print: tables for people, `--json` for programs."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from rich.cells import cell_len, set_cell_size

from core.settings import find_settings
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from _typeshed import DataclassInstance

    from core.office import Office
    from core.settings import Settings
    from core.store import Database

# JSON lets these stand as they are, and a terminal would obey them; each can only be inside a string.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}

Result = TypeVar("Result")
Opened = TypeVar("Opened")
Row = TypeVar("Row", bound="DataclassInstance")


def with_office(context: typer.Context, work: Callable[[Office], Awaitable[Result]]) -> Result:
    """Open the office that the command line names, do the work, close it; the work's result."""
    from core.office import open_office

    return asyncio.run(_within(open_office(settings_of(context)), work))


def with_database(context: typer.Context, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """The same with the database alone, for what only reads: it starts in half the time."""
    from core.store import opened

    return asyncio.run(_within(opened(settings_of(context)), work))


async def _within(opening: AbstractAsyncContextManager[Opened], work: Callable[[Opened], Awaitable[Result]]) -> Result:
    async with opening as opened:
        return await work(opened)


def settings_of(context: typer.Context) -> Settings:
    """The database and key that the command line names, else the usual ones. Raises Wrong."""
    return find_settings(context.find_root().obj or None)


def print_json(value: object) -> None:
    """One JSON document: dataclasses as objects, times as ISO 8601 in UTC."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=2)
    typer.echo(_STEERING.sub(lambda match: f"\\u{ord(match.group()):04x}", text))


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {key.rstrip("_"): _plain(one) for key, one in asdict(value).items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(one) for one in (value if isinstance(value, (list, tuple)) else sorted(value))]
    return value


def print_rows(
    columns: Mapping[str, str],
    rows: Sequence[Row],
    *,
    json: bool,
    wide: str = "",
    empty: str = "none",
    cells: Callable[[Row], Mapping[str, object]] | None = None,
) -> None:
    """Rows of the read side: as JSON all that they hold, else a table, with what `cells` has in place of a value."""
    if json:
        print_json(rows)
        return
    shown = [asdict(row) | (dict(cells(row)) if cells is not None else {}) for row in rows]
    print_table(columns, shown, wide=wide, empty=empty)


def print_table(
    columns: Mapping[str, str], rows: Sequence[Mapping[str, object]], *, wide: str = "", empty: str = "none"
) -> None:
    """A plain table that fits the terminal; `columns` maps keys to headings, the one named `wide` is cut to fit."""
    if not rows:
        typer.echo(empty)
        return
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    headings = list(columns.values())
    widths = [max(map(cell_len, column)) for column in zip(headings, *cells, strict=True)]
    room = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 200
    keys = list(columns)
    _narrow(widths, keys.index(wide) if wide in keys else -1, room)
    right = [all(isinstance(row.get(key), (int, float, type(None))) for row in rows) for key in keys]
    typer.echo(_line(headings, widths, right))
    for line in cells:
        typer.echo(_line(line, widths, right))


def _narrow(widths: list[int], first: int, room: int) -> None:
    """Take what is too much from the column `first`, then always from the widest, down to 8 each."""
    excess = sum(widths) + 2 * (len(widths) - 1) - room
    while excess > 0:
        at = first if first >= 0 and widths[first] > 8 else widths.index(max(widths))
        if widths[at] <= 8:
            return
        widths[at] -= 1
        excess -= 1


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    parts = []
    for cell, width, to_the_right in zip(cells, widths, right, strict=True):
        cut = cell if cell_len(cell) <= width else set_cell_size(cell, width - 1).rstrip() + "…"
        blank = " " * (width - cell_len(cut))
        parts.append(blank + cut if to_the_right else cut + blank)
    return "  ".join(parts).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, float):
        return f"{value:.0f}"
    return harmless(str(value), lines=False)


def print_difference(lines: Sequence[str]) -> None:
    """Unified lines; coloured on a terminal."""
    for line in lines:
        colour = _COLOURS.get(line[:1]) if sys.stdout.isatty() else None
        typer.echo(typer.style(harmless(line), fg=colour) if colour else harmless(line))


def age(seconds: float) -> str:
    """A duration for people: `12 s`, `4 min`, `3 h`, `2 d`."""
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "min"), (48 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 86400)} d"
