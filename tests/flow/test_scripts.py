"""Scripts and their versions: what each verb does, what it refuses, what the journal says, what can be taken back."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from core import roles
from core.errors import NotFound, Refused, Wrong
from core.models import Account, Calendar, Journal, Person, Script, ScriptVersion
from core.models.states import Role
from core.routing.problem import Severity
from core.scripts import AccountScript, Activated, DoesNotCheck, Scripts, Use, Wording
from core.views.scripts import script_source, script_versions
from tests.flow.scripted import EVERYTHING, LOADING, ONE_QUEUE, SETTINGS, TWO_QUEUES, WORDS, WRONG

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.office import Office

TEXTS = "texts@acme.example"


@pytest.fixture
def scripts(office: Office) -> Scripts:
    return office.routing.scripts


async def lines(kind: str = "script") -> list[str]:
    return [f"{line.actor} {line.verb}: {line.text}" for line in await Journal.filter(kind=kind).order_by("id")]


# -- versions ------------------------------------------------------------------------------------------------------


async def test_a_script_begins_with_version_one_which_decides_nothing_yet(office: Office, scripts: Scripts) -> None:
    assert await scripts.create("door", ONE_QUEUE, actor="sue", description="Front", remark="begun") == 1
    script = await Script.get(name="door")
    (version,) = await script_versions(office.database, "door")
    assert (script.active, script.description) == (None, "Front")
    assert (version.number, version.author, version.remark, version.at) == (1, "sue", "begun", office.clock.now())
    assert (version.active, version.locked, version.lines) == (False, False, 2)
    assert await lines() == ["sue create: v1 of door: begun"]


async def test_saving_makes_the_next_version_and_leaves_the_one_before(office: Office, scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    assert await scripts.save("door", TWO_QUEUES, actor="sue", remark="refunds") == 2
    assert (await script_source(office.database, "door", 1)).source == ONE_QUEUE
    assert (await script_source(office.database, "door")).source == TWO_QUEUES


async def test_what_says_the_same_is_not_saved(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    with pytest.raises(Refused, match="v1 of door says the same: nothing was saved"):
        await scripts.save("door", ONE_QUEUE.replace("\n", "\r\n") + "\n\n", actor="sue")
    assert await ScriptVersion.all().count() == 1


async def test_a_writer_who_has_not_seen_the_newest_version_is_told_whose_it_is(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    await scripts.save("door", TWO_QUEUES, actor="sue", known=1)
    with pytest.raises(Refused, match="sue saved v2 of door meanwhile"):
        await scripts.save("door", WRONG, actor="sue", known=1)
    assert await scripts.save("door", WRONG, actor="sue", known=2) == 3


async def test_a_draft_need_not_be_right(scripts: Scripts) -> None:
    assert await scripts.create("door", "def route(", actor="sue") == 1


async def test_a_number_is_never_given_twice(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    await scripts.save("door", TWO_QUEUES, actor="sue")
    await scripts.delete_version("door", 2, actor="sue")
    assert await scripts.save("door", TWO_QUEUES, actor="sue") == 3


async def test_two_who_save_at_once_get_a_version_each(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    saved = await asyncio.gather(
        *(scripts.save("door", f"{ONE_QUEUE}# {number}\n", actor="sue") for number in range(4))
    )
    assert sorted(saved) == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "a script without a line"),
        (" \n\n", "a script without a line"),
        ("x\x1b[2J", "line 1 of the script holds a character that cannot be seen: x␛"),
        ("a = 1\nb = '\u202e'\n", "line 2 of the script holds"),
        ("# " + "x" * 70_000, "at most 65,536 characters"),
    ],
)
async def test_what_is_no_text_of_a_script_is_not_kept(scripts: Scripts, source: str, words: str) -> None:
    with pytest.raises(Wrong, match=words.replace("[", r"\[")):
        await scripts.create("door", source, actor="sue")
    assert await Script.all().count() == 0


@pytest.mark.parametrize("name", ["", " door", "door\n", "do\x1bor", "x" * 101, 'do"or', "@door", "do\\or"])
async def test_names_are_ones_that_others_can_load(scripts: Scripts, name: str) -> None:
    with pytest.raises(Wrong):
        await scripts.create(name, ONE_QUEUE, actor="sue")


async def test_a_name_is_taken_whatever_its_capitals(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    with pytest.raises(Refused, match="there is a script door already"):
        await scripts.create("Door", ONE_QUEUE, actor="sue")
    await scripts.rename("door", "Door", actor="sue")
    assert [script.name for script in await Script.all()] == ["Door"]


async def test_one_that_is_not_there_is_named_with_those_that_are(scripts: Scripts) -> None:
    await scripts.create("front-door", ONE_QUEUE, actor="sue")
    with pytest.raises(NotFound, match='there is no script "fornt-door"; did you mean "front-door"'):
        await scripts.save("fornt-door", ONE_QUEUE, actor="sue")
    with pytest.raises(NotFound, match="script front-door has no v7; there are: v1"):
        await scripts.activate("front-door", 7, actor="sue")


# -- deciding ------------------------------------------------------------------------------------------------------


async def test_publishing_and_going_back_move_one_number(office: Office, scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    assert await scripts.activate("door", 1, actor="sue") == Activated(1, None)
    assert await scripts.publish("door", TWO_QUEUES, actor="sue", remark="refunds") == Activated(2, 1)
    assert await scripts.publish("door", TWO_QUEUES, actor="sue") == Activated(2, 2)
    assert await scripts.roll_back("door", actor="sue") == Activated(1, 2)
    assert (await script_source(office.database, "door")).source == ONE_QUEUE
    assert (await lines())[-3:] == [
        "sue save: v2 of door: refunds",
        "sue activate: v2 of door, after v1",
        "sue activate: v1 of door, after v2",
    ]


async def test_rolling_back_again_goes_further_back_and_then_says_that_there_is_nothing(scripts: Scripts) -> None:
    await scripts.publish("door", ONE_QUEUE, actor="sue")
    await scripts.publish("door", TWO_QUEUES, actor="sue")
    await scripts.save("door", SETTINGS, actor="sue")
    await scripts.publish("door", ONE_QUEUE + "# four\n", actor="sue")
    assert await scripts.roll_back("door", actor="sue") == Activated(2, 4)
    assert await scripts.roll_back("door", actor="sue") == Activated(1, 2)
    with pytest.raises(Refused, match="no earlier version of door was ever active"):
        await scripts.roll_back("door", actor="sue")


async def test_a_version_that_is_not_right_is_never_active(scripts: Scripts) -> None:
    await scripts.publish("door", ONE_QUEUE, actor="sue")
    with pytest.raises(DoesNotCheck, match=r"v2 of door is kept and not active: .*, line 3: there") as refused:
        await scripts.publish("door", WRONG, actor="sue")
    (problem,) = refused.value.problems
    assert (problem.line, problem.column, problem.source) == (3, 22, '        return queue("fornt")')
    assert (await Script.get(name="door")).active == 1
    assert await ScriptVersion.all().count() == 2


async def test_advice_keeps_nothing_from_being_active(office: Office, scripts: Scripts) -> None:
    source = 'def route(contact):\n    return queue("front")\n    return queue("billing")\n'
    problems = await office.routing.checking.check(source)
    assert {problem.severity for problem in problems} == {Severity.WARNING}
    assert await scripts.publish("door", source, actor="sue") == Activated(1, None)


async def test_without_an_active_version_nothing_decides(scripts: Scripts) -> None:
    await scripts.publish("door", ONE_QUEUE, actor="sue")
    assert await scripts.deactivate("door", actor="sue") == 1
    assert await scripts.deactivate("door", actor="sue") is None
    assert (await Script.get(name="door")).active is None
    assert (await lines())[-1] == "sue deactivate: door has no active version, after v1"


async def test_a_script_for_others_to_load_needs_no_route_until_it_routes_an_account(scripts: Scripts) -> None:
    await scripts.publish("words", WORDS, actor="sue")
    assert await scripts.publish("door", LOADING, actor="sue") == Activated(1, None)
    with pytest.raises(Refused, match=r"script words cannot route an account, line 1: .*no function route"):
        await scripts.set_on_account(TEXTS, "words", actor="sue")
    assert (await Account.get(address=TEXTS)).script_id is None


# -- accounts ------------------------------------------------------------------------------------------------------


async def test_an_account_is_routed_by_a_script_with_settings_of_its_own(scripts: Scripts) -> None:
    await scripts.publish("door", SETTINGS, actor="sue")
    before = await scripts.set_on_account(TEXTS, "door", {"place": "billing"}, actor="sue")
    assert before == AccountScript("", {})
    account = await Account.get(address=TEXTS).select_related("script")
    assert account.script is not None
    assert (account.script.name, account.script_settings) == ("door", '{"place":"billing"}')
    before = await scripts.set_on_account(TEXTS, "", actor="sue")
    assert before == AccountScript("door", {"place": "billing"})
    await scripts.set_on_account(TEXTS, before.script, before.settings, actor="sue")
    assert (await Account.get(address=TEXTS)).script_settings == '{"place":"billing"}'
    assert (await lines("account"))[0] == "sue script: texts@acme.example: script door, settings place"


async def test_settings_that_the_script_cannot_go_by_are_refused(scripts: Scripts) -> None:
    await scripts.publish("door", SETTINGS, actor="sue")
    with pytest.raises(Refused, match=r'script door cannot route an account, line 4: there is no queue "bilking"'):
        await scripts.set_on_account(TEXTS, "door", {"place": "bilking"}, actor="sue")
    with pytest.raises(Wrong, match="setting place is not a text"):
        await scripts.set_on_account(TEXTS, "door", {"place": {"a": 1}}, actor="sue")
    assert (await Account.get(address=TEXTS)).script_id is None


async def test_a_new_version_is_judged_by_the_settings_of_the_accounts_that_use_it(scripts: Scripts) -> None:
    await scripts.publish("door", ONE_QUEUE, actor="sue")
    await scripts.set_on_account(TEXTS, "door", {"place": "nowhere"}, actor="sue")
    with pytest.raises(DoesNotCheck, match='there is no queue "nowhere"'):
        await scripts.publish("door", SETTINGS, actor="sue")


async def test_a_script_that_would_decide_nothing_is_not_set(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    with pytest.raises(Refused, match="script door has no active version and would decide nothing"):
        await scripts.set_on_account(TEXTS, "door", actor="sue")
    with pytest.raises(NotFound, match=r"there is no account nobody@acme\.example"):
        await scripts.set_on_account("nobody@acme.example", "", actor="sue")


# -- other words about it ------------------------------------------------------------------------------------------


async def test_locking_keeps_a_version_from_being_deleted_and_remarked_on(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue")
    await scripts.save("door", TWO_QUEUES, actor="sue")
    assert await scripts.set_locked("door", 1, True, actor="sue")
    assert not await scripts.set_locked("door", 1, True, actor="sue")
    for deed in (
        scripts.delete_version("door", 1, actor="sue"),
        scripts.set_remark("door", 1, "x", actor="sue"),
        scripts.delete("door", actor="sue"),
    ):
        with pytest.raises(Refused, match="locked"):
            await deed
    assert await scripts.set_locked("door", 1, False, actor="sue")
    assert await scripts.set_remark("door", 1, "the first", actor="sue") == ""
    assert await scripts.set_remark("door", 1, "first", actor="sue") == "the first"


async def test_a_copy_says_where_it_comes_from(office: Office, scripts: Scripts) -> None:
    await scripts.publish("door", ONE_QUEUE, actor="sue")
    await scripts.save("door", TWO_QUEUES, actor="sue")
    await scripts.copy("door", "side-door", actor="sue")
    assert (await script_source(office.database, "side-door")).source == ONE_QUEUE
    await scripts.copy("door", "back-door", number=2, actor="sue")
    version = await script_source(office.database, "back-door")
    assert (version.source, version.remark) == (TWO_QUEUES, "copied from v2 of door")


async def test_a_ready_made_script_is_a_beginning(office: Office, scripts: Scripts) -> None:
    assert await scripts.create_from("one-queue", "door", actor="sue") == 1
    version = await script_source(office.database, "door")
    assert version.remark == "from the ready-made script one-queue"
    assert "def route(contact)" in version.source
    with pytest.raises(NotFound, match='there is no ready-made script "two-queues"'):
        await scripts.create_from("two-queues", "other", actor="sue")


async def test_a_description_is_changed_and_changed_back(scripts: Scripts) -> None:
    await scripts.create("door", ONE_QUEUE, actor="sue", description="Front")
    assert await scripts.describe("door", "Back", actor="sue") == "Front"
    assert await scripts.describe("door", "Front", actor="sue") == "Back"
    with pytest.raises(Wrong, match="a description is one line"):
        await scripts.describe("door", "a\nb", actor="sue")


# -- deleting ------------------------------------------------------------------------------------------------------


async def test_a_version_is_deleted_unless_it_is_active_or_all_there_is(scripts: Scripts) -> None:
    await scripts.publish("door", ONE_QUEUE, actor="sue")
    await scripts.publish("door", TWO_QUEUES, actor="sue")
    with pytest.raises(Refused, match="v2 of door is active: activate another one first"):
        await scripts.delete_version("door", 2, actor="sue")
    kept = await scripts.delete_version("door", 1, actor="sue")
    await scripts.deactivate("door", actor="sue")
    with pytest.raises(Refused, match="v2 is all there is of door: delete the script"):
        await scripts.delete_version("door", 2, actor="sue")
    await scripts.put_back(kept, actor="sue")
    assert [one.number for one in await ScriptVersion.all().order_by("number")] == [1, 2]
    with pytest.raises(Refused, match="there is another v1 of door by now"):
        await scripts.put_back(kept, actor="sue")


async def test_a_deleted_script_comes_back_as_it_was(office: Office, scripts: Scripts) -> None:
    await scripts.publish("door", ONE_QUEUE, actor="sue", remark="first")
    await scripts.save("door", TWO_QUEUES, actor="sue")
    await scripts.set_locked("door", 2, True, actor="sue")
    await scripts.set_locked("door", 2, False, actor="sue")
    before = await script_versions(office.database, "door")
    kept = await scripts.delete("door", actor="sue")
    assert await Script.all().count() == await ScriptVersion.all().count() == 0
    await scripts.put_back(kept, actor="sue")
    assert await script_versions(office.database, "door") == before
    await scripts.delete("door", actor="sue")
    await scripts.create("door", TWO_QUEUES, actor="sue")
    with pytest.raises(Refused):
        await scripts.put_back(kept, actor="sue")


async def test_a_script_in_use_is_not_deleted_and_its_users_are_named(scripts: Scripts) -> None:
    await scripts.publish("words", WORDS, actor="sue")
    await scripts.publish("door", LOADING, actor="sue")
    await scripts.set_on_account(TEXTS, "door", actor="sue")
    with pytest.raises(Refused, match=r"script door routes texts@acme\.example: give each of them another one first"):
        await scripts.delete("door", actor="sue")
    for deed in (scripts.delete("words", actor="sue"), scripts.rename("words", "verbs", actor="sue")):
        with pytest.raises(Refused, match=r"script words is loaded by door v1 \(line 1\)"):
            await deed
    assert await Script.all().count() == 2


# -- what uses what ------------------------------------------------------------------------------------------------


async def test_every_kind_of_name_is_found_where_it_is_used(office: Office, scripts: Scripts) -> None:
    routing = office.routing
    await Calendar.create(name="office")
    await routing.variables.set("closed", False, actor="sue")
    await routing.templates.set("away", Wording("sms", "Away."), actor="sue")
    await scripts.publish("door", EVERYTHING, actor="sue")
    await scripts.save("door", EVERYTHING + "\n# draft\n", actor="sue")
    for kind, name, line in (
        ("variable", "closed", 3), ("calendar", "office", 3), ("template", "away", 4), ("class", "Enquiry", 4),
        ("queue", "billing", 4), ("user", "ann", 5), ("queue", "front", 5),
    ):  # fmt: skip
        assert await routing.uses.of(kind, name) == [Use("door", 1, True, line)], (kind, name)
        assert len(await routing.uses.of(kind, name, drafts=True)) == 2
    assert await routing.uses.of("user", "bob") == []
    with pytest.raises(Refused, match=r"variable closed is read by door v1 \(line 3\)"):
        await routing.variables.delete("closed", actor="sue")
    with pytest.raises(Refused, match=r"template away is sent by door v1 \(line 4\)"):
        await routing.templates.delete("away", actor="sue")


async def test_a_name_in_an_accounts_settings_is_a_use(office: Office, scripts: Scripts) -> None:
    await scripts.publish("door", SETTINGS, actor="sue")
    assert await office.routing.uses.of("queue", "billing") == []
    await scripts.set_on_account(TEXTS, "door", {"place": "billing"}, actor="sue")
    assert await office.routing.uses.of("queue", "billing") == [Use("door", 1, True, 4)]


# -- variables and templates ---------------------------------------------------------------------------------------


async def test_a_variable_is_set_and_set_back_and_deleted(office: Office) -> None:
    variables = office.routing.variables
    assert await variables.set("closed", False, actor="sue") is None
    assert await variables.set("closed", True, actor="sue") is False
    assert await variables.set("vips", ["a", "b"], actor="sue") is None
    assert await variables.set("vips", "none", actor="sue") == ("a", "b")
    assert await variables.delete("closed", actor="sue") is True
    assert await lines("variable") == [
        "sue set: closed = false", "sue set: closed = true", 'sue set: vips = ["a","b"]', 'sue set: vips = "none"',
        "sue delete: closed, which was true",
    ]  # fmt: skip
    with pytest.raises(NotFound, match='there is no variable "closed"'):
        await variables.delete("closed", actor="sue")
    for name, value in (("my var", 1), ("if", 1), ("1st", 1), ("a", None), ("a", {"b": 1}), ("a", float("nan"))):
        with pytest.raises(Wrong):
            await variables.set(name, value, actor="sue")


async def test_a_template_is_set_and_set_back_and_deleted(office: Office) -> None:
    templates = office.routing.templates
    first, second = Wording("sms", "We are away."), Wording("email", "Dear {{ name }}", "Away")
    assert await templates.set("away", first, actor="sue") is None
    assert await templates.set("away", second, actor="sue") == first
    assert await templates.set("away", second, actor="sue") == second
    assert await templates.delete("away", actor="sue") == second
    assert await lines("template") == ["sue add: away", "sue change: away", "sue delete: away"]
    for wording, words in (
        (Wording("fax", "x"), "the channel of a template is sms or email, not fax"),
        (Wording("sms", " "), "template a says nothing"),
        (Wording("sms", "x", "Subject"), "which has no subject"),
        (Wording("sms", "x\x1b"), "control characters"),
        (Wording("sms", "{% for a in b %}{% endfor %}"), "template a, body line 1: a loop may not stand in a template"),
    ):
        with pytest.raises(Wrong, match=words):
            await templates.set("a", wording, actor="sue")


# -- who may -------------------------------------------------------------------------------------------------------


def deeds(office: Office) -> dict[str, Callable[..., Awaitable[object]]]:
    """Every verb, each but for `actor`; `door` has two versions, of which the first is active."""
    scripts, routing = office.routing.scripts, office.routing
    return {
        "create": partial(scripts.create, "new", ONE_QUEUE),
        "create_from": partial(scripts.create_from, "one-queue", "newer"),
        "copy": partial(scripts.copy, "door", "copied"),
        "save": partial(scripts.save, "door", SETTINGS),
        "publish": partial(scripts.publish, "door", ONE_QUEUE + "# 4\n"),
        "activate": partial(scripts.activate, "door", 2),
        "roll_back": partial(scripts.roll_back, "door"),
        "describe": partial(scripts.describe, "door", "The door"),
        "set_remark": partial(scripts.set_remark, "door", 1, "old"),
        "set_locked": partial(scripts.set_locked, "door", 1, True),
        "set_on_account": partial(scripts.set_on_account, TEXTS, "door", {}),
        "unset": partial(scripts.set_on_account, TEXTS, ""),
        "rename": partial(scripts.rename, "door", "gate"),
        "delete_version": partial(scripts.delete_version, "gate", 2),
        "deactivate": partial(scripts.deactivate, "gate"),
        "delete": partial(scripts.delete, "new"),
        "set a variable": partial(routing.variables.set, "closed", True),
        "delete a variable": partial(routing.variables.delete, "closed"),
        "set a template": partial(routing.templates.set, "away", Wording("sms", "Away.")),
        "delete a template": partial(routing.templates.delete, "away"),
    }


@pytest.mark.parametrize(("actor", "words"), [("ann", "ann is an agent"), ("zed", "zed is no user of this desk")])
async def test_an_agent_and_a_stranger_change_nothing(office: Office, actor: str, words: str) -> None:
    scripts = office.routing.scripts
    for name in ("door", "gate", "new"):
        await scripts.publish(name, ONE_QUEUE, actor="sue")
        await scripts.save(name, TWO_QUEUES, actor="sue")
    await office.routing.variables.set("closed", False, actor="sue")
    await office.routing.templates.set("away", Wording("sms", "Gone."), actor="sue")
    before = await Journal.all().count()
    for name, deed in deeds(office).items():
        if name == "create":
            deed = partial(scripts.create, "other", ONE_QUEUE)
        with pytest.raises(Refused, match=words) as refused:
            await deed(actor=actor)
        assert "only a supervisor or an administrator may change routing scripts" in str(refused.value), name
    assert await Journal.all().count() == before


@pytest.mark.parametrize("actor", ["sue", "zoe", roles.COMMAND])
async def test_supervisors_administrators_and_the_command_do_all_of_it(office: Office, actor: str) -> None:
    await Person.create(login="zoe", name="Zoe", role=Role.ADMINISTRATOR)
    await office.routing.scripts.publish("door", ONE_QUEUE, actor="sue")
    await office.routing.scripts.save("door", TWO_QUEUES, actor="sue")
    for deed in deeds(office).values():
        await deed(actor=actor)
    assert {line.actor for line in await Journal.all().order_by("-id").limit(10)} == {actor}
