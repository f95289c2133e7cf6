"""`postroom template` and the HTML of e-mails: what a person sees, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.flow.broadcasting import add, set_up
from tests.flow.command import Command, write
from tests.flow.conftest import furnish

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office

HTML = (
    "<h1>Hello {{ customer.first_name }}</h1>\n<p title='{{ customer.name }}'>Parcel <b>{{ customer.parcel }}</b></p>\n"
)
SET = (
    "template",
    "set",
    "letter",
    "--body",
    "Hello {{ customer.first_name }}",
    "--channel",
    "email",
    "--subject",
    "Hi",
)


@pytest.fixture
def postroom(command: Command, folder: Path) -> Command:
    async def prepare(office: Office) -> None:
        await furnish()
        await set_up(office)
        await add(office, {"reference": "R1", "name": "Ann <Lee>", "email": "ann@x.example"})

    command.within(prepare)
    write(folder / "mail.html", HTML)
    return command


def test_html_is_set_shown_previewed_and_comes_back(postroom: Command) -> None:
    assert postroom(*SET, "--html", "mail.html").out == "template letter is changed\n"
    shown = postroom("template", "show", "letter").out
    assert shown == f"Channel: email\nSubject: Hi\n\nHello {{{{ customer.first_name }}}}\n\n── HTML ──\n\n{HTML}\n"
    assert json.loads(postroom("template", "show", "letter", "--json").out)["html"] == HTML
    assert "letter    email + html  Hi" in postroom("template", "list").out
    preview = postroom("template", "preview", "letter", "--customer", "R1")
    assert preview.out == "Subject: Hi\n\nHello Ann\n\n── its HTML, as text ──\n\nHello Ann\n\nParcel 4711\n"
    only = postroom("template", "preview", "letter", "--customer", "R1", "--html")
    assert only.out == "<h1>Hello Ann</h1>\n<p title='Ann &lt;Lee&gt;'>Parcel <b>4711</b></p>\n"
    assert postroom("template", "preview", "letter", "--list", "A", "--html").out == only.out
    assert "its HTML, as text" in postroom("template", "preview", "letter", "--campaign", "spring").out
    plan = ("broadcast", "plan", "--account", "help@acme.example", "--template", "letter", "--campaign", "spring")
    assert "── its HTML, as text ──\n\nHello Ann\n\nParcel 4711" in postroom(*plan, "--preview", "1").out
    assert "&lt;Lee&gt;" in json.loads(postroom(*plan, "--preview", "1", "--json").out)["previews"][0]["html"]
    gone = postroom(*SET)
    assert "it has no HTML any more" in gone.out and "'template versions' has what it said" in gone.out
    versions = postroom("template", "versions", "letter").out
    assert versions.splitlines()[0].endswith("HTML") and str(len(HTML)) in versions
    number = json.loads(postroom("template", "versions", "letter", "--json").out)[1]["number"]
    postroom("template", "restore", "letter", str(number))
    assert json.loads(postroom("template", "show", "letter", "--json").out)["html"] == HTML


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("set", "hello", "--body", "x", "--html", "mail.html"),
            "template hello is a text message, which has no HTML: leave it out, or make it an e-mail",
        ),
        (("set", "hello", "--body", "x", "--channel", "email", "--html", "no.html"), "no.html cannot be read"),
        (("set", "hello", "--body", "x", "--channel", "email", "--html", "empty.html"), "empty.html is empty"),
        (("set", "hello", "-", "--channel", "email", "--html", "-"), "standard input holds one of them"),
        (
            ("set", "hello", "--body", "x", "--channel", "email", "--html", "bad.html"),
            "template hello, html line 2: a value that holds a field or an if stands within quotes",
        ),
        (("show", "lettre"), "there is no template lettre"),
        (("preview", "letter", "--customer", "R1", "--html"), "template letter has no HTML"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    postroom: Command, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    write(folder / "empty.html", "\n")
    write(folder / "bad.html", "<p>\n<p class={{ customer.name }}>")
    done = postroom("template", *arguments)
    assert done.code != 0 and done.words.startswith(words), done
