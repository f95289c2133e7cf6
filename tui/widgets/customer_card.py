"""The customer beside a thread: what is known of the address, and its other contacts, each of which opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from core.text import one_line
from tui.ages import day
from tui.telling import shown_address
from tui.widgets.columns import Cell
from tui.widgets.listing import Listing, has_words
from tui.widgets.tall_rows import TallListing, TwoLines

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from textual.app import ComposeResult

    from core.views import ContactRow
    from core.views.customer import CustomerRow
    from core.views.customers import CustomerRecord


MOST_RECORDS = 3
MOST_FIELDS = 6
"""Of each list; the customer's own screen has all of them."""


class CustomerCard(Vertical):
    """Details above, earlier contacts below; Enter on one of those is `Rows.Opened` of `#earlier-rows`."""

    DEFAULT_CSS = """
    CustomerCard {
        & > Static { height: auto; padding: 0 1; margin: 0 0 1 0; }
        & > Listing { height: 1fr; }
    }
    """

    def __init__(self, zone: tzinfo, *, name: str) -> None:
        """`zone`: the desk's. `name`: its id."""
        super().__init__(id=name)
        self.zone = zone
        self.now: datetime | None = None
        self.earlier = TallListing("Earlier contacts", self._lines, name="earlier")
        self._details = Static("")
        self._about: str | None = None
        self._rows: tuple[ContactRow, ...] = ()

    def compose(self) -> ComposeResult:
        """Details, list."""
        yield self._details
        yield self.earlier

    def show(self, row: CustomerRow | None, region: str, zone: tzinfo, now: datetime) -> None:
        """Show a customer, None for nobody."""
        self.zone, self.now = zone, now
        self._details.update(details(row, region, zone, now) if row else Content(""))
        about = row.address if row else None
        if about != self._about:
            self._about = about
            self.earlier.rows.restart()
        self._rows = row.earlier if row else ()
        self._list()

    def _list(self) -> None:
        words = self.earlier.words
        shown = [one for one in self._rows if has_words(words, one.subject, one.text, one.outcome, one.state)]
        self.earlier.rows.show([one.id for one in shown], {one.id: one for one in shown})
        self.earlier.entitle(f"Earlier contacts {len(self._rows)}" if self._rows else "No earlier contacts")

    @on(Listing.Reordered)
    def _filtered(self, event: Listing.Reordered) -> None:
        event.stop()
        self._list()

    def _lines(self, row: ContactRow) -> TwoLines:
        closed = row.state == "closed"
        when = day(row.received_at.astimezone(self.zone), (self.now or row.received_at).astimezone(self.zone))
        ended = (row.outcome or "closed") if closed else row.state
        said = one_line(row.subject or row.text, 100)
        return TwoLines(Cell("○", "off") if closed else Cell("●", "well"), when, ended, Cell(said, "dim"))


def details(row: CustomerRow, region: str, zone: tzinfo, now: datetime) -> Content:
    """Name, address, consent and counts, on a few lines."""
    lines: list[tuple[str, str] | str] = [
        (one_line(row.name, 60) or "no name known", "bold $primary"),
        f"\n{one_line(shown_address(row.address, region), 100)}",
    ]
    barred = [("opted out", row.opted_out_at, row.opted_out_by), ("do not contact", row.listed_at, row.listed_by)]
    for what, at, by in barred:
        if at is not None:
            lines.append((f"\n✖ {what} {day(at.astimezone(zone), now.astimezone(zone))}: {one_line(by, 60)}", "$error"))
    if not any(at for _, at, _ in barred):
        lines.append(("\n● has not opted out", "$success"))
    if others := sum(one.state != "closed" for one in row.earlier):
        lines.append((f"\n▲ {others} more not closed", "$warning"))
    lines.append((f"\n{row.received:,} received · {row.sent:,} sent", "$secondary"))
    if row.first_at is not None:
        first = row.first_at.astimezone(zone)
        lines.append((f"\nsince {first.day} {first:%b %Y}", "$secondary"))
    for record in row.records[:MOST_RECORDS]:
        lines += _record(record, zone, now)
    if len(row.records) > MOST_RECORDS:
        lines.append((f"\n+ {len(row.records) - MOST_RECORDS} more lists", "$secondary"))
    return Content.assemble(*lines)


def _record(record: CustomerRecord, zone: tzinfo, now: datetime) -> list[tuple[str, str] | str]:
    """Campaign and list, reference and status, owner, own fields."""
    place = f"{record.campaign}, {record.list}" if record.campaign else record.list
    status = record.status
    if record.callback_at is not None:
        due = record.callback_at.astimezone(zone)
        status = f"call back {day(due, now.astimezone(zone))} {due:%H:%M}"
    lines: list[tuple[str, str] | str] = [
        (f"\n── {one_line(place, 60)}", "$primary"),
        f"\n{one_line(record.reference, 60)} · {status}",
    ]
    if record.owner:
        lines.append(f" · {one_line(record.owner, 40)}")
    for name, value in list(record.fields.items())[:MOST_FIELDS]:
        if value:
            lines.append((f"\n{one_line(name, 30)}: {one_line(value, 60)}", "$secondary"))
    return lines
