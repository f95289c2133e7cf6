"""The versions of a script: what each says against the one that decides; activate, lock, copy, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.widgets import Static

from core.errors import NotFound, Refused
from core.scripts.sources import compared
from core.text import harmless
from core.views.scripts import VersionRow, script_source, script_versions
from tui.actions import VERSIONS, bindings_of
from tui.ages import day
from tui.dialogs import ChoiceDialog, ConfirmDialog, TextDialog
from tui.dialogs.page import Reading
from tui.screens.replay import ReplayScreen
from tui.screens.script_screen import ScriptScreen
from tui.script_drafts import has_draft
from tui.widgets.columns import Cell, Column
from tui.widgets.difference import difference
from tui.widgets.listing import Caption, Listing, has_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.widget import Widget

    from core.scripts.removing import KeptScript

COLUMNS = (
    Column("Version", 9),
    Column("State", 10),
    Column("Saved", 14),
    Column("By", 8, grow=1),
    Column("Lines", 5, right=True, drop=2),
    Column("Runs", 7, right=True),
    Column("Errors", 6, right=True, drop=1),
    Column("Remark", 16, grow=4),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    versions: list[VersionRow]
    about: int | None
    against: int | None
    lines: list[str]


class VersionsScreen(ScriptScreen[Found]):
    """A list of versions, and below it what the one under the cursor changes."""

    CSS_PATH = "versions.tcss"
    BINDINGS: ClassVar = bindings_of(VERSIONS)

    def __init__(self, script: str, *, opened: Callable[[int], object] | None = None) -> None:
        """`opened`: takes a version that is opened, where an editor of the script stands below; else one is made."""
        super().__init__()
        self.script = script
        self.opened = opened
        self.listing = Listing(f"Versions of {script}", COLUMNS, self._cells, name="versions")
        self.caption = Caption()
        self.text = Static(id="difference")
        self.against: int | None = None
        """The version that others are compared with; None: the one that decides."""

    def compose_work(self) -> Iterable[Widget]:
        """Versions, and the comparison."""
        yield self.listing
        yield self.caption
        yield Reading(self.text)

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """All versions, and the sources of two."""
        database = self.office.database
        try:
            found = await script_versions(database, self.script)
        except NotFound:
            return Found([], None, None, [])
        about = (
            self.listing.rows.current if self.listing.rows.keys else max((one.number for one in found), default=None)
        )
        numbers = {one.number for one in found}
        if about not in numbers:
            about = found[0].number if found else None
        active = next((one.number for one in found if one.active), None)
        against = self.against if self.against in numbers else active
        if about is None:
            return Found(found, None, None, [])
        new = (await script_source(database, self.script, about)).source
        if against is None or against == about:
            return Found(found, about, None, new.splitlines())
        old = (await script_source(database, self.script, against)).source
        return Found(found, about, against, compared(old, new, old_name="", new_name="")[2:])

    def paint(self, found: Found) -> None:
        """Both."""
        known = {
            one.number: one
            for one in found.versions
            if has_words(self.listing.words, f"v{one.number}", one.remark, one.author)
        }
        self.listing.rows.show(list(known), known)
        if found.about is None:
            self.caption.say(f"{self.script} is not there any more: it was deleted, or renamed", "")
        elif found.against is None:
            self.caption.say(f"v{found.about} as it stands", "")
        else:
            changed = sum(line[:1] in "+-" for line in found.lines)
            differ = f"{changed:,} line{'' if changed == 1 else 's'}, + new, - old" if changed else ""
            self.caption.say(f"What v{found.about} changes in v{found.against}", differ)
        lines = found.lines or (["They say the same."] if found.about else [])
        self.text.update(difference(lines, compared=found.against is not None))

    def _cells(self, row: VersionRow) -> Sequence[Cell | str]:
        at, now = row.at.astimezone(self.house.zone), self.house.now().astimezone(self.house.zone)
        state = Cell("● decides", "well") if row.active else Cell("○ kept", "off")
        return (
            Cell(f"v{row.number}" + (" locked" if row.locked else ""), "strong"),
            state,
            f"{day(at, now)} {at:%H:%M}" if at.date() != now.date() else f"{at:%H:%M}",
            row.author or Cell("command", "dim"),
            f"{row.lines:,}",
            f"{row.runs:,}",
            Cell(f"{row.errors:,}", "broken") if row.errors else "0",
            row.remark,
        )

    @on(Rows.Moved)
    def _moved(self) -> None:
        self.refresh_soon()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened)
    @work(group="asking", exit_on_error=False)
    async def open_version(self) -> None:
        """Write on with this version."""
        from tui.screens.workshop import WorkshopScreen

        number = self.version.number
        if self.opened is not None:
            self.dismiss(None)
            self.opened(number)
            return
        if has_draft(self.office.settings.db, self.login, self.script):
            question = f"v{number} takes the place of what you typed and did not save; Ctrl+Z brings that back."
            if not await self.app.push_screen_wait(ConfirmDialog(f"Open v{number}?", question, f"Open v{number}")):
                return
        self.app.push_screen(WorkshopScreen(self.script, number))

    @property
    def version(self) -> VersionRow:
        """The version under the cursor. Raises Refused where there is none."""
        row = self.listing.rows.current_row
        if not isinstance(row, VersionRow):
            raise Refused("there is no version here")
        return row

    # -- doing --------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_activate(self) -> None:
        """Let it decide: at once where it did before, else by way of a replay."""
        await self.need_right()
        row, script = self.version, await self.row_of(self.script)
        if row.active or script is None:
            raise Refused(f"v{row.number} of {self.script} decides already")
        if not row.runs:
            self.app.push_screen(ReplayScreen(self.script, number=row.number, publishing=True))
            return
        uses = ", ".join(script.accounts) or "no account yet"
        now = f"v{script.active} decides now." if script.active else "No version decides now."
        question = f"It decides from the next contact on, for {uses}. {now}"
        question += f" {self.key('versions.replay')} shows what it would have done."
        title = f"Activate v{row.number} of {self.script}?"
        if await self.app.push_screen_wait(ConfirmDialog(title, question, "Activate")):
            self.let_decide(self.script, row.number)

    def action_back(self) -> None:
        """The version that decided before."""
        self.roll_back(self.script)

    @work(group="asking", exit_on_error=False)
    async def action_replay(self) -> None:
        """Past contacts through it."""
        self.app.push_screen(ReplayScreen(self.script, number=self.version.number))

    @work(group="asking", exit_on_error=False)
    async def action_lock(self) -> None:
        """Lock or unlock."""
        row, scripts, login = self.version, self.office.routing.scripts, self.login

        async def lock() -> None:
            await scripts.set_locked(row.script, row.number, not row.locked, actor=login)

        self.house.do(lock, f"v{row.number} is {'unlocked' if row.locked else 'locked'}")

    @work(group="asking", exit_on_error=False)
    async def action_against(self) -> None:
        """Compare with another one."""
        found = await script_versions(self.office.database, self.script)
        choices = [("", "the one that decides")]
        choices += [(str(one.number), f"v{one.number}  {one.author}  {one.remark}".strip()) for one in found]
        chosen = await self.app.push_screen_wait(ChoiceDialog("Compare with which version?", choices))
        if chosen is not None:
            self.against = int(chosen) if chosen else None
            self.refresh_soon()

    @work(group="asking", exit_on_error=False)
    async def action_remark(self) -> None:
        """Say what is special about it."""
        await self.need_right()
        row, scripts, login = self.version, self.office.routing.scripts, self.login
        words = await self.app.push_screen_wait(
            TextDialog(f"Remark on v{row.number}", value=harmless(row.remark, lines=False))
        )
        if words is None:
            return

        async def remark() -> None:
            await scripts.set_remark(row.script, row.number, words, actor=login)

        async def back() -> None:
            await scripts.set_remark(row.script, row.number, row.remark, actor=login)

        self.house.do(remark, f"v{row.number}: {words}" if words else f"v{row.number} has no remark", back)

    @work(group="asking", exit_on_error=False)
    async def action_copy(self) -> None:
        """A new script of it."""
        await self.need_right()
        row, scripts, login = self.version, self.office.routing.scripts, self.login
        name = await self.app.push_screen_wait(
            TextDialog("Copy", f"v{row.number} of {row.script} becomes which script?")
        )
        if name:

            async def copy() -> None:
                await scripts.copy(row.script, name, actor=login, number=row.number)

            self.house.do(copy, f"script {name} is there; it decides nothing yet")

    @work(group="asking", exit_on_error=False)
    async def action_delete(self) -> None:
        """Delete it."""
        row, scripts, login = self.version, self.office.routing.scripts, self.login
        kept: list[KeptScript] = []

        async def delete() -> None:
            kept.append(await scripts.delete_version(row.script, row.number, actor=login))
            self.listing.rows.forget(row.number)

        async def back() -> None:
            await scripts.put_back(kept[0], actor=login)

        self.house.do(delete, f"v{row.number} of {row.script} is deleted", back)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
