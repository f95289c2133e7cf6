"""What the steps of the first run do: the forms and checks that there are, and the first message opened.

Forms and checks are imported where they are opened: a desk that is set up never needs them at its start.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from core.errors import PostroomError
from core.views.beginning import beginning
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from core.blueprint import Change, Stored
    from core.checkup import Step
    from core.views import AccountRow
    from core.views.beginning import Beginning
    from core.views.panel import PlaceRow
    from tui.dialogs.first_run_forms import Trouble
    from tui.dialogs.form import Entered, FormDialog, Values

    Form = Callable[[Stored, Values | None], FormDialog]
    Save = Callable[[Values], Awaitable[list[Change]]]


@dataclass(frozen=True, slots=True)
class Found:
    """All that the screen reads."""

    beginning: Beginning
    account: AccountRow | None
    """The first one."""
    place: PlaceRow | None


class FirstRunSteps(WorkScreen[Found]):
    """The steps; what was typed and not saved is kept in the app's drafts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Found | None = None
        self.kind = "sms"
        """What shall come in first."""
        self.checked: dict[str, bool] = {}
        """Steps that were tried out, and whether that went well."""
        self.moving_on = True
        """Whether the cursor goes before the next step as soon as it is known."""

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def do_step(self, step: str) -> None:
        """Open the form of a step; then on to the next one where it was done."""
        steps = {
            "desk": self._desk, "server": self._server, "gateway": self._gateway, "account": self._account,
            "text": self._mailbox,
        }  # fmt: skip
        if step in steps and await steps[step]():
            self.moving_on = True
        self.outdate()

    async def _desk(self) -> bool:
        from core.blueprint import enter, found
        from tui.dialogs.first_run_forms import desk_form, desk_of, person_of

        new = not (await beginning(self.office.database)).people
        database, vault = self.office.database, self.office.vault

        async def save(values: Values) -> list[Change]:
            desk, person = desk_of(values), person_of(values)
            if new:
                changes = await found(database, vault, desk, person)
                self.house.login = str(person["login"])
                return changes
            changes = await enter(database, vault, "desk", desk, actor=self.login, new=False)
            return changes + await enter(database, vault, "user", person, actor=self.login, new=False)

        entered = await self._fill_in("desk", lambda stored, draft: desk_form(stored, self.login, draft), save)
        return entered is not None

    async def _server(self, wrong: Trouble | None = None) -> bool:
        from core.checkup import check_outgoing
        from tui.dialogs.account_form import outgoing_form

        while True:
            entered = await self._fill_in("outgoing_server", outgoing_form, self._save("outgoing_server"), wrong)
            if entered is None:
                return False
            wrong = await self._check("server", "the outgoing server", partial(check_outgoing, self.office.vault))
            if wrong is None:
                return True

    async def _gateway(self) -> bool:
        from tui.dialogs.gateway_form import GatewayForm

        name = (await beginning(self.office.database)).gateway
        entered = await self._fill_in(
            "gateway", lambda stored, draft: GatewayForm(stored, name, draft), self._save("gateway", new=not name)
        )
        if entered is not None and entered.then == "delete":
            self.notify("gateways are deleted among the accounts: 1, then g", markup=False)
            return False
        return entered is not None

    async def _mailbox(self) -> bool:
        """The account whose mailbox is waited for, where that cannot be reached."""
        row = self.found.account if self.found else None
        if row is None or row.status != "broken":
            return False
        from core.checkup import Step
        from tui.dialogs.first_run_forms import trouble

        return await self._account(trouble([Step("log in" if "login" in row.error else "connect", False, row.error)]))

    async def _account(self, wrong: Trouble | None = None) -> bool:
        from core.checkup import check_account
        from tui.dialogs.first_run_forms import first_account_form

        office = self.office
        while True:
            address = (await beginning(office.database)).account
            form = partial(first_account_form, address, self.kind)
            entered = await self._fill_in("account", form, self._save("account", new=not address), wrong)
            if entered is None:
                return False
            address = str(entered.values["address"]).lower()
            check = partial(check_account, office.database, office.vault, address)
            wrong = await self._check("account", address, check)
            if wrong is None:
                return True
            if wrong.outgoing:
                self.checked.pop("account")  # it is the server that is to be mended, and this to be tried again
                await self._server(wrong)
                return False

    # -- what they have in common -------------------------------------------------------------------------------------

    def _save(self, table: str, *, new: bool = False) -> Save:
        from core.blueprint import enter

        database, vault = self.office.database, self.office.vault
        return lambda values: enter(database, vault, table, values, actor=self.login, new=new)

    async def _fill_in(self, key: str, form: Form, save: Save, wrong: Trouble | None = None) -> Entered | None:
        from tui.dialogs.filling import fill_in

        def begun(stored: Stored, draft: Values | None) -> FormDialog:
            dialog = form(stored, draft)
            if wrong is not None:
                dialog.begin_at(wrong.key, wrong.words)
            return dialog

        return await fill_in(self.house, key, begun, save, self.house.drafts, tell=False)

    async def _check(self, step: str, of: str, check: Callable[[], AsyncGenerator[Step, None]]) -> Trouble | None:
        """Try it out before the person's eyes; what the person wants to mend, None for going on."""
        from tui.dialogs.first_run_forms import StepCheck, trouble

        dialog = StepCheck(f"Check of {of}", check)
        on = await self.app.push_screen_wait(dialog)
        if dialog.done:
            self.checked[step] = dialog.well
        return None if on else trouble(dialog.steps)

    # -- the first message --------------------------------------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def open_first(self, contact_id: int, state: str) -> None:
        """Take it, and put it before the person, who can type at once. No toast: it would lie over the message."""
        from tui.screens.desk import DeskScreen

        if state == "queued":
            try:
                await self.office.desk.take(contact_id, login=self.login)
            except PostroomError as error:
                self.house.complain(error)
        await self.house.open_contact(contact_id)
        if isinstance(self.house.screen, DeskScreen):
            self.house.screen.editor.area.focus()
