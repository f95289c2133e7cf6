"""Accounts: the mailboxes that are polled and the addresses that are sent as; gateways; the outgoing server.

What only a form or a check needs (models of desk.toml, the wires) is imported there: the first frame comes without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.content import Content
from textual.widgets import Static

from core.accounts import delete_account, delete_gateway, set_enabled, ties_of
from core.errors import PostroomError
from core.views import AccountRow, accounts, mails
from core.views.panel import OutgoingRow, PlaceRow, explain_account, outgoing_server, places
from tui.actions import ACCOUNTS, bindings_of
from tui.ages import zone
from tui.dialogs import ChoiceDialog, ConfirmDialog, PageDialog
from tui.dialogs.account_aside import AsideDialog
from tui.dialogs.account_check import CheckDialog
from tui.screens.account_words import COLUMNS, NOTHING, account_cells, account_detail, server_line
from tui.screens.work import WorkScreen
from tui.telling import explanation
from tui.widgets.listing import Caption, Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import tzinfo

    from textual import events
    from textual.widget import Widget

    from core.blueprint import Stored
    from tui.dialogs.form import Entered, FormDialog, Values
    from tui.widgets.columns import Cell

ASIDE = ("quarantine", "over-budget")


@dataclass(frozen=True, slots=True)
class Found:
    """All that the screen shows."""

    accounts: list[AccountRow]
    places: dict[int, PlaceRow]
    server: OutgoingRow | None


class AccountsScreen(WorkScreen[Found]):
    """SMS accounts above, e-mail accounts below, then the one under the cursor and the outgoing server."""

    AREA = "accounts"
    CSS_PATH = "accounts.tcss"
    BINDINGS: ClassVar = bindings_of(ACCOUNTS)

    def compose_work(self) -> Iterable[Widget]:
        """Two lists, the detail, the server's line."""
        self.kind = "sms"
        self.found = Found([], {}, None)
        self.wanted = ""
        self.lists = {
            "sms": Listing("SMS accounts", COLUMNS, self._cells, name="sms"),
            "email": Listing("E-mail accounts", COLUMNS, self._cells, name="email"),
        }
        self.caption, self.detail, self.server = Caption(), Static(id="detail"), Static(id="server")
        yield from self.lists.values()
        yield self.caption
        yield self.detail
        yield self.server

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """Accounts, where their mails are, the outgoing server."""
        database, now = self.office.database, self.house.now()
        return Found(await accounts(database, now), await places(database), await outgoing_server(database, now))

    def paint(self, found: Found) -> None:
        """Both lists, and the rest."""
        self.found = found
        for kind, listing in self.lists.items():
            rows = [row for row in found.accounts if row.kind == kind]
            known = {row.id: row for row in rows if has_words(listing.words, row.address, row.user, row.description)}
            listing.rows.show(list(known), known)
        for row in found.accounts:
            if row.address == self.wanted:
                self.wanted = ""
                self.lists[row.kind].rows.go_to(row.id)
                self.lists[row.kind].rows.focus()
        self.tick()

    def show_thing(self, thing: str) -> None:
        """An account by its address."""
        self.wanted = thing
        self.refresh_soon()

    def tick(self) -> None:
        """The ages below the lists count up too."""
        row = self.current
        self.caption.say(row.address if row else "no account", row.description if row else "")
        place = self.found.places.get(row.id) if row else None
        words = account_detail(row, place, self.house.now(), self._zone()) if row else Content(NOTHING)
        for widget, said in ((self.detail, words), (self.server, server_line(self.found.server))):
            if widget.content != said:
                widget.update(said, layout=False)

    @property
    def current(self) -> AccountRow | None:
        """The account under the cursor of the list that had the focus last."""
        row = self.lists[self.kind].rows.current_row
        return row if isinstance(row, AccountRow) else None

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The keys are about this list."""
        for kind, listing in self.lists.items():
            if event.widget is listing.rows:
                self.kind = kind
        self.tick()

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    def _cells(self, row: AccountRow) -> Sequence[Cell | str]:
        return account_cells(row, self.house.now())

    def _zone(self) -> tzinfo:
        return zone(self.house.standing.timezone if self.house.standing else "UTC")

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

    async def _account(self, address: str) -> None:
        from tui.dialogs.account_form import account_form

        kind = self.kind
        entered = await self._fill_in(
            "account", lambda stored, draft: account_form(stored, address, kind=kind, draft=draft), new=not address
        )
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

        database, vault = self.office.database, self.office.vault
        return await fill_in(
            self.house, table, form, lambda values: enter(database, vault, table, values, actor=self.login, new=new)
        )

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
        if row.enabled:
            self.notify(f"{row.address} is enabled: disable it first", markup=False, severity="warning")
            return
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

        row = self.current
        while row is not None:
            database = self.office.database
            found = [mail for outcome in ASIDE for mail in await mails(database, outcome=outcome, account=row.address)]
            mail_id = await self.app.push_screen_wait(AsideDialog(f"Set aside: {row.address}", found, self._zone()))
            if mail_id is None:
                return
            try:
                outcome = await release(self.office.intake(), mail_id, actor=self.login)
            except PostroomError as error:
                self.house.complain(error)
                continue
            self.notify(f"mail {mail_id} became {outcome}", markup=False)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_explain(self) -> None:
        """What was done to it."""
        row = self.current
        if row is not None:
            steps = await explain_account(self.office.database, row.id, row.address)
            text = explanation(steps, self._zone(), self.house.now())
            await self.app.push_screen_wait(PageDialog(row.address, text))
