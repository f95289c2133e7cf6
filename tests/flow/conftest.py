"""Fixtures of the flow tests: the same tests on SQLite and on PostgreSQL.

A database is made once for each backend and run, and copied from there: that costs less than to make it anew.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.clock import FrozenClock
from core.models import Account, CallClass, Desk, Gateway, Mailbox, OutgoingServer, Person, Queue
from core.models.states import Channel, Role, Security
from core.office import Office, open_office
from core.settings import Settings
from tests.flow.arriving import begin_anew
from tests.flow.command import Command
from tests.servers.fixtures_postgres import migrate
from tests.servers.places import fast_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from core.store import Database
    from tests.servers.once import Once
    from tests.servers.postgres import Postgres

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ONLY_SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
ONLY_POSTGRES = pytest.mark.parametrize("settings", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
def arrivals() -> None:
    """Each test's first mail arrives at the same moment."""
    begin_anew()


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder of this test's own, in memory where there is room."""
    with tempfile.TemporaryDirectory(prefix="postroom-test-", dir=fast_folder()) as name:
        yield Path(name)


@pytest.fixture(params=["sqlite", "postgres"])
def new_settings(request: pytest.FixtureRequest, folder: Path) -> Iterator[Settings]:
    """Settings of a database on either backend that is not there (SQLite) or empty (PostgreSQL)."""
    if request.param == "sqlite":
        yield sqlite_settings(folder)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create_database()
    yield Settings(url, folder / "desk.key")
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, folder: Path) -> Iterator[Settings]:
    """Settings of a database on either backend that is up to date and has nothing in it."""
    if request.param == "sqlite":
        yield request.getfixturevalue("on_sqlite")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create_database(template=request.getfixturevalue("postgres_template"))
    yield Settings(url, folder / "desk.key")
    postgres.drop_database(url)


@pytest.fixture
def on_sqlite(folder: Path, sqlite_template: Path) -> Settings:
    """As `settings`, on SQLite alone."""
    shutil.copy(sqlite_template, folder / "desk.sqlite3")
    return sqlite_settings(folder)


@pytest.fixture(scope="session")
def sqlite_template(once: Once) -> Path:
    """An SQLite database that is up to date and has nothing in it."""

    def make(folder: Path) -> None:
        asyncio.run(migrate(sqlite_settings(folder)))

    path = sqlite_settings(once("sqlite", make)).sqlite_path
    assert path is not None
    return path


def sqlite_settings(folder: Path) -> Settings:
    """Settings of an SQLite database in a folder."""
    return Settings(f"sqlite:///{folder / 'desk.sqlite3'}", folder / "desk.key")


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


@pytest.fixture
def command(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command on an empty desk, run in a folder of this test's own, which is all that it knows of this machine."""
    for name in ("POSTROOM_KEY", "POSTROOM_DB", "POSTROOM_AS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    monkeypatch.chdir(folder)
    return Command(settings.db, monkeypatch, capsys)


async def furnish() -> None:
    """Accounts for texts (id 1) and e-mail (id 2), two queues, two agents, a supervisor, a server."""
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
