"""What people do with broadcasts. Each is one line in the journal, and for supervisors alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.broadcasts.plans import Timing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from core.broadcasts.plans import Example, LeftOut, Plan, Preview, Request
    from core.clock import Clock
    from core.outbox import Outbox
    from core.store import Database

AT_ONCE = Timing()


class Broadcasts:
    """Plan, confirm, pause, resume, cancel; and the engine's step that feeds the outbox."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox

    async def plan(self, request: Request, progress: Callable[[int, int], None] | None = None) -> Plan:
        """What would happen; writes nothing. `progress` gets customers looked at, and of how many. Raises Wrong."""
        raise NotImplementedError

    async def preview(self, plan: Plan, number: int) -> Preview:
        """The nth recipient's own message; 1 is the first. Raises NotFound."""
        raise NotImplementedError

    def left_out(self, plan: Plan, reason: LeftOut | None = None) -> AsyncIterator[tuple[LeftOut, Example]]:
        """Everybody who is left out, for one reason or for any: to look at, and to export."""
        raise NotImplementedError

    async def confirm(
        self, plan: Plan, *, count: int, actor: str, name: str = "", timing: Timing = AT_ONCE,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:  # fmt: skip
        """Freeze it, and start it or schedule it; its number. `count` is what the person typed.

        Raises Refused where it is not the plan's number, or where the audience has changed since the plan.
        """
        raise NotImplementedError

    async def approve(self, broadcast_id: int, *, actor: str) -> None:
        """The second person's yes, where the desk asks for one. Raises Refused for whoever confirmed it."""
        raise NotImplementedError

    async def test(self, plan: Plan, number: int, address: str, *, actor: str) -> int:
        """Send the nth recipient's message to oneself; the message's id. Raises Wrong for no such address."""
        raise NotImplementedError

    async def pause(self, broadcast_id: int, *, actor: str, reason: str = "") -> None:
        """Nothing more leaves: what waits in the outbox is taken back. Raises Refused, NotFound."""
        raise NotImplementedError

    async def resume(self, broadcast_id: int, *, actor: str) -> None:
        """Go on where it paused; a scheduled one starts now. Raises Refused, NotFound."""
        raise NotImplementedError

    async def cancel(self, broadcast_id: int, *, actor: str) -> None:
        """End it: whoever has not got it does not get it. Raises Refused, NotFound."""
        raise NotImplementedError

    async def retry_failed(self, broadcast_id: int, *, actor: str) -> int:
        """Those that failed wait again; how many. Raises Refused, NotFound."""
        raise NotImplementedError

    async def feed(self) -> int:
        """One turn of the engine: start what is due, feed the outbox, settle; how many rows it changed."""
        raise NotImplementedError
