"""The versions of a template on the screen: what each changed, and one brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.models import Template
from core.scripts.templates import Wording
from core.views.calendars import template_versions
from tests.tui.conftest import LARGE, SMALL
from tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office
    from tests.tui.conftest import Sitting


async def said_thrice(office: Office, clock: FrozenClock) -> None:
    verbs = office.routing.templates
    await office.routing.variables.set("closed", False, actor="sue")
    await verbs.set("hello", Wording("email", "Dear all,\nwe open at nine.\nAcme", "Hours"), actor="sue")
    clock.advance(days=1)
    await verbs.set("hello", Wording("email", "Dear all,\nwe open at ten.\nAcme", "Hours"), actor="sue")
    clock.advance(minutes=5)
    await verbs.set("hello", Wording("email", "Dear all,\nwe open at ten.\nAcme", "New hours"), actor="command")


async def at_versions(person: Sitting) -> None:
    await person.press("5")
    await person.sees("hello", "variables.closed")
    await person.press("tab", "end")
    await person.sees("v Versions", "p Preview")
    await person.press("v")
    await person.sees("Versions of template hello", "● says now")


async def test_each_version_says_who_when_and_what_it_changed(sit: Any, office: Office, clock: FrozenClock) -> None:
    await said_thrice(office, clock)
    async with sit() as person:
        await at_versions(person)
        await person.sees("What v3 changed in v2", "-Subject: Hours", "+Subject: New hours", "Yesterday")
        assert "r Bring back" not in person.text()
        await person.press("down")
        await person.sees("What v2 changed in v1", "-we open at nine.", "+we open at ten.", "r Bring back")
        await person.press("down")
        await person.sees("v1: the first that is known")
        await person.press("enter")
        await person.sees("hello v1", "Subject: Hours")
        await person.press("escape", "escape")
        await person.sees("Calendars, variables, templates")


async def test_an_old_one_is_brought_back_as_a_new_version_and_that_is_taken_back(
    sit: Any, office: Office, clock: FrozenClock
) -> None:
    await said_thrice(office, clock)
    async with sit() as person:
        await at_versions(person)
        await person.press("end", "r")
        await person.sees("hello says again what v1 said", "What v4 changed in v3", "+we open at nine.")
        assert (await Template.get(name="hello")).subject == "Hours"
        assert [row.number for row in await template_versions(office.database, "hello")] == [4, 3, 2, 1]
        await person.press("f9")
        await person.sees("taken back", "What v5 changed in v4")
        assert (await Template.get(name="hello")).subject == "New hours"


async def test_what_desk_toml_gave_it_stands_above_its_versions(sit: Any, office: Office, clock: FrozenClock) -> None:
    await said_thrice(office, clock)
    await Template.filter(name="hello").update(body="From the file")
    async with sit() as person:
        await at_versions(person)
        await person.sees("What desk.toml changed in v3", "+From the file")


async def test_only_a_template_has_versions_and_an_agent_brings_none_back(
    sit: Any, office: Office, clock: FrozenClock
) -> None:
    await said_thrice(office, clock)
    async with sit("ann") as person:
        await person.press("5")
        await person.sees("hello", "variables.closed")
        await person.press("tab")
        await person.until(lambda: person.app.screen.shelved is not None, "the shelf")
        assert "v Versions" not in person.text()
        await person.press("v")
        assert person.app.screen.shelved is not None
        await at_versions_again(person)
        await person.press("end", "r")
        await person.sees("ann is an agent")
        assert len(await template_versions(office.database, "hello")) == 3


async def at_versions_again(person: Sitting) -> None:
    await person.press("end", "v")
    await person.sees("Versions of template hello")


async def test_the_versions_look_as_accepted(sit: Any, office: Office, clock: FrozenClock, looks: Any) -> None:
    await said_thrice(office, clock)
    for size, themes in ((SMALL, (DARK.name, LIGHT.name)), (LARGE, (DARK.name,))):
        async with sit(size=size) as person:
            await at_versions(person)
            await person.press("down")
            await person.sees("What v2 changed in v1")
            await looks(person, "versions", themes)
