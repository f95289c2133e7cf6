"""What is said of a customer who is about to be rung."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.clock import zone_named
from core.text import one_line
from tui.screens.campaign_columns import moment_words, status_words
from tui.telling import shown_address

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from core.dialler import NextCustomer

LONGEST_FIELDS = 2_000


def customer_lines(row: NextCustomer, now: datetime, zone: tzinfo, region: str) -> list[Content]:
    """Name, number, where they stand, what is known."""
    promised = ""
    if row.callback_at is not None:
        whose = "you promised" if row.is_personal else "promised"
        promised = f" · {whose} {moment_words(row.callback_at, now, zone)}"
    tries = f"{row.tries}, the last one: {row.outcome}" if row.tries else "never tried"
    quiet = ""
    if row.quiet_until is not None:
        there = zone_named(row.zone)
        quiet = f" · {now.astimezone(there):%H:%M} there, quiet until {row.quiet_until.astimezone(there):%H:%M}"
    texts = ""
    if row.no_texts_since is not None:
        texts = f" · wants no texts since {moment_words(row.no_texts_since, now, zone)}"
    own = " · ".join(f"{name}: {value}" for name, value in row.fields.items() if value)
    return [
        Content.styled(one_line(row.name, 100) or "no name known", "bold $primary"),
        Content.assemble(
            ("number  ", "$text-muted"),
            (one_line(shown_address(row.number, region), 60), "bold"),
            *([(texts, "$warning")] if texts else []),
        ),
        Content.assemble(("status  ", "$text-muted"), one_line(f"{status_words(row.status.value)}{promised}", 200)),
        Content.assemble(("tries   ", "$text-muted"), one_line(tries, 200)),
        Content.assemble(("list    ", "$text-muted"), one_line(f"{row.list} · {row.reference}", 200)),
        Content.assemble(
            ("zone    ", "$text-muted"), one_line(row.zone, 60), *([(quiet, "$warning")] if quiet else [])
        ),
        Content.assemble(("fields  ", "$text-muted"), one_line(own, LONGEST_FIELDS) or "none"),
    ]
