"""The workshop: one script is written, judged as it is typed, tried beside it, saved and published."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Container

from core.errors import PostroomError, Refused
from core.scripts.trying import Past
from core.text import one_line
from core.views import accounts, contacts
from core.views.contact import ContactFilter
from core.views.runs import script_runs
from core.views.waiting import contacts_by_id
from tui.actions import WORKSHOP, bindings_of
from tui.dialogs import ConfirmDialog, PageDialog
from tui.dialogs.page import room_of
from tui.screens.workshop_text import WorkshopText, troubles
from tui.widgets.bench import Bench
from tui.widgets.picture import picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


class WorkshopScreen(WorkshopText):
    """One script: what is done with it."""

    CSS_PATH = "workshop.tcss"
    BINDINGS: ClassVar = bindings_of(WORKSHOP)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self, name: str, version: int | None = None, *, account: str = "") -> None:
        """`version`: the one to begin with; `account`: the bench is open at once, for this one."""
        super().__init__(name, version)
        self.account = account
        self._saving = asyncio.Lock()

    def compose_work(self) -> Iterable[Widget]:
        """Caption, and editor with the bench below or beside it."""
        yield self.caption
        yield Container(self.editor, self.bench, id="workshop")

    def on_mount(self) -> None:
        """Load the text once."""
        super().on_mount()
        self.bench.display = False
        self.load()

    @work(group="loading", exit_on_error=False)
    async def load(self) -> None:
        """The text, and the accounts that it may be tried for, those first that it routes."""
        await self.load_text()
        self.refresh_soon()
        row = await self.row_of(self.script_name)
        first = row.accounts if row is not None else ()
        known = [(one.address, one.kind) for one in await accounts(self.office.database, self.house.now())]
        self.bench.offer(sorted(known, key=lambda one: one[0] not in first))
        if self.account:
            self.bench.choose_account(self.account)
            self.action_test()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """To the bench and back only where it is open."""
        return action != "other" or self.bench.display

    # -- saving -------------------------------------------------------------------------------------------------------

    @work(group="verbs", exit_on_error=False)
    async def action_save(self) -> None:
        """A new version, which decides nothing yet."""
        await self.need_right()
        if not await self._may_save():
            return
        if not self.is_changed:
            self.notify(f"v{self.version or self.known} says just this: nothing was saved", markup=False)
            return
        number = await self.save("")
        name = self.script_name
        problems = await self.office.routing.checking.activation(name, self.saved)
        if problems:
            words = f"saved as v{number}; line {problems[0].line} keeps it from deciding"
            self.notify(words, severity="warning", markup=False)
        else:
            self.notify(f"saved as v{number}; it decides nothing until {self.key('workshop.publish')}", markup=False)

    async def _may_save(self) -> bool:
        """Whether what others did meanwhile may be passed over; the person is asked."""
        versions = await self._versions()
        if not versions:
            question = "It was deleted or renamed meanwhile. What you have written can make it again, as its v1."
            title = f"{self.script_name} is not there any more"
            if not await self.app.push_screen_wait(ConfirmDialog(title, question, "Make it again")):
                return False
            await self.office.routing.scripts.create(self.script_name, self.editor.text, actor=self.login)
            self._is_saved(1, self.editor.text)
        elif versions[0].number > self.known:
            newest = versions[0]
            question = (
                f"{newest.author or 'The command'} saved v{newest.number} while you wrote. Yours would be"
                f" v{newest.number + 1} and have nothing of it; both stay."
                f" {self.key('workshop.versions')} shows what v{newest.number} says."
            )
            title = f"There is a v{newest.number} by now"
            if not await self.app.push_screen_wait(ConfirmDialog(title, question, "Go on")):
                return False
            self.known = newest.number
        return True

    async def save(self, remark: str) -> int:
        """The version that says what is written, a new one where none does; its number."""
        async with self._saving:
            verbs, text, number = self.office.routing.scripts, self.editor.text, self.version or self.known
            if self.is_changed:
                number = await verbs.save(self.script_name, text, actor=self.login, remark=remark, known=self.known)
                self._is_saved(number, text)
            elif remark:
                await verbs.set_remark(self.script_name, number, remark, actor=self.login)
            return number

    def _is_saved(self, number: int, text: str) -> None:
        self.known, self.saved, self.version = number, text, None
        self.keep_quietly()
        self.outdate()

    @work(group="verbs", exit_on_error=False)
    async def action_publish(self) -> None:
        """Show what it would have done with past contacts; from there it is published."""
        from tui.screens.replay import ReplayScreen

        await self.need_right()
        text = self.editor.text
        problems = await self.office.routing.checking.activation(self.script_name, text)
        if problems:
            found = troubles(problems, self.script_name, text)
            self.editor.show_troubles(found)
            self.editor.source.go_to(found[0].line, found[0].column)
            self.set_focus(self.editor.source)
            self.notify(f"line {found[0].line}: {found[0].words}", severity="error", markup=False)
            return
        if not await self._may_save():
            return
        row = await self.row_of(self.script_name)
        if row is not None and not self.is_changed and row.active == (self.version or self.known):
            raise Refused(f"v{row.active} of {self.script_name} says just this and decides already")
        label = f"v{self.known + 1}" if self.is_changed else f"v{self.version or self.known}"
        self.app.push_screen(ReplayScreen(self.script_name, source=text, label=label, save=self.save, publishing=True))

    # -- looking ------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_picture(self) -> None:
        """What is written, as a tree."""
        nodes = await self.office.routing.checking.draw(self.editor.text, name=self.script_name)
        page = picture(nodes, room_of(self.app.size.width))
        await self.app.push_screen_wait(PageDialog(f"{self.script_name}, as it is written", page))

    def action_replay(self) -> None:
        """Past contacts through what is written."""
        from tui.screens.replay import ReplayScreen

        label = f"v{self.known + 1} draft" if self.is_changed else f"v{self.version or self.known}"
        self.app.push_screen(ReplayScreen(self.script_name, source=self.editor.text, label=label, save=self.save))

    def action_versions(self) -> None:
        """All versions of it."""
        from tui.screens.versions import VersionsScreen

        self.app.push_screen(VersionsScreen(self.script_name, opened=self.open_version))

    # -- the bench ----------------------------------------------------------------------------------------------------

    def action_test(self) -> None:
        """Open the bench; where it is open, try what is written."""
        if self.bench.display:
            self.try_it()
        else:
            self.bench.display = True
            self.bench.begin()
            self.refresh_bindings()

    def action_other(self) -> None:
        """From the script to the bench, and back."""
        if self.bench.has_focus_within:
            self.set_focus(self.editor.source)
        else:
            self.bench.begin()

    @on(Bench.Wanted)
    @work(group="trying", exclusive=True, exit_on_error=False)
    async def try_it(self) -> None:
        """One contact through what is written."""
        try:
            given, account = await self.bench.given(self.house.now(), self.house.zone)
            if given is None:
                chosen = await self._past_contact()
                if chosen is None:
                    return
                self.bench.choose_contact(chosen)
                given = Past(chosen)
            self.bench.running()
            trial = await self.office.routing.bench.test(
                self.editor.text, given, name=self.script_name, account=account
            )
        except PostroomError as error:
            self.bench.refuse(str(error))
        else:
            self.bench.show(trial)

    async def _past_contact(self) -> int | None:
        """One of those that came last, first of all to this script."""
        database = self.office.database
        runs = await script_runs(database, self.script_name) if await self.row_of(self.script_name) else []
        if runs:
            known = await contacts_by_id(database, list(dict.fromkeys(run.contact for run in runs)))
            rows = [known[number] for number in dict.fromkeys(run.contact for run in runs) if number in known]
        else:
            rows = await contacts(database, ContactFilter(limit=200))
        if not rows:
            raise Refused("no contact has come yet: type one instead")
        return await self.choose_contact("Which contact is tried?", [(row, one_line(row.queue, 20)) for row in rows])

    # -- leaving ------------------------------------------------------------------------------------------------------

    async def action_leave(self) -> None:
        """Close the bench, or go back; what is typed is kept."""
        if self.bench.display and self.bench.has_focus_within:
            self.bench.display = False
            self.set_focus(self.editor.source)
            self.refresh_bindings()
            return
        try:
            self.keep()
        except PostroomError as error:
            self.house.complain(error)
            return
        if self.is_changed:
            self.notify("not saved, but kept for you: open the script again to go on", markup=False)
        self.dismiss(None)
