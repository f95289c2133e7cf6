"""The workshop when things are not as one hopes: others at work, a worker that dies, a long script; and its bench."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from textual import events

from core.models import Variable
from core.scripts.calendars import Hours
from core.scripts.replaying import Difference, Place, Replay, ReplayedRun
from core.views.scripts import script_source, script_versions, scripts
from tests.flow.arriving import ANN, email_arrives, text_arrives, triage
from tests.flow.mails import email, text_mail
from tests.flow.scripted import LOADING
from tests.tui.test_scripts import ACCOUNT, ONE, TWO, at_scripts, in_workshop, routed_desk
from tui.screens.workshop import WorkshopScreen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    import pytest

    from core.office import Office
    from tests.tui.conftest import Sitting


@asynccontextmanager
async def workshop(sit: Any, office: Office, login: str = "sue") -> AsyncIterator[tuple[Sitting, WorkshopScreen]]:
    """Before the newest version of a script."""
    await routed_desk(office)
    async with sit(login) as person:
        yield person, await in_workshop(person)


# -- others at work ----------------------------------------------------------------------------------------------------


async def test_a_script_that_is_deleted_meanwhile_is_said_and_can_be_made_again(sit: Any, office: Office) -> None:
    async with workshop(sit, office) as (person, screen):
        await office.routing.scripts.delete("front-door", actor="sue")
        screen.refresh_soon()
        await person.sees("front-door · not there any more: deleted, or renamed")
        await person.press("f7")
        await person.sees("front-door is not there any more")
        await person.press("a")
        await person.until(lambda: "there is no version here" in person.said()[-1], "the refusal")
        await person.press("escape", "f5")
        await person.until(lambda: any("there is no script" in words for words in person.said()), "the sentence")
        await person.press("escape", "ctrl+s")
        await person.sees("front-door is not there any more", "Make it again")
        await person.press("y")
        await person.sees("front-door · v1", "no version decides")
        assert (await script_source(office.database, "front-door", 1)).source == TWO
        await person.press("ctrl+end", "x", "ctrl+s")
        await person.sees("saved as v2")


async def test_names_that_come_and_go_are_judged_anew(sit: Any, office: Office) -> None:
    async with workshop(sit, office) as (person, screen):
        screen.editor.source.text = 'def route(contact):\n    return queue("front" if variables.late else "billing")\n'
        await person.sees("✖")
        await office.routing.variables.set("late", True, actor="sue")
        await person.sees("● in order")


async def test_an_agent_reads_and_tries_and_is_refused_before_being_asked(sit: Any, office: Office) -> None:
    async with workshop(sit, office, "ann") as (person, screen):
        await person.sees("○ ann is an agent")
        await person.press("x", "enter", "backspace", "tab")
        assert screen.editor.text == TWO and screen.draft is None
        for key in ("ctrl+s", "f6"):
            before = len(person.said())
            await person.press(key)
            await person.until(lambda before=before: len(person.said()) > before, "the refusal")  # type: ignore[misc]
            assert not person.app.screen.is_modal
        await person.press("ctrl+t", *"a refund", "ctrl+t")
        await person.sees("→ queue billing")
        await person.press("escape", "escape")
        await person.sees("Calendars, variables")
        for key in ("n", "i", "a", "D"):
            before = len(person.said())
            await person.press(key)
            await person.until(lambda before=before: len(person.said()) > before, "the refusal")  # type: ignore[misc]
            assert not person.app.screen.is_modal
    assert len(await script_versions(office.database, "front-door")) == 2


async def test_an_empty_desk_refuses_nothing_with_a_crash(sit: Any, office: Office) -> None:
    async with sit() as person:
        await person.press("5")
        await person.sees("No script yet", "every contact waits in its account's own queue")
        await person.press(*"vrpioauxD")
        await person.until(lambda: any("there is no script here" in words for words in person.said()), "the refusal")
        await person.sees("No script yet")


# -- the worker --------------------------------------------------------------------------------------------------------


async def test_a_worker_that_dies_is_replaced_and_a_runaway_is_only_told(sit: Any, office: Office) -> None:
    async with workshop(sit, office) as (person, screen):
        pid = office.routing.sandbox.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        screen.editor.source.text = ONE.replace("front", "frnt")
        await person.sees('did you mean "front"')
        screen.editor.source.text = "def route(contact):\n    for n in range(10 * 1000 * 1000 * 1000):\n        pass\n"
        await person.press("ctrl+t", *"hello", "ctrl+t")
        await person.sees("✖ error", "it would go to its account's own queue")
        screen.editor.source.text = ONE
        await person.press("ctrl+t")
        await person.sees("→ queue front")


# -- writing -----------------------------------------------------------------------------------------------------------


async def test_a_long_script_is_moved_in_judged_and_kept(sit: Any, office: Office) -> None:
    lines = ["def route(contact):", *(f'    if "word{n}" in contact.words:\n        return queue("front")' for n in
         range(149)), '    return queue("front")']  # fmt: skip
    async with workshop(sit, office) as (person, screen):
        screen.editor.source.select_all()
        person.app.post_message(events.Paste("\n".join(lines)))
        await person.sees("300")
        await person.press("ctrl+end", "enter", *"# the end")
        await person.sees("301", "# the end", "v3 draft")
        await person.press("ctrl+l", *"150", "enter", "end", "backspace")
        await person.sees("150✖")
        await person.press(*["ctrl+z"] * 3)
        await person.press("ctrl+s")
        await person.until(lambda: any("saved as v3" in words for words in person.said()), "to be told")
    assert len((await script_source(office.database, "front-door", 3)).source.splitlines()) >= 299


async def test_a_problem_of_a_loaded_script_stands_where_it_is_loaded(sit: Any, office: Office) -> None:
    async with workshop(sit, office) as (person, screen):
        await office.routing.variables.set("used", "bad", actor="sue")
        words = "# words\nUSED = variables.used\n\ndef bad(text):\n    return USED in text\n"
        await office.routing.scripts.publish("words", words, actor="sue")
        screen.editor.source.text = f"# first\n\n{LOADING}"
        await person.sees("● in order")
        await Variable.all().delete()  # the verb refuses, since it is used
        screen.editor.source.text = f"# first\n\n\n{LOADING}"
        await person.sees("4✖", "✖ line 4: in words, line 2: there is no variable")
        await person.press("f4")
        assert screen.editor.source.cursor_location == (3, 0)
        await office.routing.variables.set("used", "bad", actor="sue")
        await person.sees("● in order")
        screen.editor.source.text = f'# first\n\nload("words", "bad")\n\n{ONE}'
        await person.sees("3▲")
        screen.editor.source.text = LOADING
        await person.sees("● in order")
        await person.press("ctrl+s")
        await person.sees("saved as v3")
        await office.routing.scripts.activate("front-door", 3, actor="sue")
        await person.press("escape", "down")
        await person.sees("loaded by front-door")


async def test_a_version_is_opened_over_what_is_typed_and_undo_brings_that_back(sit: Any, office: Office) -> None:
    async with workshop(sit, office) as (person, screen):
        await person.press("ctrl+end", *"# mine", "f7")
        await person.sees("Versions of front-door")
        await person.press("down", "enter")
        await person.until(lambda: screen.editor.text == ONE, "v1 in the editor")
        await person.sees("front-door · v1", "Ctrl+Z brings back what you had typed")
        await person.press("ctrl+z")
        await person.sees("# mine", "v3 draft made of v1")
        assert screen.draft is not None and screen.draft.path is not None
        await person.until(screen.draft.path.exists, "it to be kept again")
        await person.press("escape")
        await at_scripts(person)
        await person.press("v")
        await person.sees("Versions of front-door")
        await person.press("down", "enter")
        await person.sees("Open v1?", "what you typed and did not save")
        await person.press("y")
        await person.until(lambda: isinstance(person.app.screen, WorkshopScreen), "the workshop")
        await person.sees("front-door · v1", "Ctrl+Z brings back what you had typed")


# -- the bench ---------------------------------------------------------------------------------------------------------

HOURS = """\
def route(contact):
    if not calendars.office.open:
        return [reply_text("Closed, " + contact.subject), close("closed")]
    return queue("front")
"""


async def test_the_bench_tries_other_times_mails_and_past_contacts(
    sit: Any, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a file in it has a short name, which no line of the bench breaks
    await office.routing.calendars.add("nights", Hours(("mon-sun 20:00-23:00",)), actor="sue")
    contact = await text_arrives(office, words="Where is my parcel?")
    await email_arrives(office, subject="An invoice")
    async with workshop(sit, office) as (person, screen):
        screen.editor.source.text = HOURS.replace("office", "nights")
        await person.press("ctrl+t", *"hi", "ctrl+t")
        await person.sees("→ close: closed", "the customer would be told: Closed,")
        await person.press("shift+tab", *"21:00", "enter")
        await person.sees("→ queue front", "mon 2026-03-02T21:00")
        screen.bench.when.value = "nine o'clock"
        await person.press("enter")
        await person.sees("is no time to come: say 20:00")

        # To an account for e-mails there is a subject.
        screen.bench.when.value = ""
        await person.press("shift+tab", "shift+tab", "down", "down", "enter")
        await person.sees(" subject ")
        await person.press("tab", "tab", "tab", *"Hi", "enter")
        await person.sees("told: Closed, Hi")

        # A mail from a file.
        (tmp_path / "one.eml").write_bytes(email("cat@mail.example", "Invoice 9", "Please."))
        (tmp_path / "two.eml").write_bytes(text_mail(ANN, "STOP"))
        screen.bench.kind.value = "letter"
        await person.sees("letter.eml; → completes")
        screen.set_focus(screen.bench.file)
        await person.press("enter")
        await person.sees("type the name of a file with a mail")
        await person.press("n", "o", "enter")
        await person.sees("✖ no cannot be read: there is no such file")
        screen.bench.file.value = "one.eml"
        await person.press("enter")
        await person.sees("Closed, Invoice 9")
        screen.bench.file.value = "two.eml"
        await person.press("enter")
        await person.sees("✖", "STOP or START")

        # One that came, chosen among them by what it says.
        screen.bench.kind.value = "past"
        await person.sees("its number; Enter lists them")
        await person.press("enter")
        await person.sees("Which contact is tried?", "An invoice")
        await person.press(*"par", "enter")
        await person.sees("→ close: closed", "Where is my parcel?")
        assert screen.bench.contact.value == f"{contact}"
        await person.press("f2")
        assert screen.focused is screen.editor.source
        await person.press("ctrl+end", *"#")
        await person.sees("Test · the script has changed")
        await person.press("f2", *"x", "enter")
        await person.sees("is no contact: type its number")


# -- replays -----------------------------------------------------------------------------------------------------------


async def test_a_replay_shows_how_far_it_is_and_is_stopped(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Difference(
        "queue front", "queue billing", "if x", 3, False, (ReplayedRun(1, 1, office.clock.now()),)
    )  # fmt: skip
    ended = asyncio.Event()

    async def slow(*_: object, **__: object) -> AsyncGenerator[Replay, None]:
        places = (Place("queue front", 40, 20), Place("queue billing", 0, 20))
        try:
            yield Replay("front-door", "v2", 40, 100, 20, (group,), (), places)
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(office.routing.replays, "replay", slow)
    await routed_desk(office)
    async with sit() as person:
        await at_scripts(person)
        await person.press("r")
        await person.sees("40 of 100 contacts", "40%", "1 would go elsewhere", "queue front 40 → 20", "x Stop")
        await person.press("x")
        await person.sees("40 of 100 contacts, stopped")
        await person.until(ended.is_set, "the replay to end")
        await person.until(lambda: "x Stop" not in person.text(), "nothing to be stopped")
        await person.press("f6")
        await person.sees("Publish v2 of front-door", "Of 40 contacts (of 100) 1 would go elsewhere")
        await person.press("escape", "escape")
        await person.sees("Calendars, variables")
    assert (await scripts(office.database, office.clock.now()))[0].active == 1


async def test_what_decides_already_is_not_published(sit: Any, office: Office) -> None:
    await routed_desk(office)
    await office.routing.scripts.set_on_account(ACCOUNT, "front-door", actor="sue")
    await text_arrives(office)
    await triage(office)
    await office.routing.scripts.activate("front-door", 2, actor="sue")
    async with sit() as person:
        await at_scripts(person)
        await person.press("r")
        await person.sees("1 of 1 contacts", "Would go elsewhere: none")
        await person.press("f6")
        await person.until(lambda: "v2 decides already" in person.said()[-1], "the refusal")
        await person.press("escape", "enter")
        await person.sees("front-door · v2")
        await person.press("f6")
        await person.until(lambda: "says just this and decides already" in person.said()[-1], "the refusal")
