"""Reports: what queues, agents, classes, accounts and contacts did, over any days, in any step; and as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.clock import to_moment
from core.errors import Wrong
from core.views.figures import NOTHING
from core.views.reports import BY, ContactReportRow, Report, ReportRow, contact_report, report
from core.views.stepping import RANGES, STEPS, range_of
from tui import dialogs
from tui.actions import REPORTS, bindings_of
from tui.screens.reports_columns import (
    AGENT_COLUMNS,
    AGENT_ORDERS,
    COLUMNS,
    CONTACT_COLUMNS,
    CONTACT_ORDERS,
    ORDERS,
    agent_cells,
    contact_cells,
    report_cells,
    total_lines,
)
from tui.screens.reports_export import export
from tui.screens.work import WorkScreen
from tui.widgets.listing import Listing, has_words
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.views.stepping import Range
    from tui.widgets.columns import Cell

CONTACT = "contact"
MOST = 20_000
"""Contacts that are listed; a file has them all."""
PART = 5000
STEP_WORDS = {"quarter": "by quarter of an hour", "hour": "by hour", "day": "by day", "total": "as a whole"}


@dataclass(frozen=True, slots=True)
class Found:
    """One reading."""

    asked: tuple[str, str, str]
    told: Report | None = None
    contacts: list[ContactReportRow] = field(default_factory=list)


class ReportsScreen(WorkScreen[Found]):
    """A report at a time."""

    AREA = "reports"
    CSS_PATH = "reports.tcss"
    BINDINGS: ClassVar = bindings_of(REPORTS)

    def __init__(self) -> None:
        super().__init__()
        self.by, self.range, self.step = "queue", "today", "total"
        self.listing = Listing("Report", COLUMNS, self._cells, name="report-list", sortable=tuple(ORDERS))
        self.agents = Listing(
            "Agents", AGENT_COLUMNS, self._agent_cells, name="agent-list", sortable=tuple(AGENT_ORDERS)
        )
        self.contacts = Listing(
            "Contacts", CONTACT_COLUMNS, self._contact_cells, name="contact-rows-list", sortable=tuple(CONTACT_ORDERS)
        )
        self.total = Plate(name="report-total")
        self.found: Found | None = None

    def compose_work(self) -> Iterable[Widget]:
        """Its rows and their total."""
        yield self.listing
        yield self.agents
        yield self.contacts
        yield self.total

    # -- fresh --------------------------------------------------------------------------------------------------------

    @property
    def asked(self) -> tuple[str, str, str]:
        """Which report."""
        return self.by, self.range, self.step

    def within(self) -> Range:
        """The chosen days. Raises Wrong."""
        return range_of(self.range, self.house.now(), self.house.zone)

    async def read(self) -> Found:
        """The report."""
        asked, now, database = self.asked, self.house.now(), self.office.database
        if self.by != CONTACT:
            return Found(asked, await report(database, self.by, self.within(), now, self.step))
        rows: list[ContactReportRow] = []
        while len(rows) < MOST:
            after = rows[-1].contact if rows else 0
            part = await contact_report(database, self.within(), now, after=after, limit=PART)
            rows += part
            if len(part) < PART:
                break
        return Found(asked, contacts=rows)

    def paint(self, found: Found) -> None:
        """Rows and total."""
        if found.asked != self.asked:
            return
        self.found = found
        if found.told is None:
            self._paint_contacts(found.contacts)
            return
        listing, orders = (self.agents, AGENT_ORDERS) if self.by == "agent" else (self.listing, ORDERS)
        shown = [row for row in found.told.rows if has_words(listing.words, row.name)]
        if (sort := listing.sorted_by) is not None:
            shown.sort(key=orders[sort], reverse=listing.descending)  # type: ignore[arg-type]
        rows = {(to_moment(row.since), row.name): row for row in shown}
        listing.rows.show(list(rows), rows)
        listing.entitle(f"{self._title} {STEP_WORDS[self.step]}")
        self.total.say(*total_lines(found.told.total))

    def _paint_contacts(self, found: list[ContactReportRow]) -> None:
        words = self.contacts.words
        shown = [row for row in found if has_words(words, row.address, row.queue, row.agent, row.class_, row.outcome)]
        if (sort := self.contacts.sorted_by) is not None:
            shown.sort(key=CONTACT_ORDERS[sort], reverse=self.contacts.descending)  # type: ignore[arg-type]
        rows = {row.contact: row for row in shown}
        self.contacts.rows.show(list(rows), rows)
        first = f", the first {MOST:,} of them" if len(found) >= MOST else ""
        self.contacts.entitle(f"{self._title}{first}")
        self.total.say(*total_lines(NOTHING)[:0])

    @property
    def _title(self) -> str:
        within, zone = self.within(), self.house.zone
        begins, ends = within.since.astimezone(zone), within.until.astimezone(zone)
        days = f"{begins:%d %b}" if self.range in RANGES[:2] else f"{begins:%d %b} up to {ends:%d %b %Y}"
        return f"By {self.by} · {self.range} ({days})"

    def _cells(self, row: ReportRow) -> Sequence[Cell | str]:
        return report_cells(row, self.step)

    def _agent_cells(self, row: ReportRow) -> Sequence[Cell | str]:
        return agent_cells(row, self.step)

    def _contact_cells(self, row: ContactReportRow) -> Sequence[Cell | str]:
        return contact_cells(row, self.house.region)

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        if self.found is not None:
            self.paint(self.found)

    @on(Rows.Opened, "#contact-rows-list-rows")
    async def _open(self, event: Rows.Opened) -> None:
        await self.house.open_contact(event.row.contact)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def show_report(self, by: str = "", days: str = "", step: str = "") -> None:
        """Another report."""
        self.by, self.range, self.step = by or self.by, days or self.range, step or self.step
        self.set_class(self.by == CONTACT, "-contacts")
        self.set_class(self.by == "agent", "-agents")
        listing = {CONTACT: self.contacts, "agent": self.agents}.get(self.by, self.listing)
        listing.rows.restart()
        listing.rows.focus()
        self.outdate()

    @work(group="asking", exit_on_error=False)
    async def action_by(self) -> None:
        """Which kind."""
        choices = [(one, f"by {one}") for one in BY] + [(CONTACT, "contact by contact")]
        chosen = await self.app.push_screen_wait(dialogs.ChoiceDialog("Which report?", choices))
        if chosen is not None:
            self.show_report(by=chosen)

    @work(group="asking", exit_on_error=False)
    async def action_range(self) -> None:
        """Which days."""
        choices = [(one, one) for one in RANGES]
        question = "Or type a day as in 2026-11-22, or two as in 2026-11-01 to 2026-11-22."
        chosen = await self.app.push_screen_wait(dialogs.ChoiceDialog("Which days?", choices, question, free=True))
        if chosen is not None:
            range_of(chosen, self.house.now(), self.house.zone)
            self.show_report(days=chosen)

    @work(group="asking", exit_on_error=False)
    async def action_step(self) -> None:
        """Which steps."""
        if self.by == CONTACT:
            raise Wrong(f"one contact a line has no steps: choose another report with {self.key('reports.by')}")
        choices = [(one, STEP_WORDS[one]) for one in reversed(STEPS)]
        chosen = await self.app.push_screen_wait(dialogs.ChoiceDialog("In which steps?", choices))
        if chosen is not None:
            self.show_report(step=chosen)

    @work(group="asking", exit_on_error=False)
    async def action_export(self) -> None:
        """Into a file."""
        await export(self.house, self.by, self.within(), self.step)
