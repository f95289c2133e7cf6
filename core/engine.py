"""The engine: every loop of the belt in one TaskGroup.

Each loop is the same: listen, look for work, and where there is none wait for the bell or a slow poll. What may fail by
itself is tried again inside its loop; what nobody foresaw ends the engine loudly.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import structlog

from core.errors import PostroomError
from core.gateway.smtp import SmtpServer, SmtpSession
from core.intake import MailboxKeeper
from core.models import Account, Gateway, OutgoingServer
from core.models import Engine as EngineRow
from core.outbox import Delivery
from core.secrets import login_for
from core.store import StoreBusy, heard
from core.store.leases import RENEW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from core.clock import Clock
    from core.intake import Intake
    from core.outbox import Settling
    from core.secrets import Vault
    from core.store import Database, Leases
    from core.triage import Triage

SLOW_POLL = 5.0
STEP_POLL = 1.0
"""Offers end by themselves within this, and what is looked at once in a while is looked at so often."""
SETTINGS_POLL = 1.0
"""Settings are looked at no more often than this, however often the bell rings."""
DRAIN_SECONDS = 8.0
YOUNG_OBJECTS = 20_000
"""Objects that have come and not gone before rings are looked for among them: nearly all go without."""

Found = TypeVar("Found")

log = structlog.get_logger("engine")


@dataclass
class Engine:
    """One engine; several may work on one database."""

    database: Database
    clock: Clock
    leases: Leases
    vault: Vault
    intake: Intake
    triage: Triage
    settling: Settling
    steps: Mapping[str, Callable[[], Awaitable[int]]]
    """The stations that need no more than a turn: what each does, by its name; how many it did."""
    chores: Mapping[str, Callable[[], Awaitable[int]]]
    """What nobody waits for: done once a second, so that it is in nobody's way who rang."""
    version: str
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _delivery: Delivery | None = None

    async def run(self) -> None:
        """Work until `stop`; then finish what is on its way (8 s at most) and give every lease back."""
        await self._register()
        # What is there by now stays: to look through all of it again and again would hold up every loop (50-200 ms).
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, 20, 50)
        tasks: list[asyncio.Task[None]] = []
        try:
            async with asyncio.TaskGroup() as group:
                for name, loop in self._loops().items():
                    tasks.append(group.create_task(loop, name=name))
                await self._stopping.wait()
                await self._drain(tasks)
        finally:
            await asyncio.shield(self._sign_off())

    def stop(self) -> None:
        """Begin to stop; harmless when said twice."""
        self._stopping.set()

    def _loops(self) -> dict[str, Coroutine[None, None, None]]:
        return {
            "heartbeat": self._heartbeat(),
            "bell": self._pass_the_bell_on(),
            "triage": self._turn(self.triage.step),
            "triage of slow scripts": self._turn(self.triage.slow_step),
            **{name: self._turn(step, STEP_POLL) for name, step in self.steps.items()},
            **{name: self._now_and_then(chore) for name, chore in self.chores.items()},
            "mailboxes": self._keep_mailboxes(),
            "delivery": self._deliver(),
        }

    async def _drain(self, tasks: list[asyncio.Task[None]]) -> None:
        log.info("stopping")
        if self._delivery is not None:
            self._delivery.stop()
        delivery = [task for task in tasks if task.get_name() == "delivery"]
        await asyncio.wait(delivery, timeout=DRAIN_SECONDS)
        for task in tasks:
            task.cancel()

    async def _register(self) -> None:
        await self.leases.take(f"engine:{self.leases.holder}")
        async with self.database.transaction():
            await EngineRow.update_or_create(
                defaults={
                    "host": socket.gethostname()[:255],
                    "pid": os.getpid(),
                    "version": self.version,
                    "started_at": self.clock.now(),
                },
                holder=self.leases.holder,
            )
        log.info("engine started", holder=self.leases.holder, version=self.version)

    async def _sign_off(self) -> None:
        await self.triage.close()
        try:
            await EngineRow.filter(holder=self.leases.holder).delete()
            await self.leases.release_all()
        except PostroomError as error:
            log.warning("leases run out by themselves", error=str(error))
        log.info("engine stopped")

    async def _tell_sessions(self) -> None:
        now_open = self._delivery.sessions_open if self._delivery is not None else 0
        await self.database.rows(
            "UPDATE engine SET sessions = ? WHERE holder = ? AND sessions <> ?",
            now_open, self.leases.holder, now_open,
        )  # fmt: skip

    async def _heartbeat(self) -> None:
        while True:
            try:
                if f"engine:{self.leases.holder}" not in await self.leases.renew():
                    log.warning("this engine was taken for dead; it goes on anew")
                    await self._register()
                await self.leases.void_those_of_the_dead()
                await self._tell_sessions()
                in_doubt = await self.settling.take_over_from_the_dead()
                if in_doubt:
                    log.warning("messages in doubt after an engine died", count=in_doubt)
            except StoreBusy as error:
                log.warning("heartbeat missed", error=str(error))
            await asyncio.sleep(RENEW_SECONDS)

    async def _pass_the_bell_on(self) -> None:
        await self.database.pass_the_bell_on()

    async def _turn(self, step: Callable[[], Awaitable[int]], poll: float = SLOW_POLL) -> None:
        while True:
            ring = self.database.bell.listen()
            try:
                found = await step()
            except StoreBusy as error:
                log.warning("tried again", error=str(error))
                found = 0
                ring = asyncio.Event()
            if not found:
                await heard(ring, poll)

    async def _now_and_then(self, chore: Callable[[], Awaitable[int]]) -> None:
        while True:
            try:
                while await chore():
                    pass
            except StoreBusy as error:
                log.warning("tried again", error=str(error))
            await asyncio.sleep(STEP_POLL)

    async def _keep_mailboxes(self) -> None:
        """One keeper for each enabled account; a keeper begins anew when its account's settings change."""
        keepers: dict[int, tuple[object, asyncio.Task[None]]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                ring = self.database.bell.listen()
                wanted = await self._patiently(self._mailbox_settings)
                for account_id, (settings, task) in list(keepers.items()):
                    if wanted.get(account_id) != settings:
                        task.cancel()
                        await asyncio.wait([task])
                        del keepers[account_id]
                for account_id in wanted.keys() - keepers.keys():
                    keeper = MailboxKeeper(self.database, self.clock, self.leases, self.intake, self.vault, account_id)
                    task = group.create_task(keeper.run(), name=f"mailbox {account_id}")
                    keepers[account_id] = (wanted[account_id], task)
                await asyncio.sleep(SETTINGS_POLL)
                await heard(ring, SLOW_POLL)

    async def _patiently(self, read: Callable[[], Awaitable[Found]]) -> Found:
        """Read settings, again and again while the database does not answer or has no room."""
        while True:
            try:
                return await read()
            except StoreBusy as error:
                log.warning("settings not read", error=str(error))
                await asyncio.sleep(SETTINGS_POLL)

    async def _mailbox_settings(self) -> dict[int, object]:
        gateways = {row["id"]: row for row in await Gateway.all().values()}
        rows = await Account.filter(enabled=True).values()
        return {row["id"]: (row, gateways.get(row["gateway_id"])) for row in rows}

    async def _deliver(self) -> None:
        """Deliver through the outgoing server, anew whenever its settings change."""
        while not self._stopping.is_set():
            ring = self.database.bell.listen()
            settings = await self._patiently(self._server_settings)
            server = await self._patiently(lambda: OutgoingServer.get_or_none(id=1))
            if settings is None or server is None:
                await self._any(ring, self._stopping, SLOW_POLL)
                continue
            self._delivery = Delivery(self.database, self.clock, self.leases.holder, partial(self._session, server))
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._watch_server(settings, self._delivery), name="outgoing server settings")
                await self._delivery.run(server.connections, server.rate_per_minute)
                watch.cancel()

    async def _session(self, server: OutgoingServer) -> SmtpSession:
        login = await login_for(server, self.vault) if server.user else None
        ca_file = server.ca_file or None
        return await SmtpSession.open(
            SmtpServer(server.host, server.port, server.security.value, ca_file=ca_file), login
        )

    async def _watch_server(self, settings: object, delivery: Delivery) -> None:
        while await self._patiently(self._server_settings) == settings:
            if self._stopping.is_set():
                return
            await asyncio.sleep(SETTINGS_POLL)
            await heard(self.database.bell.listen(), SLOW_POLL)
        delivery.stop()

    async def _server_settings(self) -> object | None:
        columns = ("host", "port", "security", "user", "secret", "password_command", "token_command", "ca_file",
                   "connections", "rate_per_minute")  # fmt: skip
        rows = await OutgoingServer.filter(id=1).values(*columns)
        return rows[0] if rows else None

    async def _any(self, first: asyncio.Event, second: asyncio.Event, seconds: float) -> None:
        waiting = [asyncio.create_task(event.wait()) for event in (first, second)]
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
