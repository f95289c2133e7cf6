"""What a supervisor does with an agent: her state, and her contacts one by one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import work

from core.errors import Refused
from core.views.mine import reasons
from core.views.shadow import in_hand
from core.views.wallboard import AgentNow, Wallboard
from tui import dialogs
from tui.screens.work import WorkScreen
from tui.telling import shown_address

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class AgentVerbs(WorkScreen[Wallboard]):
    """The verbs; `WallboardScreen` is the whole."""

    @property
    def agent(self) -> AgentNow | None:
        """The agent under the cursor."""
        raise NotImplementedError

    def action_ready(self) -> None:
        """Ready."""
        if (agent := self.agent) is not None:
            ready = partial(self.office.presence.ready, agent.login, by=self.login)
            self._ask("Ready", f"Let {agent.login} take work from now on?", "Ready", ready, f"{agent.login} is ready")

    @work(group="asking", exit_on_error=False)
    async def action_not_ready(self) -> None:
        """Not ready, with a reason."""
        agent = self.agent
        if agent is None:
            return
        known = [(one, one) for one in await reasons(self.office.database)]
        question = f"{agent.login} gets nothing new; what she has stays. Why?"
        reason = await self.app.push_screen_wait(
            dialogs.ChoiceDialog(f"{agent.login} not ready", known, question, free=not known)
        )
        if reason is not None:
            verb = partial(self.office.presence.not_ready, agent.login, reason, by=self.login)
            self.house.do(verb, f"{agent.login} is not ready: {reason}")

    def action_sign_out(self) -> None:
        """Signed out."""
        if (agent := self.agent) is not None:
            back = sum(agent.open.values()) + agent.offered
            words = f"{back} of her contacts go back to where they waited." if back != 1 else "Her contact goes back."
            sign_out = partial(self.office.presence.sign_out, agent.login, by=self.login)
            self._ask(
                "Sign out", f"Sign {agent.login} out? {words if back else 'She has nothing open.'}", "Sign out",
                sign_out, f"{agent.login} is signed out",
            )  # fmt: skip

    @work(group="asking", exit_on_error=False)
    async def _ask(self, title: str, question: str, yes: str, verb: Callable[[], Awaitable[object]], done: str) -> None:
        if await self.app.push_screen_wait(dialogs.ConfirmDialog(title, question, yes)):
            self.house.do(verb, done)

    @work(group="asking", exit_on_error=False)
    async def action_explain(self) -> None:
        """Why she gets no work."""
        agent = self.agent
        if agent is not None:
            from core.views.agents_explained import why_no_work

            said = await why_no_work(self.office.database, agent.login, self.house.now())
            page = "\n\n".join(f"{one[:1].upper()}{one[1:]}." for one in said)
            await self.app.push_screen(dialogs.PageDialog(f"Why {agent.login} gets no work", page))

    @work(group="asking", exit_on_error=False)
    async def look_at_contacts(self) -> None:
        """Choose one of her contacts, and look over her shoulder."""
        agent = self.agent
        if agent is None:
            return
        rows = await in_hand(self.office.database, agent.login)
        if not rows:
            raise Refused(f"{agent.login} has no contact in hand")
        region = self.house.region
        choices = [
            (str(row.id), f"{row.state:<8} {shown_address(row.address, region)}  {row.name}  {row.text}")
            for row in rows
        ]
        chosen = choices[0][0]
        if len(choices) > 1:
            said = await self.app.push_screen_wait(dialogs.ChoiceDialog(f"Contacts of {agent.login}", choices))
            if said is None:
                return
            chosen = said
        from tui.dialogs.shadow import ShadowDialog

        await self.app.push_screen(ShadowDialog(int(chosen)))
