"""Fixtures of the flow tests: the same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.clock import FrozenClock
from core.models import Account, CallClass, Desk, Gateway, Mailbox, OutgoingServer, Person, Queue
from core.models.states import Channel, Role, Security
from core.office import Office, open_office
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.store import Database

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A fresh database on either backend."""
    if request.param == "sqlite":
        return Settings(f"sqlite:///{tmp_path / 'desk.sqlite3'}", tmp_path / "desk.key")
    return Settings(request.getfixturevalue("postgres_url"), tmp_path / "desk.key")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
async def office(settings: Settings, clock: FrozenClock) -> AsyncIterator[Office]:
    """An office on a fresh database with a small desk in it."""
    async with open_office(settings, clock) as office:
        await furnish()
        yield office


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """An open database with nothing in it but the desk's own row."""
    async with open_office(settings) as office:
        yield office.database


async def furnish() -> None:
    """Two accounts (texts id 1, e-mail id 2), queues front and billing, an agent and a supervisor, an outgoing server."""
    await Desk.filter(id=1).update(name="Acme", region="GB")
    front = await Queue.create(name="front")
    await Queue.create(name="billing")
    enquiry = await CallClass.create(name="Enquiry")
    await Person.create(login="ann", name="Ann", role=Role.AGENT)
    await Person.create(login="bob", name="Bob", role=Role.AGENT)
    await Person.create(login="sue", name="Sue", role=Role.SUPERVISOR)
    gateway = await Gateway.create(name="line", dialect="plain", overrides={"recipient": "{number}@sms.example"})
    await OutgoingServer.create(id=1, host="127.0.0.1", port=1, security=Security.NONE)
    texts = await Account.create(
        id=1, kind=Channel.SMS, address="texts@acme.example", gateway=gateway, queue=front, inbound_class=enquiry,
        imap_host="127.0.0.1", imap_port=1, imap_security=Security.NONE,
    )  # fmt: skip
    help_ = await Account.create(
        id=2, kind=Channel.EMAIL, address="help@acme.example", queue=front,
        imap_host="127.0.0.1", imap_port=1, imap_security=Security.NONE,
    )  # fmt: skip
    for account in (texts, help_):
        await Mailbox.create(account=account)
