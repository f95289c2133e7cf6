"""Over an agent's shoulder: her contact's thread, and her draft as she types it; read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.errors import NotFound
from core.text import clip, harmless, one_line
from core.views.choices import choices
from core.views.shadow import Shadow, shadow, typed
from tui import dialogs
from tui.actions import SHADOW, bindings_of
from tui.ages import age
from tui.dialogs.dialog import Dialog
from tui.dialogs.taking_over import take_over
from tui.telling import shown_address
from tui.widgets.listing import Caption
from tui.widgets.thread import Thread
from tui.widgets.thread_lines import Talk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from core.views.shadow import Typed
    from tui.app import PostroomApp

LOOK_SECONDS = 0.5
"""Between two looks at the draft, which rings no bell."""
LONGEST = 20_000
QUEUE, AGENT = "queue:", "agent:"


class ShadowDialog(Dialog[None]):
    """Thread on the left, draft on the right; below each other where it is narrow."""

    CSS_PATH = "shadow.tcss"
    BINDINGS: ClassVar = bindings_of(SHADOW)
    BUTTONS = ()
    SAYS_HELP = True
    """Whether its line of keys says which one helps: here people stay a while."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self, contact_id: int) -> None:
        super().__init__(f"Contact {contact_id}")
        self.contact_id = contact_id
        self.seen: Shadow | None = None
        self.thread = Thread()
        self.caption = Caption()
        self.draft = Static("", id="typed")
        self._read_at: object = None

    @property
    def house(self) -> PostroomApp:
        """The app, as what it is."""
        return cast("PostroomApp", self.app)

    def body(self) -> Iterable[Widget]:
        """Both sides."""
        yield Horizontal(self.thread, Vertical(self.caption, VerticalScroll(self.draft, can_focus=False), id="beside"))

    def on_mount(self) -> None:
        """Look, and go on looking."""
        super().on_mount()
        self.thread.focus()
        self.look()
        self.set_interval(LOOK_SECONDS, self.look)

    @work(group="looking", exclusive=True, exit_on_error=False)
    async def look(self) -> None:
        """Read it again. The thread is read too, for customers write meanwhile."""
        database = self.house.office.database
        try:
            found = await shadow(database, self.contact_id)
        except NotFound:
            self.dismiss(None)
            return
        self.seen = found
        row = found.row
        who = f"with {row.agent}, {row.state}" if row.agent else row.state
        frame = self.query_one(Vertical)
        said = (shown_address(row.address, self.house.region), row.name, row.queue, who)
        frame.border_title = Content(harmless(" · ".join(one for one in said if one), lines=False))
        talk = Talk(found.messages, found.notes, row.address)
        self.thread.show(self.contact_id, talk, self.house.zone, self.house.now())
        self._say_draft(found.typed)

    def _say_draft(self, found: Typed | None) -> None:
        agent = one_line(self.seen.row.agent if self.seen else "", 20)
        if found is None:
            self.caption.say(f"{agent} types nothing", "")
            self.draft.update(Content(""))
            return
        self.caption.say(f"{agent} types", f"{age(found.at, self.house.now())} ago")
        head = f"{one_line(found.subject, 200)}\n\n" if found.subject else ""
        self.draft.update(Content(head + clip(harmless(found.text), LONGEST) + "▏"))

    @work(group="asking", exit_on_error=False)
    async def action_whisper(self) -> None:
        """A line to the agent."""
        if self.seen is None:
            return
        title, question = f"Whisper to {self.seen.row.agent}", "Only she sees it, beside the thread."
        said = await self.app.push_screen_wait(dialogs.TextDialog(title, question))
        if said:
            await self.house.office.desk.whisper(self.contact_id, said, login=self.house.login)
            self.notify("whispered", markup=False)
            self.look()

    @work(group="asking", exit_on_error=False)
    async def action_take_over(self) -> None:
        """The contact is mine, and what was typed is offered to me."""
        if self.seen is None:
            return
        row = self.seen.row
        kept = await typed(self.house.office.database, self.contact_id)
        more = " What she has typed comes with it." if kept else ""
        question = f"Take contact {row.id} from {row.agent or 'its queue'}?{more}"
        if await self.app.push_screen_wait(dialogs.ConfirmDialog("Take over", question, "Take over")):
            await take_over(self.house.office, self.contact_id, self.house.login)
            self.dismiss(None)
            await self.house.open_contact(self.contact_id)

    @work(group="asking", exit_on_error=False)
    async def action_move(self) -> None:
        """To a queue or another agent."""
        desk, login = self.house.office.desk, self.house.login
        known = await choices(self.house.office.database)
        places = [(QUEUE + name, f"queue {name}") for name in known.queues]
        places += [(AGENT + one.login, f"agent {one.login}  {one.name}") for one in known.people]
        to = await self.app.push_screen_wait(dialogs.ChoiceDialog(f"Move contact {self.contact_id}", places))
        if to is None:
            return
        name = to.partition(":")[2]
        if to.startswith(AGENT):
            await desk.transfer(self.contact_id, agent=name, login=login)
        else:
            await desk.transfer(self.contact_id, queue=name, login=login)
        self.notify(f"contact {self.contact_id} moved to {harmless(name, lines=False)}", markup=False)
        self.dismiss(None)

    @work(group="asking", exit_on_error=False)
    async def action_priority(self) -> None:
        """Back into its queue, at another priority."""
        if self.seen is None:
            return
        from tui.screens.queue_verbs import priority_wrong

        row = self.seen.row
        question = f"It goes back into {row.queue}, at its place. It is {row.priority} now."
        said = await self.app.push_screen_wait(
            dialogs.TextDialog(f"Priority of contact {row.id}", question, value=str(row.priority), check=priority_wrong)
        )
        if said is not None:
            desk, login = self.house.office.desk, self.house.login
            await desk.transfer(row.id, queue=row.queue, priority=int(said), login=login)
            self.notify(f"contact {row.id} waits in {row.queue} at {int(said)}", markup=False)
            self.dismiss(None)

    def accept(self) -> None:
        """Nothing is asked here."""
