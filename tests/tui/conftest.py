"""An office on SQLite with a small desk in it, and the app before it. Tests wait for a state, never for a time."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual._compositor import ChopsUpdate, Compositor
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from core.office import open_office
from tests.flow.conftest import arrivals, clock, folder, furnish, sqlite_settings, sqlite_template
from tui.app import PostroomApp
from tui.themes import DARK, LIGHT, THEMES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from syrupy.assertion import SnapshotAssertion
    from textual.app import App
    from textual.css.model import RuleSet
    from textual.css.types import CSSLocation
    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from core.clock import FrozenClock
    from core.office import Office

__all__ = ["arrivals", "clock", "folder", "sqlite_template"]

PATIENCE = 20.0
QUIET_SECONDS = 0.01
"""After each key a process that computes next to nothing for this long has dealt with it."""
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}
SMALL, LARGE = (80, 24), (120, 40)
BOTH = (DARK.name, LIGHT.name)


@pytest.fixture
async def office(folder: Path, sqlite_template: Path, clock: FrozenClock) -> AsyncIterator[Office]:
    """An office with the desk of the flow tests: accounts 1 (texts) and 2 (e-mail), queues front and billing."""
    settings = sqlite_settings(folder)
    assert settings.sqlite_path is not None
    shutil.copy(sqlite_template, settings.sqlite_path)
    async with open_office(settings, clock) as office:
        await furnish()
        yield office


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing blinks or moves by itself, and this machine's own keys and errors play no part."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")  # the environment was read at the import
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", QUIET_SECONDS)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", QUIET_SECONDS / 20)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for widget in (Input, TextArea):
        monkeypatch.setattr(widget, "cursor_blink", False)


@pytest.fixture(autouse=True)
def _parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one app has read of the stylesheets the next one need not read again: the rules are the same."""
    read = Stylesheet._parse_rules

    def parse(sheet: Stylesheet, css: str, read_from: CSSLocation, *rest: Any, **more: Any) -> list[RuleSet]:
        key = (frozenset(sheet._variables.items()), css, read_from, rest, tuple(more.items()))
        if key not in _parsed:
            _parsed[key] = read(sheet, css, read_from, *rest, **more)
        return _parsed[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", parse)


@pytest.fixture(autouse=True)
def _only_the_busy_are_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot asks every widget after every key whether it is done; here only those that have something to do.

    Who has nothing to do waits for its queue; everybody else is asked, as Textual would.
    """

    async def wait(pilot: Pilot[None], timeout: float = 30.0) -> bool:
        app: App[Any] = pilot.app
        everybody: list[MessagePump] = [app, *app.screen.walk_children(with_self=True)] if app.screen_stack else [app]
        asked = [asyncio.Event() for _ in everybody]
        for one, done in zip(everybody, asked, strict=True):
            queue: Any = one._message_queue
            idle = queue.empty() and queue.ready_event._waiters
            if idle or not one.call_later(done.set):
                done.set()
        await asyncio.sleep(0)
        tasks = [asyncio.create_task(done.wait()) for done in asked if not done.is_set()]
        crashed: asyncio.Task[Any] = asyncio.create_task(app._exception_event.wait())
        try:
            for task in tasks:
                await asyncio.wait((task, crashed), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            return all(done.is_set() for done in asked)
        finally:
            for task in (*tasks, crashed):
                task.cancel()

    monkeypatch.setattr(Pilot, "_wait_for_screen", wait)


@pytest.fixture
def drawn_for_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app without a terminal throws away what it draws, several times a key: here it draws when somebody looks.

    Whoever sits before it looks after every press, so nothing that cannot be drawn goes unseen.
    """
    draw = Compositor.render_update

    def drawn(
        compositor: Compositor,
        full: bool = False,
        screen_stack: list[Screen[Any]] | None = None,
        simplify: bool = False,
    ) -> object:
        if full:
            return draw(compositor, full, screen_stack, simplify)
        compositor._dirty_regions.clear()
        return ChopsUpdate([], [], [])

    monkeypatch.setattr(Compositor, "render_update", drawn)


class Sitting:
    """A person before the app."""

    def __init__(self, app: PostroomApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, and let the app deal with them."""
        await self.pilot.press(*keys)
        self.look()

    async def answers(self, key: str, words: str) -> None:
        """Press a key that asks something; type these words into its dialog once it is there, and press Enter."""
        before = self.app.screen
        await self.press(key)
        await self.until(lambda: self.app.screen.is_modal and self.app.screen is not before, f"what {key} asks")
        await self.press(*words, "enter")

    def look(self) -> None:
        """Have the screen drawn, with what is behind it."""
        app = self.app
        if app.is_running and app.screen_stack:
            app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)

    async def until(self, state: Callable[[], object], what: str) -> None:
        """Wait for a state. Fails with `what` and the screen after some seconds."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not state():
            if asyncio.get_running_loop().time() > deadline:
                pytest.fail(f"waited in vain for {what}; the screen:\n{self.text()}")
            await self.pilot.pause(0.02)

    async def sees(self, *words: str) -> None:
        """Wait until all these words stand on the screen."""
        for one in words:
            await self.until(lambda one=one: one in self.text(), repr(one))  # type: ignore[misc]

    async def comes_to_rest(self) -> None:
        """Wait until the screen is the same for a while."""
        before: list[list[object]] = []
        same = 0
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while same < 2 and asyncio.get_running_loop().time() < deadline:
            self.look()
            strips = self.app.screen._compositor.render_strips()
            now: list[list[object]] = [[(one.text, one.style) for one in strip] for strip in strips]
            before, same = now, same + 1 if now == before else 0
            await self.pilot.pause(0.05)

    async def becomes(self, picture: str) -> str:
        """What the screen looks like: waits until it looks so, or for as long as a person would."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while (now := self.drawn()) != picture and asyncio.get_running_loop().time() < deadline:
            await self.pilot.pause(0.05)
        return now

    def drawn(self) -> str:
        """What the screen looks like, as SVG."""
        return self.app.export_screenshot(title="Postroom")

    def text(self) -> str:
        """What is on the screen, without colours."""
        self.look()
        return "\n".join(
            "".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()
        )

    def said(self) -> list[str]:
        """The words of all toasts."""
        return [one.message for one in self.app._notifications]


@pytest.fixture
def sit(office: Office, drawn_for_who_looks: None) -> Callable[..., AbstractAsyncContextManager[Sitting]]:
    """Open the app: `async with sit("ann", size=SMALL) as person`."""

    @asynccontextmanager
    async def opened(
        login: str = "sue", *, size: tuple[int, int] = SMALL, keymap: Path | None = None
    ) -> AsyncIterator[Sitting]:
        app = PostroomApp(office, login, keymap=keymap)
        async with app.run_test(size=size, notifications=True) as pilot:
            sitting = Sitting(app, pilot)
            await sitting.until(lambda: app.standing is not None and app.person is not None, "the desk to be read")
            yield sitting

    return opened


class Svg(SingleFileSnapshotExtension):
    """Each picture is a file of its own that a browser shows."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


AREAS = [("1", "accounts", "Accounts"), ("2", "queues", "Queues"), ("3", "desk", "Desk"), ("5", "scripts", "Scripts"),
         ("6", "outbox", "Outbox"), ("7", "journal", "Journal")]  # fmt: skip


@pytest.fixture
def picture(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sitting, str], Awaitable[None]]:
    """Wait until the screen is as accepted; `pytest --snapshot-update` accepts what it is once it rests.

    The head names these areas: that there is another one makes no other picture.
    """
    monkeypatch.setattr(PostroomApp, "area_names", AREAS)
    pictures = snapshot.use_extension(Svg)

    async def compare(sitting: Sitting, name: str) -> None:
        accepted = _accepted(pictures, name)
        if accepted is None:
            await sitting.comes_to_rest()
            now = sitting.drawn()
        else:
            now = await sitting.becomes(accepted)
        assert now == pictures(name=name)

    return compare


def _accepted(pictures: SnapshotAssertion, name: str) -> str | None:
    """The picture of that name; None where a new one is about to be accepted."""
    index = pictures(name=name).index
    place = Path(pictures.extension.get_location(test_location=pictures.test_location, index=index))
    return None if pictures.update_snapshots or not place.exists() else place.read_text(encoding="utf-8")


@pytest.fixture
def looks(picture: Callable[[Sitting, str], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Compare the screen in each of these themes, one after the other: `NAME-THEME-WIDTHxHEIGHT` is its picture.

    The last theme stays: each change dresses the whole app anew.
    """

    async def compare(sitting: Sitting, name: str, themes: Sequence[str] = THEMES) -> None:
        app = sitting.app
        for theme in themes:
            app.theme = theme
            await sitting.pilot.pause()
            await picture(sitting, f"{name}-{theme}-{app.size.width}x{app.size.height}")

    return compare
