"""A desk from nothing to its first message: what it lacks at each step, who founds it, who comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.blueprint import enter, export, found, join
from core.errors import Refused, Wrong
from core.models import Contact, Desk, Journal, Person
from core.models.states import Channel, ContactState, Role
from core.office import open_office
from core.views.beginning import beginning
from tests.flow.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.office import Office
    from core.settings import Settings

DESK = {"name": "Harbour Clinic", "region": "DE", "timezone": "Europe/Berlin"}
SUE = {"login": "sue", "name": "Sue Moss"}


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    """An office on a database with nothing in it but the desk's own row."""
    async with open_office(settings) as office:
        yield office


async def lacks(office: Office) -> str:
    return (await beginning(office.database)).lacks


async def furnish(office: Office, *tables: str) -> None:
    values: dict[str, dict[str, object]] = {
        "outgoing_server": {"host": "mail.acme.example", "port": 587, "security": "starttls"},
        "gateway": {"name": "line", "dialect": "plain", "recipient": "{number}@sms.example"},
        "account": {
            "kind": "sms", "address": "texts@acme.example", "gateway": "line", "queue": "front",
            "imap.host": "mail.acme.example", "imap.port": 993, "imap.security": "tls",
        },
    }  # fmt: skip
    for table in tables:
        new = table != "outgoing_server"
        await enter(office.database, office.vault, table, values[table], actor="sue", new=new)


async def arrives(state: ContactState) -> None:
    await Contact.create(account_id=1, channel=Channel.SMS, address="+447700900123", state=state, received_at=NOW,
                         last_in_at=NOW, queued_at=NOW)  # fmt: skip


async def test_each_step_lacks_the_next_until_a_message_is_in_a_queue(office: Office) -> None:
    assert await lacks(office) == "desk"
    await found(office.database, office.vault, DESK, SUE)
    assert await lacks(office) == "server"
    await furnish(office, "outgoing_server")
    assert await lacks(office) == "gateway"
    await furnish(office, "gateway")
    assert await lacks(office) == "account"
    await furnish(office, "account")
    far = await beginning(office.database)
    assert (far.lacks, far.account, far.kind, far.gateway) == ("text", "texts@acme.example", "sms", "line")
    assert (far.server, far.security) == ("mail.acme.example:587", "starttls")
    await arrives(ContactState.NEW)
    assert await lacks(office) == "text"  # the routing has not put it anywhere yet
    await Contact.all().update(state=ContactState.QUEUED)
    far = await beginning(office.database)
    assert (far.lacks, far.contact_state) == ("", "queued")
    assert far.contact == (await Contact.get()).id


async def test_a_desk_that_was_applied_lacks_nothing_once_it_has_an_account(office: Office) -> None:
    await Person.create(login="sue", role=Role.SUPERVISOR)
    assert await lacks(office) == "server"
    await furnish(office, "outgoing_server", "gateway", "account")
    assert await lacks(office) == ""


async def test_whoever_founds_a_desk_administers_it(office: Office) -> None:
    await found(office.database, office.vault, DESK, SUE)
    desk, person, line = await Desk.get(), await Person.get(), await Journal.get(verb="found")
    assert (desk.name, desk.region, desk.timezone) == ("Harbour Clinic", "DE", "Europe/Berlin")
    assert (person.login, person.name, person.role) == ("sue", "Sue Moss", Role.ADMINISTRATOR)
    assert (line.actor, line.kind, line.text) == (
        "sue",
        "desk",
        "desk changed (name, region, timezone); user sue added",
    )
    assert 'login = "sue"' in await export(office.database)
    with pytest.raises(Refused, match="founded meanwhile, by sue"):
        await found(office.database, office.vault, DESK, {"login": "bob", "name": ""})
    assert await Person.all().count() == 1


async def test_a_desk_that_is_founded_with_mistakes_is_not_founded(office: Office) -> None:
    with pytest.raises(Wrong, match=r"region must be a country's two capital letters.*login must be letters"):
        await found(office.database, office.vault, {**DESK, "region": "Germany"}, {"login": "s ue", "name": ""})
    assert not await Person.all().exists()
    assert (await Desk.get()).name == ""


async def test_who_comes_to_a_desk_is_an_agent(office: Office) -> None:
    await found(office.database, office.vault, DESK, SUE)
    await join(office.database, office.vault, {"login": "bob", "name": "Bob"})
    assert (await Person.get(login="bob")).role is Role.AGENT
    with pytest.raises(Wrong, match="there is BOB already"):
        await join(office.database, office.vault, {"login": "BOB", "name": ""})


async def test_who_comes_to_a_desk_of_agents_alone_administers_it(office: Office) -> None:
    await Person.create(login="ann", role=Role.AGENT)
    await join(office.database, office.vault, {"login": "bob", "name": "Bob"})
    assert (await Person.get(login="bob")).role is Role.ADMINISTRATOR
