"""`postroom` without a word: the screen, and an engine inside it unless another process runs one."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from core.errors import PostroomError
from tui.areas import load_areas
from tui.telling import InHaste

if TYPE_CHECKING:
    from cli.starting import Ahead
    from core.engine import Engine
    from core.office import Office
    from core.settings import Settings
    from tui.app import PostroomApp

DEMO_PERSON = "sue"
"""The demo's supervisor, who may do everything."""
LOOK_SECONDS = 10.0
"""How often a screen without an engine looks whether the other process still runs one."""
PATIENCE_SECONDS = 3.0
"""After this the rest is opened, though nothing could be shown yet."""
WRITING_SECONDS = 0.02
"""What the thread that writes to the terminal has for the first frame, before imports take the time of all threads."""


async def run_screen(settings: Settings, login: str, ahead: Ahead | None = None) -> None:
    """Open the screen on a database until the person leaves; an engine of ours drains then.

    Whoever is at the first run may leave for the sample desk, and comes back from it. `ahead` has read the first sight.
    """
    from core.office import open_office_to_read

    drafts: dict[str, dict[str, object]] = {}
    greeting = ""
    InHaste.now = True
    while True:
        async with open_office_to_read(settings, seen=ahead is not None and ahead.sight() is not None) as office:
            wish = await sit_down(office, login, engine=True, drafts=drafts, greeting=greeting, ahead=ahead)
        if not wish:
            return
        ahead = None
        greeting = "Back from the sample desk: nothing there has changed anything here."
        sys.stderr.write("Opening the sample desk ...\n")
        try:
            await run_demo_screen(None, DEMO_PERSON, greeting="This is a sample desk. Ctrl+Q goes back to yours.")
        except PostroomError as error:
            greeting = f"The sample desk could not be opened: {error}"


async def run_demo_screen(settings: Settings | None, login: str, *, greeting: str = "") -> None:
    """Open the screen on the demo desk, where customers write and this person is the one who answers."""
    from demo.desk import open_demo

    async with open_demo(settings, agents=False) as demo:
        await sit_down(demo.office, login or DEMO_PERSON, engine=False, greeting=greeting)


async def sit_down(
    office: Office,
    login: str,
    *,
    engine: bool,
    drafts: dict[str, dict[str, object]] | None = None,
    greeting: str = "",
    ahead: Ahead | None = None,
) -> str:
    """Open the screen on an office, which is opened behind it where it is not; what the person left for, or "".

    Without `engine` one runs elsewhere, and only its bell is heard. `drafts`: what was typed into forms and not saved.
    """
    from tui.app import PostroomApp

    app = PostroomApp(office, login or who(), drafts=drafts)
    app.greeting = greeting
    app.attends, app.vouched = True, bool(login)
    if not app.vouched:
        app.seated.clear()  # nothing of the desk is shown before who sits here is known
    elif ahead is not None and (seen := ahead.sight()) is not None:
        app.begin_with(seen)
    behind = asyncio.create_task(_behind(app, office, engine=engine), name="behind the screen")
    behind.add_done_callback(lambda _: app.exit() if app.is_running else None)  # what is behind ends only by an error
    try:
        await app.run_async()
    finally:
        behind.cancel()
        await asyncio.wait([behind])
    if app.crash is not None:
        raise app.crash
    if not behind.cancelled():
        behind.result()
    return app.wish


def who() -> str:
    """The login of whoever sits at this terminal: POSTROOM_AS, else the system's."""
    import getpass

    return os.environ.get("POSTROOM_AS") or getpass.getuser()


async def _behind(app: PostroomApp, office: Office, *, engine: bool) -> None:
    """What the first frame does not need: logs, the rest of the office, the other work areas, an engine."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await app.shown.wait()
    await asyncio.sleep(WRITING_SECONDS)
    logs = await asyncio.to_thread(import_module, "cli.logs")
    logs.log_beside_the_screen()
    if not office.is_open:
        await office.open()
    await office.load()
    await asyncio.to_thread(import_module, "phonenumbers")
    InHaste.now = False
    await asyncio.to_thread(load_areas)
    gc.freeze()  # all of this stays: to look at it again and again would hold up keys
    gc.enable()
    await (_keep_engine(office) if engine else _hear(office))


async def _hear(office: Office) -> None:
    await office.database.pass_the_bell_on()


async def _keep_engine(office: Office) -> None:
    """Run an engine whenever no other process does; when cancelled it finishes what is on its way."""
    from core.views.standing import standing

    while (await standing(office.database, office.clock.now())).engines:
        hearing = asyncio.ensure_future(_hear(office))
        try:
            await asyncio.sleep(LOOK_SECONDS)
        finally:
            hearing.cancel()
    ours = office.engine()
    running = asyncio.ensure_future(ours.run())
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await _drained(ours, running)
        raise


async def _drained(engine: Engine, running: asyncio.Future[None]) -> None:
    engine.stop()
    await asyncio.wait([running])
