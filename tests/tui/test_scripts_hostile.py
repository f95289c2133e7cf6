"""Whatever stands in a script, a contact, a file's name or a remark: it is shown, and steers nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from textual import events

from core.models import Calendar, Contact, Script, ScriptRun, ScriptVersion, Template, Variable
from tests.flow.arriving import take_in, triage
from tests.flow.mails import text_mail
from tests.stories.hostile import HIDING, MARK, MARKUP, STEERED
from tests.tui.test_scripts import ACCOUNT, at_scripts, in_workshop, routed_desk

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office
    from tests.tui.conftest import Sitting

EVIL = f"{MARKUP} {STEERED} {HIDING}"
ECHO = """\
def route(contact):
    print("they say", contact.text)
    return [reply_text("You said " + contact.text), note(contact.text), queue("billing")]
"""


def harmless_screen(person: Sitting) -> str:
    """The screen, in which nothing steers a terminal and nothing of a stranger can be clicked."""
    for strip in person.app.screen._compositor.render_strips():
        for segment in strip:
            assert all(char.isprintable() for char in segment.text), repr(segment.text)
            assert not any(hidden in segment.text for hidden in "\u202e\u200b\u2066\u00ad\ufeff"), repr(segment.text)
            meta = segment.style.meta if segment.style is not None else {}
            assert "app.quit" not in str(meta) and "x.example" not in str(segment.style and segment.style.link)
    return person.text()


async def shows(person: Sitting, *words: str) -> None:
    """Wait for words; the markup of a stranger stands there to the letter."""
    await person.sees(*words)
    harmless_screen(person)


async def goes_down_to(person: Sitting, words: str) -> None:
    """Scroll until these words are seen."""
    for _ in range(100):
        if words in harmless_screen(person):
            return
        await person.press("down")
    await shows(person, words)


async def closes(person: Sitting) -> None:
    """Leave the dialog."""
    await person.press("escape")
    await person.until(lambda: not person.app.screen.is_modal, "the dialog to go")


async def test_what_is_written_tried_and_replayed_is_only_shown(sit: Any, office: Office, tmp_path: Path) -> None:
    await routed_desk(office)
    await office.routing.scripts.set_on_account(ACCOUNT, "front-door", actor="sue")
    await take_in(office, 1, text_mail("+447700900123", "[bold]b[/] \\[ {x} $text \u202eover\u202c \x9b31m"))
    await triage(office)
    letter = tmp_path / "[red]x[@click=app.quit]y.eml"
    letter.write_bytes(text_mail("+447700900456", EVIL))
    async with sit() as person:
        screen = await in_workshop(person)
        screen.editor.source.select_all()
        person.app.post_message(events.Paste(f"{ECHO}# {EVIL}\n"))
        await shows(person, 'print("they say"', "# [bold]b[/] [@click=app.quit]go[/]")
        assert not any(char in screen.editor.text for char in "\x1b\x07\u202e\u200b\x9b")
        screen.editor.source.text = ECHO.replace("they say", MARKUP.replace("\\", ""))
        await person.press("f8")
        await shows(person, "front-door, as it is written", "print('[bold]b[/] [@click=app.quit]go[/]")
        await closes(person)
        screen.editor.source.text = ECHO

        await person.press("ctrl+t")
        person.app.post_message(events.Paste(EVIL))
        await person.press("ctrl+t")
        await shows(person, "→ queue billing", "reply: You said [bold]b[/] [@click=app.quit]go[/]")
        await person.press("tab")
        await goes_down_to(person, "line 2 printed: they say [bold]b[/] [@click=app.quit]go[/]")
        await goes_down_to(person, "text      [bold]b[/]")
        screen.bench.kind.value = "letter"
        screen.bench.file.value = str(letter)
        screen.set_focus(screen.bench.file)
        await person.press("enter")
        await shows(person, "told: You said [bold]b[/] [@click=app.quit]go[/]")
        screen.bench.file.value = "[red]no[/] [@click=app.quit]go[/]"
        await person.press("enter")
        await shows(person, "✖ [red]no[/] [@click=app.quit]go[/] cannot be read")
        screen.bench.kind.value = "past"
        screen.set_focus(screen.bench.contact)
        await person.press("enter")
        await shows(person, "Which contact is tried?", "[bold]b[/]")
        await closes(person)
        await person.press("f2", "f5")
        await shows(person, "1 would go elsewhere", "queue billing")
        await person.press("enter")
        await shows(person, "[bold]b[/]", "Mine")
        assert MARK not in str(person.app.title)


async def test_what_a_database_holds_is_only_shown_whoever_wrote_it(sit: Any, office: Office) -> None:
    """The verbs refuse most of it; a dump, a command of another version or a hand may still have put it there."""
    await routed_desk(office)
    await Script.filter(name="front-door").update(description=EVIL[:250])
    await ScriptVersion.filter(number=2).update(remark=EVIL[:250], source=f"{ECHO}# {EVIL}\n")
    await Calendar.all().update(open=json.dumps([EVIL[:80]]))
    await Variable.all().update(value=json.dumps(EVIL))
    await Template.all().update(body=EVIL, subject=EVIL[:90])
    await office.routing.scripts.set_on_account(ACCOUNT, "front-door", actor="sue")
    await take_in(office, 1, text_mail("+447700900123", "Hello"))
    await triage(office)
    await ScriptRun.all().update(error=EVIL, line=3, decision="")
    await Contact.all().update(preview=EVIL[:200])
    async with sit() as person:
        await at_scripts(person)
        await shows(person, "✖ last error line 3: [bold]b[/]", "variable", "template")
        await person.press("o")
        await shows(person, "Runs of front-door", "[bold]b[/]")
        await closes(person)
        await person.press("i")
        await shows(person, "What for", "[bold]b[/]")
        await closes(person)
        await person.press("p")
        await shows(person, "front-door v1")
        await closes(person)
        await person.press("v")
        await shows(person, "[bold]b[/]", "+# [bold]b[/]")
        await person.press("m")
        await shows(person, "Remark on v2", "[bold]b[/]")
        await closes(person)
        await person.press("enter")
        await shows(person, "# [bold]b[/]")
        await person.press("f8")
        await shows(person, "as it is written", "This script cannot be read")
        await closes(person)
        await person.press("f6")
        await person.sees("✖")
        harmless_screen(person)
        await person.press("escape", "escape", "tab")
        for _ in range(3):
            await person.press("enter")
            await person.until(lambda: person.app.screen.is_modal, "the form")
            await person.until(lambda: "[bold]" in person.text() or MARK in person.text(), "what is in it")
            harmless_screen(person)
            await closes(person)
            await person.press("down")
