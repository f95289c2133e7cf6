"""What is a person's own, classes, and the threads of merged contacts, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import NotFound, Refused
from core.models import CallClass
from core.views.contact import contact as contact_row
from core.views.contact import thread
from core.views.customer import of_one_customer
from core.views.mine import has_password, my_state, newest_note, questions_for, said_to
from tests.tui.seeding import EMAIL, contact

if TYPE_CHECKING:
    from core.office import Office


async def test_a_question_is_the_colleagues_until_it_is_answered_and_its_answer_is_told(office: Office) -> None:
    one = await contact(office, "Hello", agent="ann", name="Ann Lee")
    before = await newest_note(office.database)
    question = await office.desk.ask(one.id, "bob", "Do we refund this?", login="ann")
    asked = await questions_for(office.database, "bob")
    assert [(row.id, row.contact, row.author) for row in asked] == [(question, one.id, "ann")]
    assert await said_to(office.database, "ann", before) == []
    await office.desk.answer_question(question, "Yes", login="bob")
    await office.desk.whisper(one.id, "Offer a voucher", login="sue")
    said = await said_to(office.database, "ann", before)
    assert [(row.kind, row.author, row.customer) for row in said] == [
        ("answer", "bob", "Ann Lee"), ("whisper", "sue", "Ann Lee"),
    ]  # fmt: skip
    assert await questions_for(office.database, "bob") == []
    notes = (await thread(office.database, one.id))[2]
    assert [(note.kind, note.whom) for note in notes] == [("question", "bob"), ("answer", "ann"), ("whisper", "ann")]


async def test_how_a_person_stands_counts_what_would_go_back(office: Office) -> None:
    assert await my_state(office.database, "ann") is None
    await contact(office, "Hello", agent="ann")
    await office.presence.sign_in("ann", seat="north")
    mine = await my_state(office.database, "ann")
    assert mine is not None
    assert (mine.state, mine.seat, mine.open, mine.wrap_until) == ("not ready", "north", 1, None)
    assert not await has_password(office.database, "ann")


async def test_a_merged_contact_of_another_account_stands_in_the_thread(office: Office) -> None:
    one = await contact(office, "By text", agent="ann", name="Ann Lee")
    two = await contact(office, "By e-mail", name="Ann Lee", address="ann@example.org", account=EMAIL)
    await contact(office, "Another", name="Gus", address="gus@example.org", account=EMAIL)
    assert [row.id for row in await of_one_customer(office.database, one.id)] == [two.id]
    await office.desk.merge(two.id, one.id, login="ann")
    assert {message.text for message in (await thread(office.database, one.id))[1]} == {"By text", "By e-mail"}


async def test_a_contact_that_was_merged_into_another_is_opened_again_by_nobody(office: Office) -> None:
    one = await contact(office, "By text", agent="ann", name="Ann Lee")
    two = await contact(office, "By e-mail", name="Ann Lee", address="ann@example.org", account=EMAIL)
    await office.desk.merge(two.id, one.id, login="ann")
    said = rf"^contact {two.id} cannot be {{}}: it was merged into contact {one.id}; use that one$"
    for login in ("ann", "sue"):
        with pytest.raises(Refused, match=said.format("reopened")):
            await office.desk.reopen(two.id, login=login)
        with pytest.raises(Refused, match=said.format("changed")):
            await office.desk.transfer(two.id, queue="billing", login=login)
    with pytest.raises(Refused, match=said.format("taken")):
        await office.desk.take(two.id, login="ann")
    assert (await contact_row(office.database, two.id)).state == "closed"


async def test_a_class_is_its_agents_to_change(office: Office) -> None:
    await CallClass.create(name="Refund")
    one = await contact(office, "Hello", agent="ann")
    await office.desk.set_class(one.id, "Refund", login="ann")
    assert (await contact_row(office.database, one.id)).class_ == "Refund"
    with pytest.raises(Refused, match="somebody else's"):
        await office.desk.set_class(one.id, "", login="bob")
    with pytest.raises(NotFound, match=r"there is no class Refunds; there are:.*Refund"):
        await office.desk.set_class(one.id, "Refunds", login="ann")
