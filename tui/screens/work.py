"""What every work area does alike: head, foot, and one reader that keeps what is shown fresh."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual import on, work
from textual.screen import Screen

from core.errors import PostroomError
from tui.widgets.keysline import KeysLine, first_key
from tui.widgets.masthead import Masthead
from tui.widgets.plate import Pane
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget
    from textual.worker import Worker

    from core.office import Office
    from tui.app import PostroomApp

Found = TypeVar("Found")
REST, LONGEST_REST = 3.0, 0.7
"""How long nothing is read after a reading, as a multiple of its length, and the most of it in seconds."""


class WorkScreen(Screen[None], Generic[Found]):
    """A work area. It says how to `read` (no widget is touched) and how to `paint` (nothing is read)."""

    AREA: ClassVar[str] = ""
    """Its mode, as in `areas`."""

    def __init__(self) -> None:
        super().__init__()
        self.stale = asyncio.Event()
        self.masthead = Masthead(self.AREA)
        self._outdated = False

    @property
    def house(self) -> PostroomApp:
        """The app, as what it is."""
        return cast("PostroomApp", self.app)

    @property
    def office(self) -> Office:
        """Every verb and the database."""
        return self.house.office

    @property
    def login(self) -> str:
        """Who sits here."""
        return self.house.login

    def key(self, action: str) -> str:
        """The key of an action, as this person has it and as people write it."""
        return first_key(self.app, action)

    def compose(self) -> ComposeResult:
        """Head, work, foot."""
        yield self.masthead
        yield from self.compose_work()
        yield KeysLine()

    def compose_work(self) -> Iterable[Widget]:
        """What stands between head and foot."""
        raise NotImplementedError

    async def read(self) -> Found:
        """Everything that `paint` needs, from `core.views`."""
        raise NotImplementedError

    def paint(self, found: Found) -> None:
        """Put what was read into the widgets: content, never layout."""
        raise NotImplementedError

    def foreseen(self) -> Found | None:
        """What can be painted before anything is read, so that the first frame has it."""
        return None

    async def leave(self) -> None:
        """The app is about to end: write down what is not written yet. Raises what keeps it from that."""

    @property
    def urgent_keys(self) -> Mapping[str, str]:
        """Actions that stand first in the line of keys just now, each with its label there."""
        return {}

    def show_thing(self, thing: str) -> None:
        """Put the cursor on what an alarm is about, as soon as it has been read."""

    def tick(self) -> None:
        """A second has gone: ages count up. Lists do by themselves."""

    def on_mount(self) -> None:
        """The head at once, the rest as soon as it is read."""
        self.masthead.areas = self.house.area_names
        self.house.say_standing()
        self.set_interval(1.0, self._second)
        if (found := self.foreseen()) is not None:
            self.paint(found)
            self.house.bare = False
        self.keep_fresh()

    def on_screen_resume(self) -> None:
        """Whatever changed while another area was shown."""
        self.house.say_standing()
        self.stale.set()

    @on(Pane.Sized)
    def _wrap_again(self) -> None:
        self.tick()

    def refresh_soon(self) -> None:
        """Read again, because something changed or something else is to be shown."""
        self.stale.set()

    def outdate(self) -> None:
        """This person changed something: what is being read just now is of before, and is not shown."""
        self._outdated = True
        self.stale.set()

    def _compositor_refresh(self) -> None:
        # A batch throws away what is rendered in it, and Textual takes it for shown.
        if not self.house.bare and not self.house.is_batched:
            super()._compositor_refresh()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The end of a worker does not bubble: pass it on to the one place that says errors."""
        self.house.on_worker_state_changed(event)

    def _second(self) -> None:
        if self.is_current:
            for rows in self.query(Rows):
                rows.repaint()
            self.tick()

    @work(group="fresh", exclusive=True, exit_on_error=False)
    async def keep_fresh(self) -> None:
        """The one reader of this screen. After a dear reading keys come first for a while."""
        if not self.house.bare:
            await self.house.shown.wait()  # what is known already is shown before it is read again
        while True:
            await self.house.seated.wait()
            await self.stale.wait()
            self.stale.clear()
            self._outdated = False
            began = monotonic()
            try:
                found = await self.read()
            except PostroomError as error:
                self.house.complain(error)
                await asyncio.sleep(1.0)
                continue
            if self._outdated:
                continue
            with self.app.batch_update():
                self.paint(found)
            self.house.unveil()
            await asyncio.sleep(min(LONGEST_REST, REST * (monotonic() - began)))
