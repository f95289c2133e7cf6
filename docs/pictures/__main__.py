"""Takes the pictures of the README from the real app on the demo desk: `make pictures`.

The town is the demo's own, a few times faster and with fixed dice, so that the same people are met each time.
"""

from __future__ import annotations

import asyncio
import logging
import random
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from textual.widgets import TextArea

from demo.desk import open_demo
from demo.pace import Pace
from tui.app import PostroomApp
from tui.themes import DARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

HERE = Path(__file__).parent
SIZE = (110, 32)
AREAS = (
    ("1", "accounts", "orders@fernhill"),
    ("5", "scripts", "shop-door"),
    ("6", "outbox", "delivered"),
    ("7", "journal", "Journal · "),
)
"""Key, name of the picture, words by which the area is known to be read."""
PATIENCE = 40.0
ANSWER = "Hello Priya, I've just looked: order 4711 left us this morning and comes on Wednesday"


class Photographer:
    """Sits before the app, waits for what is to be seen, and takes its picture."""

    def __init__(self, app: PostroomApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    def text(self) -> str:
        """What is on the screen, without colours."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def sees(self, what: str | Callable[[str], bool]) -> None:
        """Wait until the screen shows it; raises TimeoutError with the screen."""
        seen = what if callable(what) else lambda text: what in text
        try:
            async with asyncio.timeout(PATIENCE):
                while not seen(self.text()):
                    await self.pilot.pause(0.1)
        except TimeoutError as error:
            raise TimeoutError(f"the screen never came to what was waited for:\n{self.text()}") from error

    async def take(self, name: str) -> None:
        """Write what is on the screen as an SVG beside this file."""
        await self.pilot.pause(0.5)
        self.app.clear_notifications()
        await self.pilot.pause(0.5)
        svg = self.app.export_screenshot(title=f"Postroom · {name}")
        path = HERE / f"{name}.svg"
        path.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")
        print(path.name)  # noqa: T201 - it says what it made


async def take_pictures() -> None:
    """One walk through the house."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    pace = Pace(speed=4.0, dice=random.Random(7))
    async with open_demo(None, agents=False, pace=pace) as demo:
        app = PostroomApp(demo.office, "sue")
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            me = Photographer(app, pilot)
            app.theme = DARK.name
            await me.sees("letters")
            await pilot.press("down", "down")
            await me.sees("Where is my order 4711")
            await pilot.press("tab", "slash")
            await me.sees("words to look for")
            await pilot.press(*"4711", "enter")
            await me.sees(lambda text: "words to look for" not in text and "1 waiting" in text)
            await pilot.press("t")
            await me.sees("to 07700 900101")
            await pilot.press("enter")
            await me.sees(lambda _: isinstance(app.focused, TextArea))
            await pilot.press(*ANSWER, "ctrl+s")
            await me.sees("Brilliant, thank you")
            await pilot.press(*"You're welcome, Priya. I")
            await me.take("desk")
            await pilot.press("ctrl+s")
            await pilot.press("escape", "2")
            await me.sees("Queues · ")
            await me.sees("/4711")
            await pilot.press("escape")
            await me.sees("appointment")
            await me.take("queues")
            for key, name, words in AREAS:
                await pilot.press(key)
                await me.sees(words)
                await me.take(name)
            await pilot.press("ctrl+q")


if __name__ == "__main__":
    asyncio.run(take_pictures())
