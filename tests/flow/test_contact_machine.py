"""Contacts in any order of arrivals and verbs by several people, against a model of what should be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from core.desk import Answer
from core.errors import Refused
from core.models.fields import to_moment
from tests.flow.arriving import take_in, triage
from tests.flow.machines import FEW, MANY, Furnished, OfficeMachine
from tests.flow.mails import text_mail

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import pytest

    from core.settings import Settings

ADDRESSES = ("+447700900123", "+447700900456", "+447700900789")
PEOPLE = {"ann": 1, "bob": 2, "sue": 3}
QUEUES = {"front": 1, "billing": 2}

people = st.sampled_from([*PEOPLE, "owner", "owner"])
"""Who does it; `owner` is whoever has the contact, so that much of what is tried can be done."""
agents = st.sampled_from(["ann", "bob"])
queues = st.sampled_from(list(QUEUES))
numbers = st.integers(0, 4)
"""Which contact: counted from the newest, round and round."""


@dataclass
class Wanted:
    """A contact as it should be."""

    id: int
    address: str
    received: int
    state: str = "new"
    queue: int | None = None
    agent: int | None = None
    priority: int = 0
    messages: int = 1
    answered: bool = False
    until: int | None = None
    """When it comes back from hold, in microseconds."""
    wrote: bool = False
    """Whether its customer has written since it was held."""


class Contacts(OfficeMachine):
    """Every verb of the desk, intake and triage; each is done or refused as the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: dict[int, Wanted] = {}
        self.lines = 0
        """Journal lines about contacts that there should be."""
        self.words = 0

    # -- the model ---------------------------------------------------------------------------------------------------

    def contact(self, number: int) -> Wanted:
        """The one that is meant."""
        return list(self.wanted.values())[::-1][number % len(self.wanted)]

    def person(self, who: str, contact: Wanted) -> str:
        """Her login."""
        owners = [login for login, id_ in PEOPLE.items() if id_ == contact.agent]
        return (owners or ["ann"])[0] if who == "owner" else who

    def unclosed(self, address: str) -> Wanted | None:
        """The one that a new message joins."""
        return next((c for c in self.wanted.values() if c.address == address and c.state != "closed"), None)

    def ours(self, contact: Wanted, login: str) -> bool:
        """Whether this person may change it."""
        return contact.state in ("queued", "open", "held") and (login == "sue" or contact.agent == PEOPLE[login])

    def everything(self) -> str:
        """All that a verb could change."""
        tables = ("contact", "message", "note", "outbox", "journal")
        return str([self.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables])

    def expect(self, verb: Coroutine[Any, Any, Any], *, done: bool, contact: Wanted) -> bool:
        """Run a verb that should be done, or refused with a reason and without a trace."""
        before = "" if done else self.everything()
        try:
            self.do(verb)
        except Refused as refused:
            assert not done, refused
            assert str(contact.address) in str(refused) or f"contact {contact.id}" in str(refused)
            assert self.everything() == before
            return False
        assert done, "it should have been refused"
        self.lines += 1
        return True

    # -- what happens ------------------------------------------------------------------------------------------------

    @rule(address=st.sampled_from(ADDRESSES), times=st.integers(1, 2), late=st.integers(0, 60))
    def messages_arrive(self, address: str, times: int, late: int) -> None:
        self.clock.advance(minutes=7)
        self.words += 1
        mails = [text_mail(address, f"words {self.words} {n}") for n in range(times)]
        self.do(take_in(self.office, 1, *mails))
        contact = self.unclosed(address)
        if contact is not None:
            contact.messages += times
            contact.wrote = True
            return
        # As if its mailbox had been out of reach for a while: its place is that of its arrival there.
        received = to_moment(self.clock.now() - timedelta(minutes=late))
        where = "WHERE address = ? AND state = 'new' RETURNING id"
        (row,) = self.rows(f"UPDATE contact SET received_at = ? {where}", received, address)
        assert row["id"] not in self.wanted
        self.wanted[row["id"]] = Wanted(row["id"], address, received, messages=times)

    @rule()
    def triage_runs(self) -> None:
        new = [contact for contact in self.wanted.values() if contact.state == "new"]
        assert self.do(triage(self.office)) == len(new)
        for contact in new:
            contact.state, contact.queue, contact.priority = "queued", QUEUES["front"], 0

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people)
    def take(self, number: int, login: str) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        done = contact.state == "queued"
        if self.expect(self.office.desk.take(contact.id, login=login), done=done, contact=contact):
            contact.state, contact.agent = "open", PEOPLE[login]

    @rule(queue=queues, login=st.sampled_from(list(PEOPLE)))
    def take_next(self, queue: str, login: str) -> None:
        waiting = [c for c in self.wanted.values() if c.state == "queued" and c.queue == QUEUES[queue]]
        first = min(waiting, key=lambda c: (-c.priority, c.received, c.id), default=None)
        assert self.do(self.office.desk.take_next(queue, login=login)) == (first.id if first else None)
        if first is not None:
            first.state, first.agent = "open", PEOPLE[login]
            self.lines += 1

    @precondition(lambda self: self.wanted)
    @rule(number=numbers)
    def two_take_it_at_once(self, number: int) -> None:
        contact = self.contact(number)

        async def both() -> list[Any]:
            verbs = (self.office.desk.take(contact.id, login=login) for login in ("ann", "bob"))
            return await asyncio.gather(*verbs, return_exceptions=True)

        said = self.do(both())
        assert all(one == contact.id or isinstance(one, Refused) for one in said)
        won = [login for login, one in zip(("ann", "bob"), said, strict=True) if one == contact.id]
        assert len(won) == (contact.state == "queued")
        if won:
            contact.state, contact.agent = "open", PEOPLE[won[0]]
            self.lines += 1

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people)
    def reply(self, number: int, login: str) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        done = contact.state in ("open", "held") and contact.agent == PEOPLE[login]
        if self.expect(self.office.desk.reply(contact.id, Answer("hello"), login=login), done=done, contact=contact):
            contact.messages += 1
            contact.answered = True

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people)
    def note(self, number: int, login: str) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        self.expect(self.office.desk.note(contact.id, "a note", login=login), done=True, contact=contact)

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people, queue=queues, priority=st.none() | st.integers(0, 9))
    def give_to_a_queue(self, number: int, login: str, queue: str, priority: int | None) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        verb = self.office.desk.transfer(contact.id, queue=queue, priority=priority, login=login)
        if self.expect(verb, done=self.ours(contact, login), contact=contact):
            contact.state, contact.queue, contact.agent, contact.until = "queued", QUEUES[queue], None, None
            contact.priority = contact.priority if priority is None else priority

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people, agent=agents)
    def give_to_an_agent(self, number: int, login: str, agent: str) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        verb = self.office.desk.transfer(contact.id, agent=agent, login=login)
        if self.expect(verb, done=self.ours(contact, login), contact=contact):
            contact.state, contact.agent, contact.until = "open", PEOPLE[agent], None

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people, missed=st.sampled_from((0, 0, 0, 1)))
    def close(self, number: int, login: str, missed: int) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        verb = self.office.desk.close(contact.id, "done", seen=contact.messages - missed, login=login)
        if self.expect(verb, done=self.ours(contact, login) and not missed, contact=contact):
            contact.state, contact.agent, contact.until = "closed", contact.agent or PEOPLE[login], None

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people)
    def reopen(self, number: int, login: str) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        done = contact.state == "closed" and self.unclosed(contact.address) is None
        if self.expect(self.office.desk.reopen(contact.id, login=login), done=done, contact=contact):
            contact.state, contact.agent = "open", PEOPLE[login]

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people, minutes=st.integers(1, 30))
    def hold(self, number: int, login: str, minutes: int) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        until = self.clock.now() + timedelta(minutes=minutes)
        done = self.ours(contact, login) and contact.state != "queued"
        if self.expect(self.office.desk.hold(contact.id, until, login=login), done=done, contact=contact):
            contact.state, contact.until, contact.wrote = "held", to_moment(until), False

    @precondition(lambda self: self.wanted)
    @rule(number=numbers, login=people)
    def resume(self, number: int, login: str) -> None:
        contact = self.contact(number)
        login = self.person(login, contact)
        done = self.ours(contact, login) and contact.state == "held"
        if self.expect(self.office.desk.resume(contact.id, login=login), done=done, contact=contact):
            contact.state, contact.until = "open", None

    @rule()
    def those_whose_time_has_come_are_woken(self) -> None:
        now = to_moment(self.clock.now())
        held = [contact for contact in self.wanted.values() if contact.until is not None]
        due = [contact for contact in held if contact.wrote or (contact.until or 0) <= now]
        assert self.do(self.office.desk.wake()) == len(due)
        for contact in due:
            contact.state, contact.until = "open", None
            self.lines += 1

    # -- what is always so -------------------------------------------------------------------------------------------

    @invariant()
    def every_contact_is_as_it_should_be(self) -> None:
        columns = "id, address, state, queue_id, agent_id, priority, message_count, answered_at, closed_at, outcome"
        rows = self.rows(f"SELECT {columns}, held_until FROM contact ORDER BY id")
        found = [
            (r["id"], r["address"], r["state"], r["queue_id"], r["agent_id"], r["priority"], r["message_count"],
             r["answered_at"] is not None, r["closed_at"] is not None, r["outcome"], r["held_until"])
            for r in rows
        ]  # fmt: skip
        assert found == [
            (c.id, c.address, c.state, c.queue, c.agent, c.priority, c.messages, c.answered, c.state == "closed",
             "done" if c.state == "closed" else "", c.until)
            for c in self.wanted.values()
        ]  # fmt: skip

    @invariant()
    def an_address_has_one_unclosed_contact_at_most(self) -> None:
        crowded = self.rows(
            "SELECT address FROM contact WHERE state <> 'closed' GROUP BY account_id, address HAVING count(*) > 1"
        )
        assert crowded == []

    @invariant()
    def each_change_has_its_line(self) -> None:
        (row,) = self.rows("SELECT count(*) AS n FROM journal WHERE kind = 'contact'")
        assert row["n"] == self.lines

    @invariant()
    def messages_are_counted_and_none_is_nobodys(self) -> None:
        for row in self.rows("SELECT contact_id, count(*) AS n FROM message GROUP BY contact_id"):
            assert row["n"] == self.wanted[row["contact_id"]].messages


def test_contacts_are_as_the_model_says(settings: Settings, request: pytest.FixtureRequest) -> None:
    postgres = None if settings.sqlite_path else request.getfixturevalue("postgres")
    machine = type("Contacts", (Contacts,), {"furnished": Furnished(settings, postgres)})
    run_state_machine_as_test(machine, settings=FEW if postgres else MANY)
