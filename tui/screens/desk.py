"""The desk: my contacts, the thread of one, the editor, the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical

from core.views import ContactRow
from core.views.mine import QuestionRow
from tui.actions import DESK, bindings_of
from tui.ages import age, day
from tui.dialogs.customer import CustomerDialog
from tui.screens.desk_canned import DeskCanned
from tui.screens.desk_files import DeskFiles
from tui.screens.desk_reading import DeskReading
from tui.screens.desk_sending import DeskSending
from tui.screens.desk_verbs import DeskVerbs
from tui.telling import shown_address
from tui.widgets.customer_card import CustomerCard
from tui.widgets.editor import Addressee, AnswerArea, Editor
from tui.widgets.listing import Caption, Listing
from tui.widgets.rows import Rows
from tui.widgets.thread import Thread
from tui.widgets.thread_lines import SHOWN, Talk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.screens.desk_place import Found


class DeskScreen(DeskReading, DeskVerbs, DeskSending, DeskFiles, DeskCanned):
    """One contact at a time, with all that belongs to it."""

    AREA = "desk"
    CSS_PATH = "desk.tcss"
    BINDINGS: ClassVar = bindings_of(DESK)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (20, "-short"), (36, "-tall")]  # noqa: RUF012 - the same

    def __init__(self) -> None:
        super().__init__()
        self.thread = Thread()
        self.editor = Editor()
        self.card: CustomerCard | None = None
        self._to_write: object = None
        self._heading = Caption()

    def compose_work(self) -> Iterable[Widget]:
        """Three panes; the right one only where there is room."""
        yield from self._panes()

    def _panes(self) -> ComposeResult:
        self.card = CustomerCard(self.house.zone, name="customer")
        with Horizontal(id="desk"):
            yield self.mine
            with Vertical(id="middle"):
                yield self._heading
                yield self.thread
                yield self.editor
            yield self.card

    # -- fresh --------------------------------------------------------------------------------------------------------

    def paint(self, found: Found) -> None:
        """All panes."""
        self.found, self.contact = found, found.contact
        self.heed_offers(found)
        self.heed_wrap_up(found)
        self.tell_what_was_said(found)
        self.editor.area.words = found.words
        self.show_mine(found)
        self.load_draft(found, self._addressee(found))
        self._notice(found)
        self._show_thread(found)
        self.tick()
        if self.card is not None:
            self.card.show(found.customer, self.house.region, self.house.zone, self.house.now())
        self.refresh_bindings()
        to_write, self._to_write = self._to_write, None
        if found.contact is not None and to_write == found.contact.id:
            self._write()
        elif to_write is not None and to_write == self.mine.rows.current:
            self._to_write = to_write  # this reading began before the cursor came there

    def _addressee(self, found: Found) -> Addressee:
        row = found.contact
        if row is None:
            return Addressee(None, self._nothing())
        to = f"to {shown_address(row.address, self.house.region)}"
        closed = ""
        if not self.is_mine:
            take = self.key("desk.take")
            if self.is_offered:
                closed = f"offered to you: Enter accepts, {self.key('desk.refuse')} refuses"
            elif row.merged_into is not None:
                closed = f"merged into contact {row.merged_into}, which has its messages"
            elif row.state == "closed":
                closed = f"{take} opens this contact again, so that you can answer"
            elif row.agent:
                closed = f"{row.agent} has this contact"
                closed += f": {self.key('desk.transfer')} gives it to you" if self.supervises else ""
            else:
                closed = f"{take} takes this contact, so that you can answer"
        price = found.choices.prices.get(row.account)
        return Addressee(row.id, to, row.account, row.channel == "sms", price, closed)

    def _nothing(self) -> str:
        """What the empty desk says to do next."""
        queues = f"{self.key('area.queues')} Queues"
        if not self.house.is_here or self.house.mine is None:
            return f"nothing before you: {queues}"
        if self.house.mine.state == "ready":
            return f"you are ready: contacts come to you; {queues}"
        return f"you are not ready: {self.key('app.ready')} and contacts come"

    def _notice(self, found: Found) -> None:
        """What came from the customer while something stands here unsent."""
        contact, kept = found.contact, found.kept
        self.fresh = []
        if contact is None:
            self.editor.say("")
            return
        came = [one for one in found.messages if one.direction == "in" and not one.automatic]
        newest = max((one.id for one in came), default=0)
        if not self.editor.draft.text or not self.is_mine or self.thread.has_focus:
            self.noticed[contact.id] = newest
        elif contact.id not in self.noticed:
            self.noticed[contact.id] = max((one.id for one in came if kept.at is None or one.at <= kept.at), default=0)
        self.fresh = [one for one in came if one.id > self.noticed[contact.id]]
        news = f"▲ {len(self.fresh)} new" if self.fresh else self.waiting_words(found)
        self.editor.say(news or self.notice_of(kept))

    def _show_thread(self, found: Found) -> None:
        row, who = found.contact, found.customer
        older = max(0, who.received + who.sent - len(found.messages)) if who and len(found.messages) >= SHOWN else 0
        talk = Talk(
            found.messages, found.notes, row.address if row else "", older, frozenset(one.id for one in self.fresh),
            self.key("desk.retry"), self.key("desk.read"), self.key("area.outbox"),
        )  # fmt: skip
        self.thread.show(row.id if row else None, talk, self.house.zone, self.house.now())

    def tick(self) -> None:
        """The age in the heading."""
        row = self.contact
        if row is None:
            self._heading.say("nobody before you", "")
            return
        who = " · ".join(one for one in (shown_address(row.address, self.house.region), row.name, row.queue) if one)
        state = row.state if row.agent in ("", self.login) else f"{row.state}, {row.agent}"
        said = f"{state} {age(row.received_at, self.house.now())}"
        if row.state == "held" and row.held_until is not None:
            until = row.held_until.astimezone(self.house.zone)
            when = day(until, self.house.now().astimezone(self.house.zone))
            said = f"held until {f'{until:%H:%M}' if when == 'Today' else f'{when} {until:%H:%M}'}"
        below = f"{self.thread.unseen} new ↓ · " if self.thread.unseen else ""
        self._heading.say(who, below + said)

    # -- moving about -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Keys as this person has them."""
        self.editor.plain_key = self.key("desk.plain")
        super().on_mount()

    @on(Rows.Moved, "#mine-rows")
    @on(Listing.Reordered)
    def _another(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened, "#mine-rows")
    def _open_mine(self, event: Rows.Opened) -> None:
        if isinstance(event.row, QuestionRow):
            self.answer(event.row)
        elif isinstance(event.row, ContactRow) and event.row.state == "offered" and event.row.agent == self.login:
            self.accept(event.row)
        elif self.contact is not None and event.key == self.contact.id:
            self._write()
        else:  # it is not shown yet, and what is typed now would go to another one
            self._to_write = event.key
            self.refresh_soon()

    @on(AnswerArea.Entered)
    def _entered(self) -> None:
        if self.contact is not None and self.is_offered:
            self.accept(self.contact)

    def write_to(self, contact_id: int) -> None:
        """Show a contact, and begin to write."""
        self._to_write = contact_id
        self.expected.add(contact_id)
        self.look_at(contact_id)

    def _write(self) -> None:
        if self.is_mine:
            self.editor.area.focus()
        else:
            self.thread.focus()

    @on(Rows.Opened, "#earlier-rows")
    def _open_earlier(self, event: Rows.Opened) -> None:
        self.mine.rows.focus()
        self.look_at(event.row.id)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Who goes to the thread looks at what is new in it."""
        if event.widget is self.thread:
            self.look()

    def action_back(self) -> None:
        """To the list."""
        self.mine.rows.focus()

    def action_customer(self) -> None:
        """To the right pane; a dialog where there is no room for it."""
        if self.found is None or self.found.customer is None or self.card is None:
            return
        if self.has_class("-wide"):
            self.card.earlier.rows.focus()
            return
        house = self.house
        dialog = CustomerDialog(self.found.customer, house.region, house.zone, house.now())
        self.app.push_screen(dialog, lambda chosen: self.look_at(chosen) if chosen is not None else None)
