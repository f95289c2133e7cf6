"""desk.toml: users with skills, room and passwords; reasons, canned replies, and how queues share."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.blueprint import WrongBlueprint, export, parse_blueprint, stored_desk
from core.models import CannedReply, Desk, NotReadyReason, Person, PersonSkill, Queue
from core.models.states import Sharing
from core.office import open_office
from tests.flow.desk_files import apply_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.office import Office
    from core.settings import Settings

PEOPLE = """
[desk]
grace_seconds = 60
missed_offers = 2

[[queue]]
name = "front"
wrap_up_seconds = 45
sharing = "best skill"
last_agent_seconds = 0

[[user]]
login = "ann"
skills = { french = 3, accounts = 1 }
capacity = { sms = 4 }
auto_accept = true
password = "correct horse"

[[user]]
login = "bob"

[[reason]]
name = "lunch"

[[canned]]
word = "hello"
channel = "sms"
text = "Hello {{ customer.first_name }}"
"""


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    """An office with nothing in it."""
    async with open_office(settings) as office:
        yield office


async def password_of(login: str) -> str:
    return (await Person.get(login=login)).password


async def test_people_and_lists_stand_in_the_database_as_the_file_says(office: Office) -> None:
    await apply_text(office, PEOPLE)
    desk, front, ann = await Desk.get(id=1), await Queue.get(name="front"), await Person.get(login="ann")
    assert (desk.grace_seconds, desk.missed_offers) == (60, 2)
    assert (front.wrap_up_seconds, front.sharing, front.last_agent_seconds) == (45, Sharing.BEST_SKILL, 0)
    assert (ann.capacity_sms, ann.capacity_email, ann.auto_accept) == (4, 5, True)
    skills = await PersonSkill.filter(person_id=ann.id).values_list("skill", "level")
    assert dict(skills) == {"accounts": 1, "french": 3}
    assert (await NotReadyReason.get()).name == "lunch"
    reply = await CannedReply.get(word="hello")
    assert (reply.channel, reply.text) == ("sms", "Hello {{ customer.first_name }}")
    assert await apply_text(office, PEOPLE) == []


async def test_a_password_is_an_argon2id_hash_that_only_another_password_changes(office: Office) -> None:
    (*_, ann, _) = [change for change in await apply_text(office, PEOPLE) if change.kind == "user"]
    assert ann.fields["password"] == ("", "(secret)")
    kept = await password_of("ann")
    assert kept.startswith("$argon2id$") and await password_of("bob") == ""
    await office.presence.check("ann", "correct horse")
    assert await apply_text(office, PEOPLE) == []
    assert await password_of("ann") == kept
    (change,) = await apply_text(office, PEOPLE.replace("correct horse", "another horse"), dry_run=True)
    assert dict(change.fields) == {"password": ("(secret)", "(secret)")}
    assert await password_of("ann") == kept
    await apply_text(office, PEOPLE.replace("correct horse", "another horse"))
    await office.presence.check("ann", "another horse")
    assert await apply_text(office, '[[user]]\nlogin = "ann"\nname = "Ann"\n')
    await office.presence.check("ann", "another horse")
    await apply_text(office, '[[user]]\nlogin = "ann"\npassword = ""\n')
    assert await password_of("ann") == ""


async def test_a_password_may_come_from_the_environment_or_a_file(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANNS", "correct horse")
    (folder / "bobs").write_text("another horse\n")
    text = f'[[user]]\nlogin = "ann"\npassword_env = "ANNS"\n[[user]]\nlogin = "bob"\npassword_file = "{folder}/bobs"\n'
    assert "horse" not in repr(parse_blueprint(text, source="desk.toml", folder=folder))
    await apply_text(office, text)
    await office.presence.check("ann", "correct horse")
    await office.presence.check("bob", "another horse")


async def test_an_export_says_all_of_it_but_the_password_and_makes_the_same_desk(office: Office) -> None:
    await apply_text(office, PEOPLE)
    text = await export(office.database)
    exported = tomllib.loads(text)
    assert "horse" not in text and "argon2" not in text and "password =" not in text
    assert (exported["desk"]["grace_seconds"], exported["queue"][0]["sharing"]) == (60, "best skill")
    assert exported["user"][0]["skills"] == {"accounts": 1, "french": 3}
    assert exported["user"][0]["capacity"] == {"sms": 4, "email": 5}
    assert "skills" not in exported["user"][1]
    assert exported["reason"] == [{"name": "lunch"}]
    assert exported["canned"] == [{"word": "hello", "channel": "sms", "text": "Hello {{ customer.first_name }}"}]
    kept = await password_of("ann")
    assert await apply_text(office, text) == []
    assert await password_of("ann") == kept


async def test_what_the_file_leaves_out_stays_and_empty_skills_are_none(office: Office) -> None:
    await apply_text(office, PEOPLE)
    (change,) = await apply_text(office, '[[user]]\nlogin = "ann"\ncapacity = { email = 9 }\nskills = {}\n')
    assert set(change.fields) == {"capacity.email", "skills"}
    ann = await Person.get(login="ann")
    assert (ann.capacity_sms, ann.capacity_email, ann.auto_accept) == (4, 9, True)
    assert await PersonSkill.all().count() == 0
    (change,) = await apply_text(office, '[[canned]]\nword = "hello"\ntext = "Hi"\n')
    assert set(change.fields) == {"text"}


async def test_a_form_of_a_user_gets_its_values_without_the_password_and_gives_them_back(office: Office) -> None:
    await apply_text(office, PEOPLE)
    stored = await stored_desk(office.database)
    values = {"login": "ann", **stored.values("user", "ann")}
    assert "password" not in values and values["skills"] == {"accounts": 1, "french": 3}
    assert stored.mistakes("user", values, new=False) == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[user]]\nlogin = "a"\nskills = { french = 10 }', "[[user]] number 1 (a): skills.french must be at most 9"),
        ('[[user]]\nlogin = "a"\ncapacity = { sms = 100 }', "[[user]] number 1 (a): capacity.sms must be at most 99"),
        (
            '[[user]]\nlogin = "a"\ncapacity = { texts = 1 }',
            "[[user]] number 1 (a): capacity.texts is not known; known are email, sms",
        ),
        ('[[user]]\nlogin = "a"\npassword = "short"', "[[user]] a: a password has at least 8 characters"),
        (
            '[[user]]\nlogin = "a"\npassword = "long enough"\npassword_env = "X"',
            "[[user]] number 1 (a): password and password_env are all given; say one of them",
        ),
        ('[[user]]\nlogin = "a"\nssh_keys = []', "[[user]] number 1 (a): ssh_keys is not known"),
        ('[[queue]]\nname = "q"\nsharing = "fair"', "[[queue]] number 1 (q): sharing must be 'longest idle', "),
        ("[desk]\nmissed_offers = 0", "[desk]: missed_offers must be at least 1"),
        ('[[canned]]\nword = "a b"\ntext = "x"', "[[canned]] number 1 (a b): word must be letters, digits and"),
        ('[[canned]]\nword = "a"', "[[canned]] number 1 (a): text is missing"),
        (
            '[[canned]]\nword = "a"\ntext = "x"\n[[canned]]\nword = "a"\ntext = "y"',
            "[[canned]] a: stands in the file 2",
        ),
    ],
)
def test_each_mistake_is_told_with_table_and_key(text: str, line: str) -> None:
    with pytest.raises(WrongBlueprint) as raised:
        parse_blueprint(text, source="desk.toml", folder=Path("/nowhere"))
    assert raised.value.lines[0].startswith(f"desk.toml: {line}"), raised.value.lines


async def test_a_field_that_no_canned_reply_has_is_told(office: Office) -> None:
    with pytest.raises(
        WrongBlueprint, match=r"\[\[canned\]\] hello: text: there is no field customer.shoe; there are: "
    ):
        await apply_text(office, PEOPLE.replace("customer.first_name", "customer.shoe"))
    assert await CannedReply.all().count() == 0
