"""What the outbox shows of a message and of the outgoing server."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from core.views.message import gate_words
from tui.ages import age, time_left
from tui.telling import shown_address, sparkline
from tui.widgets.columns import Cell, Column
from tui.widgets.plate import COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from core.views.outgoing import OutboxRow, Outgoing

COLUMNS = (
    Column("State", 12),
    Column("To", 14, grow=1),
    Column("Text", 18, grow=3),
    Column("Account", 18, drop=3, grow=1),
    Column("Parts", 5, right=True, drop=5),
    Column("Tries", 5, right=True),
    Column("When", 8, right=True),
    Column("Server’s words", 18, drop=4, grow=3),
    Column("Report", 11, drop=2),
)
STATES = {
    "unknown": ("▲", "look"), "failed": ("✖", "broken"), "queued": ("◌", "waiting"), "sending": ("◌", "waiting"),
    "sent": ("●", "well"), "cancelled": ("○", "off"), "suppressed": ("○", "off"),
}  # fmt: skip
REPORTS = {"delivered": ("●", "well"), "delayed": ("▲", "look"), "failed": ("✖", "broken")}
HEALTH = {"ok": "●", "broken": "✖", "waiting": "◌"}
MINUTE = timedelta(minutes=1)
MINUTES = 30
"""Minutes that the sparkline shows."""


def state_cell(row: OutboxRow) -> Cell:
    """`◌ queued`; one that was tried in vain and waits for its next try is worth a look, one that is held is not."""
    glyph, style = STATES.get(row.state, ("▲", "look"))
    if row.state == "queued" and gate_words(row.state, row.reply):
        return Cell(f"{glyph} held", style)
    if row.state == "queued" and row.reply:
        glyph, style = "▲", "look"
    return Cell(f"{glyph} {row.state}", style)


def report_cell(row: OutboxRow) -> Cell:
    """What a receipt or a bounce said later."""
    glyph, style = REPORTS.get(row.delivery, ("", "off"))
    return Cell(f"{glyph} {row.delivery}".strip(), style)


def when(row: OutboxRow, now: datetime) -> str:
    """`in 4 min` for one that waits for its time; otherwise how long ago it left or was written."""
    if row.state == "queued" and row.due_at > now:
        return f"in {time_left((row.due_at - now).total_seconds())}"
    return age(row.sent_at or row.created_at, now)


def outbox_cells(row: OutboxRow, now: datetime, region: str) -> Sequence[Cell | str]:
    """One row of the list."""
    return (
        state_cell(row),
        Cell(shown_address(row.address, region), "strong"),
        row.text if row.channel == "sms" or not row.subject else f"{row.subject} · {row.text}",
        row.account,
        str(row.parts or ""),
        str(row.attempts or ""),
        when(row, now),
        gate_words(row.state, row.reply) or row.reply,
        report_cell(row),
    )


def message_lines(row: OutboxRow, now: datetime, zone: tzinfo) -> list[Content]:
    """Four lines about the message under the cursor: its text, its way, the server's words, the report."""
    facts = [f"from {row.account}"]
    if row.parts:
        facts.append("1 part" if row.parts == 1 else f"{row.parts} parts")
    facts.append("1 try" if row.attempts == 1 else f"{row.attempts or 'no'} tries")
    facts += [row.purpose, f"written {row.created_at.astimezone(zone):%H:%M:%S}"]
    if row.state == "queued" and row.due_at > now:
        facts.append(f"due {when(row, now)}")
    report = report_cell(row)
    said = f"{report.text}  {row.delivery_reason}" if row.delivery else "none yet" if row.state == "sent" else "-"
    return [
        Content(one_line(row.text, 400)),
        Content(one_line(" · ".join(facts), 400)),
        _last_words(row),
        Content.assemble(("report  ", "$secondary"), (one_line(said, 400), COLOURS[report.style])),
    ]


def _last_words(row: OutboxRow) -> Content:
    gate = gate_words(row.state, row.reply)
    if gate:
        begins = "" if row.state == "queued" else "not sent: "
        return Content.assemble(("why     ", "$secondary"), (one_line(begins + gate, 400), "$warning"))
    return Content.assemble(("server  ", "$secondary"), one_line(row.reply, 400) or "has said nothing yet")


def server_lines(found: Outgoing, meter: Meter, now: datetime, *, wide: bool) -> list[Content]:
    """Two lines: the outgoing server and how fast it goes; what is due, and what is wrong."""
    if not found.host:
        words = "○ no outgoing server: nothing leaves until one is set up (1 Accounts)"
        return [Content(words), Content(_due(found, now))]
    health = found.health if found.engines else "off"
    word = {"ok": "well", "off": "no engine runs"}.get(health, health)
    style = {"ok": "well", "broken": "broken", "waiting": "waiting"}.get(health, "off")
    limit = f" of {found.rate_per_minute}" if found.rate_per_minute else ""
    first = Content.assemble(
        (f"{HEALTH.get(health, '○')} {word}", COLOURS[style]),
        f"  {one_line(found.host, 60)}:{found.port} {found.security.upper().replace('NONE', 'no TLS')}",
        f" · {found.sessions} of {found.connections * max(1, found.engines)} sessions",
        f" · {meter.per_minute:,}/min{limit}",
        f"   last {MINUTES} min {sparkline(meter.slots)}" if wide else "",
    )
    parts: list[str | tuple[str, str]] = [_due(found, now)]
    if found.error and health == "broken":
        ago = f"✖ {age(found.error_at, now)} ago: " if found.error_at else "✖ "
        parts += [" · ", (ago + one_line(found.error, 400), COLOURS["broken"])]
    return [first, Content.assemble(*parts)]


def _due(found: Outgoing, now: datetime) -> str:
    later = found.counts.get("queued", 0) - found.due
    due = f"{found.due:,} due, the oldest {age(found.oldest_due, now)}" if found.due else "nothing due"
    return due + (f" · {later:,} later" if later > 0 else "")


class Meter:
    """How many messages left within the last minute, and in each of the last ones, from a count that only grows."""

    def __init__(self) -> None:
        self._seen: deque[tuple[datetime, int]] = deque()
        self.slots: deque[int] = deque([0] * MINUTES, maxlen=MINUTES)
        """In each of the last minutes, the one that is now last."""
        self._slot_began: datetime | None = None

    def lost(self, now: datetime) -> bool:
        """Whether it has not looked for so long that it must be told again."""
        return not self._seen or now - self._seen[-1][0] > MINUTE / 2

    def begin(self, now: datetime, sent: int, by_minute: Sequence[int]) -> None:
        """`sent` in all; so many in each of the last minutes."""
        self._seen = deque([(now - MINUTE, sent - by_minute[-1]), (now, sent)])
        self.slots.extend([0] * MINUTES)
        self.slots.extend([*by_minute, 0])
        self._slot_began = now

    def see(self, now: datetime, sent: int) -> None:
        """So many are sent now."""
        before = self._seen[-1][1] if self._seen else sent
        self._seen.append((now, sent))
        while len(self._seen) > 2 and self._seen[1][0] <= now - MINUTE:
            self._seen.popleft()
        self._slot_began = self._slot_began or now
        while now - self._slot_began >= MINUTE:
            self._slot_began += MINUTE
            self.slots.append(0)
        self.slots[-1] += max(0, sent - before)

    @property
    def per_minute(self) -> int:
        """Messages a minute."""
        if len(self._seen) < 2:
            return 0
        (begin, before), (end, after) = self._seen[0], self._seen[-1]
        seconds = (end - begin).total_seconds()
        return max(0, round((after - before) * 60 / seconds)) if seconds > 0 else 0
