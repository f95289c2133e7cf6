"""Accounts set up from a screen: entered, deleted with what hangs on them, gateways tried before they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import accounts, desk
from core.blueprint import enter, read_keys, stored_desk, write_keys
from core.errors import NotFound, PostroomError, Refused, Wrong
from core.models import (
    Account,
    Contact,
    Gateway,
    Journal,
    Mail,
    Mailbox,
    Message,
    Note,
    Outbox,
    OutgoingServer,
    Person,
    Queue,
)
from core.models.states import MailOutcome
from core.secrets import login_for, opened_overrides
from core.store import Leases
from core.views import panel
from tests.flow.conftest import NOW

if TYPE_CHECKING:
    from core.office import Office

MAILBOX = {"imap.host": "mail.acme.example", "imap.port": 993, "imap.security": "tls"}
NEW = {"kind": "sms", "address": "News@acme.example", "queue": "front", "gateway": "line", "password": "x7", **MAILBOX}


@pytest.fixture(autouse=True)
async def _numbers(office: Office) -> None:
    """The desk of the tests numbers its accounts itself; PostgreSQL has to be told where to go on."""
    if not office.database.is_sqlite:
        await office.database.rows("SELECT setval(pg_get_serial_sequence('account', 'id'), 10)")


async def put(office: Office, table: str, values: dict[str, object], *, new: bool = False) -> list[str]:
    changes = await enter(office.database, office.vault, table, values, actor="sue", new=new)
    return [change.words for change in changes]


async def test_a_new_account_is_entered_as_a_file_would(office: Office) -> None:
    assert await put(office, "account", NEW, new=True) == ["account news@acme.example added"]
    account = await Account.get(address="news@acme.example").select_related("gateway", "queue")
    assert (account.imap_host, account.imap_port, account.queue.name) == ("mail.acme.example", 993, "front")
    assert await Mailbox.filter(account_id=account.id).exists()
    login = await login_for(account, office.vault)
    assert (login.user, login.password) == ("news@acme.example", "x7")
    assert [line.actor for line in await Journal.filter(verb="apply")] == ["sue"]


async def test_what_a_form_leaves_out_stays_and_no_secret_is_in_what_it_begins_with(office: Office) -> None:
    await put(office, "account", NEW, new=True)
    values = (await stored_desk(office.database)).values("account", "news@acme.example")
    assert values["imap.folder"] == "INBOX"
    assert "x7" not in repr(values)
    assert await put(office, "account", {**values, "address": "news@acme.example", "queue": "billing"}) == [
        "account news@acme.example changed (queue)"
    ]
    account = await Account.get(address="news@acme.example")
    assert (await login_for(account, office.vault)).password == "x7"


async def test_an_account_that_is_there_cannot_be_made_again(office: Office) -> None:
    with pytest.raises(Refused, match="modify that one"):
        await put(office, "account", {**NEW, "address": "TEXTS@acme.example"}, new=True)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("address", "nonsense", "e-mail address"),
        ("imap.port", "many", "whole number"),
        ("imap.host", "", "name or the address of a host"),
        ("imap.after_fetch", "burn", '"keep", "seen"'),
        ("queue", "fornt", 'did you mean "front"'),
        ("gateway", "", "texts leave through one"),
        ("inbound_class", "None such", "there is no class"),
        ("imap.poll_seconds", 0, "at least 1"),
        ("address", "texts@acme.example", "there is texts@acme.example already"),
    ],
)
async def test_a_mistake_is_told_at_its_field(office: Office, key: str, value: object, words: str) -> None:
    stored = await stored_desk(office.database)
    assert stored.mistakes("account", NEW, new=True) == {}
    found = stored.mistakes("account", {**NEW, key: value}, new=True)
    assert list(found) == [key]
    assert words in found[key]
    with pytest.raises((Wrong, Refused)):
        await put(office, "account", {**NEW, key: value}, new=True)
    assert not await Account.filter(address="news@acme.example").exists()


async def test_the_first_queue_is_made_with_the_account_that_names_it(office: Office) -> None:
    await Account.all().delete()
    await Queue.all().delete()
    assert "queue desk added" in await put(office, "account", {**NEW, "queue": "desk"}, new=True)


async def test_the_outgoing_server_is_entered(office: Office) -> None:
    values = {"host": "out.example", "port": 587, "security": "starttls", "user": "u", "password": "p"}
    await put(office, "outgoing_server", values)
    server = await OutgoingServer.get(id=1)
    assert (server.host, (await login_for(server, office.vault)).password) == ("out.example", "p")
    found = (await stored_desk(office.database)).mistakes("outgoing_server", {**values, "port": 0}, new=False)
    assert found == {"port": "must be at least 1"}


async def test_a_gateway_keeps_the_secret_that_is_not_said_again(office: Office) -> None:
    values: dict[str, object] = {
        "name": "mine", "dialect": "body-lines", "recipient": "sms@gate.example",
        "values": {"api_id": "1", "user": "acme"}, "secrets": {"password": "s3cret"},
    }  # fmt: skip
    await put(office, "gateway", values, new=True)
    stored = await stored_desk(office.database)
    assert stored.secret_names("mine") == ["password"]
    assert "s3cret" not in repr(stored)
    del values["secrets"]
    await put(office, "gateway", {**values, "recipient": "sms2@gate.example"})
    gateway = await Gateway.get(name="mine")
    overrides = opened_overrides(gateway.overrides, office.vault)
    assert (overrides["recipient"], overrides["secrets"]) == ("sms2@gate.example", {"password": "s3cret"})


async def test_a_gateway_with_a_wrong_key_is_told_so(office: Office) -> None:
    stored = await stored_desk(office.database)
    values = {"name": "mine", "dialect": "plain", "recipient": "{nunber}@gate.example"}
    assert "{nunber}" in " ".join(stored.mistakes("gateway", values, new=True).values())
    assert "there is no dialect" in str(stored.mistakes("gateway", {"name": "x", "dialect": "plian"}, new=True))


def test_further_keys_are_written_and_read_as_in_the_file() -> None:
    keys = {"headers": {"X-Sender": "Acme"}, "footer": ["--"]}
    assert read_keys(write_keys(keys)) == keys
    assert write_keys({}) == ""
    with pytest.raises(Wrong, match=r"not written as in desk\.toml"):
        read_keys("footer = [")


def test_the_sample_is_the_mail_that_would_be_sent() -> None:
    sample = accounts.gateway_sample("plain", {"recipient": "sms.example"}, secrets={}, region="GB")
    assert (sample.number, sample.recipient, sample.body) == (
        "07700 900123", "447700900123@sms.example", accounts.SAMPLE_TEXT,
    )  # fmt: skip
    assert accounts.gateway_sample("carrier", {"recipient": "c.example"}, secrets={}, region="US").recipient.endswith(
        "@c.example"
    )


def test_the_sample_hides_secrets_and_misses_those_that_are_not_set() -> None:
    overrides = {"recipient": "sms@gate.example", "values": {"api_id": "1", "user": "acme"}}
    sample = accounts.gateway_sample("body-lines", overrides, secrets={"password": True}, region="GB")
    assert "password:(secret)" in sample.body
    with pytest.raises(Wrong, match="has no password"):
        accounts.gateway_sample("body-lines", overrides, secrets={"password": False}, region="GB")


def test_every_preset_is_named_with_what_it_needs() -> None:
    found = {preset.name: preset for preset in accounts.gateway_presets()}
    assert (found["plain"].secrets, found["body-lines"].secrets) == ((), ("password",))
    assert all(preset.description for preset in found.values())


async def _busy_account(office: Office) -> Contact:
    contact = await Contact.create(
        account_id=1, channel="sms", address="+447700900123", received_at=NOW, state="open", message_count=1,
        agent_id=(await Person.get(login="ann")).id,
    )  # fmt: skip
    mail = await Mail.create(
        account_id=1, uidvalidity=1, uid=1, outcome=MailOutcome.CONTACT, arrived_at=NOW, taken_at=NOW, contact=contact
    )
    await Message.create(contact=contact, account_id=1, mail=mail, direction="in", channel="sms",
                         address=contact.address, at=NOW)  # fmt: skip
    await Note.create(contact=contact, text="n", at=NOW)
    await office.desk.reply(contact.id, desk.Answer("Hello"), login="ann")
    return contact


async def test_an_account_is_deleted_with_all_that_hangs_on_it_and_nothing_else(office: Office) -> None:
    await _busy_account(office)
    other = await Contact.create(account_id=2, channel="email", address="a@b.example", received_at=NOW)
    ties = await accounts.ties_of(office.database, "texts@acme.example")
    assert ties == accounts.Ties(mails=1, contacts=1, unclosed=1, messages=2, unsent=1)
    assert "1 contacts (1 not closed), 2 messages (1 not sent yet)" in ties.words
    await accounts.set_enabled(office.database, "texts@acme.example", False, actor="sue")
    await accounts.delete_account(office.database, "texts@acme.example", NOW, actor="sue")
    assert [row.id for row in await Account.all()] == [2]
    assert [row.id for row in await Contact.all()] == [other.id]
    for model in (Message, Outbox, Note, Mail):
        assert await model.all().count() == 0, model
    line = await Journal.get(verb="delete")
    assert (line.actor, line.thing_id) == ("sue", 1)


async def test_an_account_that_is_in_use_is_not_deleted(office: Office) -> None:
    database = office.database
    with pytest.raises(Refused, match="disable it first"):
        await accounts.delete_account(database, "texts@acme.example", NOW, actor="sue")
    await accounts.set_enabled(database, "texts@acme.example", False, actor="sue")
    leases = Leases(database, office.clock)
    assert await leases.take("mailbox:1", seconds=30)
    with pytest.raises(Refused, match="still at work"):
        await accounts.delete_account(database, "texts@acme.example", NOW, actor="sue")
    await leases.release("mailbox:1")
    await _busy_account(office)
    await Outbox.all().update(state="sending")
    with pytest.raises(Refused, match="still at work"):
        await accounts.delete_account(database, "texts@acme.example", NOW, actor="sue")
    assert await Account.filter(id=1).exists()
    with pytest.raises(NotFound):
        await accounts.delete_account(database, "no@acme.example", NOW, actor="sue")


async def test_a_gateway_goes_only_when_no_account_uses_it(office: Office) -> None:
    with pytest.raises(Refused, match=r"used by texts@acme\.example"):
        await accounts.delete_gateway(office.database, "line", actor="sue")
    await Account.filter(id=1).delete()
    await accounts.delete_gateway(office.database, "line", actor="sue")
    assert not await Gateway.all().exists()
    with pytest.raises(NotFound):
        await accounts.delete_gateway(office.database, "line", actor="sue")


async def test_the_panel_knows_the_outgoing_server_and_where_mailboxes_are(office: Office) -> None:
    contact = await _busy_account(office)
    server = await panel.outgoing_server(office.database, NOW)
    assert server is not None
    assert (server.host, server.due, server.per_minute, server.sessions) == ("127.0.0.1", 1, 0, 0)
    await Outbox.filter(address=contact.address).update(state="sent", sent_at=NOW)
    server = await panel.outgoing_server(office.database, NOW)
    assert server is not None
    assert (server.due, server.per_minute) == (0, 1)
    assert (await panel.places(office.database))[1].folder == "INBOX"
    await OutgoingServer.all().delete()
    assert await panel.outgoing_server(office.database, NOW) is None


async def test_an_account_is_explained_by_what_was_done_to_it(office: Office) -> None:
    await put(office, "account", {"kind": "sms", "address": "texts@acme.example", "gateway": "line", "queue": "front",
                                  **MAILBOX})  # fmt: skip
    await accounts.set_enabled(office.database, "texts@acme.example", False, actor="sue")
    await Mailbox.filter(account_id=1).update(error="LOGIN refused", error_at=NOW, failures=3)
    words = [
        (step.who, step.what) for step in await panel.explain_account(office.database, 1, "texts@acme.example")
    ]  # fmt: skip
    assert ("mailbox", "LOGIN refused, 3 times in a row") in words
    assert ("sue", "disable: texts@acme.example") in words
    assert any(who == "sue" and "account texts@acme.example changed" in what for who, what in words)
    with pytest.raises(PostroomError):
        await accounts.ties_of(office.database, "none@acme.example")
