"""Who may settle and set up: asked in the core, alike for every screen and command."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from core import accounts, roles
from core.blueprint import enter
from core.errors import Refused
from core.models import Account, Gateway, Outbox, OutgoingServer, Person
from core.models.states import OutboxState, Role
from core.outbox import Settlement
from tests.flow.command import Command
from tests.flow.conftest import NOW, ONLY_SQLITE
from tests.flow.delivering import put

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.office import Office


async def doubtful(office: Office) -> int:
    message_id = await put(office)
    await Outbox.filter(message_id=message_id).update(state=OutboxState.UNKNOWN)
    return message_id


def deeds(office: Office, message_id: int) -> dict[str, Callable[..., Awaitable[object]]]:
    """Everything that no agent may do, each but for `actor`; in an order in which all can be done."""
    entered = partial(enter, office.database, office.vault)
    account = {
        "kind": "email", "address": "help@acme.example", "queue": "billing", "imap.host": "127.0.0.1", "imap.port": 1,
        "imap.security": "none",
    }  # fmt: skip
    return {
        "settle": partial(office.settling.settle, message_id, Settlement.SENT),
        "an account": partial(entered, "account", account, new=False),
        "a gateway": partial(
            entered, "gateway", {"name": "two", "dialect": "plain", "recipient": "{number}@b.example"}, new=True
        ),
        "a queue": partial(entered, "queue", {"name": "new"}, new=True),
        "the server": partial(
            entered, "outgoing_server", {"host": "h.example", "port": 25, "security": "none"}, new=False
        ),
        "disable": partial(accounts.set_enabled, office.database, "help@acme.example", False),
        "debug": partial(accounts.set_debug, office.database, "help@acme.example", True),
        "delete": partial(accounts.delete_account, office.database, "help@acme.example", NOW),
        "delete a gateway": partial(accounts.delete_gateway, office.database, "two"),
    }


async def picture(office: Office) -> object:
    """What those deeds change."""
    return (
        await office.database.read("SELECT state FROM outbox"), await Account.all().order_by("id").values(),
        await Gateway.all().order_by("id").values(), await OutgoingServer.all().values(),
        await office.database.read("SELECT name FROM queue ORDER BY id"),
    )  # fmt: skip


@pytest.mark.parametrize(("actor", "words"), [("ann", "ann is an agent"), ("zed", "zed is no user of this desk")])
async def test_an_agent_and_a_stranger_are_refused_in_one_sentence(office: Office, actor: str, words: str) -> None:
    message_id = await doubtful(office)
    before = await picture(office)
    for name, deed in deeds(office, message_id).items():
        with pytest.raises(Refused, match=words) as refused:
            await deed(actor=actor)
        assert "only a supervisor or an administrator may" in str(refused.value), name
    assert await picture(office) == before


@pytest.mark.parametrize("actor", ["sue", "zoe", roles.COMMAND])
async def test_supervisors_administrators_and_the_command_do_all_of_it(office: Office, actor: str) -> None:
    await Person.create(login="zoe", name="Zoe", role=Role.ADMINISTRATOR)
    message_id = await doubtful(office)
    for deed in deeds(office, message_id).values():
        await deed(actor=actor)
    assert (await Outbox.get(message_id=message_id)).state is OutboxState.SENT
    assert not await Account.filter(address="help@acme.example").exists()


async def test_a_desk_without_users_refuses_nobody(office: Office) -> None:
    await Person.all().delete()
    for deed in deeds(office, await doubtful(office)).values():
        await deed(actor="whoever")


@ONLY_SQLITE
async def test_the_command_asks_for_the_role_of_whom_it_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message_id = await doubtful(office)
    monkeypatch.setenv("POSTROOM_KEY", office.settings.key_file.read_text().strip())
    postroom = Command(office.settings.db, monkeypatch, capsys)
    for words in (("message", "settle", str(message_id), "--sent"), ("account", "disable", "help@acme.example")):
        refused = await asyncio.to_thread(postroom.apart, *words, "--as", "ann")
        assert (refused.code, refused.out) == (1, "")
        assert refused.words.startswith("ann is an agent: only a supervisor or an administrator may")
        done = await asyncio.to_thread(postroom.apart, *words, "--as", "sue")
        assert done.code == 0, done.err
    assert (await Outbox.get(message_id=message_id)).state is OutboxState.SENT
