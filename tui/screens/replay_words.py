"""What a replay says: its sums, its groups, and what it would mean to publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.scripts.replaying import Difference, Replay

COLUMNS = (
    Column("Contacts", 8, right=True),
    Column("Went to", 12, grow=2),
    Column("Would go to", 20, grow=3),
    Column("Because", 24, grow=3),
    Column("Line", 4, right=True, drop=1),
)


def difference_cells(row: Difference) -> Sequence[Cell | str]:
    """One group."""
    return (
        f"{row.count:,}",
        row.old,
        Cell(f"✖ {row.new}", "broken") if row.failed else Cell(row.new, "strong"),
        row.reason or Cell("-", "dim"),
        f"{row.line}" if row.line else "",
    )


def group_lines(row: Difference) -> list[Content]:
    """The group under the cursor in two lines: what its row has no room for."""
    new = (f"✖ {row.new}", "$error") if row.failed else (row.new, "bold")
    where = f"line {row.line}" if row.line else ""
    why = ", ".join(filter(None, [one_line(row.reason, 300), where])) or "no line of the script decides it"
    return [
        Content.assemble(one_line(row.old, 200), " → ", (one_line(new[0], 300), new[1])),
        Content.styled(why, "dim"),
    ]


def sums(state: Replay, key: str) -> Content:
    """How many end as they did, elsewhere, or nowhere. `key` chooses the days."""
    if not state.total:
        return Content(f"No contact of that time was routed by this script: {key} takes another stretch.")
    return Content.assemble(
        (f"● {state.same:,} the same", "$success"), "   ",
        (f"▲ {state.differ:,} would go elsewhere", "$warning" if state.differ else "dim"), "   ",
        (f"✖ {state.failed:,} would fail", "$error" if state.failed else "dim"),
    )  # fmt: skip


def places(state: Replay) -> Content:
    """`queue front 40 → 28 · queue billing 2 → 14`: those that change first."""
    parts: list[Content] = []
    for place in state.places:
        name = one_line(place.name, 40)
        if place.before == place.after:
            parts.append(Content.styled(f"{name} {place.after:,}", "dim"))
        else:
            parts.append(Content.assemble(name, (f" {place.before:,} → {place.after:,}", "bold")))
    return Content(" · ").join(parts)


def gist(state: Replay | None) -> str:
    """What it says about publishing, in a sentence."""
    if state is None or not state.total:
        return "There is no past contact to show it on."
    looked = f"Of {state.done:,} contacts" + (f" (of {state.total:,})" if state.done < state.total else "")
    return f"{looked} {state.differ:,} would go elsewhere and {state.failed:,} would fail."


def consequences(accounts: Sequence[str], active: int | None, key: str) -> str:
    """Whom it is for, and what decides now. `key` rolls back."""
    uses = ", ".join(accounts[:4]) + (f" and {len(accounts) - 4} more" if len(accounts) > 4 else "")
    decides = f"It decides from the next contact on, for {uses}." if uses else "It routes no account yet."
    return f"{decides}\n" + (f"v{active} decides now; {key} goes back to it." if active else "No version decides now.")
