"""What the list of a person's contacts says of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.text import one_line
from tui.ages import age, time_left
from tui.telling import shown_address
from tui.widgets.columns import Cell
from tui.widgets.tall_rows import TwoLines

if TYPE_CHECKING:
    from datetime import datetime

    from core.views import ContactRow
    from core.views.mine import QuestionRow

GLYPHS = {"open": ("●", "well"), "held": ("○", "off"), "wrap-up": ("▲", "look"), "closed": ("○", "off")}
"""Of any other state: it waits."""


def lines_of(
    row: ContactRow, now: datetime, region: str, login: str, *, news: int = 0, is_back: bool = False
) -> TwoLines:
    """A contact on two lines. `news`: messages that this person has not seen; `is_back`: from hold, and not seen."""
    glyph, style = GLYPHS.get(row.state, ("◌", "waiting"))
    said = one_line(row.subject if row.channel == "email" and row.subject else row.text, 200)
    below, look = said, "dim"
    if row.state == "offered" and row.agent == login and row.offered_until is not None:
        glyph, style, look = "◌", "look", "look"
        below = f"offered, {time_left((row.offered_until - now).total_seconds())}: {said}"
    elif news:
        glyph, style = "▲", "look"
        below, look = f"{news} new: {one_line(row.text, 200)}", "look"
    elif is_back:
        glyph, style = "▲", "look"
        below, look = f"back: {said}", "look"
    elif row.state == "closed":
        below = f"closed: {row.outcome or 'no outcome'}"
    elif row.agent not in ("", login):
        below = f"with {row.agent}: {said}"
    elif row.state not in ("open", "held"):
        below = f"{row.state}: {said}"
    title = row.name or shown_address(row.address, region)
    return TwoLines(Cell(glyph, style), title, _right(row, now), Cell(below, look))


def question_lines(row: QuestionRow, now: datetime) -> TwoLines:
    """What a colleague asks, on two lines."""
    asks = f"{one_line(row.author, 24)} asks"
    return TwoLines(Cell("?", "look"), asks, age(row.at, now), Cell(one_line(row.text, 200), "look"))


def _right(row: ContactRow, now: datetime) -> str:
    """How old it is; of a held one for how long it is held, of one in wrap-up for how long that lasts."""
    if row.state == "wrap-up" and row.wrap_until is not None:
        return time_left((row.wrap_until - now).total_seconds())
    if row.state != "held":
        return age(row.received_at, now)
    if row.held_until is None:
        return "hold"
    return f"{time_left((row.held_until - now).total_seconds())} hold"
