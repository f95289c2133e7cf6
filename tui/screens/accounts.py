"""Accounts: the mailboxes that are polled and the addresses that are sent as; gateways; the outgoing server."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from core.views import AccountRow, accounts
from core.views.panel import explain_account, outgoing_server, places
from tui.actions import ACCOUNTS, bindings_of
from tui.dialogs.explained import DEAR_SECONDS
from tui.screens.account_verbs import AccountVerbs, Found
from tui.screens.account_words import (
    COLUMNS,
    NOTHING,
    account_cells,
    account_detail,
    account_pane,
    server_line,
)
from tui.widgets.listing import Caption, Listing, has_words
from tui.widgets.plate import Pane
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from core.views import Step
    from tui.widgets.columns import Cell


class AccountsScreen(AccountVerbs):
    """SMS accounts above, e-mail accounts below; the one under the cursor below them, or beside where there is room."""

    AREA = "accounts"
    CSS_PATH = "accounts.tcss"
    BINDINGS: ClassVar = bindings_of(ACCOUNTS)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self) -> None:
        super().__init__()
        self.kind = "sms"
        self.found = Found([], {}, None)
        self.wanted = ""
        self.lists = {
            "sms": Listing("SMS accounts", COLUMNS, self._cells, name="sms"),
            "email": Listing("E-mail accounts", COLUMNS, self._cells, name="email"),
        }
        self.caption, self.detail, self.server = Caption(), Static(id="detail"), Static(id="server")
        self.side = Pane(name="side")
        self._about: int | None = None
        self._lately: list[Step] = []
        self._lately_at = 0.0

    def compose_work(self) -> Iterable[Widget]:
        """Two lists, the one under the cursor, the server's line."""
        yield from self._panes()
        yield self.caption
        yield self.detail
        yield self.server

    def _panes(self) -> ComposeResult:
        with Horizontal(id="panes"):
            with Vertical():
                yield from self.lists.values()
            yield self.side

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """Accounts, where their mails are, the outgoing server."""
        database, now = self.office.database, self.house.now()
        found = Found(await accounts(database, now), await places(database), await outgoing_server(database, now))
        row = self.current
        if row is None or not self.side.display:
            return found
        if self._about != row.id or monotonic() - self._lately_at > DEAR_SECONDS:
            self._lately = await explain_account(database, row.id, row.address)
            self._about, self._lately_at = row.id, monotonic()
        return Found(found.accounts, found.places, found.server, row.id, self._lately)

    def outdate(self) -> None:
        """This person changed something: the story has another line."""
        self._about = None
        super().outdate()

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
        """The ages beside the lists count up too."""
        row, found, now, zone = self.current, self.found, self.house.now(), self.house.zone
        self.caption.say(row.address if row else "no account", row.description if row else "")
        place = found.places.get(row.id) if row else None
        words = account_detail(row, place, now, zone) if row else Content(NOTHING)
        for widget, said in (
            (self.detail, words),
            (self.server, server_line(found.server, self.key("accounts.server"))),
        ):
            if widget.content != said:
                widget.update(said, layout=False)
        if row is None:
            self.side.say(Content("no account"))
        else:
            lately = found.lately if found.about == row.id else ()
            self.side.say(*account_pane(row, place, lately, now, zone, self.side.room))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The keys are about this list."""
        for kind, listing in self.lists.items():
            if event.widget is listing.rows and kind != self.kind:
                self.kind = kind
                self.refresh_soon()
        self.tick()

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()
        if self.side.display:
            self.refresh_soon()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    def _cells(self, row: AccountRow) -> Sequence[Cell | str]:
        return account_cells(row, self.found.places.get(row.id), self.house.now())
