"""Journal: who or what did what to which thing, and why; newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal
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
from tui.dialogs.explained import Teller, explained, page_of
from tui.screens.journal_words import COLUMNS, about, filters, journal_cells, number_wrong
from tui.screens.work import WorkScreen
from tui.widgets.listing import Caption, Listing
from tui.widgets.paging import Paging
from tui.widgets.plate import Pane, Plate, heading
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.views.journal import Explanation
    from tui.widgets.columns import Cell


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    which: JournalFilter
    ids: list[int]
    rows: dict[int, JournalRow]
    about: int | None
    told: Explanation | None
    """All about what the line under the cursor is about, where there is room for it."""


class JournalScreen(WorkScreen[Found]):
    """Every line, or those that the filters leave."""

    AREA = "journal"
    CSS_PATH = "journal.tcss"
    BINDINGS: ClassVar = bindings_of(JOURNAL)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing("Journal", COLUMNS, self._cells, name="journal")
        self.caption = Caption()
        self.line = Plate(name="line")
        self.side = Pane(name="side")
        self.teller = Teller()
        self.found: Found | None = None
        self.pages = Paging(self.listing.rows)
        self.chosen = JournalFilter()

    def compose_work(self) -> Iterable[Widget]:
        """The lines, and the whole of the one under the cursor."""
        yield Horizontal(self.listing, self.side, id="panes")
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
        rows = await journal_rows(database, self.listing.rows.window(ids))
        here = self.listing.rows.current
        about = here if here is not None else ids[0] if ids else None
        line = rows.get(about) if about is not None and self.side.display else None
        told = await self.teller.tell(self.house, line.kind, line.thing) if line is not None else None
        return Found(which, ids, rows, about, told)

    def paint(self, found: Found) -> None:
        """The list."""
        if found.which == self.which:
            self.found = found
            self.pages.show(found.ids, found.rows)
            self.listing.entitle(" · ".join(["Journal", *filters(found.which)]))
            self.tick()

    def tick(self) -> None:
        """The line under the cursor, whole."""
        row = self.listing.rows.current_row
        if isinstance(row, JournalRow):
            at = row.at.astimezone(self.house.zone)
            self.caption.say(
                " · ".join(filter(None, [self._about(row) or "the desk", row.account])), f"{at:%Y-%m-%d %H:%M:%S %Z}"
            )
            words = Content.assemble((one_line(f"{row.actor} {row.verb}", 120), "bold"), "  ", one_line(row.text, 600))
            self.line.say(words)
            self._say_beside(row, words)
        elif self.listing.rows.current is None:
            self.caption.say("no line", "")
            self.line.say()
            self.side.say(Content("no line"))

    def _say_beside(self, row: JournalRow, words: Content) -> None:
        if not self.side.display:
            return
        at = row.at.astimezone(self.house.zone)
        lines = [Content.styled(f"{at:%Y-%m-%d %H:%M:%S %Z}", "bold $primary"), words]
        if self.found is not None and self.found.told is not None and self.found.about == row.id:
            told = page_of(self.found.told, self.house.zone, self.house.now(), self.side.room)
            lines += [heading(self._about(row)), told]
        self.side.say(*lines)

    def _cells(self, row: JournalRow) -> Sequence[Cell | str]:
        return journal_cells(row, self.house.now(), self.house.zone, self.house.region)

    def _about(self, row: JournalRow) -> str:
        return about(row, self.house.region)

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.tick()
        if self.pages.wants_more or self.side.display:
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
                       check=number_wrong)
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
