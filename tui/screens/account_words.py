"""What the accounts screen says of an account and of the outgoing server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from tui.ages import age
from tui.telling import explanation
from tui.widgets.columns import Cell, Column
from tui.widgets.plate import COLOURS, heading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from core.views import AccountRow, Step
    from core.views.panel import OutgoingRow, PlaceRow

COLUMNS = (
    Column("Account", 18, grow=3),
    Column("User", 5, drop=4, grow=1),
    Column("Campaigns", 9, drop=5),
    Column("Gateway", 9, drop=3, grow=1),
    Column("Script", 9, drop=1, grow=1),
    Column("Class", 7, drop=2, grow=1),
    Column("Queue", 7, drop=9, grow=1),
    Column("In", 5, right=True, drop=7),
    Column("Out", 5, right=True, drop=8),
    Column("Waiting", 7, right=True, drop=6),
    Column("Health", 9, grow=3),
)
NONE = Cell("-", "dim")
LATELY = 8
"""Steps of an account's story that the pane shows."""
_PLACE = re.compile(r"^\S{1,255}:[0-9]{1,5}:? ")
NOTHING = (
    " No account yet. Set up the outgoing server (o) and, for texts, a gateway (g);\n"
    " then the first account (n): Save and check in its form tries everything out."
)


def account_cells(row: AccountRow, place: PlaceRow | None, now: datetime) -> Sequence[Cell | str]:
    """One account in the columns."""
    campaigns = ", ".join(place.campaigns) if place else ""
    return (
        Cell(row.address, "strong" if row.enabled else "off"),
        row.user or NONE,
        one_line(campaigns, 200) or NONE,
        row.gateway or NONE,
        f"{place.script}▾" if place and place.script else NONE,
        row.inbound_class or NONE,
        row.queue,
        f"{row.today_in:,}",
        f"{row.today_out:,}",
        Cell(f"{row.waiting:,}", "waiting" if row.waiting else "off"),
        health(row, now),
    )


def health(row: AccountRow, now: datetime) -> Cell:
    """Glyph and word: `● 4 s` since the last poll, `✖` and the error, `○ off`, `◌ waiting`."""
    match row.status:
        case "ok":
            return Cell(f"● {age(row.last_poll, now) or 'well'}", "well")
        case "broken":
            # Most errors begin with host and port, which would fill the column.
            return Cell(f"✖ {_PLACE.sub('', row.error) or 'broken'}", "broken")
        case "off":
            return Cell("○ off" if not row.enabled else "○ no engine", "off")
    return Cell("◌ waiting", "waiting")


def account_detail(row: AccountRow, place: PlaceRow | None, now: datetime, zone: tzinfo) -> Content:
    """Four lines: today, where every mail on the server went, how it is polled, what is wrong."""
    width = 37
    kept = f"on server {row.on_server:,} = {row.contacts:,} kept + {_many(row.receipts, 'receipt')}"
    rest = f"+ {_many(row.duplicates, 'duplicate')} + {row.quarantined:,} set aside"
    if row.accounted < row.on_server:
        rest += f" + {row.on_server - row.accounted:,} to fetch"
    today = f"today {row.today_in:,} in · {row.today_out:,} out · {row.waiting:,} waiting"
    oldest = age(row.oldest_unfetched, now) or "none"
    lines = [
        Content(f" {today:<{width}}{kept}"),
        Content.assemble(f" {f'oldest unfetched: {oldest}':<{width}}{rest}", _aside(row)),
        Content(f" {_polling(row, place, zone):<{width}}{_where(place)}"),
    ]
    if row.error and row.status != "ok":
        again = f", tried again at {row.retry_at.astimezone(zone):%H:%M:%S}" if row.retry_at else ""
        lines.append(Content.assemble((f" ✖ {one_line(row.error, 300).rstrip('.')}{again}", "$error")))
    elif not row.enabled:
        lines.append(Content(" ○ off: its mailbox is left alone; what waits in the outbox leaves all the same"))
    else:
        outbound = f", out {place.outbound_class}" if place and place.outbound_class else ""
        words = f"class in {row.inbound_class or '-'}{outbound}"
        lines.append(Content(f" {one_line(words, 100):<{width}}{_routed(row, place)}"))
    return Content("\n").join(lines)


def account_pane(
    row: AccountRow, place: PlaceRow | None, lately: Sequence[Step], now: datetime, zone: tzinfo, room: int
) -> list[Content]:
    """All that is known of an account, for the right pane, which has so many cells in a line."""
    state = health(row, now)
    wrong = row.error if row.error and row.status != "ok" else ""
    lines = [Content.styled(row.address, "bold $primary")]
    lines += [Content(one_line(row.description, 200))] if row.description else []
    lines.append(Content.styled(f"✖ {one_line(wrong, 400)}" if wrong else state.text, COLOURS[state.style]))
    if wrong and row.retry_at:
        lines.append(Content(f"tried again at {row.retry_at.astimezone(zone):%H:%M:%S}"))
    to_fetch = row.on_server - row.accounted
    aside = (f"set aside {row.quarantined:,}  (v view)", "$warning") if row.quarantined else "set aside 0"
    lines += [
        heading("Today"),
        Content(f"{row.today_in:,} in · {row.today_out:,} out · {row.waiting:,} waiting"),
        heading(f"On its server {row.on_server:,}"),
        Content(f"kept {row.contacts:,} · receipts {row.receipts:,} · duplicates {row.duplicates:,}"),
        Content.assemble(aside, f" · to fetch {max(0, to_fetch):,}"),
        Content(f"oldest unfetched: {age(row.oldest_unfetched, now) or 'none'}"),
    ]
    if place is not None:
        lines += [
            heading("Mailbox"),
            Content(one_line(f"{place.host}:{place.port} {_security(place.security)}", 200)),
            Content(one_line(f"{place.folder}, then {place.after_fetch}", 200)),
            Content(_polling(row, place, zone)),
            heading("What arrives"),
            Content(one_line(_routed(row, place), 200)),
            Content(one_line(f"class in {row.inbound_class or '-'}, out {place.outbound_class or '-'}", 200)),
            Content(one_line(f"receipt reply: {place.receipt_reply or 'none'}", 120)),
        ]
    if place is not None and place.campaigns:
        lines.append(Content(one_line(f"campaigns: {', '.join(place.campaigns)}", 200)))
    lines += [Content.assemble("\n", explanation(list(lately)[-LATELY:], zone, now, room))] if lately else []
    return lines


def _routed(row: AccountRow, place: PlaceRow | None) -> str:
    """`script front-door`, or the queue it goes to without one."""
    debug = ", debug on" if place and place.debug else ""
    if place and place.script:
        return one_line(f"script {place.script}, queue {row.queue}{debug}", 200)
    return one_line(f"no script: to queue {row.queue}{debug}", 200)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _security(said: str) -> str:
    return "not encrypted" if said == "none" else said.upper()


def _aside(row: AccountRow) -> tuple[str, str]:
    return ("  (v view)", "$warning") if row.quarantined else ("", "")


def _polling(row: AccountRow, place: PlaceRow | None, zone: tzinfo) -> str:
    every = f"poll every {place.poll_seconds} s" if place else ""
    if row.status == "ok" and row.idle_since is not None:
        return f"IDLE since {row.idle_since.astimezone(zone):%H:%M}, {every}"
    return every


def _where(place: PlaceRow | None) -> str:
    return one_line(f"{place.host}:{place.port} {place.folder}, then {place.after_fetch}", 200) if place else ""


def server_line(row: OutgoingRow | None, key: str) -> Content:
    """`mail.acme.example:587 STARTTLS  ● 4 sessions, 212/min, 0 due`. `key` sets one up."""
    if row is None:
        return Content.assemble("── Outgoing server  ", (f"▲ none is set up: {key} sets one up", "$warning"))
    where = f"── Outgoing server  {one_line(row.host, 60)}:{row.port} {row.security.upper()}  "
    limit = f" of {row.rate_per_minute:,}" if row.rate_per_minute else ""
    now = f"{row.sessions} sessions, {row.per_minute:,}{limit}/min, {row.due:,} due"
    match row.health:
        case "broken":
            state = (f"✖ {one_line(row.error or 'broken', 200)}", "$error")
        case "ok":
            state = (f"● {now}", "$success")
        case _:
            state = (f"◌ {now}", "$primary")
    return Content.assemble(where, state)
