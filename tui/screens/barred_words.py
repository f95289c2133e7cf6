"""What the screen of do-not-contact lists and opt-outs says of each address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from core.views.barred import MOST_COUNTED, BarredFilter
from tui.screens.campaign_columns import moment_words
from tui.telling import shown_address
from tui.widgets.columns import Cell, Column
from tui.widgets.plate import COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from core.views.barred import BarredRow, Kind

COLUMNS = (
    Column("Number, address", 18, grow=2),
    Column("State", 11),
    Column("For", 7, drop=1),
    Column("Since", 16),
    Column("How we know", 20, grow=4),
)
DESK, OUT, ENDED = BarredFilter("desk"), BarredFilter("opted out"), BarredFilter("ended")
_STATES: dict[Kind, tuple[str, str]] = {
    "desk": ("✖ barred", "broken"),
    "campaign": ("✖ barred", "broken"),
    "opted out": ("✖ opted out", "broken"),
    "ended": ("○ ended", "off"),
}


def list_words(which: BarredFilter) -> str:
    """`the whole desk`, `campaign spring`, `opted out`, `opt-outs that have ended`."""
    if which.kind == "campaign":
        return f"campaign {which.campaign}"
    return {"desk": "the whole desk", "ended": "opt-outs that have ended"}.get(which.kind, which.kind)


def key_of(which: BarredFilter) -> str:
    """Of a choice: `desk`, `campaign:spring`, `opted out`, `ended`."""
    return f"campaign:{which.campaign}" if which.kind == "campaign" else which.kind


def filter_of(key: str) -> BarredFilter:
    """The list of that key."""
    name, _, campaign = key.partition(":")
    if name == "campaign":
        return BarredFilter("campaign", campaign)
    return next(one for one in (DESK, OUT, ENDED) if one.kind == name)


def many(number: int) -> str:
    """`1,204`, `100,000+`."""
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


def states(counts: Mapping[Kind, int], campaign: str) -> list[tuple[str, str, str]]:
    """Key, words and colour of each list for the line of states."""
    found = [("desk", f"Desk {many(counts.get('desk', 0))}", "")]
    if campaign:
        name = one_line(campaign, 24)
        found.append((f"campaign:{campaign}", f"{name} {many(counts.get('campaign', 0))}", ""))
    found.append(("opted out", f"✖ opted out {many(counts.get('opted out', 0))}", COLOURS["broken"]))
    found.append(("ended", f"○ ended {many(counts.get('ended', 0))}", COLOURS["off"]))
    return found


def barred_cells(row: BarredRow, which: BarredFilter, now: datetime, zone: tzinfo, region: str) -> Sequence[Cell | str]:
    """One address."""
    words, style = _STATES[which.kind]
    return (
        Cell(shown_address(row.address, region), "strong"),
        Cell(words, style),
        "texts" if row.channel == "sms" else "e-mails",
        Cell(moment_words(row.at, now, zone), "dim"),
        row.source,
    )


def barred_page(row: BarredRow, which: BarredFilter, now: datetime, zone: tzinfo, region: str) -> Content:
    """All that is known of it, a line each."""
    facts = [
        ("state", _STATES[which.kind][0]),
        ("for", "texts" if row.channel == "sms" else "e-mails"),
        ("list", "" if which.kind in ("opted out", "ended") else list_words(which)),
        ("since", moment_words(row.at, now, zone)),
        ("we know by", row.source),
        ("ended", f"{moment_words(row.ended_at, now, zone)}, by {row.ended_by}" if row.ended_at is not None else ""),
    ]
    lines = [Content.assemble((f"{name:<12}", "$secondary"), one_line(value, 400)) for name, value in facts if value]
    return Content("\n").join([Content.styled(one_line(shown_address(row.address, region), 320), "bold"), *lines])
