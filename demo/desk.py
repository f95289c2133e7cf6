"""The demo itself: servers, desk, engine, people and clerks in one process, from nothing to a live log."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import sys
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from core.errors import Refused
from core.settings import Settings, shown_url
from demo.log import LiveLog
from demo.pace import Pace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import TextIO

    from core.office import Office
    from demo.servers import MailServers
    from demo.town import Town

ZONE = "Europe/London"
USERS = ("orders", "clinic", "help")
"""The mailboxes, by the user names in demo/desk.toml."""
_DOMAIN = "@fernhill.example"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_GREETING = """\
Postroom demo: a contact desk with its own mail servers and a town of customers.
Nothing leaves this machine. Ctrl+C ends it."""
_DESK = """\
Ann and Ben answer texts and e-mails to a shop and a clinic; phone and inbox are
what their customers see. Times are {zone}'s. From another terminal:
  export POSTROOM_DB={db}
  {command} contact list
"""


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    office: Office
    town: Town
    servers: MailServers


async def run_demo(settings: Settings | None, *, live_log: TextIO | None) -> None:
    """Run the demo until SIGINT, SIGTERM or SIGHUP, with a line in `live_log` for everything that happens.

    Without `settings` the desk lives in a temporary folder that is gone afterwards. Raises Refused where the database
    holds a desk of its own, BrokenPipeError when nobody reads the log any more.
    """
    _quiet()
    LiveLog(live_log).write(_GREETING)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        async with open_demo(settings, live_log=live_log):
            await stop.wait()
    except* BrokenPipeError as group:
        raise BrokenPipeError from group
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def open_demo(
    settings: Settings | None, *, live_log: TextIO | None = None, agents: bool = True, pace: Pace | None = None
) -> AsyncIterator[Demo]:
    """A demo that runs until the end of the block: the office, its engine, mail servers and people.

    With `agents=False` nobody answers the customers but whoever uses the desk. Open it before the UI starts, in the
    same task (the store keeps its state in a context variable). Raises Refused where the database is another desk's.
    """
    # Imported here: they take a second, and the first line of the log need not wait for them.
    from core.office import open_office
    from demo.customers import bring
    from demo.servers import MailServers
    from demo.town import Town

    pace = pace or Pace()
    log = LiveLog(live_log, ZoneInfo(ZONE))
    password = secrets.token_hex(16)
    async with AsyncExitStack() as stack:
        settings = settings or stack.enter_context(_temporary_desk())
        office = await stack.enter_async_context(open_office(settings))
        await _refuse_another_desk(office)
        town: Town = Town(pace, log, lambda user, raw: servers.deliver(user, raw))
        servers = MailServers(USERS, password, lambda recipient, raw: town.receive(recipient, raw))
        await stack.enter_async_context(servers.open())
        await _apply(office, servers, password)
        await bring(office)
        log.write(_DESK.format(zone=ZONE, db=shown_url(settings.db), command=_command()))
        async with _told(office, town, log, pace), _at_work(office, town, agents, pace):
            yield Demo(office, town, servers)


@asynccontextmanager
async def _told(office: Office, town: Town, log: LiveLog, pace: Pace) -> AsyncIterator[None]:
    """Whatever the desk does in the block is told to the log, to the last line."""
    from demo.watching import Watch

    if not log.is_read:
        yield
        return
    watch = Watch(office, log, pace, town.name)
    await watch.begin()
    async with asyncio.TaskGroup() as group:
        telling = [group.create_task(watch.run(), name="watch"), group.create_task(log.run(), name="log")]
        try:
            yield
        finally:
            await _stopped(telling)
            await watch.look()
            log.flush()
            log.write("\nStopped. " + watch.summed_up())


@asynccontextmanager
async def _at_work(office: Office, town: Town, agents: bool, pace: Pace) -> AsyncIterator[None]:
    """Engine, people and clerks; at the end of the block the people fall silent, and then the engine drains."""
    from demo.clerks import Clerk

    engine = office.engine()
    clerks = (
        Clerk(office, pace, "ann", "Ann Murray"),
        Clerk(office, pace, "ben", "Ben Okafor"),
    )
    async with asyncio.TaskGroup() as group:
        running = group.create_task(engine.run(), name="engine")
        lively = [group.create_task(town.run(), name="town")]
        if agents:
            lively += [group.create_task(clerk.run(), name="clerk") for clerk in clerks]
        try:
            yield
        finally:
            await _stopped(lively)
            engine.stop()
            await asyncio.wait([running])


async def _stopped(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _apply(office: Office, servers: MailServers, password: str) -> None:
    from core.blueprint import apply, parse_blueprint

    text = Template((files("demo") / "desk.toml").read_text("utf-8")).substitute(
        imap_port=servers.imap_port, smtp_port=servers.smtp_port, password=password
    )
    blueprint = parse_blueprint(text, source="demo/desk.toml", folder=Path.cwd())
    await apply(office.database, office.vault, blueprint, actor="demo")


async def _refuse_another_desk(office: Office) -> None:
    """The demo must not change a desk that somebody works with, nor one that another process runs."""
    from core import views

    status = await views.status(office.database, office.clock.now(), "")
    strange = [account.address for account in status.accounts if not account.address.endswith(_DOMAIN)]
    if strange or (status.outgoing_server is not None and not status.accounts):
        whose = f" with {strange[0]}" if strange else ""
        raise Refused(
            f"this database holds a desk of its own{whose}: give the demo a new one with --db, or none at all"
        )
    if status.engine:
        pid = status.engine[0].pid
        raise Refused(f"another process ({pid}) runs this desk: end it, or wait 15 seconds if it is dead already")


@contextmanager
def _temporary_desk() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="postroom-demo-") as folder:
        yield Settings(f"sqlite:///{folder}/desk.sqlite3", Path(folder) / "desk.sqlite3.key")


def _command() -> str:
    """`postroom` as it was called here: it may stand in no PATH of the other terminal."""
    return sys.argv[0] if Path(sys.argv[0]).name == "postroom" else "postroom"


def _quiet() -> None:
    """The live log tells what happens; the engine's own logs would stand between its lines."""
    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    for name in ("aioimaplib", "aiosmtplib", "tortoise", "mail.log"):
        logging.getLogger(name).setLevel(logging.ERROR)
