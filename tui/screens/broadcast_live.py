"""One broadcast as it runs: how far it is, how fast, what failed and why; pause, cancel, retry, settle, ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content

from core.errors import Refused
from core.views.broadcasts import LiveRow, live
from tui.actions import LIVE, PAUSED, bindings_of
from tui.dialogs.explained import explained
from tui.screens.broadcast_columns import (
    ENDED,
    PAUSABLE,
    about_line,
    answers_line,
    bar_line,
    failure_lines,
    head_line,
    hours_line,
    numbers_line,
    rate_line,
)
from tui.screens.broadcast_verbs import BroadcastVerbs
from tui.widgets.listing import Caption
from tui.widgets.plate import Plate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


class LiveScreen(BroadcastVerbs):
    """A few lines that change in place, once a second at most."""

    CSS_PATH = "broadcast_live.tcss"
    BINDINGS: ClassVar = [*bindings_of(PAUSED), *bindings_of(LIVE)]

    def __init__(self, broadcast_id: int) -> None:
        super().__init__()
        self.broadcast_id = broadcast_id
        self.found: LiveRow | None = None
        self.caption, self.reasons = Caption(), Caption()
        self.head = Plate(name="live-head")
        self.body = Plate(name="live-body")
        self.failures = Plate(name="live-failures")

    def compose_work(self) -> Iterable[Widget]:
        """What it is, how far it is, what failed."""
        yield self.caption
        yield self.head
        yield self.body
        yield self.reasons
        yield self.failures

    async def read(self) -> LiveRow:
        """All of it."""
        return await live(self.office.database, self.broadcast_id, self.house.now())

    def paint(self, found: LiveRow) -> None:
        """Everything; the layout stays."""
        before, self.found = self.found, found
        self.set_class(bool(found.row.send_hours), "-hours")
        self.tick()
        if before is None or before.row.state != found.row.state:
            self.refresh_bindings()

    def tick(self) -> None:
        """Ages count up, and the bar fills its line."""
        if self.found is None:
            return
        row, now, zone = self.found.row, self.house.now(), self.house.zone
        self.caption.say(f"{row.name} #{row.id}", "")
        self.head.say(head_line(row, now, zone), about_line(row))
        self.body.say(
            Content(""),
            bar_line(row, self.found.seconds_left, max(40, self.size.width - 2)),
            Content(""),
            numbers_line(self.found),
            answers_line(self.found, now, zone),
            rate_line(self.found),
            *([hours_line(row)] if row.send_hours else []),
        )
        failed = f"{row.failed:,} failed, by the server’s words" if row.failed else "Failed"
        self.reasons.say(failed, "")
        self.failures.say(*failure_lines(self.found, max(3, self.failures.size.height - 1)))

    def on_resize(self) -> None:
        """Another width for the bar."""
        self.tick()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done with it now."""
        if self.found is None:
            return action == "leave"
        row = self.found.row
        allowed = {
            "pause": row.state in PAUSABLE and row.state != "paused", "go_on": row.state == "paused",
            "cancel": row.state not in ENDED, "approve": row.state == "planned",
            "failures": bool(row.failed), "unknown": bool(row.unknown), "replies": bool(self.found.replies),
        }  # fmt: skip
        return allowed.get(action, True)

    # -- doing --------------------------------------------------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_pause(self) -> None:
        """Pause; one that is scheduled begins now, after a question."""
        if self.found is not None:
            await self.pause_or_resume(self.found.row)

    def action_go_on(self) -> None:
        """The same key, where it is paused."""
        self.action_pause()

    async def action_recipients(self) -> None:
        """What became of each."""
        from tui.screens.broadcast_recipients import RecipientsScreen

        await self.app.push_screen(RecipientsScreen(self.broadcast_id))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_explain(self) -> None:
        """What it is, and what was done with it."""
        await self.app.push_screen(await explained(self.house, "broadcast", self.broadcast_id))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_cancel(self) -> None:
        """End it."""
        if self.found is not None:
            await self.cancel_broadcast(self.found.row)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_approve(self) -> None:
        """Say yes to it."""
        if self.found is None or self.found.row.state != "planned":
            raise Refused("it does not wait for anybody's yes")
        await self.approve_broadcast(self.found.row)

    def action_leave(self) -> None:
        """Back; it goes on."""
        self.dismiss(None)
