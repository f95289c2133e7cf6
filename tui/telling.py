"""Explanations, alarms and sparklines: what the core knows, as text for a page or a cell."""

from __future__ import annotations

from functools import lru_cache
from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from tui.ages import age, day

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, tzinfo

    from core.views import Step
    from core.views.alarms import Alarm

HANG = 12
"""Cells before the words of a step."""
BARS = "▁▂▃▄▅▆▇█"


class InHaste:
    """Whether the first frame is being made: then numbers are shown as they are."""

    now = False


def shown_address(address: str, region: str) -> str:
    """A number as people of that region write it; any other address as it is."""
    if InHaste.now or not region or not address.startswith("+"):
        return address
    return _as_written(address, region)


@lru_cache(maxsize=10_000)
def _as_written(address: str, region: str) -> str:
    from core.sms import national  # dear to import, and not every desk has texts

    return national(address, region)


def sparkline(counts: Collection[int]) -> str:
    """One bar for each count; the highest fills its cell, and nothing is the lowest bar."""
    top = max(counts, default=0)
    return "".join(BARS[-(-count * (len(BARS) - 1) // top)] if top else BARS[0] for count in counts)


def explanation(steps: Sequence[Step], zone: tzinfo, now: datetime, room: int = 0) -> Content:
    """Steps as lines under the days they happened on; times in the desk's zone. `room`: cells to wrap long ones in."""
    lines: list[str | tuple[str, str]] = []
    last = ""
    for step in steps:
        at = step.at.astimezone(zone)
        name = day(at, now.astimezone(zone))
        if name != last:
            lines.append((f"{name}\n", "bold $primary"))
            last = name
        when = "now     " if step.who == "now" else f"{at:%H:%M:%S}"
        who = "" if step.who == "now" else f"{one_line(step.who, 24)}: "
        words = who + one_line(step.what, 2000)
        first, *more = wrap(words, max(20, room - HANG)) if room else [words]
        lines += [(f"  {when}  ", "$secondary"), (first[: len(who)], "bold"), f"{first[len(who) :]}\n"]
        lines += [f"{' ' * HANG}{line}\n" for line in more]
    return Content.assemble(*lines) if lines else Content("nothing is known of it")


def alarm_line(alarm: Alarm, now: datetime) -> str:
    """`✖  4 min  texts@acme.example: the login was refused`."""
    return f"{'✖' if alarm.broken else '▲'} {age(alarm.since, now):>6}  {one_line(alarm.words, 160)}"
