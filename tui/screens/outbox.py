"""Outbox: what is to leave and what has left, by state; the server's words; retry, cancel, settle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal
from textual.content import Content

from core.errors import Refused
from core.views.outgoing import STATES as ORDER
from core.views.outgoing import OutboxFilter, OutboxRow, outbox_ids, outbox_rows, outgoing, sent_by_minute
from tui.actions import OUTBOX, bindings_of
from tui.dialogs import ChoiceDialog
from tui.dialogs.explained import Teller, explained, page_of
from tui.screens.outbox_columns import (
    COLUMNS,
    MINUTES,
    STATES,
    Meter,
    message_lines,
    outbox_cells,
    server_lines,
)
from tui.screens.outbox_verbs import Found, OutboxVerbs
from tui.telling import shown_address
from tui.widgets.listing import Caption, Listing
from tui.widgets.paging import Paging
from tui.widgets.plate import COLOURS, Pane, Plate
from tui.widgets.rows import Rows
from tui.widgets.states import StatesLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from textual.widget import Widget

    from tui.widgets.columns import Cell


class OutboxScreen(OutboxVerbs):
    """All that leaves."""

    AREA = "outbox"
    CSS_PATH = "outbox.tcss"
    BINDINGS: ClassVar = bindings_of(OUTBOX)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self) -> None:
        super().__init__()
        self.server = Plate(name="outgoing")
        self.states = StatesLine(name="states")
        self.listing = Listing("Outbox", COLUMNS, self._cells, name="outbox")
        self.caption = Caption()
        self.message = Plate(name="message")
        self.side = Pane(name="side")
        self.teller = Teller()
        self.pages = Paging(self.listing.rows)
        self.meter = Meter()
        self.state = ""
        self.found: Found | None = None

    def compose_work(self) -> Iterable[Widget]:
        """The server, the states, the messages, and more of the one under the cursor."""
        yield self.server
        yield self.states
        yield Horizontal(self.listing, self.side, id="panes")
        yield self.caption
        yield self.message

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """The server, and those messages that are seen."""
        database, now = self.office.database, self.house.now()
        which = OutboxFilter(self.state, self.listing.words)
        server = await outgoing(database, now)
        sent = server.counts.get("sent", 0)
        if self.meter.lost(now):
            self.meter.begin(now, sent, await sent_by_minute(database, now, MINUTES))
        else:
            self.meter.see(now, sent)
        ids = await self.pages.read(partial(outbox_ids, database, which))
        rows = await outbox_rows(database, self.listing.rows.window(ids))
        here = self.listing.rows.current
        about = here if here is not None else ids[0] if ids else None
        told = await self.teller.tell(self.house, "message", about) if self.side.display else None
        return Found(which, server, ids, rows, about, told)

    def paint(self, found: Found) -> None:
        """Everything."""
        if found.which != OutboxFilter(self.state, self.listing.words):
            return
        self.found = found
        self.pages.show(found.ids, found.rows)
        counts = found.server.counts
        known = [("", f"All {sum(counts.values()):,}", "")]
        for state in ORDER:
            if counts.get(state) or state == self.state:
                glyph, style = STATES[state]
                known.append((state, f"{glyph} {state} {counts.get(state, 0):,}", COLOURS[style]))
        self.states.say(known, self.state)
        number = sum(counts.values()) if not self.state else counts.get(self.state, 0)
        noun = self.state or ("message" if number == 1 else "messages")
        self.listing.entitle(f"Outbox · {number:,} {noun}")
        self.tick()

    def tick(self) -> None:
        """Ages count up."""
        now = self.house.now()
        if self.found is not None:
            self.server.say(*server_lines(self.found.server, self.meter, now, wide=self.side.display))
        row = self.listing.rows.current_row
        if isinstance(row, OutboxRow):
            self.caption.say(f"message {row.id} · {shown_address(row.address, self.house.region)}", "")
            self.message.say(*message_lines(row, now, self.house.zone))
            self._say_beside(row, now)
        elif self.listing.rows.current is None:
            self.caption.say("no message", "")
            self.message.say()
            self.side.say(Content("no message"))

    def _say_beside(self, row: OutboxRow, now: datetime) -> None:
        if not self.side.display:
            return
        title = Content.styled(f"message {row.id} · {shown_address(row.address, self.house.region)}", "bold $primary")
        if self.found is not None and self.found.told is not None and self.found.about == row.id:
            self.side.say(title, page_of(self.found.told, self.house.zone, now, self.side.room))
        else:
            self.side.say(title, *message_lines(row, now, self.house.zone))

    def _cells(self, row: OutboxRow) -> Sequence[Cell | str]:
        return outbox_cells(row, self.house.now(), self.house.region)

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()
        if self.pages.wants_more or self.side.display:
            self.refresh_soon()

    @on(Rows.Wanted)
    @work(group="window", exclusive=True, exit_on_error=False)
    async def _fill(self, event: Rows.Wanted) -> None:
        ids = [key for key in event.keys if isinstance(key, int)]
        event.rows.fill(await outbox_rows(self.office.database, ids))
        self.tick()

    @on(Listing.Reordered)
    def _another_list(self) -> None:
        self.pages.restart()
        self.outdate()

    @on(Rows.Opened)
    def _opened(self) -> None:
        self.action_explain()

    # -- looking ------------------------------------------------------------------------------------------------------

    def show_state(self, state: str) -> None:
        """Only messages in this state; all with an empty one."""
        if state != self.state:
            self.state = state
            self.states.say(self.states.states, state)
            self._another_list()

    def show_thing(self, thing: str) -> None:
        """Messages in a state."""
        self.show_state(thing)

    @on(StatesLine.Chosen)
    def _chosen(self, event: StatesLine.Chosen) -> None:
        self.show_state(event.state)

    def action_turn(self, by: int) -> None:
        """The next state."""
        self.show_state(self.states.next(by))

    @work(group="asking", exit_on_error=False)
    async def action_state(self) -> None:
        """One state, or all."""
        counts = self.found.server.counts if self.found else {}
        choices = [("", f"All  {sum(counts.values()):,}")]
        choices += [(state, f"{STATES[state][0]} {state}  {counts.get(state, 0):,}") for state in ORDER]
        chosen = await self.app.push_screen_wait(ChoiceDialog("Which messages?", choices))
        if chosen is not None:
            self.show_state(chosen)

    @work(group="asking", exit_on_error=False)
    async def action_explain(self) -> None:
        """The whole message."""
        message_id = self.listing.rows.current
        if message_id is not None:
            await self.app.push_screen(await explained(self.house, "message", message_id))

    @work(group="asking", exit_on_error=False)
    async def action_contact(self) -> None:
        """Its contact."""
        row = self.listing.rows.current_row
        if isinstance(row, OutboxRow):
            if row.contact is None:
                raise Refused(f"message {row.id} belongs to no contact: it was sent by itself")
            await self.app.push_screen(await explained(self.house, "contact", row.contact))
