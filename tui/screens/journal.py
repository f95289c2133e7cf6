"""Journal: who or what did what to which thing, and why; newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.content import Content

from core.errors import Refused
from core.text import one_line
from core.views import accounts
from core.views.journal import (
    EXPLAINED,
    JournalFilter,
    JournalRow,
    journal_actors,
    journal_ids,
    journal_kinds,
    journal_rows,
)
from tui.actions import JOURNAL, bindings_of
from tui.ages import day
from tui.dialogs import ChoiceDialog, PageDialog, TextDialog
from tui.dialogs.explained import explained
from tui.screens.work import WorkScreen
from tui.telling import shown_address
from tui.widgets.columns import Cell, Column
from tui.widgets.listing import Caption, Listing
from tui.widgets.paging import Paging
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from textual.widget import Widget

COLUMNS = (
    Column("When", 8),
    Column("Who", 8, grow=1),
    Column("What", 12),
    Column("About", 22),
    Column("Why", 20, grow=4),
    Column("Account", 18, drop=1),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    which: JournalFilter
    ids: list[int]
    rows: dict[int, JournalRow]


class JournalScreen(WorkScreen[Found]):
    """Every line, or those that the filters leave."""

    AREA = "journal"
    CSS_PATH = "journal.tcss"
    BINDINGS: ClassVar = bindings_of(JOURNAL)

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing("Journal", COLUMNS, self._cells, name="journal")
        self.caption = Caption()
        self.line = Plate(name="line")
        self.pages = Paging(self.listing.rows)
        self.chosen = JournalFilter()

    def compose_work(self) -> Iterable[Widget]:
        """The lines, and the whole of the one under the cursor."""
        yield self.listing
        yield self.caption
        yield self.line

    # -- fresh --------------------------------------------------------------------------------------------------------

    @property
    def which(self) -> JournalFilter:
        """All filters together."""
        return replace(self.chosen, words=self.listing.words)

    async def read(self) -> Found:
        """Those lines that are seen."""
        which, database = self.which, self.office.database
        ids = await self.pages.read(partial(journal_ids, database, which))
        return Found(which, ids, await journal_rows(database, self.listing.rows.window(ids)))

    def paint(self, found: Found) -> None:
        """The list."""
        if found.which == self.which:
            self.pages.show(found.ids, found.rows)
            self.listing.entitle(" · ".join(["Journal", *_filters(found.which)]))
            self.tick()

    def tick(self) -> None:
        """The line under the cursor, whole."""
        row = self.listing.rows.current_row
        if isinstance(row, JournalRow):
            at = row.at.astimezone(self.house.zone)
            self.caption.say(
                " · ".join(filter(None, [self._about(row) or "the desk", row.account])), f"{at:%Y-%m-%d %H:%M:%S %Z}"
            )
            self.line.say(
                Content.assemble((one_line(f"{row.actor} {row.verb}", 120), "bold"), "  ", one_line(row.text, 600))
            )
        elif self.listing.rows.current is None:
            self.caption.say("no line", "")
            self.line.say()

    def _cells(self, row: JournalRow) -> Sequence[Cell | str]:
        return (
            Cell(self._when(row.at), "dim"),
            Cell(row.actor, "strong"),
            row.verb,
            self._about(row),
            row.text,
            row.account,
        )

    def _when(self, at: datetime) -> str:
        here, now = at.astimezone(self.house.zone), self.house.now().astimezone(self.house.zone)
        return f"{here:%H:%M:%S}" if here.date() == now.date() else f"{here.day} {here:%b}"

    def _about(self, row: JournalRow) -> str:
        if row.thing is None or row.kind not in EXPLAINED:
            return ""
        if row.kind == "account":
            return f"account {row.thing}"
        return f"{row.kind} {row.thing} {shown_address(row.address, self.house.region)}".strip()

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()
        if self.pages.wants_more:
            self.refresh_soon()

    @on(Rows.Wanted)
    @work(group="window", exclusive=True, exit_on_error=False)
    async def _fill(self, event: Rows.Wanted) -> None:
        ids = [key for key in event.keys if isinstance(key, int)]
        event.rows.fill(await journal_rows(self.office.database, ids))
        self.tick()

    @on(Listing.Reordered)
    def _another_list(self) -> None:
        self.pages.restart()
        self.outdate()

    @on(Rows.Opened)
    def _opened(self) -> None:
        self.action_explain()

    # -- looking ------------------------------------------------------------------------------------------------------

    def show_only(self, chosen: JournalFilter) -> None:
        """Lines that these filters leave, and the words that stand in the filter line."""
        if chosen != self.chosen:
            self.chosen = chosen
            self._another_list()

    @work(group="asking", exit_on_error=False)
    async def action_account(self) -> None:
        """Of one account."""
        known = [row.address for row in await accounts(self.office.database, self.house.now())]
        if (said := await self._one_of("Lines about which account?", "every account", known)) is not None:
            self.show_only(replace(self.chosen, account=said))

    @work(group="asking", exit_on_error=False)
    async def action_who(self) -> None:
        """By one person or station."""
        known = await journal_actors(self.office.database)
        if (said := await self._one_of("What who did?", "everybody", known)) is not None:
            self.show_only(replace(self.chosen, actor=said))

    @work(group="asking", exit_on_error=False)
    async def action_kind(self) -> None:
        """About one kind of thing."""
        known = await journal_kinds(self.office.database)
        if (said := await self._one_of("Lines about which kind of thing?", "every kind", known)) is not None:
            self.show_only(replace(self.chosen, kind=said))

    @work(group="asking", exit_on_error=False)
    async def action_contact(self) -> None:
        """Of one contact."""
        row = self.listing.rows.current_row
        here = str(row.contact) if isinstance(row, JournalRow) and row.contact is not None else ""
        said = await self.app.push_screen_wait(
            TextDialog("Lines about which contact?", "Its number; nothing shows those of every contact.", value=here,
                       check=_number_wrong)
        )  # fmt: skip
        if said is not None:
            self.show_only(replace(self.chosen, contact=int(said) if said.strip() else None))

    def action_every(self) -> None:
        """No filter, and no words either."""
        self.show_only(JournalFilter())
        if self.listing.words:
            self.listing.rows.post_message(Rows.Asked(self.listing.rows, "clear"))

    async def _one_of(self, question: str, every: str, known: Sequence[str]) -> str | None:
        choices = [("", f"({every})"), *((one, one) for one in known)]
        return await self.app.push_screen_wait(ChoiceDialog(question, choices))

    @work(group="asking", exit_on_error=False)
    async def action_explain(self) -> None:
        """The thing, explained; where there is none, the line."""
        row = self.listing.rows.current_row
        if not isinstance(row, JournalRow):
            raise Refused("there is no line to explain: x drops all filters")
        if row.thing is not None and row.kind in EXPLAINED:
            await self.app.push_screen(await explained(self.house, row.kind, row.thing))
            return
        at = row.at.astimezone(self.house.zone)
        title = f"{day(at, self.house.now().astimezone(self.house.zone))} {at:%H:%M:%S}"
        await self.app.push_screen(PageDialog(title, f"{row.actor} {row.verb}\n\n{row.text}"))


def _filters(which: JournalFilter) -> list[str]:
    found = [which.account, f"by {which.actor}" if which.actor else "", f"about a {which.kind}" if which.kind else ""]
    found.append(f"contact {which.contact}" if which.contact is not None else "")
    return [one for one in found if one] or ["every line"]


def _number_wrong(text: str) -> str:
    text = text.strip()
    return "" if not text or (text.isascii() and text.isdigit() and len(text) < 19) else "a contact's number, as in 12"
