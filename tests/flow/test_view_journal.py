"""What the journal and the outbox read: by pages, by filter, and one explanation for every kind of thing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core import journal
from core.errors import NotFound
from core.intake import load_source
from core.models import Contact, Message, Outbox
from core.models.states import OutboxState, Purpose
from core.outbox import Draft, Settlement
from core.views.journal import (
    JournalFilter,
    explain,
    journal_actors,
    journal_ids,
    journal_kinds,
    journal_rows,
)
from core.views.outgoing import OutboxFilter, outbox_ids, outbox_rows, outgoing, sent_by_minute
from core.views.stretch import Stretch
from tests.flow.mails import fetched, text_mail

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

ANN = "+447700900123"


async def put(office: Office, text: str, *, to: str = ANN, account: int = 1, contact: int | None = None) -> int:
    async with office.database.transaction():
        draft = Draft(account, to, text, Purpose.REPLY, contact_id=contact, subject="Re: hello")
        return await office.outbox.put(draft)


async def a_contact(office: Office, text: str = "Where is my order?") -> Contact:
    await office.intake().take(await load_source(1, office.vault), 7, [fetched(text_mail(ANN, text), 1, after=0)])
    return await Contact.get()


async def lines(office: Office, *texts: str, actor: str = "ann", kind: str = "desk", thing: int | None = None) -> None:
    async with office.database.transaction():
        for text in texts:
            await journal.append(actor=actor, verb="said", kind=kind, thing_id=thing, text=text, at=office.clock.now())


async def texts_of(office: Office, which: JournalFilter) -> list[str]:
    ids = await journal_ids(office.database, which, Stretch())
    found = await journal_rows(office.database, ids)
    return [found[one].text for one in ids]


async def test_the_journal_is_read_by_pages_and_none_is_left_out_or_read_twice(office: Office) -> None:
    await lines(office, *(f"line {n}" for n in range(25)))
    database, every = office.database, JournalFilter()
    seen = await journal_ids(database, every, Stretch(limit=10))
    while page := await journal_ids(database, every, Stretch(limit=10, before=seen[-1])):
        assert len(page) <= 10
        seen += page
    assert seen == sorted(seen, reverse=True) == await journal_ids(database, every, Stretch(limit=1000))
    assert await journal_ids(database, every, Stretch(since=seen[4], limit=1000)) == seen[:5]


async def test_lines_are_filtered_by_account_person_contact_kind_and_words(office: Office) -> None:
    contact = await a_contact(office)
    message = await put(office, "On its way", contact=contact.id)
    other = await put(office, "Something else", to="fay@example.org", account=2)
    await lines(office, "about it", kind="contact", thing=contact.id)
    await lines(office, "the reply", kind="message", thing=message, actor="bob")
    await lines(office, "the other", kind="message", thing=other, actor="bob")
    await lines(office, "100% of it_all", actor="sue")
    texts = JournalFilter(account="texts@acme.example")
    assert await texts_of(office, texts) == ["the reply", "about it", "1 contact"]
    assert await texts_of(office, JournalFilter(account="help@acme.example")) == ["the other"]
    assert await texts_of(office, JournalFilter(actor="bob")) == ["the other", "the reply"]
    assert await texts_of(office, JournalFilter(contact=contact.id)) == ["the reply", "about it"]
    assert await texts_of(office, JournalFilter(contact=contact.id, actor="bob")) == ["the reply"]
    assert await texts_of(office, JournalFilter(kind="contact")) == ["about it"]
    assert await texts_of(office, JournalFilter(words="REPLY bob")) == ["the reply"]
    assert await texts_of(office, JournalFilter(words="07700 900123")) == ["the reply", "about it"]
    assert await texts_of(office, JournalFilter(words="% it_a")) == ["100% of it_all"]
    assert await texts_of(office, JournalFilter(words="fay@example")) == ["the other"]


async def test_a_line_says_which_customer_and_which_account(office: Office) -> None:
    contact = await a_contact(office)
    message = await put(office, "On its way", contact=contact.id)
    await lines(office, "the reply", kind="message", thing=message)
    ids = await journal_ids(office.database, JournalFilter(kind="message"), Stretch())
    row = (await journal_rows(office.database, ids))[ids[0]]
    assert (row.contact, row.address, row.account, row.thing) == (contact.id, ANN, "texts@acme.example", message)


async def test_actors_are_all_people_and_all_stations_that_wrote(office: Office) -> None:
    await lines(office, "x", actor="triage", kind="broadcast")
    assert await journal_actors(office.database) == ["ann", "bob", "sue", "triage"]
    assert await journal_kinds(office.database) == ["account", "broadcast", "contact", "message"]


async def test_every_contact_message_and_account_is_explained(office: Office) -> None:
    contact = await a_contact(office)
    message = await put(office, "On its way\nto you", contact=contact.id)
    await office.settling.cancel(message, actor="sue")
    now = office.clock.now()
    told = await explain(office.database, "message", message, now)
    assert told.text == "On its way\nto you"
    assert dict(told.facts) | {"state": "cancelled", "to": ANN, "contact": str(contact.id)} == dict(told.facts)
    assert [step.what for step in told.steps][-1] == "cancelled: cancelled"
    came = await explain(office.database, "message", (await Message.get(direction="in")).id, now)
    assert came.text == "Where is my order?" and came.steps[0].what == "mail 1: contact"
    about = await explain(office.database, "contact", contact.id, now)
    assert dict(about.facts)["account"] == "texts@acme.example"
    account = await explain(office.database, "account", 1, now)
    assert account.title == "account texts@acme.example"
    assert [(step.who, step.what) for step in account.steps] == [("intake", "fetched: 1 contact")]


@pytest.mark.parametrize("kind", ["message", "contact", "account", "desk"])
async def test_what_is_not_there_is_said_in_a_sentence(office: Office, kind: str) -> None:
    with pytest.raises(NotFound):
        await explain(office.database, kind, 999, office.clock.now())


async def test_the_outbox_is_read_by_state_by_words_and_by_pages(office: Office) -> None:
    ids = [await put(office, f"text no-{n}") for n in range(6)]
    mail = await put(office, "A long letter" * 100, to="fay@example.org", account=2)
    await Outbox.filter(message_id=ids[1]).update(state=OutboxState.UNKNOWN)
    await office.settling.cancel(ids[2], actor="sue")
    await Outbox.filter(message_id=ids[0]).update(state=OutboxState.SENT, sent_at=office.clock.now())
    database = office.database
    assert await outbox_ids(database, OutboxFilter(), Stretch()) == [mail, *reversed(ids)]
    assert await outbox_ids(database, OutboxFilter(), Stretch(limit=2, before=ids[4])) == [ids[3], ids[2]]
    for state, wanted in (("unknown", ids[1]), ("cancelled", ids[2]), ("sent", ids[0])):
        assert await outbox_ids(database, OutboxFilter(state=state), Stretch()) == [wanted]
    assert await outbox_ids(database, OutboxFilter(words="help@acme fay"), Stretch()) == [mail]
    assert await outbox_ids(database, OutboxFilter(words="07700 TEXT no-3"), Stretch()) == [ids[3]]
    row = (await outbox_rows(database, [mail]))[mail]
    assert (row.subject, row.account, row.parts, len(row.text)) == ("Re: hello", "help@acme.example", 0, 400)


async def test_the_outgoing_server_says_what_is_due_and_what_is_in_which_state(
    office: Office, clock: FrozenClock
) -> None:
    ids = [await put(office, f"text {n}") for n in range(4)]
    await Outbox.filter(message_id=ids[0]).update(state=OutboxState.SENT, sent_at=clock.now())
    await Outbox.filter(message_id=ids[1]).update(due_at=clock.now() + timedelta(minutes=5))
    await Outbox.filter(message_id=ids[2]).update(state=OutboxState.UNKNOWN)
    now = await outgoing(office.database, clock.now())
    assert now.counts == {"queued": 2, "sent": 1, "unknown": 1}
    assert (now.due, now.oldest_due, now.engines, now.sessions) == (1, clock.now(), 0, 0)
    assert (now.host, now.connections, now.health) == ("127.0.0.1", 4, "waiting")
    await office.settling.settle(ids[2], Settlement.SENT, actor="sue")
    assert (await outgoing(office.database, clock.now())).counts == {"queued": 2, "sent": 2}
    assert await sent_by_minute(office.database, clock.now(), 3) == (0, 0, 2)
    assert await sent_by_minute(office.database, clock.now() + timedelta(seconds=59), 3) == (0, 0, 2)
    assert await sent_by_minute(office.database, clock.now() + timedelta(seconds=61), 3) == (0, 2, 0)
    assert await sent_by_minute(office.database, clock.now() + timedelta(hours=1), 3) == (0, 0, 0)
