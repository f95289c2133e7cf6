"""Scripts, calendars, variables and templates in a desk.toml: applied, applied again, exported, refused."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomlkit
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.blueprint import WrongBlueprint, export, parse_blueprint, stored_desk
from core.blueprint.routing import TABLES as ROUTING
from core.models import Account, Calendar, Journal, Script, ScriptVersion, Template, Variable
from core.office import open_office
from core.scripts.names import is_word
from tests.flow.desk_files import apply_text, minimal_account
from tests.flow.test_blueprint_export import desk_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from core.office import Office
    from core.settings import Settings

ROUTED = """
[[queue]]
name = "front"

[[queue]]
name = "night"

[[calendar]]
name = "office"
timezone = "Europe/London"
open = ["mon-fri 09:00-17:30", "sat 10:00-14:00"]
closed = ["2026-12-25"]

[[variable]]
name = "closed"
value = false

[[variable]]
name = "vips"
value = ["a@x.example", "b@x.example"]

[[template]]
name = "away"
channel = "email"
subject = "We are away"
body = "Dear {{ name }},\\n\\nwe are away."

[[script]]
name = "door"
description = "The front door"
source = '''
DEFAULTS = {"night": "front"}

def route(contact):
    if variables.closed or not calendars.office.open:
        return [reply("away"), queue(settings.night)]
    return queue("front")
'''
"""
ACCOUNT = minimal_account("help@acme.example", script='"door"', settings='{ night = "night", vip = true }')
DESK = ROUTED + ACCOUNT


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    """An office with nothing in it."""
    async with open_office(settings) as office:
        yield office


async def versions(name: str = "door") -> list[int]:
    script = await Script.get(name=name)
    return [one.number for one in await ScriptVersion.filter(script_id=script.id).order_by("number")]


async def active(name: str = "door") -> int | None:
    return (await Script.get(name=name)).active


async def test_everything_in_the_file_stands_in_the_database_and_the_script_is_active(office: Office) -> None:
    changes = {(change.kind, change.name): change for change in await apply_text(office, DESK)}
    assert changes["script", "door"].remark == ""
    assert changes["script", "door"].fields["source"] == ("", "6 lines")
    calendar = await Calendar.get(name="office")
    assert (calendar.open, calendar.closed) == ('["mon-fri 09:00-17:30","sat 10:00-14:00"]', '["2026-12-25"]')
    assert (await Variable.get(name="closed")).value == "false"
    assert (await Template.get(name="away")).body == "Dear {{ name }},\n\nwe are away."
    assert (await versions(), await active()) == ([1], 1)
    account = await Account.get(address="help@acme.example").select_related("script")
    assert account.script is not None
    assert (account.script.name, account.script_settings) == ("door", '{"night":"night","vip":true}')


async def test_a_second_apply_finds_nothing_to_do(office: Office) -> None:
    await apply_text(office, DESK)
    assert await apply_text(office, DESK) == []
    assert await versions() == [1]


async def test_an_export_applied_where_it_was_made_changes_nothing(office: Office) -> None:
    await apply_text(office, DESK)
    text = await export(office.database)
    assert await apply_text(office, text) == []
    exported = tomllib.loads(text)
    assert exported["script"][0]["source"].startswith('DEFAULTS = {"night": "front"}\n')
    assert "active" not in exported["script"][0]
    assert [one["value"] for one in exported["variable"]] == [False, ["a@x.example", "b@x.example"]]
    assert exported["account"][0]["settings"] == {"night": "night", "vip": True}


async def test_a_changed_source_is_a_new_version_that_decides_at_once(office: Office) -> None:
    await apply_text(office, DESK)
    changed = DESK.replace('return queue("front")', 'return queue("front", priority = 2)')
    (change,) = await apply_text(office, changed)
    assert (change.words, await versions(), await active()) == ("script door changed (source, active)", [1, 2], 2)
    assert await apply_text(office, changed) == []
    await apply_text(office, DESK)
    assert (await versions(), await active()) == ([1, 2, 3], 3)


async def test_a_source_that_is_the_newest_draft_is_activated_and_not_saved_again(office: Office) -> None:
    await apply_text(office, DESK)
    await apply_text(office, DESK.replace('return queue("front")', 'return queue("front", priority = 2)'))
    await Script.filter(name="door").update(active=1)
    assert (
        len(await apply_text(office, DESK.replace('return queue("front")', 'return queue("front", priority = 2)'))) == 1
    )
    assert (await versions(), await active()) == ([1, 2], 2)


async def test_a_source_that_is_not_right_is_saved_and_not_activated(office: Office) -> None:
    await apply_text(office, DESK)
    wrong = DESK.replace('return queue("front")', 'return queue("fornt")')
    (change,) = await apply_text(office, wrong)
    assert change.remark.startswith('not activated: line 6: there is no queue "fornt"; did you mean "front"')
    assert (await versions(), await active()) == ([1, 2], 1)
    assert await apply_text(office, wrong) == []
    assert await versions() == [1, 2]


async def test_a_script_is_judged_by_the_names_that_the_same_file_brings(office: Office) -> None:
    assert all(not change.remark for change in await apply_text(office, DESK))
    more = '[[queue]]\nname = "late"\n' + ROUTED.replace('queue("front")', 'queue("late")')
    assert [change.remark for change in await apply_text(office, more)] == ["", ""]
    assert await active() == 2


async def test_a_script_that_becomes_right_is_activated_by_the_same_file(office: Office) -> None:
    await apply_text(office, ROUTED.replace('queue("front")', 'queue("late")'))
    assert await active() is None
    await apply_text(office, '[[queue]]\nname = "late"\n' + ROUTED.replace('queue("front")', 'queue("late")'))
    assert (await versions(), await active()) == ([1], 1)


async def test_an_accounts_own_settings_are_judged_as_well(office: Office) -> None:
    wrong = ROUTED + ACCOUNT.replace('night = "night"', 'night = "nihgt"')
    remarks = [change.remark for change in await apply_text(office, wrong) if change.kind == "script"]
    assert remarks[0].startswith('not activated: line 5: there is no queue "nihgt"')


async def test_a_script_without_route_is_active_for_others_to_load(office: Office) -> None:
    words = "[[script]]\nname = \"words\"\nsource = '''\ndef bad(text):\n    return \"bad\" in text\n'''\n"
    loads = ROUTED.replace('DEFAULTS = {"night": "front"}', 'load("words", "bad")\nDEFAULTS = {"night": "front"}')
    changes = await apply_text(office, words + loads.replace("variables.closed", "bad(contact.text)"))
    assert [change.remark for change in changes if change.remark] == []
    assert (await active("words"), await active("door")) == (1, 1)


async def test_what_shall_not_be_active_is_not(office: Office) -> None:
    quiet = ROUTED.replace('description = "The front door"', "active = false")
    await apply_text(office, quiet)
    assert (await versions(), await active()) == ([1], None)
    assert await apply_text(office, quiet) == []
    assert await apply_text(office, await export(office.database)) == []
    await apply_text(office, ROUTED)
    assert await active() == 1
    await apply_text(office, quiet)
    assert (await versions(), await active()) == ([1], None)


async def test_keys_left_out_stay_as_they_are(office: Office) -> None:
    await apply_text(office, DESK)
    assert await apply_text(office, '[[script]]\nname = "door"\n[[calendar]]\nname = "office"\n') == []
    (change,) = await apply_text(office, '[[script]]\nname = "door"\ndescription = "Door"\n')
    assert dict(change.fields) == {"description": ("The front door", "Door")}
    (change,) = await apply_text(office, minimal_account("help@acme.example", settings="{}"))
    assert dict(change.fields) == {"settings": ('{"night":"night","vip":true}', "{}")}
    (change,) = await apply_text(office, minimal_account("help@acme.example", script='""'))
    assert (await Account.get(address="help@acme.example")).script_id is None


async def test_one_and_true_are_different_values(office: Office) -> None:
    text = '[[variable]]\nname = "a"\nvalue = {}\n'
    for value, stored in (("1", "1"), ("true", "true"), ("1.0", "1.0"), ('"1"', '"1"'), ("[1]", "[1]")):
        await apply_text(office, text.format(value))
        assert (await Variable.get(name="a")).value == stored


async def test_a_source_and_a_body_may_stand_in_files_of_their_own(office: Office, folder: Path) -> None:
    (folder / "door.star").write_text('def route(contact):\r\n    return queue("front")\r\n', "utf-8")
    (folder / "away.txt").write_text("We are away.\n", "utf-8")
    (folder / "away.html").write_text("<p>We are\r\n<b>away</b>.</p>\n", "utf-8")
    text = '[[queue]]\nname="front"\n[[script]]\nname="door"\nfile="door.star"\n'
    text += '[[template]]\nname="away"\nchannel="email"\nfile="away.txt"\nhtml_file="away.html"\n'
    blueprint = parse_blueprint(text, source="desk.toml", folder=folder)
    assert blueprint.texts["script", "door", "source"] == 'def route(contact):\n    return queue("front")\n'
    from core.blueprint import apply

    await apply(office.database, office.vault, blueprint, actor="command")
    away = await Template.get(name="away")
    assert (away.body, away.html) == ("We are away.\n", "<p>We are\n<b>away</b>.</p>\n")
    assert await active() == 1
    assert await apply_text(office, await export(office.database)) == []
    await apply_text(office, '[[template]]\nname="away"\nchannel="email"\n')
    assert (await Template.get(name="away")).html == away.html, "what the file does not speak of stays"
    await apply_text(office, '[[template]]\nname="away"\nchannel="email"\nhtml=""\n')
    assert (await Template.get(name="away")).html == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[calendar]]\nname = 'my office'", "[[calendar]] number 1 (my office): name must be letters, digits and _"),
        ("[[variable]]\nname = 'if'\nvalue = 1", "[[variable]] number 1 (if): name must be letters, digits and _"),
        ("[[variable]]\nname = 'a'", "[[variable]] number 1 (a): value is missing"),
        ("[[variable]]\nname = 'a'\nvalue = 2026-12-25", "[[variable]] number 1 (a): value is not a text, a number"),
        ("[[variable]]\nname = 'a'\nvalue = { b = 1 }", "[[variable]] number 1 (a): value is not a text, a number"),
        ("[[calendar]]\nname = 'a'\nopen = ['mon 25:00-26:00']", "[[calendar]] number 1 (a): open.1 "),
        ("[[calendar]]\nname = 'a'\nclosed = ['christmas']", "[[calendar]] number 1 (a): closed.1 "),
        (
            "[[calendar]]\nname = 'a'\ntimezone = 'Moon'",
            "[[calendar]] number 1 (a): timezone must be a time zone such as",
        ),
        ("[[script]]\nname = 'a\"b'\nsource = 'x'", '[[script]] number 1 (a"b): name must be without quotes'),
        (
            "[[script]]\nname = 'a'\nsource = 'x'\nfile = 'y'",
            "[[script]] number 1 (a): source and file are both given; say one of them",
        ),
        ("[[script]]\nname = 'a'\nsource = ''", "[[script]] a: source: a script without a line decides nothing"),
        ("[[script]]\nname = 'a'\nsource = \"x\\u001b\"", "[[script]] a: source: line 1 of the script holds"),
        ("[[script]]\nname = 'a'\nfile = 'none.star'", "[[script]] a: file: /nowhere/none.star cannot be read"),
        (
            "[[template]]\nname = 'a'\nchannel = 'fax'\nbody = 'x'",
            "[[template]] number 1 (a): channel must be 'sms' or",
        ),
        (minimal_account("a@b.example", settings="{ a = { b = 1 } }"), "[[account]] number 1 (a@b.example): settings "),
    ],
)
def test_each_mistake_is_told_with_table_and_key(text: str, line: str) -> None:
    with pytest.raises(WrongBlueprint) as raised:
        parse_blueprint(text, source="desk.toml", folder=Path("/nowhere"))
    assert raised.value.lines[0].startswith(f"desk.toml: {line}"), raised.value.lines


async def test_names_that_do_not_exist_and_texts_that_are_missing_are_told(office: Office) -> None:
    wrong = (
        '[[queue]]\nname = "front"\n[[script]]\nname = "door"\n[[template]]\nname = "away"\nchannel = "sms"\n'
        '[[template]]\nname = "sub"\nchannel = "sms"\nsubject = "a"\nbody = "b"\nhtml = "<p>"\n'
        '[[template]]\nname = "odd"\nchannel = "email"\nbody = "b"\nhtml = "a\\n<p class={{ name }}>"\n'
        + minimal_account("help@acme.example", script='"dor"')
    )
    with pytest.raises(WrongBlueprint) as raised:
        await apply_text(office, wrong)
    assert [line.removeprefix("desk.toml: ") for line in raised.value.lines] == [
        "[[script]] door: source is missing; give it, or file",
        "[[template]] away: body is missing; give it, or file",
        '[[template]] sub: subject is for e-mails only; take it out, or make channel "email"',
        '[[template]] sub: html is for e-mails only; take it out, or make channel "email"',
        (
            "[[template]] odd: html line 2: a value that holds a field or an if stands within quotes:"
            ' write class="{{ field }}"'
        ),
        (
            '[[account]] help@acme.example: script: there is no script "dor", here or in the database;'
            ' did you mean "door"?'
        ),
    ]
    assert await Script.all().count() == 0


async def test_the_journal_tells_versions_and_what_decides(office: Office) -> None:
    await apply_text(office, DESK)
    await apply_text(office, DESK.replace('return queue("front")', 'return queue("front", priority = 2)'))
    lines = [f"{line.verb}: {line.text}" for line in await Journal.filter(kind="script").order_by("id")]
    assert lines == [
        "create: v1 of door", "activate: v1 of door", "save: v2 of door",
        "activate: v2 of door, after v1",
    ]  # fmt: skip


async def test_a_form_of_an_account_gets_its_settings_as_values_and_gives_them_back(office: Office) -> None:
    await apply_text(office, DESK)
    stored = await stored_desk(office.database)
    values = {"address": "help@acme.example", **stored.values("account", "help@acme.example")}
    assert values["settings"] == {"night": "night", "vip": True}
    assert stored.mistakes("account", values, new=False) == {}


# -- any desk ------------------------------------------------------------------------------------------------------

anything = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], include_characters="\n'\"\\"))
sources = anything.filter(lambda text: text.strip())
identifiers = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(is_word)
names = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12)
values = (
    st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | anything
)
bodies = sources.map(lambda text: text.replace("{", "(").replace("}", ")"))


@st.composite
def routed_desks(draw: st.DrawFn) -> str:
    """The text of a desk.toml with any scripts, calendars, variables and templates."""

    def of(keys: st.SearchStrategy[str], make: Callable[[str], dict[str, object]]) -> list[dict[str, object]]:
        return [make(name) for name in draw(st.lists(keys, max_size=3, unique=True))]

    desk = {
        "calendar": of(identifiers, lambda name: {
            "name": name, "timezone": draw(st.sampled_from(["", "Asia/Tokyo"])),
            "open": draw(st.lists(st.sampled_from(["mon-fri 09:00-17:30", "daily 22:00-06:00"]), max_size=2)),
            "closed": draw(st.lists(st.sampled_from(["2026-12-25", "2026-12-24 09:00-12:00 Eve"]), max_size=2)),
        }),
        "variable": of(identifiers, lambda name: {
            "name": name, "value": draw(values | st.lists(values, max_size=3)),
        }),
        "template": of(names, lambda name: {"name": name, "channel": "email", "subject": "S", "body": draw(bodies),
                                               "html": draw(st.sampled_from(["", "<p>'{{ name }}'</p>"]))}),
        "script": of(names, lambda name: {
            "name": name, "description": "D", "active": False, "source": draw(sources),
        }),
    }  # fmt: skip
    return tomlkit.dumps(desk)


@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=routed_desks())
async def test_an_export_applied_to_an_empty_desk_makes_the_same_desk(sqlite_template: Path, text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        first, exported = await desk_of(text, Path(name, "1"), sqlite_template)
        second, again = await desk_of(exported, Path(name, "2"), sqlite_template)
    assert second == first
    assert again == exported
    assert {table: len(first[table]) for table in ROUTING} == {
        table: len(tomllib.loads(text).get(table, [])) for table in ROUTING
    }
