"""What the screens of the campaigns area share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from core.roles import supervisor_only
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from core.views.broadcasts import BroadcastRow

Found = TypeVar("Found")


class CampaignScreen(WorkScreen[Found]):
    """A screen of the campaigns area."""

    AREA = "campaigns"

    async def need_right(self, deed: str) -> None:
        """Before anything is asked that could not be done. Raises Refused to an agent."""
        await supervisor_only(self.office.database, self.login, deed)

    async def pause_or_resume(self, row: BroadcastRow) -> None:
        """The rest of a broadcast leaves no longer, or goes on. A late or scheduled one asks first."""
        from tui.dialogs import ConfirmDialog

        verbs, login = self.office.broadcasts, self.login

        async def pause() -> None:
            await verbs.pause(row.id, actor=login)

        async def resume() -> None:
            await verbs.resume(row.id, actor=login)

        if row.state == "running":
            self.house.do(pause, f"{row.name} pauses", resume)
        elif row.state == "scheduled":
            question = f"{row.name} is to begin later by itself. Begin now? {row.planned:,} will get it."
            if await self.house.push_screen_wait(ConfirmDialog("Begin now", question, "Begin")):
                self.house.do(resume, f"{row.name} begins")
        else:
            self.house.do(resume, f"{row.name} goes on", pause)

    async def cancel_broadcast(self, row: BroadcastRow) -> None:
        """End it, after a question."""
        from tui.dialogs import ConfirmDialog

        left = row.waiting + row.queued
        question = f"End {row.name}? {left:,} have not got it and never will; nobody can take this back."
        if await self.house.push_screen_wait(ConfirmDialog("Cancel a broadcast", question, "End it")):
            verbs, login = self.office.broadcasts, self.login
            self.house.do(lambda: verbs.cancel(row.id, actor=login), f"{row.name} is cancelled")

    async def approve_broadcast(self, row: BroadcastRow) -> None:
        """Say yes to what somebody else has confirmed."""
        from tui.dialogs import ConfirmDialog

        question = f"{row.by} wants to send {row.name} to {row.planned:,} customers: {row.audience}, as {row.account}."
        if await self.house.push_screen_wait(ConfirmDialog("Approve a broadcast", question, "Approve")):
            verbs, login = self.office.broadcasts, self.login
            self.house.do(lambda: verbs.approve(row.id, actor=login), f"{row.name} is approved")
