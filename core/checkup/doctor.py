"""The doctor: everything that a desk stands on, from the program itself to each mailbox."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.checkup.connecting import credentials, open_mailbox, open_outgoing
from core.checkup.step import Step, bad, failed, good, noted
from core.errors import PostroomError
from core.gateway.dialects import dialect
from core.models import Account, Desk, Gateway, OutgoingServer
from core.models.fields import from_moment, to_moment
from core.secrets import open_vault, opened_overrides
from core.settings import shown_url
from core.store import Leases, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from datetime import datetime

    from core.clock import Clock
    from core.secrets import Vault
    from core.settings import Settings
    from core.store import Database

LITTLE_SPACE = 200 * 2**20
SKEW = timedelta(minutes=2)
AT_ONCE = 8
"""Mailboxes that are looked at at the same time."""


async def examine(settings: Settings, clock: Clock) -> AsyncGenerator[Step, None]:
    """Every step as it begins and as it ends; opens the desk by itself, since that may be what is broken."""
    yield _program()
    yield _libraries()
    yield Step("database")
    try:
        database = await open_database(settings)
    except PostroomError as error:
        yield failed("database", error)
        return
    try:
        async for step in _database(database, clock):
            yield step
            if step.ok is False:
                return
        yield await _clock(database, clock)
        try:
            vault = await open_vault(database, settings)
        except PostroomError as error:
            yield failed("key", error)
            return
        yield good("key", f"from {vault.where}, private and right")
        async for step in _desk(database, vault, clock.now()):
            yield step
    except PostroomError as error:
        yield failed("database", error)
    finally:
        await database.close()


# -- the program ---------------------------------------------------------------------------------------------------


def _program() -> Step:
    python = ".".join(map(str, sys.version_info[:3]))
    words = f"Postroom {version('postroom')} on Python {python}, SQLite {sqlite3.sqlite_version}"
    return good("program", words)


def _libraries() -> Step:
    """Those that are pinned to one version, because we rely on what stands inside them."""
    pinned = [text.split(";")[0].strip() for text in requires("postroom") or () if "==" in text.split(";")[0]]
    wrong = []
    for text in pinned:
        name, _, wanted = text.partition("==")
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != wanted:
            wrong.append(f"{name} is {found}, not {wanted}")
    if wrong:
        return bad("libraries", "; ".join(wrong), "install Postroom anew, in an environment of its own")
    return good("libraries", ", ".join(text.replace("==", " ") for text in pinned))


# -- the database --------------------------------------------------------------------------------------------------


async def _database(database: Database, clock: Clock) -> AsyncIterator[Step]:
    applied = await database.read("SELECT name FROM tortoise_migrations ORDER BY name DESC LIMIT 1")
    yield good("database", f"{shown_url(database.settings.db)}, up to date ({applied[0]['name']})")
    path = database.settings.sqlite_path
    if path is not None:
        free = shutil.disk_usage(path.parent).free
        words = f"{free // 2**20:,} MB free in {path.parent}"
        yield good("disk", words) if free > LITTLE_SPACE else bad("disk", words, "make room there before it is full")
    yield await _writing(database, clock)
    yield Step("integrity")
    yield await _integrity(database) if path else noted("integrity", "PostgreSQL looks after itself")


async def _writing(database: Database, clock: Clock) -> Step:
    leases = Leases(database, clock)
    try:
        await leases.take("doctor", seconds=0)
        await leases.release("doctor")
    except PostroomError as error:
        return failed("writing", error)
    return good("writing", "the database takes changes")


async def _integrity(database: Database) -> Step:
    try:
        found = [str(next(iter(row.values()))) for row in await database.read("PRAGMA quick_check(3)")]
        orphans = len(await database.read("PRAGMA foreign_key_check"))
    except (sqlite3.DatabaseError, PostroomError) as error:
        found, orphans = [str(error)], 0
    if found != ["ok"] or orphans:
        words = "; ".join(found) if found != ["ok"] else f"{orphans} rows belong to nothing"
        return bad("integrity", words, "stop Postroom and restore a copy of the database")
    return good("integrity", "SQLite finds nothing wrong")


async def _clock(database: Database, clock: Clock) -> Step:
    now = clock.now()
    latest = await database.read("SELECT max(at) AS at FROM journal")
    if latest[0]["at"] is not None:
        ahead = from_moment(int(str(latest[0]["at"]))) - now
        if ahead > SKEW:
            words = f"the journal's last line is {_words(ahead)} ahead of this clock ({now:%Y-%m-%d %H:%M:%S} UTC)"
            return bad("clock", words, "set the clock, best by NTP, and wait until it has caught up")
    if not database.is_sqlite:
        theirs: datetime = (await database.rows("SELECT now() AS at"))[0]["at"]
        if abs(theirs - clock.now()) > SKEW:
            words = f"this clock and PostgreSQL's are {_words(abs(theirs - now))} apart"
            return bad("clock", words, "set both, best by NTP")
    return good("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, not behind what was done")


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


# -- the desk ------------------------------------------------------------------------------------------------------


async def _desk(database: Database, vault: Vault, now: datetime) -> AsyncIterator[Step]:
    desk = await Desk.get(id=1)
    try:
        there = now.astimezone(ZoneInfo(desk.timezone))
        yield good("time zone", f"{desk.timezone}, where it is {there:%H:%M %Z}")
    except (OSError, ValueError, KeyError):
        remedy = "install the system's tzdata, or choose another timezone in [desk]"
        yield bad("time zone", f"{desk.timezone} is not known on this machine", remedy)
    yield await _engine(database, now)
    for gateway in await Gateway.all().order_by("name"):
        yield _gateway(gateway, vault)
    yield Step("outgoing server")
    async for step in _outgoing(vault):
        yield step
    accounts = await Account.all().order_by("address")
    if not accounts:
        yield noted("accounts", "there are none", "write [[account]] into desk.toml and apply it")
    limit = asyncio.Semaphore(AT_ONCE)
    for step in await asyncio.gather(*(_mailbox(account, vault, limit) for account in accounts)):
        yield step


async def _engine(database: Database, now: datetime) -> Step:
    alive = await database.read(
        "SELECT e.host, e.pid, e.version FROM engine e JOIN lease l ON l.name = 'engine:' || e.holder AND l.until >= ?",
        to_moment(now),
    )
    if not alive:
        return noted("engine", "none is running", "start one with `postroom --no-ui`")
    return good("engine", "; ".join(f"{row['version']} on {row['host']}, process {row['pid']}" for row in alive))


def _gateway(gateway: Gateway, vault: Vault) -> Step:
    name = f"gateway {gateway.name}"
    try:
        found = dialect(gateway.dialect, opened_overrides(gateway.overrides, vault), where=name)
    except PostroomError as error:
        return failed(name, error)
    unset = [key for key, value in {**found.values, **found.secrets}.items() if not value.strip()]
    if unset:
        return bad(name, f"has no {', '.join(unset)}", "set it under `values` or `secrets` in desk.toml and apply that")
    if not found.recipient.strip():
        return bad(name, "has no recipient, so that no text can leave", "set `recipient` in desk.toml and apply that")
    return good(name, f"dialect {gateway.dialect}, to {found.recipient}")


async def _outgoing(vault: Vault) -> AsyncIterator[Step]:
    server = await OutgoingServer.get_or_none(id=1)
    if server is None:
        yield noted("outgoing server", "none is set up", "write [outgoing_server] into desk.toml and apply it")
        return
    step, login = await credentials(server, vault, "outgoing server")
    if login is None:
        yield step
        return
    steps, session = await open_outgoing(server, login)
    if session is not None:
        await session.close()
    for step in steps:
        yield step


async def _mailbox(account: Account, vault: Vault, limit: asyncio.Semaphore) -> Step:
    """One step for the whole way into an account's folder: the first that fails, else the last."""
    name = f"mailbox {account.address}"
    if not account.enabled:
        return noted(name, "disabled", f"`postroom account enable {account.address}` takes it up again")
    async with limit:
        step, login = await credentials(account, vault, name)
        if login is None:
            return step
        steps, box = await open_mailbox(account, login)
        if box is not None:
            await box.close()
    last = steps[-1]
    return Step(name, last.ok, last.detail, last.remedy)
