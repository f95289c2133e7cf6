"""What a person does with campaigns, lists and customers: forms, statuses, files, the way to broadcasts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.errors import PostroomError, Refused
from core.views.customers import CampaignRow, CustomerRecord, ListRow, campaigns, customers_by_id
from tui import dialogs
from tui.screens.campaign_columns import STATUSES, customer_page, status_words
from tui.screens.campaign_screen import CampaignScreen

if TYPE_CHECKING:
    from core.campaigns import Audience
    from tui.dialogs.form import Values
    from tui.widgets.listing import Listing

Found = TypeVar("Found")
SET_UP = "set up campaigns and lists"
MOST_BY_HAND = 1000


class CampaignVerbs(CampaignScreen[Found]):
    """The verbs; `CampaignsScreen` shows what they are about."""

    shelf: Listing
    people: Listing
    shown: Audience | None
    wanted: tuple[str, int] | None = None
    """Where the cursor is to go."""

    @property
    def chosen(self) -> CampaignRow | ListRow | None:
        """The campaign or list under the cursor."""
        raise NotImplementedError

    # -- set up -------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_new(self) -> None:
        """A campaign or a list."""
        await self.need_right(SET_UP)
        here = self.chosen
        campaign = here.name if isinstance(here, CampaignRow) else here.campaign if here is not None else ""
        choices = [("campaign", "a campaign"), ("list", "a list of customers")]
        what = await self.app.push_screen_wait(dialogs.ChoiceDialog("What is new?", choices))
        if what == "campaign":
            await self._campaign(None)
        elif what == "list":
            await self._list(None, campaign)

    @work(group="asking", exit_on_error=False)
    async def action_edit(self) -> None:
        """Whatever is under the cursor of the list that has the focus."""
        if self.people.rows.has_focus:
            row = self.people.rows.current_row
            if isinstance(row, CustomerRecord):
                await self._customer(row)
            return
        match self.chosen:
            case CampaignRow() as row:
                await self._campaign(row)
            case ListRow() as row:
                await self._list(row, row.campaign)

    async def _campaign(self, row: CampaignRow | None) -> None:
        from core.views import accounts
        from core.views.calendars import templates
        from tui.dialogs.campaign_form import campaign_form, campaign_settings

        await self.need_right(SET_UP)
        database, verbs = self.office.database, self.office.campaigns
        draft: Values | None = None
        reason = ""
        while True:
            form = campaign_form(row, await accounts(database, self.house.now()), await templates(database), draft)
            form.because(reason)
            said = await self.app.push_screen_wait(form)
            if said is None:
                return
            draft = said.values
            settings = campaign_settings(said.values, row)
            try:
                was = row.name if row is not None else ""
                made = await verbs.save(settings, actor=self.login, new=row is None, was=was)
            except PostroomError as error:
                reason = str(error)
                continue
            self.wanted = ("campaign", made)
            self.outdate()
            self.notify(f"campaign {settings.name} is set", markup=False)
            return

    async def _list(self, row: ListRow | None, campaign: str) -> None:
        from tui.dialogs.campaign_form import list_form

        await self.need_right(SET_UP)
        verbs, login = self.office.lists, self.login
        known = await campaigns(self.office.database)
        said = await self.app.push_screen_wait(list_form(row, known, campaign))
        if said is None:
            return
        name, of = str(said.values["name"]), str(said.values["campaign"])

        async def change() -> None:
            if row is None:
                self.wanted = ("list", await verbs.create(name, actor=login, campaign=of))
                return
            if name != row.name:
                await verbs.rename(row.name, name, actor=login)
            if of != row.campaign:
                await verbs.move(name, of, actor=login)

        self.house.do(change, f"list {name} is set")

    @work(group="asking", exit_on_error=False)
    async def action_delete(self) -> None:
        """After a question that says what goes with it."""
        row, login = self.chosen, self.login
        if row is None:
            return
        await self.need_right(SET_UP)
        if isinstance(row, CampaignRow):
            question = f"Delete campaign {row.name}? Its attempts and its do-not-contact list go with it."
            ask = dialogs.ConfirmDialog("Delete a campaign", question, "Delete")
            if await self.app.push_screen_wait(ask):
                self.house.do(
                    lambda: self.office.campaigns.delete(row.name, actor=login), f"campaign {row.name} is deleted"
                )
            return
        question = (
            f"Delete list {row.name} with {row.customers:,} customers and all attempts to reach them? Nobody can bring"
            " them back."
        )
        if await self.app.push_screen_wait(dialogs.ConfirmDialog("Delete a list", question, "Delete")):
            verb = self.office.lists.delete
            self.house.do(lambda: verb(row.name, actor=login, with_customers=True), f"list {row.name} is deleted")

    # -- customers ----------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def show_card(self, row: CustomerRecord) -> None:
        """All that is known of a customer."""
        page = customer_page(row, self.house.now(), self.house.zone, self.house.region)
        await self.app.push_screen_wait(dialogs.PageDialog("Customer", page))

    async def _customer(self, row: CustomerRecord) -> None:
        from core.views.standing import people
        from tui.dialogs.campaign_form import customer_change, customer_form

        await self.need_right("change customers")
        known = await people(self.office.database)
        said = await self.app.push_screen_wait(customer_form(row, known, self.house.region or "GB"))
        if said is not None:
            change, login = customer_change(row, said.values), self.login
            self.house.do(
                lambda: self.office.customers.change(row.id, change, actor=login), f"customer {row.reference} is set"
            )

    @work(group="asking", exit_on_error=False)
    async def action_status(self) -> None:
        """Another status for those that are selected."""
        ids = self.people.rows.chosen
        if not ids:
            return
        await self.need_right("change customers")
        if len(ids) > MOST_BY_HAND:
            raise Refused(f"{len(ids):,} are selected, and by hand go {MOST_BY_HAND:,} at most: import a file of them")
        rows = await customers_by_id(self.office.database, ids)
        choices = [(one, status_words(one)) for one in STATUSES]
        who = next(iter(rows.values())).reference if len(rows) == 1 else f"{len(rows):,} customers"
        status = await self.app.push_screen_wait(dialogs.ChoiceDialog(f"Status of {who}", choices))
        if status is None:
            return
        at = None
        if status == "callback":
            from core.desk.waking import wake_time
            from tui.dialogs.callback import CallBackDialog

            said = await self.app.push_screen_wait(CallBackDialog(self.house.now(), self.house.zone))
            if said is None:
                return
            at = wake_time(said, self.house.now(), self.house.zone)
        from core.campaigns import Status

        verb = partial(self.office.customers.set_statuses, actor=self.login)
        before = {
            row.id: Status(row.status, row.callback_at if row.status == "callback" else None, row.callback_for)
            for row in rows.values()
        }

        async def change() -> None:
            await verb(dict.fromkeys(before, Status(status, at)))
            self.people.rows.selected.clear()

        async def back() -> None:
            await verb(before)

        self.house.do(change, f"{who}: {STATUSES[status][1]}", back)

    # -- elsewhere ----------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_import(self) -> None:
        """Customers from a file."""
        from tui.screens.importing import ImportScreen

        await self.need_right("import customers")
        here = self.chosen
        if isinstance(here, ListRow):
            await self.app.push_screen(ImportScreen(here.name, here.campaign))
        else:
            await self.app.push_screen(ImportScreen(campaign=here.name if here is not None else ""))

    @work(group="asking", exit_on_error=False)
    async def action_export(self) -> None:
        """Customers into a file."""
        from tui.screens.campaign_export import export_customers

        row = self.chosen
        if row is not None and self.shown is not None:
            await self.need_right("export customers")
            await export_customers(self.house, row.name, self.shown)

    async def action_ring(self) -> None:
        """Customers of this campaign."""
        from tui.screens.ringing import RingingScreen

        row = self.chosen
        campaign = row.name if isinstance(row, CampaignRow) else row.campaign if row is not None else ""
        if not campaign:
            raise Refused("a list is rung for its campaign: give it to one first (e)")
        await self.app.push_screen(RingingScreen(campaign))

    async def action_barred(self) -> None:
        """Whom nobody writes to, or not this campaign."""
        from tui.screens.barred import BarredScreen

        row = self.chosen
        campaign = row.name if isinstance(row, CampaignRow) else row.campaign if row is not None else ""
        await self.app.push_screen(BarredScreen(campaign))

    async def action_broadcasts(self) -> None:
        """All broadcasts."""
        from tui.screens.broadcasts import BroadcastsScreen

        await self.app.push_screen(BroadcastsScreen())

    @work(group="asking", exit_on_error=False)
    async def action_broadcast(self) -> None:
        """A new one, to whatever is under the cursor."""
        from tui.screens.broadcast_wizard import WizardScreen

        await self.need_right("send broadcasts")
        row = self.chosen
        audience = "" if row is None else f"{'campaign' if isinstance(row, CampaignRow) else 'list'}:{row.name}"
        await self.app.push_screen(WizardScreen(audience))
