"""`apply`: what it writes, that it writes it once, what it leaves alone, what it refuses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.blueprint import WrongBlueprint, export
from core.models import (
    Account,
    Contact,
    Desk,
    Gateway,
    Journal,
    Mail,
    Mailbox,
    Outcome,
    OutgoingServer,
    Person,
    Queue,
)
from core.models.states import Channel, MailOutcome, Role, Security
from core.office import Office, open_office
from core.secrets import login_for, opened_overrides
from tests.flow.conftest import NOW
from tests.flow.desk_files import DESK, SECRETS, apply_text, minimal_account

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.settings import Settings


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    """An office with nothing in it."""
    async with open_office(settings) as office:
        yield office


async def test_everything_in_the_file_stands_in_the_database_afterwards(office: Office) -> None:
    await apply_text(office, DESK)
    desk = await Desk.get(id=1)
    assert (desk.name, desk.region, desk.timezone) == ("Acme", "DE", "Europe/Berlin")
    front = await Queue.get(name="front").prefetch_related("groups")
    assert {group.name for group in front.groups} == {"day", "night"}
    assert (front.service_percent, front.service_seconds, front.offer_seconds) == (90, 60, 30)
    ann = await Person.get(login="ann").prefetch_related("groups")
    assert (ann.name, ann.role, [group.name for group in ann.groups]) == ("Ann", Role.AGENT, ["day"])
    assert not (await Outcome.get(name="no answer")).contact
    gateway = await Gateway.get(name="line")
    assert gateway.dialect == "plain"
    assert gateway.overrides["footer"] == ["Sent via ClickLine."]
    texts = await Account.get(address="texts@acme.example").select_related("gateway", "queue", "inbound_class")
    assert texts.kind is Channel.SMS
    assert texts.gateway is not None
    assert texts.inbound_class is not None
    assert (texts.gateway.name, texts.queue.name, texts.inbound_class.name) == ("line", "front", "Enquiry")
    assert (texts.user, texts.after_fetch, texts.imap_folder) == ("texts@acme.example", "move:Done", "INBOX")
    help_ = await Account.get(address="help@acme.example")
    assert (help_.imap_security, help_.token_command) == (Security.STARTTLS, "oauth-token help")
    assert await Mailbox.all().count() == 2


async def test_passwords_are_sealed_and_open_again(office: Office) -> None:
    await apply_text(office, DESK)
    server, texts = await OutgoingServer.get(id=1), await Account.get(address="texts@acme.example")
    assert (await login_for(server, office.vault)).password == "geheim 1"
    assert (await login_for(texts, office.vault)).password == "geheim 3"
    gateway = await Gateway.get(name="lines")
    assert opened_overrides(gateway.overrides, office.vault)["secrets"] == {"password": "geheim 2"}
    everything = str([server.secret, texts.secret, gateway.overrides])
    assert not any(secret in everything for secret in SECRETS)


async def test_a_second_apply_finds_nothing_to_do_and_writes_nothing(office: Office) -> None:
    assert await apply_text(office, DESK)
    before = [await Account.all().values(), await OutgoingServer.all().values(), await Gateway.all().values()]
    assert await apply_text(office, DESK) == []
    assert [await Account.all().values(), await OutgoingServer.all().values(), await Gateway.all().values()] == before
    assert await Journal.filter(verb="apply").count() == 1


async def test_two_that_apply_at_once_take_their_turns(office: Office) -> None:
    done = await asyncio.gather(apply_text(office, DESK), apply_text(office, DESK))
    assert sorted(bool(changes) for changes in done) == [False, True]
    assert await Account.all().count() == 2


async def test_a_dry_run_tells_the_same_and_writes_nothing(office: Office) -> None:
    planned = await apply_text(office, DESK, dry_run=True)
    assert await Account.all().count() == await Queue.all().count() == await Journal.all().count() == 0
    assert planned == await apply_text(office, DESK)


async def test_only_what_differs_is_a_change_and_secrets_are_not_shown(office: Office) -> None:
    await apply_text(office, DESK)
    changed = (
        DESK.replace('"geheim 3"', '"geheim 4"')
        .replace("seconds = 60", "seconds = 90")
        .replace('"geheim 2"', '"geheim 5"')
        .replace('groups = ["day"]', "groups = []")
    )
    changes = {(c.kind, c.name): c for c in await apply_text(office, changed)}
    assert {key: dict(c.fields) for key, c in changes.items()} == {
        ("gateway", "lines"): {"secrets.password": ("(secret)", "(secret)")},
        ("queue", "front"): {"service_level.seconds": ("60", "90")},
        ("user", "ann"): {"groups": ("day", "")},
        ("account", "texts@acme.example"): {"password": ("(secret)", "(secret)")},
    }
    assert {change.what for change in changes.values()} == {"change"}
    assert (await login_for(await Account.get(address="texts@acme.example"), office.vault)).password == "geheim 4"
    assert not any("geheim" in repr(change) for change in changes.values())


async def test_the_journal_gets_one_line_without_values(office: Office) -> None:
    await apply_text(office, DESK)
    await apply_text(office, DESK.replace('"geheim 3"', '"geheim 4"').replace('"Acme"', '"Bolt"'))
    last = await Journal.filter(verb="apply").order_by("-id").first()
    assert last is not None
    assert (last.actor, last.kind, last.thing_id) == ("command", "desk", 1)
    assert last.text == "desk changed (name); account texts@acme.example changed (password)"


async def test_what_the_file_does_not_speak_of_stays(office: Office) -> None:
    await apply_text(office, DESK)
    await Account.filter(address="help@acme.example").update(enabled=False)
    shorter = '[[queue]]\nname = "front"\noffer_seconds = 20\n' + minimal_account("help@acme.example")
    changes = await apply_text(office, shorter)
    assert [(change.name, list(change.fields)) for change in changes] == [
        ("front", ["offer_seconds"]),
        ("help@acme.example", ["queue", "imap.host", "imap.port", "imap.security"]),
    ]
    help_ = await Account.get(address="help@acme.example")
    assert (help_.enabled, help_.description, help_.token_command) == (False, "Acme help", "oauth-token help")
    assert help_.imap_folder == "Hilfe"
    front = await Queue.get(name="front").prefetch_related("groups")
    assert (front.service_percent, len(front.groups)) == (90, 2)
    assert await Account.all().count() == 2


async def test_a_gateway_is_taken_whole_but_keeps_secrets_that_are_not_said(office: Office) -> None:
    await apply_text(office, DESK)
    shorter = '[[gateway]]\nname = "lines"\ndialect = "body-lines"\nrecipient = "api@gw.example"\n'
    (change,) = await apply_text(office, shorter)
    assert list(change.fields) == ["values"]
    overrides = (await Gateway.get(name="lines")).overrides
    assert opened_overrides(overrides, office.vault) == {
        "recipient": "api@gw.example",
        "secrets": {"password": "geheim 2"},
    }
    assert await apply_text(office, shorter) == []


async def test_another_way_to_prove_a_login_takes_the_place_of_the_old_one(office: Office) -> None:
    await apply_text(office, DESK)
    await apply_text(office, DESK.replace('password = "geheim 3"', 'password_command = "pass texts"'))
    texts = await Account.get(address="texts@acme.example")
    assert (texts.secret, texts.password_command, texts.token_command) == ("", "pass texts", "")
    await apply_text(office, DESK.replace('password = "geheim 3"', 'password = ""'))
    texts = await Account.get(address="texts@acme.example")
    assert (texts.secret, texts.password_command) == ("", "")


async def test_a_mailbox_elsewhere_begins_with_an_empty_ledger_and_keeps_the_old_lines(office: Office) -> None:
    await apply_text(office, DESK)
    texts = await Account.get(address="texts@acme.example")
    await Mailbox.filter(account_id=texts.id).update(uidvalidity=1)
    for uid in (1, 2):
        await Mail.create(
            account=texts, uidvalidity=1, uid=uid, outcome=MailOutcome.RECEIPT, arrived_at=NOW, taken_at=NOW
        )
    await apply_text(office, DESK.replace("poll_seconds = 30", "poll_seconds = 31"))
    assert await Mail.filter(uidvalidity=1, gone=False).count() == 2
    for host in ("other.example", "third.example"):
        await apply_text(office, DESK.replace('host = "imap.example", port = 993', f'host = "{host}", port = 993'))
        assert await Mail.filter(uidvalidity__gte=0).count() == 0
        assert await Mail.filter(account_id=texts.id, gone=True).count() == 2
        assert (await Mailbox.get(account_id=texts.id)).uidvalidity == 0


async def test_the_kind_of_an_account_cannot_change(office: Office) -> None:
    await apply_text(office, DESK)
    with pytest.raises(WrongBlueprint, match="kind is email in the database"):
        await apply_text(office, minimal_account("help@acme.example", kind='"sms"', gateway='"line"'))
    assert await Contact.all().count() == 0


async def test_names_that_do_not_exist_are_all_told_and_nothing_is_written(office: Office) -> None:
    await apply_text(office, '[[queue]]\nname = "front"\n[[gateway]]\nname = "line"\nrecipient = "@sms.example"\n')
    wrong = (
        '[[class]]\nname = "New"\n[[queue]]\nname = "back"\ngroups = ["dya"]\n[[group]]\nname = "day"\n'
        '[[user]]\nlogin = "ann"\ngroups = ["nihgt"]\n'
        + minimal_account("a@acme.example", queue='"Fornt"', inbound_class='"Old"')
        + minimal_account("b@acme.example", kind='"sms"')
        + minimal_account("c@acme.example", gateway='"line"')
        + '[[gateway]]\nname = "odd"\ndialect = "body-lines"\nbody = "{txet}"\n'
    )
    with pytest.raises(WrongBlueprint) as raised:
        await apply_text(office, wrong)
    assert [line.removeprefix("desk.toml: ") for line in raised.value.lines] == [
        (
            "[[gateway]] odd: `body` asks for {txet}; what it may hold is {account}, {api_id}, {number}, {password}, "
            "{reference}, {text}, {user}."
        ),
        '[[queue]] back: groups: there is no group "dya", here or in the database; did you mean "day"?',
        '[[user]] ann: groups: there is no group "nihgt", here or in the database; known are day',
        '[[account]] a@acme.example: queue: there is no queue "Fornt", here or in the database; did you mean "front"?',
        '[[account]] a@acme.example: inbound_class: there is no class "Old", here or in the database; known are New',
        "[[account]] b@acme.example: gateway is missing; texts leave through one; known are line, odd",
        "[[account]] c@acme.example: gateway is for texts only; take it out, e-mails leave through the outgoing server",
    ]
    assert await Queue.all().count() == 1
    assert await Person.all().count() == 0


async def test_a_failure_in_the_middle_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise OSError("the disk is on fire")

    monkeypatch.setattr("core.models.bookkeeping.Journal.create", broken)
    with pytest.raises(Exception, match="on fire"):
        await apply_text(office, DESK)
    assert await Account.all().count() == await Queue.all().count() == 0


async def test_paths_in_the_file_start_at_its_folder(office: Office) -> None:
    await apply_text(office, DESK.replace("rate_per_minute = 600", 'ca_file = "certs/ca.pem"'))
    assert (await OutgoingServer.get(id=1)).ca_file == "/etc/postroom/certs/ca.pem"
    assert await apply_text(office, await export(office.database)) == []
