"""The first frame: whole at once from what was read before, and nothing is imported that it does not need."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from textual._compositor import LayoutUpdate

from core.views.sight import sight
from tests.tui.conftest import SMALL
from tests.tui.seeding import contact, small_desk
from tui.app import PostroomApp
from tui.areas import FIRST, MODES
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from core.office import Office

ON_THE_WAY = "import cli.main, cli.starting, cli.screen, core.office, tui.app, tui.screens.queues"
DEAR = (
    "aiosqlite", "asyncpg", "asyncssh", "cryptography", "jinja2", "lxml", "markdown_it", "phonenumbers", "pydantic",
    "pygments", "re2", "starlark", "structlog", "tortoise", "tree_sitter", "typer", "core.engine", "core.mime",
)  # fmt: skip


Frame = tuple[bool, str]
"""Whether it is a whole screen, and its text."""


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[Frame]:
    """What each frame of the app would write."""
    written: list[Frame] = []
    display = PostroomApp._display

    def kept(app: PostroomApp, screen: Any, renderable: Any) -> None:
        if renderable is not None and not app.is_batched:
            lines = renderable.strips if isinstance(renderable, LayoutUpdate) else []
            text = "\n".join("".join(segment.text for strip in line for segment in strip) for line in lines)
            written.append((bool(lines), text))
        display(app, screen, renderable)

    monkeypatch.setattr(PostroomApp, "_display", kept)
    return written


async def test_the_first_frame_has_head_queues_contacts_and_keys_of_what_was_read_before(
    office: Office, frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_desk(office)
    seen = await sight(office.database, office.clock.now())
    first = seen.queues[0]
    await contact(office, "came since", address="+447700900999")
    app = PostroomApp(office, "sue")
    app.begin_with(seen)
    read_before_shown = []
    reading = office.database.read

    async def read(sql: str, *values: object) -> list[dict[str, Any]]:
        if not app.shown.is_set():
            read_before_shown.append(sql)
        return await reading(sql, *values)

    monkeypatch.setattr(office.database, "read", read)
    async with app.run_test(size=SMALL) as pilot:
        await asyncio.wait_for(app.shown.wait(), 10)
        whole, text = frames[0]
        assert whole
        lines = text.splitlines()
        assert "sue, supervisor" in lines[0]
        assert first.name in text
        assert "F1 Help" in lines[-1]
        assert all(row.text[:12] in text for row in seen.rows.values())
        assert read_before_shown == []
        while app.sight is not None:
            await pilot.pause(0.02)


async def test_what_was_read_before_is_read_again_once_it_is_shown(office: Office, frames: list[Frame]) -> None:
    await small_desk(office)
    seen = await sight(office.database, office.clock.now())
    await contact(office, "came since", address="+447700900999")
    app = PostroomApp(office, "sue")
    app.begin_with(seen)
    async with app.run_test(size=SMALL) as pilot:
        await asyncio.wait_for(app.shown.wait(), 10)
        waiting = sum(queue.waiting for queue in seen.queues)
        assert f"{waiting} waiting" in frames[0][1]
        for _ in range(250):
            screen = app.screen
            assert isinstance(screen, WorkScreen)
            strips = screen._compositor.render_strips()
            if f"{waiting + 1} waiting" in "\n".join(strip.text for strip in strips):
                return
            await pilot.pause(0.02)
        raise AssertionError("the contact that came since is not counted")


def test_nothing_dear_and_no_other_area_is_imported_on_the_way_to_it() -> None:
    others = [f"tui.screens.{mode.replace('-', '_')}" for mode in MODES if mode != FIRST]
    program = f"{ON_THE_WAY}\nimport sys\nprint(*(name for name in {[*DEAR, *others]!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
