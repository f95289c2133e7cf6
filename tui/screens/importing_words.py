"""What the import screen shows of a file, of its columns, and of what is wrong with its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from core.campaigns.mapping import FIELDS
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.campaigns.importing import ImportResult, ImportWish, Look
    from core.campaigns.reading import Problem

MAPPING_COLUMNS = (
    Column("Field", 12),
    Column("Column", 16, grow=1),
    Column("First rows", 30, grow=4),
)
PROBLEM_COLUMNS = (
    Column("Line", 9, right=True),
    Column("Column", 14, grow=1),
    Column("", 10),
    Column("What is wrong", 30, grow=4),
)
SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Mapped:
    """One field of a customer, and where it comes from."""

    field: str
    column: str
    """Empty = from nowhere."""
    samples: tuple[str, ...]
    own: bool


def mapped_rows(look: Look) -> list[Mapped]:
    """Every customer's fields and the list's own; those from nowhere last."""
    places = {name: at for at, name in enumerate(look.columns)}

    def samples(column: str) -> tuple[str, ...]:
        parts = [places[one] for one in (column.split(" + ") if column not in places else [column]) if one in places]
        found = (" ".join(row[at] for at in parts if at < len(row)) for row in look.rows[:SAMPLES])
        return tuple(found) if parts else ()

    names = [*FIELDS, *(name for name in look.own_fields if name not in FIELDS)]
    mapping = look.mapping
    rows = [Mapped(name, mapping.get(name, ""), samples(mapping.get(name, "")), name not in FIELDS) for name in names]
    return sorted(rows, key=lambda row: not row.column)


def mapping_cells(row: Mapped) -> Sequence[Cell | str]:
    """A field; one from nowhere says so."""
    column = Cell(row.column, "strong") if row.column else Cell("○ none", "off")
    return (Cell(f"+ {row.field}" if row.own else row.field), column, Cell(" · ".join(row.samples), "dim"))


def problem_cells(row: Problem) -> Sequence[Cell | str]:
    """A row that is left out, or taken with a remark."""
    kind = Cell("✖ left out", "broken") if row.left_out else Cell("▲ taken", "look")
    return (f"{row.line:,}", row.column, kind, row.reason)


def sums_line(result: ImportResult) -> Content:
    """What became of every row; together they are all."""
    verb = "would be " if result.dry_run else ""
    return Content.assemble(
        (f"{result.rows:,} rows: ", "bold"),
        f"{result.added:,} {verb}added, {result.updated:,} changed, {result.unchanged:,} the same, ",
        (f"{result.left_out:,} left out", "$error" if result.left_out else ""),
    )


def question_words(result: ImportResult, wish: ImportWish) -> str:
    """Before it is done."""
    place = f"list {result.list}"
    if wish.new:
        place = f"a new list {result.list}" + (f" of campaign {wish.campaign}" if wish.campaign else "")
    out = f" Left out: {result.left_out:,}." if result.left_out else ""
    looked = f" To be looked at: {result.remarks:,}." if result.remarks else ""
    return (
        f"{result.added:,} customers come onto {place}, {result.updated:,} are changed,"
        f" {result.unchanged:,} stay as they are.{out}{looked}"
    )
