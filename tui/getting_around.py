"""What a person does with the app as a whole: to another area, to an alarm, to the help; another theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from core.errors import Refused
from tui.doing import Doing
from tui.remembered import choices_path, is_silent, remember_silence, remember_theme, remembered_theme
from tui.themes import DARK, SIXTEEN, THEMES

if TYPE_CHECKING:
    from datetime import datetime

    from core.office import Office
    from core.views.alarms import Alarm
    from core.views.journal import JournalFilter
    from core.views.standing import PersonRow
    from tui.alarm_bell import AlarmBell


class GettingAround(Doing):
    """The part of the app that leads from place to place; `PostroomApp` is the whole."""

    office: Office
    login: str
    person: PersonRow | None
    alarm_bell: AlarmBell

    def now(self) -> datetime:
        """The office's clock."""
        raise NotImplementedError

    # -- places -------------------------------------------------------------------------------------------------------

    async def action_area(self, mode: str) -> None:
        """Open a work area."""
        await self.switch_mode(mode)

    async def open_contact(self, contact_id: int, *, write: bool = False) -> None:
        """Put a contact before the person, on the desk, whoever has it; to `write` where it is hers."""
        from tui.screens.desk import DeskScreen

        await self.switch_mode("desk")
        if isinstance(self.screen, DeskScreen):
            (self.screen.write_to if write else self.screen.look_at)(contact_id)

    async def open_journal(self, chosen: JournalFilter) -> None:
        """The journal, of what a filter leaves."""
        from tui.screens.journal import JournalScreen

        await self.switch_mode("journal")
        if isinstance(self.screen, JournalScreen):
            self.screen.show_only(chosen)

    @work(group="asking", exit_on_error=False)
    async def action_alarms(self) -> None:
        """All that somebody should look at, and the way to it."""
        from core.views.alarms import alarms
        from tui.dialogs.alarms import AlarmsDialog

        found = await alarms(self.office.database, self.now())
        if not found:
            self.notify("nothing is wrong, as far as the desk knows", markup=False)
            return
        chosen = await self.push_screen_wait(AlarmsDialog(found, self.now(), self.alarm_bell.acknowledged))
        if chosen is not None:
            await self.go_to(found[int(chosen)])

    @work(group="alarms", exclusive=True, exit_on_error=False)
    async def heed_alarms(self) -> None:
        """Ring for each alarm that is new, where a supervisor sits."""
        if self.person is None or self.person.role == "agent":
            return
        from core.views.alarms import alarms

        for one in self.alarm_bell.new(await alarms(self.office.database, self.now())):
            self.bell()
            self.notify(one.words, title="Alarm", severity="error" if one.broken else "warning", markup=False)

    async def go_to(self, alarm: Alarm) -> None:
        """Open the work area where an alarm can be looked into, with the cursor on what it is about."""
        await self.switch_mode(alarm.area)
        if (screen := self.work_screen) is not None:
            screen.call_after_refresh(screen.show_thing, alarm.thing)

    async def action_help(self) -> None:
        """All keys."""
        from tui.dialogs.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            await self.push_screen(HelpScreen(self.screen, self.keymap))

    # -- the look of it -----------------------------------------------------------------------------------------------

    @property
    def is_plain(self) -> bool:
        """Whether the terminal has 16 colours or none, or whoever sits there wants none (no-color.org)."""
        return self.no_color or self.console.color_system not in ("256", "truecolor")

    def usual_theme(self) -> str:
        """What the person chose last; on a plain terminal always the plain one."""
        remembered = remembered_theme(choices_path(), self.login)
        return SIXTEEN if self.is_plain else remembered if remembered in THEMES else DARK.name

    def action_theme(self) -> None:
        """Dark, light, 16 colours, dark; remembered, unless the terminal leaves no choice."""
        if self.no_color:
            self.notify("NO_COLOR is set: there are no colours to choose among", markup=False, severity="warning")
            return
        at = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(at + 1) % len(THEMES)]
        if not self.is_plain:
            try:
                remember_theme(choices_path(), self.login, self.theme)
            except Refused as error:
                self.complain(error)

    # -- the sound of it ----------------------------------------------------------------------------------------------

    def bell(self) -> None:
        """Ring, unless whoever sits here wants no bell."""
        if not is_silent(choices_path(), self.login):
            super().bell()

    def action_silence(self) -> None:
        """The bell of offers, alarms and colleagues: off or on again; remembered."""
        silent = not is_silent(choices_path(), self.login)
        try:
            remember_silence(choices_path(), self.login, silent)
        except Refused as error:
            self.complain(error)
        else:
            self.notify("the bell is off" if silent else "the bell is on", markup=False)
