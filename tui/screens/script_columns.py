"""What stands in the lists of the scripts screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from core.scripts.values import shown_value
from core.text import one_line
from core.views.calendars import CalendarRow, TemplateRow, VariableRow
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from core.views.scripts import ScriptRow

SCRIPT_COLUMNS = (
    Column("Script", 14, grow=2),
    Column("Active", 6),
    Column("Newest", 6, drop=2),
    Column("Accounts", 16, grow=2),
    Column("Runs", 6, right=True),
    Column("Errors", 6, right=True),
    Column("95 % in", 8, right=True, drop=1),
    Column("For", 20, grow=3, drop=3),
)
SHELF_COLUMNS = (
    Column("What", 9),
    Column("Name", 14, grow=1),
    Column("Now", 18, grow=1),
    Column("Says", 24, grow=3),
)


def script_cells(row: ScriptRow) -> Sequence[Cell | str]:
    """A script; states as glyph and word."""
    if row.active is None:
        active = Cell("○ none", "off")
    else:
        active = Cell(f"● v{row.active}", "well")
    more = f" +{len(row.accounts) - 1}" if len(row.accounts) > 1 else ""
    return (
        Cell(row.name, "strong"),
        active,
        f"v{row.newest}" if row.newest != row.active else Cell("same", "dim"),
        f"{row.accounts[0]}{more}" if row.accounts else Cell("none", "dim"),
        f"{row.runs:,}",
        Cell(f"✖ {row.errors:,}", "broken") if row.errors else "0",
        f"{row.p95_ms:.1f} ms" if row.p95_ms is not None else Cell("-", "dim"),
        Cell(row.description, "dim"),
    )


def script_lines(row: ScriptRow, key: Callable[[str], str], loading: Sequence[str] = ()) -> list[Content]:
    """The script under the cursor in two lines; `key` of an action; `loading`: the scripts that load it."""
    uses = [f"routes {', '.join(row.accounts)}"] if row.accounts else []
    uses += [f"loaded by {', '.join(loading)}"] if loading else []
    about = row.description or f"no description yet: {key('scripts.properties')}"
    first = Content(
        one_line(" · ".join([about, *(uses or [f"routes no account yet: {key('scripts.accounts')}"])]), 400)
    )
    if row.last_error:
        where = f"line {row.last_error_line}: " if row.last_error_line else ""
        return [first, Content.assemble(("✖ last error ", "$error"), one_line(where + row.last_error, 400))]
    if row.active is None:
        said = f"no version decides: {key('scripts.switch')} lets the newest one, {key('scripts.versions')} shows all"
        return [first, Content.assemble(("○ ", "dim"), said)]
    count = f"{row.runs:,} runs today" if row.runs != 1 else "1 run today"
    newer = f" · v{row.newest} is saved, decides nothing: {key('scripts.versions')}" if row.newest > row.active else ""
    return [first, Content.assemble(("● ", "$success"), f"v{row.active} decides · {count}, no errors{newer}")]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A calendar, variable or template, as the shelf shows it."""

    row: CalendarRow | VariableRow | TemplateRow
    what: str
    now: Cell
    says: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.row.name

    @property
    def key(self) -> tuple[str, str]:
        """Unlike any other's."""
        return (self.what, self.row.name)


def shelved(row: CalendarRow | VariableRow | TemplateRow, zone: tzinfo) -> Shelved:
    """What the shelf says of it; `zone` is the desk's."""
    match row:
        case CalendarRow():
            change = f"{row.next_change.astimezone(zone):%a %H:%M}" if row.next_change is not None else ""
            now = Cell(f"● until {change}" if change else "● open", "well")
            if not row.is_open:
                now = Cell(f"○ opens {change}" if change else "○ closed", "off")
            if row.error:
                now = Cell("✖ not read", "broken")
            closed = f" · {len(row.closed)} exceptions" if row.closed else ""
            return Shelved(row, "calendar", now, row.error or (", ".join(row.open) or "never open") + closed)
        case VariableRow():
            return Shelved(
                row, "variable", Cell(shown_value(row.value), "strong"), f"scripts read variables.{row.name}"
            )
        case TemplateRow():
            channel = f"{row.channel} + html" if row.html else row.channel
            return Shelved(row, "template", Cell(channel, "dim"), f"{row.subject}  {row.body}".strip())


def shelf_cells(one: Shelved) -> Sequence[Cell | str]:
    """One thing on the shelf."""
    return (Cell(one.what, "dim"), Cell(one.name, "strong"), one.now, one.says)
