"""`postroom script`, `calendar`, `variable`, `template`: what a person sees, what a program reads, the exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.flow.command import Command, said, told, write
from tests.flow.desk_files import minimal_account
from tests.flow.mails import email
from tests.flow.scripted import LOADING, ONE_QUEUE, SETTINGS, TWO_QUEUES, WORDS, WRONG

if TYPE_CHECKING:
    from pathlib import Path

HELP = "help@acme.example"
DESK = '[[queue]]\nname = "front"\n[[queue]]\nname = "billing"\n[[user]]\nlogin = "ann"\n' + minimal_account(HELP)
DESK += '[[user]]\nlogin = "sue"\nrole = "supervisor"\n'
NEW_YEAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20200101\r\n"
    b"RRULE:FREQ=YEARLY\r\nSUMMARY:New Year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def postroom(command: Command, folder: Path) -> Command:
    assert command("apply", write(folder / "desk.toml", DESK)).code == 0
    for name, source in (
        ("one", ONE_QUEUE), ("two", TWO_QUEUES), ("wrong", WRONG), ("settings", SETTINGS), ("words", WORDS),
        ("loading", LOADING),
    ):  # fmt: skip
        write(folder / f"{name}.star", source)
    return command


# -- versions ------------------------------------------------------------------------------------------------------


def test_a_script_is_published_rolled_back_and_listed(postroom: Command) -> None:
    assert said(postroom("script", "publish", "door", "one.star", "--remark", "first")) == "v1 of door is active"
    assert said(postroom("script", "publish", "door", "two.star")) == "v2 of door is active (before: v1)"
    assert said(postroom("script", "publish", "door", "two.star")) == "v2 of door is active, as before"
    assert said(postroom("script", "rollback", "door")) == "v1 of door is active (before: v2)"
    refused = postroom("script", "rollback", "door")
    assert (refused.code, refused.out) == (1, "")
    assert refused.words == "no earlier version of door was ever active: activate one by its number"
    assert said(postroom("script", "activate", "door", "2")) == "v2 of door is active (before: v1)"
    assert said(postroom("script", "assign", HELP, "door", "--set", "place=billing")) == f"{HELP} is routed by door"
    (row,) = told(postroom("script", "list", "--json"))
    assert row == {
        "id": row["id"], "name": "door", "description": "", "accounts": [HELP], "active": 2, "newest": 2, "versions": 2,
        "runs": 0, "errors": 0, "p95_ms": None, "last_error": "", "last_error_line": 0, "last_error_at": None,
    }  # fmt: skip
    assert said(postroom("script", "list")).splitlines()[1].split() == ["door", "v2", "v2", "0", "0", "-", HELP]
    second, first = told(postroom("script", "versions", "door", "--json"))
    assert (second["number"], second["active"], first["number"], first["remark"]) == (2, True, 1, "first")
    assert said(postroom("script", "versions", "door")).startswith("Version  Active  Locked  Saved")
    assert told(postroom("script", "show", "door", "--json"))["source"] == TWO_QUEUES
    assert said(postroom("script", "show", "door", "--version", "1")) == ONE_QUEUE.rstrip("\n")
    assert said(postroom("script", "deactivate", "door")) == "no version of door is active (before: v2)"


def test_what_differs_is_told_as_unified_lines(postroom: Command) -> None:
    postroom("script", "publish", "door", "one.star")
    postroom("script", "save", "door", "two.star")
    lines = said(postroom("script", "diff", "door", "1", "2")).splitlines()
    assert lines[:4] == ["--- door v1", "+++ door v2", "@@ -1,3 +1,3 @@", " def route(contact):"]
    assert lines[4] == '-    return queue("front")'
    assert lines[5].startswith("+    return queue(")
    found = told(postroom("script", "diff", "door", "1", "2", "--json"))
    assert (found["script"], found["old"], found["new"], found["lines"][:6]) == ("door", 1, 2, lines[:6])
    assert said(postroom("script", "diff", "door", "2", "2")) == ""


def test_a_script_comes_from_a_file_from_standard_input_or_from_a_ready_made_one(postroom: Command) -> None:
    assert said(postroom("script", "create", "door", "one.star")).startswith("script door is there with v1")
    assert said(postroom.apart("script", "save", "door", "-", stdin=TWO_QUEUES)) == "v2 of door is saved"
    assert said(postroom("script", "create", "new", "--from", "one-queue")).startswith("script new is there")
    names = [row["name"] for row in told(postroom("script", "ready-made", "--json"))]
    assert "office-hours" in names
    assert "def route(contact)" in said(postroom("script", "ready-made", "office-hours"))
    assert said(postroom("script", "ready-made")).splitlines()[1].startswith("one-queue")
    assert said(postroom("script", "copy", "door", "copied")).startswith("script copied is there")
    for words in (("script", "create", "x"), ("script", "create", "x", "one.star", "--from", "one-queue")):
        assert postroom(*words).code == 2


def test_locked_versions_stay_and_others_go(postroom: Command) -> None:
    postroom("script", "create", "door", "one.star")
    postroom("script", "save", "door", "two.star")
    assert said(postroom("script", "lock", "door", "1")) == "v1 of door is locked"
    assert said(postroom("script", "lock", "door", "1")) == "v1 of door was locked already"
    assert postroom("script", "delete", "door", "--version", "1").words == "v1 of door is locked: unlock it first"
    assert said(postroom("script", "unlock", "door", "1")) == "v1 of door is unlocked"
    assert said(postroom("script", "delete", "door", "--version", "1")) == "v1 of door is deleted"
    assert said(postroom("script", "rename", "door", "gate")) == "script door is gate now"
    assert said(postroom("script", "delete", "gate")) == "script gate is deleted"
    assert said(postroom("script", "list")) == "none"


# -- trying --------------------------------------------------------------------------------------------------------


def test_check_tells_line_column_and_the_line_itself(postroom: Command) -> None:
    assert said(postroom("script", "check", "one.star")) == "nothing is wrong with it"
    assert told(postroom("script", "check", "one.star", "--json")) == []
    done = postroom("script", "check", "wrong.star")
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines() == [
        'line 3, column 22: error: there is no queue "fornt"; did you mean "front"? There are: billing, front.',
        '            return queue("fornt")',
        "                         ^",
    ]
    done = postroom("script", "check", "wrong.star", "--json", "--name", "door")
    (problem,) = json.loads(done.out)
    assert (done.code, problem["severity"], problem["line"], problem["column"]) == (1, "error", 3, 22)
    assert problem["script"] == "door"
    refused = postroom("script", "publish", "door", "wrong.star")
    assert refused.code == 1
    assert refused.words.startswith('v1 of door is kept and not active: it is not right, line 3: there is no queue "fo')


def test_a_library_is_checked_and_loaded(postroom: Command) -> None:
    assert said(postroom("script", "publish", "words", "words.star")) == "v1 of words is active"
    assert said(postroom("script", "check", "loading.star")) == "nothing is wrong with it"
    assert postroom("script", "assign", HELP, "words").words.startswith("script words cannot route an account, line 1:")


def test_a_typed_text_a_mail_and_a_file_of_stdin_are_tried(postroom: Command, folder: Path) -> None:
    done = said(postroom("script", "test", "two.star", "--account", HELP, "--text", "a refund please"))
    assert [line.split()[0] for line in done.splitlines()] == ["facts", "line", "took"]
    assert "line 2    queue billing" in done
    (folder / "mail.eml").write_bytes(email("cat@mail.example", "Hello", "no words"))
    postroom("script", "publish", "door", "two.star")
    found = told(postroom("script", "test", "door", "--account", HELP, "--mail", "mail.eml", "--json"))
    assert found["decision"]["placing"]["name"] == "front"
    assert (found["facts"]["contact"]["sender"], found["facts"]["contact"]["subject"]) == ("cat@mail.example", "Hello")
    assert (found["failure"], found["printed"], found["answers"]) == (None, [], [])
    failed = postroom("script", "test", "wrong.star", "--account", HELP, "--text", "x")
    assert (failed.code, failed.err) == (1, "")
    assert 'failed   this script, line 3: there is no queue "fornt"' in failed.out
    assert (
        json.loads(postroom("script", "test", "wrong.star", "--account", HELP, "--text", "x", "--json").out)["failure"][
            "line"
        ]
        == 3
    )


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("test", "one.star"), 2, "say what comes: --text, --mail or --contact"),
        (("test", "one.star", "--text", "x"), 2, "say which account it comes to: --account"),
        (("test", "one.star", "--text", "x", "--account", "no@acme.example"), 2, "there is no account no@acme.example"),
        (("test", "nobody", "--text", "x", "--account", HELP), 2, 'there is no script "nobody": this desk has none'),
        (("test", "one.star", "--contact", "7"), 2, "there is no contact 7"),
        (("test", "one.star", "--mail", "none.eml", "--account", HELP), 2, "none.eml cannot be read"),
        (("check", "none.star"), 2, "none.star cannot be read (No such file or directory): check the path"),
        (("show", "nobody"), 2, 'there is no script "nobody"'),
        (("activate", "nobody", "1"), 2, 'there is no script "nobody"'),
        (("replay", "nobody"), 2, 'there is no script "nobody"'),
        (("replay", "nobody", "1", "--file", "one.star"), 2, "say a version or a file, not both"),
        (("assign", HELP, "nobody"), 2, 'there is no script "nobody"'),
        (("assign", HELP, "nobody", "--set", "place"), 2, "--set wants KEY=VALUE, not place"),
        (("publish", 'do"or', "one.star"), 2, "a script's name has no quotes"),
        (("publish", "door", "one.star", "--as", "ann"), 1, "ann is an agent: only a supervisor or an administrator"),
    ],
)
def test_a_wrong_question_is_one_line_and_2_and_a_no_is_1(
    postroom: Command, words: tuple[str, ...], code: int, sentence: str
) -> None:
    done = postroom("script", *words)
    assert (done.code, done.out) == (code, "")
    assert done.words.startswith(sentence)


def test_replay_of_a_script_that_never_ran_says_so(postroom: Command) -> None:
    postroom("script", "publish", "door", "one.star", "--as", "sue")
    assert said(postroom("script", "replay", "door")) == (
        "door v1 over 7 days: 0 contacts, 0 the same, 0 differ, 0 errors"
    )
    found = told(postroom("script", "replay", "door", "--file", "two.star", "--days", "2", "--json"))
    assert found == {
        "script": "door", "version": "draft", "done": 0, "total": 0, "same": 0, "differences": [], "errors": [],
        "differ": 0, "failed": 0, "places": [],
    }  # fmt: skip
    assert told(postroom("script", "runs", "door", "--json")) == []


# -- calendars, variables, templates -------------------------------------------------------------------------------


def test_calendars_are_added_filled_with_holidays_and_deleted(postroom: Command, folder: Path) -> None:
    (folder / "holidays.ics").write_bytes(NEW_YEAR)
    added = postroom("calendar", "add", "office", "--open", "mon-fri 09:00-17:30", "--closed", "2030-01-01 Closed")
    assert said(added) == "calendar office is there"
    stretch = ("--from", "2029-06-01", "--to", "2031-06-01")
    dry = said(postroom("calendar", "import", "office", "holidays.ics", *stretch, "--dry-run"))
    assert dry.splitlines() == [
        "closed  2031-01-01 New Year", "1 exceptions would be added to office; 1 days were there already",
    ]  # fmt: skip
    assert said(postroom("calendar", "import", "office", "holidays.ics", *stretch)).splitlines()[-1].startswith("1 ex")
    assert said(postroom("calendar", "change", "office", "--timezone", "Asia/Tokyo")) == "calendar office is changed"
    found = told(postroom("calendar", "show", "office", "--json"))
    assert (found["open"], found["closed"]) == (["mon-fri 09:00-17:30"], ["2030-01-01 Closed", "2031-01-01 New Year"])
    assert (found["zone"], found["error"]) == ("Asia/Tokyo", "")
    assert said(postroom("calendar", "show", "office")).splitlines()[1] == "open    mon-fri 09:00-17:30"
    assert told(postroom("calendar", "list", "--json")) == [found]
    assert said(postroom("calendar", "list")).splitlines()[1].split()[0] == "office"
    for words, code in (
        (("add", "office"), 1), (("add", "x", "--open", "never"), 2), (("show", "x"), 2), (("change", "office"), 2),
        (("import", "office", "one.star"), 2), (("import", "office", "holidays.ics", "--from", "soon"), 2),
    ):  # fmt: skip
        done = postroom("calendar", *words)
        assert (done.code, done.out) == (code, ""), words
        assert done.words
    assert said(postroom("calendar", "delete", "office")) == "calendar office is deleted"
    assert said(postroom("calendar", "list")) == "none"


def test_variables_are_what_they_look_like_unless_told_otherwise(postroom: Command) -> None:
    for value, shown in (("true", "true"), ("12", "12"), ('["a", "b"]', '["a","b"]'), ("hello", '"hello"')):
        assert said(postroom("variable", "set", "v", value)) == f"v = {shown}"
    assert said(postroom("variable", "set", "w", "12", "--text")) == 'w = "12"'
    assert told(postroom("variable", "list", "--json")) == [
        {"name": "v", "value": "hello"}, {"name": "w", "value": "12"},
    ]  # fmt: skip
    assert said(postroom("variable", "list")).splitlines()[1].split() == ["v", '"hello"']
    for words in (("set", "my-var", "1"), ("set", "v", "null"), ("set", "v", '{"a": 1}'), ("delete", "x")):
        assert postroom("variable", *words).code == 2
    assert said(postroom("variable", "delete", "v")) == "variable v is deleted"


def test_templates_are_set_previewed_and_deleted(postroom: Command, folder: Path) -> None:
    write(folder / "body.txt", "Dear {{ contact.name }},\nyour order {{ order }} is here – today.\n")
    assert said(postroom("template", "set", "here", "body.txt")) == "template here is there"
    assert said(postroom("template", "preview", "here", "--field", "order=7")).splitlines() == [
        "Dear Ann Lee,", "your order 7 is here – today.", "", "43 characters, 1 parts of UCS-2",
    ]  # fmt: skip
    found = told(postroom("template", "preview", "here", "--field", "order=7", "--json"))
    assert (found["parts"], found["encoding"], found["characters"]) == (1, "UCS-2", 43)
    mail = ("--channel", "email", "--subject", "Order {{ order }}")
    assert said(postroom("template", "set", "here", "body.txt", *mail)) == "template here is changed"
    assert said(postroom("template", "preview", "here", "--field", "order=7")).startswith("Subject: Order 7\n\nDear")
    (row,) = told(postroom("template", "list", "--json"))
    assert (row["name"], row["channel"], row["subject"]) == ("here", "email", "Order {{ order }}")
    missing = postroom("template", "preview", "here")
    assert missing.code == 2
    assert missing.words.startswith("template here, body line 2: there is no field order")
    assert postroom("template", "set", "here").code == 2
    assert postroom("template", "set", "loop", "--body", "{% for a in b %}{% endfor %}").code == 2
    assert said(postroom("template", "delete", "here")) == "template here is deleted"


def test_versions_of_a_template_are_compared(postroom: Command) -> None:
    for body in ("Open at nine.", "Open at ten.", "Open at ten.\nAcme"):
        assert postroom("template", "set", "hours", "--body", body).code == 0
    assert said(postroom("template", "diff", "hours", "1", "2")).splitlines() == [
        "--- hours v1", "+++ hours v2", "@@ -1 +1 @@", "-Open at nine.", "+Open at ten.",
    ]  # fmt: skip
    found = told(postroom("template", "diff", "hours", "2", "--json"))
    assert (found["new"], found["lines"][-1]) == (None, "+Acme")
    missing = postroom("template", "diff", "hours", "1", "7")
    assert (missing.code, missing.words[:31]) == (2, "template hours has no version 7")


def test_what_an_active_script_needs_is_not_deleted(postroom: Command, folder: Path) -> None:
    postroom("variable", "set", "closed", "false")
    write(folder / "uses.star", 'def route(contact):\n    return queue("front" if variables.closed else "billing")\n')
    postroom("script", "publish", "door", "uses.star")
    refused = postroom("variable", "delete", "closed")
    assert (refused.code, refused.words) == (1, "variable closed is read by door v1 (line 2): change that first")


def test_apply_says_what_was_saved_and_not_activated(postroom: Command, folder: Path) -> None:
    toml = f"[[script]]\nname = \"door\"\nsource = '''\n{WRONG}'''\n"
    for words, verb in (("--dry-run", "would be added"), ("", "added")):
        done = said(postroom("apply", write(folder / "door.toml", toml), *filter(None, [words])))
        assert f"script door: {verb}\n    not activated: line 3: there is no queue" in done
    assert told(postroom("script", "list", "--json"))[0]["active"] is None
