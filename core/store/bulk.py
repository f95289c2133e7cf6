"""Hundreds of rows in one step of SQLite, and any number of ids.

Its thread gives the interpreter's lock back at every row that it reads or writes, and waits until the loop's thread
does the same: ten times as long as the row takes. What is one row, or one statement, waits once.
"""

from __future__ import annotations

import json
import sys
from array import array
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.store.database import Database


MOST_VALUES = 30_000
"""In one statement: PostgreSQL takes 32,767, SQLite in its usual build one less."""


def in_one_row(columns: Sequence[str], rest: str) -> str:
    """SQLite's statement for `SELECT columns rest` with all rows in one; for `unpacked`.

    At most 100 columns of whole numbers and texts: its JSON rounds what has a fraction, and has no octets.
    """
    names = [f"c{number}" for number in range(len(columns))]
    values = [column.rpartition(" AS ")[0] or column for column in columns]
    named = ", ".join(f"{value} AS {name}" for value, name in zip(values, names, strict=True))
    return f"SELECT json_group_array(json_array({', '.join(names)})) AS packed FROM (SELECT {named} {rest})"


def unpacked(columns: Sequence[str], row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows, with their columns' names (without the table's)."""
    names = [column.rpartition(".")[2].rpartition(" ")[2] for column in columns]
    return [dict(zip(names, values, strict=True)) for values in json.loads(row["packed"])]


def for_all(sql: str, types: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[str, list[list[object]]]:
    """One statement for all rows: `{rows}` in it is a table of their values, whose columns are column1, column2 ...

    `types`: of the columns, in SQL that both databases know. Raises ValueError for no row, and for more than
    MOST_VALUES values: whoever calls it works in portions.
    """
    if not 0 < len(rows) * len(types) <= MOST_VALUES:
        raise ValueError(f"{len(rows)} rows of {len(types)} values: one statement takes 1 to {MOST_VALUES} values")
    first = ", ".join(f"CAST(? AS {kind})" for kind in types)
    others = f", ({', '.join('?' * len(types))})" * (len(rows) - 1)
    return sql.format(rows=f"(VALUES ({first}){others})"), [list(chain.from_iterable(rows))]


async def read_ids(database: Database, sql: str, *values: object) -> array[int]:
    """The ids that a query `SELECT id ...` finds, in its order, read outside any transaction: eight octets each.

    They come as one row, sixteen digits each: a hundred thousand rows of one number, or JSON of them, would hold up the
    screen while Python makes numbers of them.
    """
    digits = (
        "group_concat(printf('%016x', id), '')" if database.is_sqlite else "string_agg(lpad(to_hex(id), 16, '0'), '')"
    )
    (row,) = await database.read(f"SELECT {digits} AS ids FROM ({sql}) found", *values)
    ids = array("q", bytes.fromhex(row["ids"] or ""))
    if sys.byteorder == "little":
        ids.byteswap()
    return ids
