"""What the screens of scripts share: who may change them, how a version is let decide, how one goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.errors import Refused
from core.roles import supervisor_only
from core.scripts.turns import ROUTE
from core.views.scripts import ScriptRow, scripts
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.views import ContactRow

Found = TypeVar("Found")


class ScriptScreen(WorkScreen[Found]):
    """A screen of the scripts area."""

    AREA = "scripts"

    async def need_right(self) -> None:
        """Before anything is asked that could not be done. Raises Refused to an agent."""
        await supervisor_only(self.office.database, self.login, ROUTE)

    async def why_not(self) -> str:
        """Why this person may only read; empty: everything may be changed."""
        try:
            await self.need_right()
        except Refused as refusal:
            return str(refusal)
        return ""

    async def row_of(self, name: str) -> ScriptRow | None:
        """The script as it is now; None where it is no longer there."""
        known = await scripts(self.office.database, self.house.now())
        return next((one for one in known if one.name == name), None)

    def now_decides(self, name: str, number: int, before: int | None) -> None:
        """Say that a version decides by now, with the way back."""
        verbs, login = self.office.routing.scripts, self.login

        async def done() -> None:
            """It is done already."""

        async def back() -> None:
            if before is None:
                await verbs.deactivate(name, actor=login)
            else:
                await verbs.activate(name, before, actor=login)

        self.house.do(done, f"v{number} of {name} decides", back if before != number else None)

    @work(group="verbs", exit_on_error=False)
    async def let_decide(self, name: str, number: int) -> None:
        """Let a version decide."""
        activated = await self.office.routing.scripts.activate(name, number, actor=self.login)
        self.now_decides(name, number, activated.before)

    @work(group="verbs", exit_on_error=False)
    async def roll_back(self, name: str) -> None:
        """Let the version decide that did before."""
        activated = await self.office.routing.scripts.roll_back(name, actor=self.login)
        self.now_decides(name, activated.number, activated.before)

    async def choose_contact(self, title: str, contacts: Sequence[tuple[ContactRow, str]]) -> int | None:
        """One of these contacts, each with what else is to be said of it."""
        from tui.ages import day
        from tui.dialogs import ChoiceDialog
        from tui.telling import shown_address

        now = self.house.now().astimezone(self.house.zone)
        choices = []
        for row, words in contacts:
            at = row.received_at.astimezone(self.house.zone)
            said = f"{row.subject} · {row.text}" if row.channel == "email" and row.subject else row.text
            when = f"{at:%H:%M}" if at.date() == now.date() else f"{day(at, now)} {at:%H:%M}"
            who = shown_address(row.address, self.house.region)
            choices.append((str(row.id), "  ".join(filter(None, (when, who, words, said)))))
        chosen = await self.app.push_screen_wait(ChoiceDialog(title, choices))
        return int(chosen) if chosen is not None else None
