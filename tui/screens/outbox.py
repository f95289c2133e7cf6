"""Outbox: what is to leave and what has left, by state; the server's words; retry, cancel, settle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from core.errors import Refused
from core.outbox import Settlement
from core.text import one_line
from core.views.outgoing import STATES as ORDER
from core.views.outgoing import OutboxFilter, OutboxRow, Outgoing, outbox_ids, outbox_rows, outgoing, sent_since
from tui.actions import OUTBOX, bindings_of
from tui.dialogs import ChoiceDialog, ConfirmDialog
from tui.dialogs.explained import explained
from tui.screens.outbox_columns import (
    COLUMNS,
    MINUTE,
    STATES,
    Meter,
    message_lines,
    outbox_cells,
    server_lines,
)
from tui.screens.work import WorkScreen
from tui.telling import shown_address
from tui.widgets.listing import Caption, Listing
from tui.widgets.paging import Paging
from tui.widgets.plate import COLOURS, Plate
from tui.widgets.rows import Rows
from tui.widgets.states import StatesLine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from textual.widget import Widget

    from tui.widgets.columns import Cell

SETTLEMENTS = (
    (Settlement.SENT.value, "It went: the server has it. It counts as sent."),
    (Settlement.RESEND.value, "Send it again: the same letter. It may arrive twice."),
    (Settlement.FAIL.value, "Give it up: it counts as failed."),
)
SETTLED = {"sent": "counts as sent", "resend": "is sent again", "fail": "is given up"}


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    which: OutboxFilter
    server: Outgoing
    ids: list[int]
    rows: dict[int, OutboxRow]


class OutboxScreen(WorkScreen[Found]):
    """All that leaves."""

    AREA = "outbox"
    CSS_PATH = "outbox.tcss"
    BINDINGS: ClassVar = bindings_of(OUTBOX)

    def __init__(self) -> None:
        super().__init__()
        self.server = Plate(name="outgoing")
        self.states = StatesLine(name="states")
        self.listing = Listing("Outbox", COLUMNS, self._cells, name="outbox")
        self.caption = Caption()
        self.message = Plate(name="message")
        self.pages = Paging(self.listing.rows)
        self.meter = Meter()
        self.state = ""
        self.found: Found | None = None

    def compose_work(self) -> Iterable[Widget]:
        """The server, the states, the messages, and more of the one under the cursor."""
        yield self.server
        yield self.states
        yield self.listing
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
            self.meter.begin(now, sent, await sent_since(database, now - MINUTE))
        else:
            self.meter.see(now, sent)
        ids = await self.pages.read(partial(outbox_ids, database, which))
        return Found(which, server, ids, await outbox_rows(database, self.listing.rows.window(ids)))

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
        self.listing.entitle(f"Outbox · {number:,} {self.state or 'messages'}")
        self.tick()

    def tick(self) -> None:
        """Ages count up."""
        now = self.house.now()
        if self.found is not None:
            self.server.say(*server_lines(self.found.server, self.meter.per_minute, now))
        row = self.listing.rows.current_row
        if isinstance(row, OutboxRow):
            self.caption.say(f"message {row.id} · {shown_address(row.address, self.house.region)}", "")
            self.message.say(*message_lines(row, now, self.house.zone))
        elif self.listing.rows.current is None:
            self.caption.say("no message", "")
            self.message.say()

    def _cells(self, row: OutboxRow) -> Sequence[Cell | str]:
        return outbox_cells(row, self.house.now(), self.house.region)

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()
        if self.pages.wants_more:
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

    # -- doing --------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_retry(self) -> None:
        """Try again, after a question where they are many."""
        ids = self.listing.rows.chosen
        if ids and await self._sure(ids, "Retry", "Send them as soon as the server takes them?"):
            verb = partial(self.office.settling.retry, actor=self.login)
            self.house.do(partial(self._each, ids, verb), f"{_messages(ids)} to be tried again")

    @work(group="asking", exit_on_error=False)
    async def action_cancel(self) -> None:
        """Keep them from leaving; one can be taken back, many are asked about."""
        ids = self.listing.rows.chosen
        if ids and await self._sure(ids, "Cancel", "Keep them from leaving?"):
            settling, login = self.office.settling, self.login
            back = partial(self._each, ids, partial(settling.retry, actor=login))
            cancel = partial(self._each, ids, partial(settling.cancel, actor=login))
            self.house.do(cancel, f"{_messages(ids)} will not leave", back)

    @work(group="asking", exit_on_error=False)
    async def action_settle(self) -> None:
        """Say what became of messages in doubt."""
        rows = await outbox_rows(self.office.database, self.listing.rows.chosen)
        if not rows:
            return
        person = self.house.person
        if person is None or person.role == "agent":
            raise Refused(
                f"{self.login} is no supervisor: only one settles a message in doubt (F11 says who sits here)"
            )
        ids = [row.id for row in rows.values() if row.state == "unknown"]
        if not ids:
            one = next(iter(rows.values()))
            raise Refused(f"message {one.id} is {one.state}: only a message that is unknown is settled")
        question = "Nobody knows whether the server took it. What became of it?"
        words = one_line(rows[ids[0]].reply, 200)
        dialog = ChoiceDialog(f"Settle {_messages(ids)}", SETTLEMENTS, f"{question}\n{words}" if words else question)
        said = await self.app.push_screen_wait(dialog)
        if said is not None:
            settling, login, how = self.office.settling, self.login, Settlement(said)

            async def settle(message_id: int) -> None:
                await settling.settle(message_id, how, actor=login)

            self.house.do(partial(self._each, ids, settle), f"{_messages(ids)} {SETTLED[said]}")

    async def _sure(self, ids: Sequence[int], verb: str, question: str) -> bool:
        if len(ids) == 1:
            return True
        dialog = ConfirmDialog(f"{verb} {_messages(ids)}", question, f"{verb} {len(ids):,}")
        said = await self.app.push_screen_wait(dialog)
        return said is True

    async def _each(self, ids: Sequence[int], verb: Callable[[int], Awaitable[None]]) -> None:
        """Do it to each; those that refuse are counted and do not hold up the others."""
        refused: list[Refused] = []
        done: list[int] = []
        for message_id in ids:
            try:
                await verb(message_id)
            except Refused as error:
                refused.append(error)
            else:
                done.append(message_id)
        self.listing.rows.selected.clear()
        if self.state:
            self.listing.rows.forget(*done)
        self.outdate()
        if refused:
            words = str(refused[0])
            raise Refused(words if len(ids) == 1 else f"{len(refused):,} of {len(ids):,} stay as they are: {words}")


def _messages(ids: Sequence[int]) -> str:
    return f"message {ids[0]}" if len(ids) == 1 else f"{len(ids):,} messages"
