"""Canned replies: set up, listed, and filled in for one contact, on both databases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.canned import CannedReply
from core.errors import NotFound, Refused, Wrong
from core.models import Desk, Journal
from tests.tui.seeding import EMAIL, contact

if TYPE_CHECKING:
    from core.office import Office


async def test_a_reply_is_filled_in_with_the_names_of_all_who_have_part_in_it(office: Office) -> None:
    await Desk.filter(id=1).update(name="Acme")
    text = "Hello {{ customer.first_name }}, a label goes to {{ contact.number }}. {{ agent.name }}, {{ desk.name }}"
    await office.canned.save(CannedReply("label", text), actor="sue", new=True)
    one = await contact(office, "It is broken", name="Ann Lee", agent="ann")
    said = await office.canned.rendered("/label", one.id, "ann")
    assert said == "Hello Ann, a label goes to +447700900123. Ann, Acme"
    assert (await Journal.filter(kind="canned reply").get()).text == "/label"


async def test_a_field_without_anything_in_it_is_named_in_one_line(office: Office) -> None:
    await office.canned.save(CannedReply("hi", "Hello {{ customer.name }}"), actor="sue")
    await office.canned.save(CannedReply("ho", "Hello {{ customer.name | default('there') }}"), actor="sue")
    one = await contact(office, "It is broken", agent="ann")
    with pytest.raises(Wrong, match="canned reply /hi says the customer's name, which is not known"):
        await office.canned.rendered("hi", one.id, "ann")
    assert await office.canned.rendered("ho", one.id, "ann") == "Hello there"
    with pytest.raises(NotFound, match="no canned reply /hii; did you mean /hi"):
        await office.canned.rendered("hii", one.id, "ann")


async def test_the_sample_desks_replies_have_words_for_who_has_no_name(office: Office) -> None:
    one = await contact(office, "It is broken", agent="ann")
    sample = (Path(__file__).parents[2] / "demo/desk.toml").read_text(encoding="utf-8")
    texts = re.findall(r'^\[\[canned\]\]\nword = "(\w+)"\ntext = "(.+)"$', sample, re.MULTILINE)
    assert len(texts) >= 2
    for word, text in texts:
        await office.canned.save(CannedReply(word, text), actor="sue")
        assert await office.canned.rendered(word, one.id, "ann")


async def test_each_channel_has_its_own_and_a_supervisor_changes_them(office: Office) -> None:
    await office.canned.save(CannedReply("short", "Thx", "sms"), actor="sue")
    await office.canned.save(CannedReply("long", "Dear customer", "email"), actor="sue")
    assert [one.word for one in await office.canned.every(channel="email")] == ["long"]
    assert [one.word for one in await office.canned.every()] == ["long", "short"]
    mail = await contact(office, "Hello", address="gus@example.org", agent="ann", account=EMAIL)
    with pytest.raises(Wrong, match="for texts alone"):
        await office.canned.rendered("short", mail.id, "ann")
    with pytest.raises(Refused, match="ann is an agent"):
        await office.canned.remove("short", actor="ann")
    with pytest.raises(Refused, match="already"):
        await office.canned.save(CannedReply("short", "x"), actor="sue", new=True)
    await office.canned.save(CannedReply("short", "Thank you"), actor="sue")
    assert await office.canned.rendered("short", mail.id, "ann") == "Thank you"
    await office.canned.remove("/short", actor="sue")
    with pytest.raises(NotFound, match="there are: long"):
        await office.canned.remove("other", actor="sue")


@pytest.mark.parametrize(
    ("word", "text", "what"),
    [("a b", "x", "no word"), ("", "x", "no word"), ("a", " ", "says nothing"), ("a", "{{ nobody }}", "field nobody"),
     ("a", "{{ customer.age }}", "no field customer.age"), ("a", "{% for x in y %}", "canned reply /a, body line 1")],
)  # fmt: skip
async def test_what_no_agent_could_use_is_not_kept(office: Office, word: str, text: str, what: str) -> None:
    with pytest.raises(Wrong, match=what):
        await office.canned.save(CannedReply(word, text), actor="sue")
    assert await office.canned.every() == []
