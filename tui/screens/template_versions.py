"""What a template has said: each version against the one before it; an old one is brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.content import Content
from textual.widgets import Static

from core.errors import NotFound, Refused
from core.scripts.sources import compared
from core.text import one_line
from core.views.template_history import SaidVersion, template_history
from tui.actions import TEMPLATE_VERSIONS, bindings_of
from tui.ages import day
from tui.dialogs import PageDialog
from tui.dialogs.page import Reading
from tui.screens.script_screen import ScriptScreen
from tui.widgets.columns import Cell, Column
from tui.widgets.difference import difference
from tui.widgets.listing import Caption, Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.scripts.templates import Wording

COLUMNS = (
    Column("Version", 7),
    Column("State", 10),
    Column("Since", 16),
    Column("By", 8, grow=1),
    Column("Said", 24, grow=5),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    history: list[SaidVersion]


class TemplateVersionsScreen(ScriptScreen[Found]):
    """A list of versions, and below it what the one under the cursor changed."""

    CSS_PATH = "versions.tcss"
    BINDINGS: ClassVar = bindings_of(TEMPLATE_VERSIONS)

    def __init__(self, template: str) -> None:
        super().__init__()
        self.template = template
        self.listing = Listing(f"Versions of template {template}", COLUMNS, self._cells, name="versions")
        self.caption = Caption()
        self.text = Static(id="difference")
        self.history: list[SaidVersion] = []
        self._to_newest = False

    def compose_work(self) -> Iterable[Widget]:
        """Versions, and the comparison."""
        yield self.listing
        yield self.caption
        yield Reading(self.text)

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """All of them: there are never many."""
        try:
            return Found(await template_history(self.office.database, self.template))
        except NotFound:
            return Found([])

    def paint(self, found: Found) -> None:
        """Both."""
        self.history = found.history
        words = self.listing.words
        known = {
            one.number or 0: one
            for one in found.history
            if has_words(words, f"v{one.number or ''}", one.author, one.text)
        }
        self.listing.rows.show(list(known), known)
        if self._to_newest and known:
            self._to_newest = False
            self.listing.rows.go_to(next(iter(known)))
        self._compare()
        self.refresh_bindings()

    def _compare(self) -> None:
        one = self.listing.rows.current_row
        if not isinstance(one, SaidVersion):
            gone = "" if self.history else f"{self.template} is not there any more: it was deleted"
            self.caption.say(gone or "no version has these words", "")
            self.text.update(Content(""))
            return
        at = self.history.index(one) if one in self.history else len(self.history)
        before = self.history[at + 1] if at + 1 < len(self.history) else None
        lines, differ = one.text.split("\n"), ""
        if before is None:
            self.caption.say(f"{_name(one)}: the first that is known, as it said", "")
        else:
            lines = compared(before.text, one.text, old_name="", new_name="")[2:]
            changed = sum(line[:1] in "+-" for line in lines)
            differ = f"{changed:,} line{'' if changed == 1 else 's'}, + new, - old"
            self.caption.say(f"What {_name(one)} changed in {_name(before)}", differ)
        self.text.update(difference(lines, compared=before is not None))

    def _cells(self, one: SaidVersion) -> Sequence[Cell | str]:
        now = self.house.now().astimezone(self.house.zone)
        at = one.at.astimezone(self.house.zone) if one.at is not None else None
        since: Cell | str = Cell("desk.toml", "dim")
        if at is not None:
            since = f"{at:%H:%M}" if at.date() == now.date() else f"{day(at, now)} {at:%H:%M}"
        return (
            Cell(f"v{one.number}" if one.number else "-", "strong"),
            Cell("● says now", "well") if one.is_now else Cell("○ said", "off"),
            since,
            one.author or Cell("-", "dim"),
            one_line(one.text, 400),
        )

    @on(Rows.Moved)
    def _moved(self) -> None:
        self._compare()
        self.refresh_bindings()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened)
    @work(group="asking", exit_on_error=False)
    async def _whole(self, event: Rows.Opened) -> None:
        """All that it said."""
        await self.app.push_screen_wait(PageDialog(f"{self.template} {_name(event.row)}", event.row.text))

    # -- doing --------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What it says now need not be brought back."""
        one = self.listing.rows.current_row
        return action != "restore" or (isinstance(one, SaidVersion) and not one.is_now)

    @work(group="asking", exit_on_error=False)
    async def action_restore(self) -> None:
        """Let the template say this again: it becomes a version of its own, and F9 takes that back."""
        await self.need_right()
        one = self.listing.rows.current_row
        if not isinstance(one, SaidVersion) or one.number is None or one.is_now:
            raise Refused("the template says this now: choose an older version")
        number, verbs, login = one.number, self.office.routing.templates, self.login
        kept: list[Wording] = []

        async def restore() -> None:
            before = await verbs.restore(self.template, number, actor=login)
            kept.extend([before] if before is not None else [])
            self._to_newest = True

        async def back() -> None:
            await verbs.set(self.template, kept[0], actor=login)
            self._to_newest = True

        self.house.do(restore, f"{self.template} says again what v{number} said", back)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)


def _name(one: SaidVersion) -> str:
    return f"v{one.number}" if one.number else "desk.toml"
