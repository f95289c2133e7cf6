"""The desk: my contacts, the thread of one, the editor, the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.drafts import KeptDraft
from core.errors import NotFound, PostroomError, Refused
from core.text import one_line
from core.views import ContactFilter, ContactRow, contacts, thread
from core.views.customer import CustomerRow, customer
from tui.actions import DESK, bindings_of
from tui.ages import age, day
from tui.dialogs import PageDialog
from tui.screens.desk_verbs import DeskVerbs, Found
from tui.telling import shown_address
from tui.widgets.columns import Cell, Column
from tui.widgets.editor import Editor
from tui.widgets.listing import Caption, Listing, has_words
from tui.widgets.rows import Rows
from tui.widgets.thread import Thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

MINE = (Column("", 1), Column("Who", 8, grow=1), Column("Age", 6, right=True))
GLYPHS = {"open": ("●", "well"), "held": ("○", "off"), "wrap-up": ("▲", "look"), "closed": ("○", "off")}


class DeskScreen(DeskVerbs):
    """One contact at a time, with all that belongs to it."""

    AREA = "desk"
    CSS_PATH = "desk.tcss"
    BINDINGS: ClassVar = bindings_of(DESK)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self) -> None:
        super().__init__()
        self.mine = Listing("Mine", MINE, self._cells, name="mine")
        self.thread = Thread()
        self.editor = Editor()
        self.looked_at: int | None = None
        self.unsaved: dict[int, KeptDraft] = {}
        self._loaded: tuple[int | None, bool] | None = None
        self._heading = Caption()
        self._customer = Static("")
        self._keeping = False

    def compose_work(self) -> Iterable[Widget]:
        """Three panes; the right one only where there is room."""
        yield from self._panes()

    def _panes(self) -> ComposeResult:
        with Horizontal(id="desk"):
            yield self.mine
            with Vertical(id="middle"):
                yield self._heading
                yield self.thread
                yield self.editor
            with VerticalScroll(id="customer", can_focus=False):
                yield self._customer

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """My contacts, and everything about the one under the cursor."""
        database = self.office.database
        rows = await contacts(database, ContactFilter(state="unclosed", agent=self.login))
        shown = {row.id for row in rows} | ({self.contact.id} if self.contact else set())
        wanted = self.mine.rows.current if self.looked_at is None else self.looked_at
        if wanted not in shown and self.looked_at is None:
            wanted = rows[0].id if rows else None
        if wanted is None:
            return Found(rows, None, [], [], None, KeptDraft())
        try:
            row, messages, notes = await thread(database, wanted)
        except NotFound:
            self.looked_at = None
            raise
        found = await self.office.drafts.kept(wanted, login=self.login)
        kept = self.unsaved.get(wanted) or (found[0].draft if found else KeptDraft())
        return Found(rows, row, messages, notes, await customer(database, wanted), kept)

    def paint(self, found: Found) -> None:
        """All panes."""
        self.found, self.contact = found, found.contact
        rows = list(found.mine)
        if found.contact is not None and found.contact.id not in {row.id for row in rows}:
            rows.append(found.contact)
        rows = [row for row in rows if has_words(self.mine.words, row.address, row.name, row.text)]
        self.mine.rows.show([row.id for row in rows], {row.id: row for row in rows})
        if found.contact is not None and self.looked_at == found.contact.id:
            self.looked_at = None
            self.mine.rows.go_to(found.contact.id)
        self.mine.entitle(f"Mine {len(found.mine)}")
        now, zone = self.house.now(), self.house.zone
        about = found.contact.id if found.contact else None
        self.thread.show(about, found.messages, found.notes, zone, now)
        self._load(found)
        self.tick()
        self._customer.update(self._about(found.customer) if found.customer else Content(""))
        self.refresh_bindings()

    def _load(self, found: Found) -> None:
        contact = found.contact
        said = (contact.id if contact else None, self.is_mine)
        if said == self._loaded:
            return
        self._loaded = said
        if contact is None:
            self.editor.load(
                None, KeptDraft(), sms=True, heading="nothing before you: 2 shows who waits", account="", mine=False
            )
            return
        to = shown_address(contact.address, self.house.region)
        self.editor.load(contact.id, found.kept, sms=contact.channel == "sms", mine=self.is_mine,
                         heading=f"to {to}", account=contact.account)  # fmt: skip

    def tick(self) -> None:
        """The age in the heading."""
        row = self.contact
        if row is None:
            self._heading.say("nobody before you", "")
            return
        who = " · ".join(one for one in (shown_address(row.address, self.house.region), row.name, row.queue) if one)
        state = row.state if row.agent in ("", self.login) else f"{row.state}, {row.agent}"
        self._heading.say(who, f"{state} {age(row.received_at, self.house.now())}")

    def look_at(self, contact_id: int) -> None:
        """Show a contact, whoever has it."""
        self.looked_at = contact_id
        self.outdate()

    def let_go(self, contact_id: int) -> None:
        """It leaves the list."""
        self.mine.rows.forget(contact_id)
        self._loaded = None

    def reload_draft(self) -> None:
        """Read it anew."""
        if self.editor.contact_id is not None:
            self.unsaved.pop(self.editor.contact_id, None)
        self._loaded = None
        self.outdate()

    def _cells(self, row: ContactRow) -> Sequence[Cell | str]:
        glyph, style = GLYPHS.get(row.state, ("◌", "waiting"))
        return (
            Cell(glyph, style),
            row.name or shown_address(row.address, self.house.region),
            age(row.received_at, self.house.now()),
        )

    def _about(self, row: CustomerRow) -> Content:
        now, zone = self.house.now(), self.house.zone
        lines: list[tuple[str, str] | str] = [(f"{one_line(row.name, 60) or 'Customer'}\n", "bold $primary")]
        lines.append(f"{shown_address(row.address, self.house.region)}\n")
        if row.opted_out_by and row.opted_out_at:
            when = day(row.opted_out_at.astimezone(zone), now.astimezone(zone))
            lines.append((f"✖ opted out {when}: {one_line(row.opted_out_by, 60)}\n", "$error"))
        lines.append((f"{row.received:,} received · {row.sent:,} sent\n", "$text-muted"))
        if row.first_at is not None:
            first = row.first_at.astimezone(zone)
            lines.append((f"since {first.day} {first:%b %Y}\n", "$text-muted"))
        lines.append(("\nEarlier contacts\n" if row.earlier else "\nNo earlier contacts\n", "bold"))
        for one in row.earlier:
            when = day(one.received_at.astimezone(zone), now.astimezone(zone))
            ended = f"○ {one.outcome}" if one.state == "closed" else f"◌ {one.state}"
            lines += [
                (f"{when}  {one_line(ended, 40)}\n", "$text-muted"),
                f"  {one_line(one.subject or one.text, 80)}\n",
            ]
        return Content.assemble(*lines)

    # -- typing -------------------------------------------------------------------------------------------------------

    @on(Editor.Typed)
    def _typed(self, event: Editor.Typed) -> None:
        self.unsaved[event.contact_id] = event.draft
        self.keep_drafts()

    @work(group="drafts", exit_on_error=False)
    async def keep_drafts(self) -> None:
        """Write what was typed; while it is being written, more may be typed, and that is written next."""
        if self._keeping:
            return
        self._keeping = True
        try:
            await self.write_drafts()
        finally:
            self._keeping = False

    async def write_drafts(self) -> None:
        """Every draft that is not in the database yet; what cannot be written stays to be written."""
        while self.unsaved:
            contact_id, draft = next(iter(self.unsaved.items()))
            await self.office.drafts.keep(contact_id, draft, login=self.login)
            if self.unsaved.get(contact_id) is draft:
                del self.unsaved[contact_id]

    async def leave(self) -> None:
        """Before the app ends: nothing typed is lost."""
        try:
            await self.write_drafts()
        except PostroomError as error:
            raise Refused(f"what you typed cannot be written down yet, so Postroom stays open: {error}") from error

    # -- moving about -------------------------------------------------------------------------------------------------

    @on(Rows.Moved, "#mine-rows")
    @on(Listing.Reordered)
    def _another(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened, "#mine-rows")
    def _write(self) -> None:
        if self.is_mine:
            self.editor.area.focus()
        else:
            self.thread.focus()

    def action_back(self) -> None:
        """To the list."""
        self.mine.rows.focus()

    def action_customer(self) -> None:
        """The right pane, as a page where there is no room for it."""
        if self.found is not None and self.found.customer is not None:
            self.app.push_screen(PageDialog("Customer", self._about(self.found.customer)))
