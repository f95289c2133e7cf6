"""Drafts: kept exactly, one for each seat, and gone with the reply that they became."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.desk import Answer
from core.drafts import KeptDraft
from core.models import TypedDraft
from tests.flow.arriving import text_arrives

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def texts(office: Office, contact_id: int, login: str = "ann") -> list[tuple[str, str]]:
    return [(one.seat, one.draft.text) for one in await office.drafts.kept(contact_id, login=login)]


async def test_a_draft_is_kept_exactly_for_one_person_and_goes_with_the_reply(office: Office) -> None:
    one = await text_arrives(office)
    await office.desk.take(one, login="ann")
    draft = KeptDraft(" tab\t“é”\n👍 ", "Subject", "a@b.example", ("/tmp/x y.pdf",))
    await office.drafts.keep(one, KeptDraft("first"), login="ann", seat="a")
    await office.drafts.keep(one, draft, login="ann", seat="a")
    (kept,) = await office.drafts.kept(one, login="ann")
    assert (kept.draft, kept.seat, kept.version, kept.at) == (draft, "a", 2, office.clock.now())
    assert await texts(office, one, "bob") == []
    await office.desk.reply(one, Answer("sent", seat="a"), login="ann")
    assert await texts(office, one) == []


async def test_an_empty_draft_is_dropped_and_a_stranger_has_none(office: Office) -> None:
    one = await text_arrives(office)
    await office.drafts.keep(one, KeptDraft("x"), login="ann")
    await office.drafts.keep(one, KeptDraft("y"), login="nobody")
    await office.drafts.keep(one, KeptDraft(), login="ann")
    assert await TypedDraft.all().count() == 0


async def test_two_seats_of_one_person_never_overwrite_each_other(office: Office, clock: FrozenClock) -> None:
    one = await text_arrives(office)
    await office.drafts.keep(one, KeptDraft("here"), login="ann", seat="a")
    clock.advance(seconds=1)
    await office.drafts.keep(one, KeptDraft("there"), login="ann", seat="b")
    assert await texts(office, one) == [("b", "there"), ("a", "here")]


async def test_a_seat_that_goes_on_with_anothers_words_takes_their_place(office: Office, clock: FrozenClock) -> None:
    one = await text_arrives(office)
    await office.drafts.keep(one, KeptDraft("Dear"), login="ann", seat="killed")
    (found,) = await office.drafts.kept(one, login="ann")
    await office.drafts.keep(one, KeptDraft("Dear A"), login="ann", seat="new", instead_of=found)
    assert await texts(office, one) == [("new", "Dear A")]
    await office.drafts.keep(one, KeptDraft("Dear Ann"), login="ann", seat="new", instead_of=found)
    assert await texts(office, one) == [("new", "Dear Ann")]


async def test_what_was_added_there_meanwhile_stays_beside(office: Office, clock: FrozenClock) -> None:
    one = await text_arrives(office)
    await office.drafts.keep(one, KeptDraft("Dear"), login="ann", seat="a")
    (found,) = await office.drafts.kept(one, login="ann")
    await office.drafts.keep(one, KeptDraft("Dear Ann, sorry"), login="ann", seat="a")
    clock.advance(seconds=1)
    await office.drafts.keep(one, KeptDraft("Dear A"), login="ann", seat="b", instead_of=found)
    assert await texts(office, one) == [("b", "Dear A"), ("a", "Dear Ann, sorry")]
    await office.drafts.keep(one, KeptDraft(), login="ann", seat="b", instead_of=found)
    assert await texts(office, one) == [("a", "Dear Ann, sorry")]


async def test_a_reply_takes_its_own_words_away_and_leaves_what_another_seat_has_typed(office: Office) -> None:
    one = await text_arrives(office)
    await office.desk.take(one, login="ann")
    for seat, text in (("a", "mine"), ("b", "other words"), ("c", "mine")):
        await office.drafts.keep(one, KeptDraft(text), login="ann", seat=seat)
    await office.drafts.keep(one, KeptDraft("mine"), login="bob", seat="d")
    await office.desk.reply(one, Answer("mine", seat="a"), login="ann")
    assert await texts(office, one) == [("b", "other words")]
    assert await texts(office, one, "bob") == [("d", "mine")]
    await office.desk.reply(one, Answer("from the command line"), login="ann")
    assert await texts(office, one) == [("b", "other words")]


async def test_what_was_typed_after_an_answer_was_sent_off_stays_and_what_was_on_its_way_to_it_goes(
    office: Office, clock: FrozenClock
) -> None:
    one = await text_arrives(office)
    await office.desk.take(one, login="ann")
    for said, left in (("On it", list[tuple[str, str]]()), ("The next one", [("north", "The next one")])):
        begun = clock.now()
        clock.advance(seconds=1)
        await office.drafts.keep(one, KeptDraft(said), login="ann", seat="north")
        await office.desk.reply(one, Answer("On its way", seat="north", begun=begun), login="ann")
        assert await texts(office, one) == left
