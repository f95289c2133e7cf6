"""The app: one mode for each work area, and one feed."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual._compositor import CompositorUpdate
from textual.drivers.linux_driver import LinuxDriver

from core.errors import PostroomError
from core.text import harmless
from core.views.mine import MyState, my_state
from core.views.standing import PersonRow, Standing, people, standing
from tui.actions import ACTIONS, AREAS, EVERYWHERE, bindings_of
from tui.ages import zone
from tui.alarm_bell import LOOK_SECONDS, AlarmBell
from tui.areas import FIRST, MODES
from tui.attending import Attending
from tui.beginning import where_to_begin
from tui.driver import TerminalDriver, has_a_shell, stop
from tui.feed import follow
from tui.keymap import keymap_path, read_keymap
from tui.palette import ActionProvider
from tui.screens.work import WorkScreen
from tui.sparing import Sparing
from tui.styles import ParsedOnce
from tui.themes import DARK, LIGHT
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo
    from pathlib import Path

    from rich.console import RenderableType
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.screen import Screen

    from core.office import Office
    from core.views.sight import Sight
    from tui.dialogs.form import Values

GREETING_SECONDS = 10.0
PATIENCE_SECONDS = 0.5
"""After this the first frame is painted, though nothing of the desk could be read."""


class PostroomApp(Attending, inherit_bindings=False):
    """Postroom on a terminal, for one person."""

    TITLE = "Postroom"
    CSS_PATH: ClassVar = ["chrome.tcss", "screens/queues.tcss"]  # what is read later makes Textual parse all anew
    COMMANDS: ClassVar = {ActionProvider}
    MODES: ClassVar = dict(MODES)
    DEFAULT_MODE = FIRST
    BINDINGS: ClassVar = [*bindings_of(EVERYWHERE), *bindings_of(AREAS), ACTIONS["first-run.open"].binding()]
    NOTIFICATION_TIMEOUT = 6.0

    def __init__(
        self, office: Office, login: str, *, keymap: Path | None = None, drafts: dict[str, Values] | None = None
    ) -> None:
        """`login`: who sits here. `keymap`: a file instead of the usual one. `drafts`: what was typed into forms."""
        # Without colours Textual turns ours into greys, unless it is told that the terminal's own are meant.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.office = office
        self.login = login
        self.person: PersonRow | None = None
        self.standing: Standing | None = None
        self.keymap: dict[str, str] = {}
        self.drafts: dict[str, Values] = {} if drafts is None else drafts
        self.wish = ""
        """What the person left for, where it was not to end: `first_run.SAMPLE`."""
        self.greeting = ""
        """What is said at the start."""
        self.sight: Sight | None = None
        """What was read before the app began, until it has begun."""
        self.shown = asyncio.Event()
        """Set when the first frame with something of the desk on it has been painted."""
        self.bare = True
        """Whether a frame would have nothing of the desk on it yet: it is spared."""
        self.alarm_bell = AlarmBell()
        self._sparing = Sparing()
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = self.usual_theme()
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())
        self._wrong_keys: PostroomError | None = None
        try:
            self.keymap = read_keymap(keymap or keymap_path())
        except PostroomError as error:
            self._wrong_keys = error
        self.set_keymap(self.keymap)

    def get_driver_class(self) -> type[Driver]:
        """Ours, where Textual's is for a terminal."""
        usual = super().get_driver_class()
        return TerminalDriver if usual is LinuxDriver else usual

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        # What Textual does not write must not be taken for written.
        written = self._running and not self._closed and not self.is_batched and not self.is_headless
        if written and isinstance(renderable, CompositorUpdate):
            renderable = self._sparing.least(renderable, self.size, self.console)
        super()._display(screen, renderable)
        if not self.bare and not self.is_batched and renderable is not None:
            self.shown.set()

    @property
    def is_batched(self) -> bool:
        """Whether nothing is written until a batch of updates has ended."""
        return self._batch_count > 0

    def begin_with(self, sight: Sight) -> None:
        """Show this first: it was read before the app began."""
        self.sight = sight
        self._heed(sight.standing, sight.people)

    def _fatal_error(self) -> None:
        # Textual would show a traceback, with what customers wrote in it: whoever ran the app says `crash` instead.
        self._close_messages_no_wait()

    @property
    def crash(self) -> Exception | None:
        """What nobody foresaw and the app ended with."""
        return self._exception

    @property
    def area_names(self) -> list[tuple[str, str, str]]:
        """Number, mode and name of each area, for the head of the screen."""
        return [(action.keys[0], action.id.partition(".")[2], action.label) for action in AREAS.actions]

    @property
    def zone(self) -> tzinfo:
        """The desk's zone: every time on the screen is in it."""
        return zone(self.standing.timezone if self.standing else "UTC")

    @property
    def region(self) -> str:
        """The desk's region: its own numbers are shown without the country."""
        return self.standing.region if self.standing else ""

    def now(self) -> datetime:
        """The office's clock: tests freeze it."""
        return self.office.clock.now()

    async def on_mount(self) -> None:
        """The first area where it is another than usual; then the feed."""
        self.set_timer(PATIENCE_SECONDS, self.unveil)
        mode, stranger = await where_to_begin(self.office.database, self.login, self.sight)
        self.sight = None
        await self.switch_mode(mode)
        if self._wrong_keys is not None:
            self.screen.call_after_refresh(self.complain, self._wrong_keys)
        if self.greeting:
            self.notify(harmless(self.greeting, lines=False), markup=False, timeout=GREETING_SECONDS)
        if self.attends:
            self.attend()
        elif stranger:
            self.action_who()
        self.app_resume_signal.subscribe(self, self.back_from_the_shell)
        self.follow_the_bell()
        self.set_interval(1.0, self.say_standing)
        self.set_interval(LOOK_SECONDS, self.heed_alarms)

    def unveil(self) -> None:
        """Something of the desk can be painted, or it takes too long."""
        if self.bare:
            self.bare = False
            self.screen.refresh()

    # -- the feed -----------------------------------------------------------------------------------------------------

    @work(group="feed", exit_on_error=False)
    async def follow_the_bell(self) -> None:
        """Marks the current screen as stale, and reads what the head says."""
        if self.standing is not None:
            await self.shown.wait()  # what has been read already is shown before it is read again
        await follow(self.office.database.bell, self._changed)

    def _changed(self) -> None:
        self.read_standing()
        if (screen := self.work_screen) is not None:
            screen.stale.set()

    @work(group="standing", exclusive=True, exit_on_error=False)
    async def read_standing(self) -> None:
        """What the head of every screen says."""
        database, login = self.office.database, self.login
        known, mine = await people(database), await my_state(database, login)
        self._heed(await standing(database, self.now()), known, mine if login == self.login else None)

    def _heed(self, standing: Standing, known: list[PersonRow], mine: MyState | None = None) -> None:
        self.standing = standing
        self.person = next((person for person in known if person.login == self.login), None)
        self.heed_myself(mine)
        self.say_standing()

    def say_standing(self) -> None:
        """Show it; the clock moves by this."""
        if (screen := self.work_screen) is not None:
            screen.masthead.say(self.standing, self.person, self.login, self.now(), self.state_words())

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """As Textual's. Just after the first frame lists can be moved in, and all else waits for the office."""
        if not self.office.is_open and action != "quit" and not isinstance(default_namespace, Rows):
            await self.office.opened()
        return await super().run_action(action, default_namespace, namespaces)

    # -- actions ------------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Leave; who has open contacts says first what becomes of them."""
        from tui.dialogs.not_ready import LeavingDialog

        if any(isinstance(screen, LeavingDialog) for screen in self.screen_stack):
            return  # it has been asked already
        if self.is_here:
            self._leave_asking()
        else:
            await self.leave_now()

    @work(group="quitting", exclusive=True, exit_on_error=False)
    async def _leave_asking(self) -> None:
        if await self.signed_out(quitting=True):
            await self.leave_now()

    def stale_now(self) -> None:
        """Read all anew."""
        self._changed()

    async def leave_now(self) -> None:
        """Leave, once every screen has written down what it must; one that cannot keeps the app open."""
        try:
            await self._write_all_down()
        except PostroomError as error:
            self.complain(error)
        else:
            self.exit()

    @work(group="leaving", exclusive=True, exit_on_error=False)
    async def leave_at_once(self) -> None:
        """The terminal has gone, or this process shall end: what can be written down is, and nobody is asked."""
        with suppress(PostroomError):
            await self._write_all_down()
        self.exit()

    async def _write_all_down(self) -> None:
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, WorkScreen):
                    await screen.leave()

    @work(group="leaving", exclusive=True, exit_on_error=False)
    async def action_suspend(self) -> None:
        """To the shell. While this process stands still it holds nothing that other processes need."""
        if not has_a_shell():
            self.notify("no shell is behind this to go to", markup=False, severity="warning")
        elif self._driver is not None and self._driver.can_suspend:
            async with self.office.database.between_writes():
                stop()
                await asyncio.sleep(0)  # the signal is dealt with before anything is written

    def back_from_the_shell(self, _: object = None) -> None:
        """The shell has painted over everything."""
        self._sparing.forget()
        self.refresh(layout=True)
