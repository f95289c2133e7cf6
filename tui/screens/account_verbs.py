"""What a person does on the accounts screen: forms, checks, on and off, set-aside mails, the script's menu.

What only a form or a check needs (models of desk.toml, the wires) is imported there: the first frame comes without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work

from core.accounts import delete_account, delete_gateway, set_debug, set_enabled, ties_of
from core.errors import PostroomError, Refused
from core.roles import SET_UP, supervisor_only
from core.views import AccountRow, mails
from core.views.journal import JournalFilter
from tui.dialogs import ChoiceDialog, ConfirmDialog
from tui.dialogs.account_aside import AsideDialog
from tui.dialogs.account_check import CheckDialog
from tui.dialogs.explained import explained
from tui.dialogs.menu import ScriptMenu
from tui.screens.account_scripts import AccountScripts
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.blueprint import Stored
    from core.views import Step
    from core.views.panel import OutgoingRow, PlaceRow
    from tui.dialogs.form import Entered, FormDialog, Values
    from tui.widgets.listing import Listing

ASIDE = ("quarantine", "over-budget")


@dataclass(frozen=True, slots=True)
class Found:
    """All that the screen shows."""

    accounts: Sequence[AccountRow]
    places: dict[int, PlaceRow]
    server: OutgoingRow | None
    about: int | None = None
    """The account under the cursor, where there is room for more of it."""
    lately: Sequence[Step] = ()
    """What happened to that one."""


class AccountVerbs(AccountScripts[Found]):
    """The verbs; `AccountsScreen` shows what they are about."""

    found: Found
    kind: str
    wanted: str
    lists: dict[str, Listing]

    @property
    def current(self) -> AccountRow | None:
        """The account under the cursor of the list that had the focus last."""
        row = self.lists[self.kind].rows.current_row
        return row if isinstance(row, AccountRow) else None

    # -- forms --------------------------------------------------------------------------------------------------------

    @on(Rows.Opened)
    def _open(self, event: Rows.Opened) -> None:
        if isinstance(event.row, AccountRow):
            self._modify(event.row.address)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _modify(self, address: str) -> None:
        await self._account(address)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_new(self) -> None:
        """A new account, of the kind of the list that has the focus, after what it cannot do without."""
        if await self._has_what_it_needs(self.kind):
            await self._account("")

    async def _has_what_it_needs(self, kind: str) -> bool:
        """Whether there is, by now, what an account leaves by; the first run leads a desk without accounts there."""
        from core.blueprint import stored_desk
        from tui.dialogs.account_form import outgoing_form
        from tui.dialogs.gateway_form import GatewayForm

        stored = await stored_desk(self.office.database)
        serverless = not stored.names("outgoing_server")
        gateless = kind == "sms" and not stored.names("gateway")
        if (serverless or gateless) and not stored.names("account"):
            await self.app.switch_mode("first-run")
            return False
        if serverless:
            self.notify("Everything leaves by the outgoing server: it comes first.", markup=False)
            if await self._fill_in("outgoing_server", outgoing_form, new=False) is None:
                return False
        if gateless:
            self.notify("Texts leave by a gateway: it comes first.", markup=False)
            return await self._fill_in("gateway", lambda now, draft: GatewayForm(now, "", draft), new=True) is not None
        return True

    async def _account(self, address: str, begin_at: str = "") -> None:
        from tui.dialogs.account_form import account_form

        kind = self.kind

        def form(stored: Stored, draft: Values | None) -> FormDialog:
            made = account_form(stored, address, kind=kind, draft=draft)
            made.begin_at(begin_at)
            return made

        entered = await self._fill_in("account", form, new=not address)
        if entered is not None:
            self.wanted = str(entered.values["address"]).lower()
            self.refresh_soon()
            if entered.then == "check":
                await self._show_check(self.wanted)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_server(self) -> None:
        """The outgoing server's form."""
        from tui.dialogs.account_form import outgoing_form

        entered = await self._fill_in("outgoing_server", outgoing_form, new=False)
        if entered is not None and entered.then == "check":
            self.action_check_server()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_gateways(self) -> None:
        """Which gateway, then its form."""
        from core.blueprint import stored_desk
        from tui.dialogs.gateway_form import GatewayForm

        stored = await stored_desk(self.office.database)
        known = [(name, f"{name}  {stored.values('gateway', name)['dialect']}") for name in stored.names("gateway")]
        name = await self.app.push_screen_wait(ChoiceDialog("Gateways", [*known, ("", "+ a new gateway")]))
        if name is None:
            return
        entered = await self._fill_in(
            "gateway", lambda stored, draft: GatewayForm(stored, name, draft), new=not name
        )  # fmt: skip
        if entered is not None and entered.then == "delete":
            question = f"Delete gateway {name}? Its shape and its password go with it."
            if await self.app.push_screen_wait(ConfirmDialog("Delete a gateway", question, "Delete")):
                verb = partial(delete_gateway, self.office.database, name, actor=self.login)
                self.house.do(verb, f"gateway {name} is deleted")

    async def _fill_in(
        self, table: str, form: Callable[[Stored, Values | None], FormDialog], *, new: bool
    ) -> Entered | None:
        from core.blueprint import enter
        from tui.dialogs.filling import fill_in

        await self._may_set_up()
        database, vault = self.office.database, self.office.vault
        return await fill_in(
            self.house, table, form, lambda values: enter(database, vault, table, values, actor=self.login, new=new)
        )

    async def _may_set_up(self) -> None:
        """Asked before anything is typed; the verbs ask again. Raises Refused."""
        await supervisor_only(self.office.database, self.login, SET_UP)

    # -- checks -------------------------------------------------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_check(self) -> None:
        """Check the account under the cursor."""
        if self.current is not None:
            await self._show_check(self.current.address)

    async def _show_check(self, address: str) -> None:
        from core.checkup import check_account

        office = self.office
        check = partial(check_account, office.database, office.vault, address)
        await self.app.push_screen_wait(CheckDialog(f"Check of {address}", check))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_check_server(self) -> None:
        """Check the outgoing server."""
        from core.checkup import check_outgoing

        check = partial(check_outgoing, self.office.vault)
        await self.app.push_screen_wait(CheckDialog("Check of the outgoing server", check))

    # -- the account under the cursor ---------------------------------------------------------------------------------

    def action_switch(self) -> None:
        """Take its mailbox up or leave it alone."""
        row = self.current
        if row is not None:
            switch = partial(set_enabled, self.office.database, row.address, actor=self.login)
            words = f"{row.address} is {'off' if row.enabled else 'on'}"
            self.house.do(partial(switch, not row.enabled), words, partial(switch, row.enabled))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_delete(self) -> None:
        """Name what goes with it, ask, delete."""
        row, database = self.current, self.office.database
        if row is None:
            return
        await self._may_set_up()
        if row.enabled:
            raise Refused(f"{row.address} is on: switch it off first (x)")
        ties = await ties_of(database, row.address)
        question = (
            f"Delete {row.address}? With it go {ties.words}. Nobody can bring them back. Its mails on the server stay."
        )
        if await self.app.push_screen_wait(ConfirmDialog("Delete an account", question, "Delete")):

            async def delete() -> None:
                await delete_account(database, row.address, self.house.now(), actor=self.login)
                self.lists[row.kind].rows.forget(row.id)

            self.house.do(delete, f"{row.address} is deleted")

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_aside(self) -> None:
        """Show what was set aside, and release one after the other."""
        from core.intake import release

        row, reason = self.current, ""
        while row is not None:
            database = self.office.database
            found = [mail for outcome in ASIDE for mail in await mails(database, outcome=outcome, account=row.address)]
            dialog = AsideDialog(f"Set aside: {row.address}", found, self.house.zone)
            dialog.because(reason)
            mail_id, reason = await self.app.push_screen_wait(dialog), ""
            if mail_id is None:
                return
            try:
                outcome = await release(self.office.intake(), mail_id, actor=self.login)
            except PostroomError as error:
                reason = str(error)
                continue
            self.notify(f"mail {mail_id} became {outcome}", markup=False)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_explain(self) -> None:
        """What is known of it, and what was done to it."""
        row = self.current
        if row is not None:
            await self.app.push_screen(await explained(self.house, "account", row.id))

    # -- its script ---------------------------------------------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_script(self) -> None:
        """The menu of the script, and what was chosen of it: `script_VERB` for each of its actions."""
        row = self.current
        place = self.found.places.get(row.id) if row else None
        if row is None or place is None:
            return
        words = f"script {place.script}" if place.script else "no script: what arrives goes to the queue"
        debug = "debug is on" if place.debug else "debug is off"
        chosen = await self.app.push_screen_wait(ScriptMenu(row.address, f"{words}; queue {row.queue}; {debug}"))
        if chosen is not None:
            verb = chosen.rpartition(".")[2].replace("-", "_")
            await getattr(self, f"script_{verb}")(row, place)

    async def script_inbound(self, row: AccountRow, place: PlaceRow) -> None:
        """The page of the form that says where what arrives goes."""
        await self._account(row.address, begin_at="script" if place.script else "queue")

    async def script_debug(self, row: AccountRow, place: PlaceRow) -> None:
        """A line for each mail, or no longer."""
        switch = partial(set_debug, self.office.database, row.address, actor=self.login)
        words = f"debug of {row.address} is {'off' if place.debug else 'on'}"
        self.house.do(partial(switch, not place.debug), words, partial(switch, place.debug))

    async def script_journal(self, row: AccountRow, place: PlaceRow) -> None:
        """The journal, of this account alone."""
        await self.house.open_journal(JournalFilter(account=row.address))
