"""The scripts area: the list, the workshop, the bench, versions, replay, the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.errors import Refused
from core.scripts.calendars import Hours
from core.scripts.templates import Wording
from core.views.calendars import templates
from core.views.scripts import account_settings, script_source, script_versions, scripts
from tests.flow.arriving import text_arrives, triage
from tui.screens.workshop import WorkshopScreen
from tui.script_drafts import DraftPlace, ScriptDraft, has_draft

if TYPE_CHECKING:
    from core.office import Office
    from tests.tui.conftest import Sitting

ONE = 'def route(contact):\n    return queue("front")\n'
TWO = """\
def route(contact):
    if "refund" in contact.words:
        print("refund words")
        return [set_class("Enquiry"), queue("billing", priority = 7)]
    return queue("front")
"""
ACCOUNT = "texts@acme.example"


async def routed_desk(office: Office) -> None:
    """A script with two versions of which the first decides; a calendar, a variable and a template."""
    routing = office.routing
    await routing.scripts.create("front-door", ONE, actor="sue", description="where texts begin")
    await routing.scripts.activate("front-door", 1, actor="sue")
    await routing.scripts.save("front-door", TWO, actor="sue", remark="refunds")
    await routing.calendars.add("office", Hours(("mon-sun 00:00-24:00",)), actor="sue")
    await routing.variables.set("closed", False, actor="sue")
    await routing.templates.set("closed", Wording("sms", "We are closed, {{ contact.name }}."), actor="sue")


async def at_scripts(person: Sitting) -> None:
    await person.press("5")
    await person.sees("front-door", "variable", "calendar")


async def in_workshop(person: Sitting) -> WorkshopScreen:
    await at_scripts(person)
    await person.press("enter")
    await person.until(lambda: isinstance(person.app.screen, WorkshopScreen), "the workshop")
    screen = person.app.screen
    assert isinstance(screen, WorkshopScreen)
    await person.until(lambda: screen.editor.text and screen.editor._judged, "the script to be judged")
    return screen


async def test_scripts_and_the_shelf_are_listed(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await at_scripts(person)
        await person.sees("● v1", "v2", "no account", "variables.closed", "● open", "We are closed")


async def test_an_empty_desk_says_what_to_do(sit: Any, office: Office) -> None:
    async with sit() as person:
        await person.press("5")
        await person.sees("No script yet: n makes one")


async def test_a_ready_made_script_is_begun_with(sit: Any, office: Office) -> None:
    async with sit() as person:
        await person.press("5")
        await person.sees("No script yet")
        await person.press("n")
        await person.sees("What is to be made?", "office-hours")
        await person.press(*"one-queue", "enter")
        await person.sees("What is it called?")
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, WorkshopScreen), "the workshop")
        await person.sees("def route")
        assert [one.name for one in await scripts(office.database, office.clock.now())] == ["one-queue"]


async def test_what_is_wrong_is_said_as_it_is_typed(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        screen = await in_workshop(person)
        screen.editor.source.text = 'def route(contact):\n    return queue("frnt")\n'
        await person.sees("✖", 'did you mean "front"')
        await person.press("f4")
        assert screen.editor.source.cursor_location[0] == 1


async def test_it_is_tried_saved_published_and_taken_back(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        screen = await in_workshop(person)
        await person.press("ctrl+end", "enter", *"# more", "ctrl+s")
        await person.sees("saved as v3")
        await person.press("ctrl+t")
        await person.until(lambda: screen.bench.has_focus_within, "the bench")
        await person.press(*"a refund please", "ctrl+t")
        await person.sees("→ queue billing", "line 4")
        await person.press("f6")
        await person.sees("Publish v3 of front-door", "There is no past contact", "v1 decides now")
        await person.press(*"more", "enter")
        await person.sees("v3 of front-door decides")
        (row,) = await scripts(office.database, office.clock.now())
        assert row.active == 3
        assert (await script_versions(office.database, "front-door"))[0].remark == "more"
        await person.press("f9")
        await person.sees("taken back")
        (row,) = await scripts(office.database, office.clock.now())
        assert row.active == 1


async def test_what_does_not_check_is_not_published(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        screen = await in_workshop(person)
        screen.editor.source.text = "def route(contact):\n    return queue(\n"
        await person.press("f6")
        await person.until(lambda: any("line" in words for words in person.said()), "the reason")
        assert (await scripts(office.database, office.clock.now()))[0].active == 1


async def test_what_is_typed_and_not_saved_is_there_again(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        screen = await in_workshop(person)
        await person.press("ctrl+end", *"# not saved")
        await person.until(lambda: screen.draft and screen.draft.path and screen.draft.path.exists(), "it to be kept")
        await person.press("escape")
        await person.sees("Calendars, variables, templates")
    async with sit() as person:
        screen = await in_workshop(person)
        await person.sees("# not saved", "v3 draft, as you left it")
        assert not person.said(), "no toast lies over what is read next"
        await person.press("ctrl+end", "x")
        await person.until(lambda: "as you left it" not in person.text(), "the caption to say that it is another")
        assert len(await script_versions(office.database, "front-door")) == 2


async def test_a_version_saved_meanwhile_is_not_written_over(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await in_workshop(person)
        await office.routing.scripts.save("front-door", ONE + "# ann\n", actor="sue")
        await person.press("ctrl+end", *"# mine", "ctrl+s")
        await person.sees("There is a v3 by now", "sue saved v3 while you wrote")
        await person.press("enter")
        assert len(await script_versions(office.database, "front-door")) == 3
        await person.press("ctrl+s")
        await person.sees("There is a v3 by now")
        await person.press("y")
        await person.sees("saved as v4")
        assert (await script_source(office.database, "front-door", 3)).source.endswith("# ann\n")


async def test_versions_are_compared_activated_locked_and_deleted(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await at_scripts(person)
        await person.press("v")
        await person.sees(
            "Versions of front-door", "refunds", "What v2 changes in v1", '+    if "refund" in contact.words:'
        )
        await person.press("l")
        await person.sees("v2 locked")
        await person.press("D")
        await person.until(lambda: any("locked" in words for words in person.said()[-1:]), "the refusal")
        await person.press("l", "a")
        await person.sees("Publish v2 of front-door", "There is no past contact")
        await person.press("enter")
        await person.sees("v2 of front-door decides", "Versions of front-door")
        assert (await scripts(office.database, office.clock.now()))[0].active == 2
        await person.press("u")
        await person.sees("v1 of front-door decides")
        assert (await scripts(office.database, office.clock.now()))[0].active == 1
        await person.press("escape")
        await person.sees("Calendars, variables")


async def test_the_picture_shows_every_branch(sit: Any, office: Office) -> None:
    await routed_desk(office)
    await office.routing.scripts.activate("front-door", 2, actor="sue")
    async with sit() as person:
        await at_scripts(person)
        await person.press("p")
        await person.sees(
            "route(contact)", "if 'refund' in contact.words", "→ set_class Enquiry; queue billing, priority 7"
        )


async def test_an_account_is_routed_by_it_and_no_longer(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await at_scripts(person)
        await person.press("a")
        await person.sees("Accounts of front-door", ACCOUNT)
        await person.press(*"texts", "enter")
        await person.sees(f"{ACCOUNT}: routed by front-door")
        assert (await scripts(office.database, office.clock.now()))[0].accounts == (ACCOUNT,)
        await person.press("f9")
        await person.sees("taken back")
        assert (await scripts(office.database, office.clock.now()))[0].accounts == ()


async def test_the_shelf_is_changed_and_judged_as_typed(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await at_scripts(person)
        await person.press("tab", "enter")
        await person.sees("Exceptions")
        await person.press("ctrl+end", "enter", *"someday", "ctrl+s")
        await person.sees("someday")
        assert person.app.screen.is_modal
        await person.press(*["backspace"] * 7, *"mon 25:00-26:00")
        await person.press("escape")
        await person.until(lambda: not person.app.screen.is_modal, "the form to go")


async def test_a_template_has_a_word_for_what_a_customer_lacks(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await at_scripts(person)
        await person.press("tab", "end", "enter")
        await person.until(lambda: person.app.screen.query("#field-when-missing"), "the template")
        person.app.screen.query_one("#field-when-missing").focus()
        await person.press(*"there", "ctrl+s")
        await person.sees("template closed is set")
        (row,) = await templates(office.database)
        assert (row.when_missing, row.body) == ("there", "We are closed, {{ contact.name }}.")
        await person.press("f9")
        await person.sees("taken back")
        assert (await templates(office.database))[0].when_missing is None


async def test_an_agent_is_refused_in_one_sentence(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit("ann") as person:
        await at_scripts(person)
        await person.press("x")
        await person.until(lambda: any("ann is an agent" in words for words in person.said()), "the refusal")
        assert (await scripts(office.database, office.clock.now()))[0].active == 1


async def test_the_menu_of_an_account_leads_to_its_script(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await person.press("1")
        await person.sees(ACCOUNT)
        await person.press("s")
        await person.sees("no script: what arrives", "Routed by")
        await person.press("e")
        await person.until(lambda: any("no script routes" in words for words in person.said()), "the refusal")
        await person.press("s", "r")
        await person.sees(f"What routes {ACCOUNT}?")
        await person.press(*"front-door", "enter")
        await person.sees(f"{ACCOUNT} is routed by front-door")
        await person.sees("script front-door, queue front")
        await person.press("s", "s")
        await person.sees("settings of front-door")
        await person.press(*"greeting = Hello", "ctrl+s")
        await person.sees("settings of front-door are set")
        assert await account_settings(office.database, ACCOUNT) == {"greeting": "Hello"}
        await person.press("s", "t")
        await person.until(lambda: isinstance(person.app.screen, WorkshopScreen), "the workshop")
        screen = person.app.screen
        await person.until(lambda: screen.bench.has_focus_within, "the bench")
        assert screen.bench.account.value == ACCOUNT


async def test_past_contacts_are_replayed_and_looked_at(sit: Any, office: Office) -> None:
    await routed_desk(office)
    await office.routing.scripts.set_on_account(ACCOUNT, "front-door", actor="sue")
    await text_arrives(office, words="I want a refund")
    await text_arrives(office, number="+447700900456", words="Hello")
    await triage(office)
    async with sit() as person:
        await at_scripts(person)
        await person.press("r")
        await person.sees("2 of 2 contacts", "1 the same", "1 would go elsewhere", "queue front", "queue billing")
        await person.sees("queue front → queue billing, priority 7", "if 'refund' in contact.words, line 4")
        await person.press("enter")
        await person.sees("I want a refund", "Mine")


async def test_a_replay_without_contacts_says_so(sit: Any, office: Office) -> None:
    await routed_desk(office)
    async with sit() as person:
        await at_scripts(person)
        await person.press("r")
        await person.sees("No contact of that time")
        await person.press("d")
        await person.sees("Replay how much?")
        await person.press(*"30", "enter")
        await person.sees("over 30 days")
        await person.press("escape")
        await person.sees("Calendars, variables")


def test_what_is_typed_at_two_terminals_is_kept_apart_and_for_this_user_alone() -> None:
    one, two = DraftPlace("db", "sue", "door"), DraftPlace("db", "sue", "door")
    assert one.open() is None and two.open() is None
    assert two.is_shared and not one.is_shared
    one.keep(ScriptDraft("one", 1))
    two.keep(ScriptDraft("x = '\x1b[31m'\n", 7))
    assert one.path is not None and one.path.stat().st_mode & 0o077 == 0
    one.close()
    assert has_draft("db", "sue", "door") and not has_draft("db", "ann", "door")
    assert one.open() == ScriptDraft("one", 1), "the other one is still being written at"
    two.close()
    third = DraftPlace("db", "sue", "door")
    assert third.open() == ScriptDraft("x = '␛[31m'\n", 7), "the newest that nobody holds, harmless"
    third.drop()
    third.drop()
    one.path.write_text("{")
    one.close()
    assert one.open() is None, "what cannot be read is as none"


def test_a_place_that_cannot_be_written_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    place = DraftPlace("db", "sue", "door")
    assert place.open() is None
    with pytest.raises(Refused, match="not kept on this machine"):
        place.keep(ScriptDraft("one", 1))
    place.drop()
    place.close()
