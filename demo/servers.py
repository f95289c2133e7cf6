"""Mail servers of the demo: IMAP (pymap) and SMTP (aiosmtpd) in our event loop, on free ports of the loopback.

What pymap does by itself is put together here from its parts, since as it comes it hashes passwords in threads that are
never ended, asks the name service for its own name before each greeting, does not tell an idle client of mail that came
while it was turning idle, and forgets the tasks of its connections ("Task was destroyed but it is pending").
"""

from __future__ import annotations

import asyncio
import contextlib
from argparse import Namespace
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Subsystem
from pymap.context import connection_exit
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from aiosmtpd.smtp import Envelope, Session
    from pymap.concurrent import Event
    from pymap.parsing.response import Response
    from pymap.selected import SelectedMailbox

LOOPBACK = "127.0.0.1"
MOST_MAILS = 2_000
"""In one mailbox: pymap takes some 38 KB of memory for each."""
_GRACE_SECONDS = 1.0


class MailServers:
    """Both servers. `received` is called with (recipient, wire bytes) for each letter that SMTP accepts."""

    def __init__(self, users: Iterable[str], password: str, received: Callable[[str, bytes], None]) -> None:
        self._received = received
        self._config = _imap_config(users, password)
        self._login = _login(users, password, self._config)
        self._connections: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}
        self._sessions: set[_Smtp] = set()
        self.imap_port = 0
        self.smtp_port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MailServers]:
        """Listen until the end of the block; then every connection has been ended too."""
        loop = asyncio.get_running_loop()
        imap = await asyncio.start_server(self._serve_imap, LOOPBACK, 0)
        smtp = await loop.create_server(self._serve_smtp, LOOPBACK, 0)
        self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in (imap, smtp))
        try:
            yield self
        finally:
            imap.close()
            smtp.close()
            await self._end_connections()

    async def deliver(self, user: str, raw: bytes) -> bool:
        """Put a mail into a user's INBOX, as an MTA would; False where the mailbox is full."""
        mailboxes, _ = self._config.set_cache[user]
        inbox = await mailboxes.get_mailbox("INBOX")
        if (await inbox.snapshot()).exists >= MOST_MAILS:
            return False
        await inbox.append(AppendMessage(raw, datetime.now().astimezone(), frozenset()))
        return True

    async def mails(self) -> int:
        """How many mails are in all INBOXes."""
        inboxes = [await mailboxes.get_mailbox("INBOX") for mailboxes, _ in self._config.set_cache.values()]
        return sum([(await inbox.snapshot()).exists for inbox in inboxes])

    async def _serve_imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        connection = _Imap(self._config.commands, self._config, reader, writer, SocketInfoLocal(writer))
        try:
            # As pymap.imap.IMAPServer does it.
            async with AsyncExitStack() as stack:
                connection_exit.set(stack)
                stack.enter_context(contextlib.closing(connection))
                await connection.run(ConnectionState(self._login, self._config))
        finally:
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            del self._connections[task]

    def _serve_smtp(self) -> _Smtp:
        return _Smtp(self, self._sessions)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """What aiosmtpd calls with a whole letter; its reply."""
        content = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self._received(recipient, content)
        return "250 2.0.0 OK, it is with the demo's people"

    async def _end_connections(self) -> None:
        """Hang up and wait: a connection of pymap's that is cancelled in IDLE leaves a task behind."""
        for session in list(self._sessions):
            session.end()
        for writer in self._connections.values():
            writer.close()
        tasks = list(self._connections)
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Imap(IMAPConnection):
    """One IMAP connection that does not talk to a client who has gone, of which asyncio would warn."""

    async def write_response(self, resp: Response) -> None:
        """What pymap calls for each reply."""
        if not self.writer.is_closing():
            await super().write_response(resp)


class _Smtp(SMTP):
    """One SMTP connection, known to the server as long as it stands."""

    def __init__(self, servers: MailServers, sessions: set[_Smtp]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(servers, hostname="mail.fernhill.example", enable_SMTPUTF8=True, loop=loop)
        self._sessions = sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio calls this."""
        super().connection_made(transport)
        self._sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Asyncio calls this."""
        super().connection_lost(error)
        self._sessions.discard(self)

    def end(self) -> None:
        """Cut the connection."""
        if self.transport is not None:
            self.transport.close()


class _Inbox(MailboxData):
    """A mailbox that tells an idle client also of what came just before it began to wait, which pymap forgets."""

    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Event | None = None) -> SelectedMailbox:
        """What pymap calls after each command, and in IDLE with something to wait on."""
        is_news = selected.mod_sequence is None or selected.mod_sequence < self._mod_sequences.highest
        return await super().update_selected(selected, wait_on=None if is_news else wait_on)


class _Mailboxes(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Inbox(self._content_cache, self._thread_cache)


class _ImapConfig(Config):
    @property
    def greeting(self) -> bytes:
        """Without the machine's name, for which pymap would ask the name service while the whole loop waits."""
        return b"Demo ready"


def _imap_config(users: Iterable[str], password: str) -> _ImapConfig:
    arguments = Namespace(
        demo_data=False, demo_user="", demo_password=password, host=LOOPBACK, port="0", debug=False, cert=None,
        key=None, passlib_cfg=None, tls=False, proxy_protocol=None, inherited_sockets=None,
    )  # fmt: skip
    config = _ImapConfig.from_args(
        arguments,
        subsystem=Subsystem.for_asyncio(),
        cpu_subsystem=Subsystem.for_asyncio(),  # a thread pool of pymap's keeps an open loop in each thread
        hash_context=Cleartext(),  # the password is random and lives as long as this process
    )
    for user in users:
        config.set_cache[user] = (_Mailboxes(), FilterSet())
    return config


def _login(users: Iterable[str], password: str, config: _ImapConfig) -> Login:
    login = Login(config)
    for user in users:
        login.users_dict[user] = UserMetadata(config, user, password=password)
    return login
