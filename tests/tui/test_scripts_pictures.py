"""The scripts area as it was accepted: one walk through it; screens small and large, in 16 colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.models import ScriptRun
from tests.flow.arriving import take_in, triage
from tests.flow.mails import text_mail
from tests.tui.conftest import LARGE, SMALL, Sitting
from tests.tui.test_scripts import ACCOUNT, TWO, at_scripts, in_workshop, routed_desk
from tui.screens.workshop import WorkshopScreen
from tui.themes import DARK, LIGHT, SIXTEEN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.office import Office

THREE = """\
# Who wants money back goes before the others.
SOON = 15 * MINUTE

def wants_money(text):
    return matches("refund|money back", text.lower())

def route(contact):
    if not calendars.office.open:
        return [reply("closed"), queue("front", priority = 1)]
    elif wants_money(contact.text):
        print("money:", contact.words[0])
        return [set_class("Enquiry"), queue("billing", priority = 7, timeout = SOON)]
    return queue("front")

def waited(contact):
    return queue("front", priority = contact.priority + 2) if queues.front.ready else stay(timeout = 5 * MINUTE)
"""
WRONG = THREE.replace('queue("billing"', 'queue("biling"').replace("contact.words[0]", "contact.word[0]")


async def lived_in(office: Office) -> None:
    """Three versions, three contacts, and a script that nobody uses yet."""
    await routed_desk(office)
    scripts = office.routing.scripts
    await scripts.set_on_account(ACCOUNT, "front-door", actor="sue")
    for words in ("I want a refund", "Refund please!", "Hello"):
        await take_in(office, 1, text_mail(f"+4477009001{len(words):02}", words))
    await triage(office)
    await scripts.save("front-door", THREE, actor="sue", remark="money first")
    await scripts.set_locked("front-door", 1, True, actor="sue")
    await scripts.create_from("office-hours", "nights", actor="sue")
    await ScriptRun.all().update(took=240)


LOOKS = ((SMALL, DARK.name), (SMALL, LIGHT.name), (SMALL, SIXTEEN), (LARGE, LIGHT.name), (LARGE, DARK.name))


class Painter:
    """Takes pictures of what is shown. One app wears every look: an app for each would take thrice as long."""

    def __init__(self, person: Sitting, compare: Callable[[Sitting, str], Awaitable[None]]) -> None:
        self.person = person
        self.compare = compare

    async def takes(self, name: str) -> None:
        """One of each look, without toasts; then it looks again as it did."""
        self.person.app.clear_notifications()
        for look in LOOKS:
            await self._wears(look)
            size, theme = look
            await self.compare(self.person, f"{name}-{theme}-{size[0]}x{size[1]}")
        await self._wears(LOOKS[0])

    async def takes_one(self, name: str) -> None:
        """In the first look only."""
        self.person.app.clear_notifications()
        await self._wears(LOOKS[0])
        await self.compare(self.person, name)

    async def _wears(self, look: tuple[tuple[int, int], str]) -> None:
        size, theme = look
        app = self.person.app
        if tuple(app.size) != size:
            await self.person.pilot.resize_terminal(*size)
        app.theme = theme
        await self.person.pilot.pause()


async def test_the_scripts_area_looks_as_accepted(sit: Any, office: Office, picture: Any) -> None:
    await lived_in(office)
    async with sit(size=SMALL) as person:
        painter = Painter(person, picture)
        await at_scripts(person)
        await painter.takes("list")
        await person.press("v")
        await person.sees("What v3 changes in v1")
        await painter.takes("versions")
        await person.press("escape")
        await writes(person, painter)
        await shows_what_it_would_do(person, painter)
        await person.press("escape")
        await person.sees("Calendars, variables")
        person.app.clear_notifications()
        await person.until(lambda: "kept for you" not in person.text(), "the toast below the form to go")
        await person.press("tab", "enter")
        await person.sees("Exceptions")
        await painter.takes("calendar")


async def writes(person: Sitting, painter: Painter) -> None:
    """The editor: the flow picture of a script, its problems, what may be typed."""
    screen = await in_workshop(person)
    await person.press("f8")
    await person.sees("as it is written", "waited(contact)")
    await painter.takes("flow")
    await person.press("escape")
    screen.editor.source.text = WRONG
    await person.sees("12✖", "v4 draft")
    await person.press("f4")
    await person.sees('contact has no "word"')
    await painter.takes("problem")
    screen.editor.source.text = THREE
    await person.sees("● in order")
    await person.press("ctrl+l", *"13", "enter", "end", *["backspace"] * 8, '"')
    await person.until(lambda: screen.editor.has_class("-choosing"), "the choices")
    await person.sees("✖")
    await painter.takes_one("choices")
    screen.editor.put(TWO)
    await person.sees("● in order")


async def shows_what_it_would_do(person: Sitting, painter: Painter) -> None:
    """The bench, the replay, what is asked before it decides."""
    screen = person.app.screen
    assert isinstance(screen, WorkshopScreen)
    await person.press("ctrl+t", *"A refund, please", "ctrl+t")
    await person.sees("→ queue billing", "What it saw")
    screen.bench.entitle("0.2 ms")  # the one thing that is not the same each time
    await painter.takes("bench")
    await person.press("f5")
    await person.sees("3 of 3 contacts", "2 would go elsewhere", "100%")
    await person.until(lambda: "x Stop" not in person.text(), "its end")
    await painter.takes("replay")
    await person.press("f6")
    await person.sees("Publish")
    await painter.takes_one("publish")
    await person.press("escape")
    await person.until(lambda: not person.app.screen.is_modal, "the dialog to go")
    await person.press("escape", "escape")
    await person.until(lambda: not screen.bench.display, "the bench to close")
