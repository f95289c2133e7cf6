"""One IMAP connection that never waits for ever: aioimaplib's protocol with the reading and the waiting made safe.

Ours from the library are its commands with their checks, its tags and its states. Replaced is what fails under load
or with a hostile server (aioimaplib 2.0.3): a parser that recurses once a line and is quadratic in the response, a
disconnect that leaves commands hanging, untagged EXISTS and EXPUNGE that are dropped, commands without a time-out,
literals of any size, and log lines and exceptions that hold whole commands.

The rules here: one command at a time; a time-out or a cancelled wait leaves the stream at an unknown place and is the
end of the connection; nothing that went over the wire is logged.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NoReturn

from aioimaplib import aioimaplib

from core.errors import PostroomError, ServerBusy, ServerGone, TlsFailed
from core.gateway.imap_answers import (
    ALLOWANCE,
    LOGIN_ALLOWANCE,
    Answer,
    MoreThanAsked,
    Question,
    harmless_words,
    sounds_busy,
)
from core.gateway.imap_grammar import ReplyReader, Status, TooMuch, read_status

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from core.gateway.imap_grammar import Reply

NONAUTH, AUTH, SELECTED = aioimaplib.NONAUTH, aioimaplib.AUTH, aioimaplib.SELECTED

_SLOWEST = 16 * 2**10
"""Octets per second below which a server that never falls silent is given up all the same."""
_DONE_SECONDS = 10.0
_LOGOUT_SECONDS = 2.0
_ABORT_SECONDS = 1.0


class ImapWire(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]  # the library is not typed
    """One connection. `place` (host:port) is for errors; `patience` is how many seconds it may be silent when asked."""

    transport: Any
    capabilities: set[str]
    pending_sync_command: Question | None

    def __init__(self, place: str, patience: float) -> None:
        super().__init__(asyncio.get_running_loop())
        self.place = place
        self.patience = patience
        self.exists = 0
        """Mails in the selected folder as far as the server has told."""
        self.stirred = asyncio.Event()
        """Set when the folder changed by somebody else's hand, or when the connection is lost."""
        self.lost: PostroomError | None = None
        self.secrets: Sequence[str] = ()
        """Struck out of whatever the server says in an error, the longest first."""
        self._reader = ReplyReader(LOGIN_ALLOWANCE)
        self._heard = 0.0
        self._unsent = 0
        self._greeted = asyncio.Event()
        self._closed = asyncio.Event()
        self._upgrading = False
        self._bye: Status | None = None

    # -- asking --------------------------------------------------------------------------------------------------

    async def greeting(self) -> None:
        """Wait for the server's first line. Raises ServerGone or ServerBusy."""
        self._heard = self.loop.time()
        await self._wait(self._greeted, self.patience)
        if self.lost is not None:
            raise self._lost_again()

    async def ask(
        self,
        name: str,
        *arguments: str,
        uid: bool = False,
        keep: bytes = b"",
        allow: int = ALLOWANCE,
        responses: Sequence[bytes] = (),
    ) -> Answer:
        """Send a command and wait for its status, whatever that is.

        Args:
            name: the command; `uid` puts UID before it; `arguments` are ready for the wire.
            keep: upper-case name of the untagged replies to return, as `b"FETCH"`.
            allow: octets the server may send meanwhile.
            responses: what to send, with a line end each, whenever the server says `+`.

        Raises:
            ServerGone: silence, disconnect, or something that is not IMAP; ServerBusy: a farewell that says so.
        """
        question = Question(name, self.new_tag(), *arguments, uid=uid, keep=keep, responses=responses)
        self._begin(question, allow)
        sent = sum(map(len, responses))
        return await self._answer(question, 4 * self.patience + (allow + sent) / _SLOWEST)

    async def execute(self, command: object, scrub: str | None = None) -> NoReturn:
        """The library's own way to send a command, with none of the safety: not to be used."""
        raise RuntimeError("Use ask().")

    async def idle(self, seconds: float) -> Answer | None:
        """IDLE (RFC 2177) until `stirred` or for `seconds`. None when it went well, else the server's refusal."""
        question = Question("IDLE", self.new_tag(), uid=False, keep=b"", responses=())
        self._begin(question, ALLOWANCE)
        await self._wait(question.continued, self.patience)
        if question.status is None and self.lost is None:
            await self._rest(seconds)
            self._heard = self.loop.time()
            self._send(b"DONE")
        answer = await self._answer(question, min(_DONE_SECONDS, self.patience))
        return None if answer.ok else answer

    async def _rest(self, seconds: float) -> None:
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.stirred.wait()
        except asyncio.CancelledError:
            self.fail(ServerGone(f"Waiting for {self.place} was broken off."))
            raise

    async def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """STARTTLS (RFC 3501 section 6.2.1). Raises TlsFailed, OSError from the handshake, ServerGone."""
        answer = await self.ask("STARTTLS", allow=LOGIN_ALLOWANCE)
        if not answer.ok:
            raise TlsFailed(f"{self.place} refused STARTTLS ({answer.words}): try tls, or ask its operator.")
        if self._reader.in_midst or self.lost is not None:
            raise self.fail(self._smuggled())
        plain = self.transport
        try:
            self.transport = await self.loop.start_tls(
                plain, self, context, server_hostname=host, ssl_handshake_timeout=self.patience
            )
        except BaseException:
            plain.abort()
            self._closed.set()  # in mid-handshake asyncio does not tell the protocol of the end
            raise
        self._upgrading = False

    async def farewell(self) -> None:
        """LOGOUT where the connection still can, bounded; then cut it. Never raises an error of its own."""
        try:
            if self.lost is None and self.pending_sync_command is None:
                with contextlib.suppress(PostroomError, TimeoutError):
                    async with asyncio.timeout(_LOGOUT_SECONDS):
                        await self.ask("LOGOUT", allow=LOGIN_ALLOWANCE)
        finally:
            self.fail(ServerGone(f"The connection to {self.place} was closed."))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ABORT_SECONDS):
                    await self._closed.wait()

    def _begin(self, question: Question, allow: int) -> None:
        if self.lost is not None:
            raise self._lost_again()
        if self.pending_sync_command is not None:
            raise RuntimeError(f"{self.pending_sync_command} is under way: one command at a time.")
        self._reader.allowance = allow
        self._heard = self.loop.time()
        self.pending_sync_command = question
        self._send(question.line)

    async def _answer(self, question: Question, longest: float) -> Answer:
        await self._wait(question.settled, longest)
        if question.status is None:
            raise self._lost_again()
        return Answer(question.status, question.replies, harmless_words(question.status.text, self.secrets))

    async def _wait(self, event: asyncio.Event, longest: float) -> None:
        """Until the event (which a lost connection also sets), but not through silence, nor longer than `longest`."""
        until = self.loop.time() + longest
        try:
            while not event.is_set():
                left = min(until, self._heard + self.patience) - self.loop.time()
                if left <= 0 and not self._still_sends(until):
                    self.fail(ServerGone(f"{self.place} does not answer: it is tried again by itself."))
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await event.wait()
        except asyncio.CancelledError:
            self.fail(ServerGone(f"A command to {self.place} was broken off."))
            raise

    def _still_sends(self, until: float) -> bool:
        """Whether a silent server goes on taking what we send; then it is not silent."""
        unsent: int = self.transport.get_write_buffer_size()
        takes, self._unsent = unsent < self._unsent, unsent
        self._heard = self.loop.time() if takes else self._heard
        return takes and self.loop.time() < until

    def _send(self, line: bytes) -> None:
        self.transport.write(line + b"\r\n")
        self._unsent = self.transport.get_write_buffer_size()

    # -- losing --------------------------------------------------------------------------------------------------

    def fail(self, error: PostroomError) -> PostroomError:
        """Cut the connection and fail what is under way. Returns the first reason it was lost for."""
        if self.lost is None:
            self.lost = error
            self.state = aioimaplib.LOGOUT
            question = self.pending_sync_command
            self.pending_sync_command = None
            if question is not None:
                question.settled.set()
                question.continued.set()
            self._greeted.set()
            self.stirred.set()
        if self.transport is not None:
            self.transport.abort()
        else:
            self._closed.set()
        return self.lost

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone; asyncio calls this."""
        self._closed.set()
        self.fail(self._gone())
        super().connection_lost(exc)

    def _gone(self) -> PostroomError:
        if self._bye is None:
            return ServerGone(f"{self.place} closed the connection: it is tried again by itself.")
        words = harmless_words(self._bye.text, self.secrets)
        kind = ServerBusy if sounds_busy(self._bye) else ServerGone
        return kind(f"{self.place} said goodbye ({words}): it is tried again by itself.")

    def _smuggled(self) -> PostroomError:
        return TlsFailed(
            f"{self.place} sent text in the clear after STARTTLS, as an attacker would: try tls, or ask its operator."
        )

    def _lost_again(self) -> PostroomError:
        """A fresh exception of the same kind and words, so that each raise has a traceback of its own."""
        assert self.lost is not None
        return type(self.lost)(str(self.lost))

    # -- reading -------------------------------------------------------------------------------------------------

    def data_received(self, d: bytes) -> None:
        """Octets from the transport; asyncio calls this."""
        self._heard = self.loop.time()
        try:
            for reply in self._reader.feed(d):
                if self.lost is not None:
                    return
                self._take(reply)
        except TooMuch:
            self.fail(MoreThanAsked(f"{self.place} sent more than it was asked for: it is cut off and tried again."))

    def _take(self, reply: Reply) -> None:
        line = reply[0]
        question = self.pending_sync_command
        if self._upgrading:
            self.fail(self._smuggled())
        elif line.startswith(b"* "):
            self._untagged(reply, question)
        elif line.startswith(b"+"):
            if question is not None:
                self._continue(question)
        elif question is not None and line.startswith(question.tag.encode() + b" "):
            self._settle(question, read_status(line[len(question.tag) + 1 :]))
        elif line.strip() or not self._greeted.is_set():
            self.fail(ServerGone(f"{self.place} speaks something that is not IMAP: check host, port and security."))

    def _untagged(self, reply: Reply, question: Question | None) -> None:
        fields = reply[0].split(b" ", 3)
        word, number = fields[1].upper(), None
        if word.isdigit() and len(word) <= 10 and len(fields) > 2:
            number, word = int(word), fields[2].upper()
        if not self._greeted.is_set():
            self._greet(read_status(reply[0][2:]))
        elif question is not None and word == question.keep:
            question.replies.append(reply)
        elif word == b"BYE":
            self._bye = read_status(reply[0][2:])
            if question is None or question.name != "LOGOUT":
                self.fail(self._gone())
        elif number is not None:
            self._count(word, number, question)

    def _greet(self, status: Status) -> None:
        if status.word == "BYE":
            self._bye = status
            self.fail(self._gone())
        elif status.word in ("OK", "PREAUTH"):
            self.state = AUTH if status.word == "PREAUTH" else NONAUTH
        else:
            self.fail(ServerGone(f"{self.place} does not greet as IMAP does: check host, port and security."))
        self._greeted.set()

    def _count(self, word: bytes, number: int, question: Question | None) -> None:
        name = question.name if question is not None else ""
        if word == b"EXISTS":
            if number != self.exists:
                self.stirred.set()
            self.exists = number
        elif word == b"EXPUNGE":
            self.exists = max(0, self.exists - 1)
            if name not in ("EXPUNGE", "MOVE"):  # then it is our own doing
                self.stirred.set()
        elif word == b"RECENT" and number and name == "IDLE":
            self.stirred.set()

    def _continue(self, question: Question) -> None:
        if question.responses:
            self._send(question.responses.pop(0))
        elif question.name == "AUTHENTICATE":
            self._send(b"*")  # RFC 3501 section 6.2.2: we have nothing more to say
        question.continued.set()

    def _settle(self, question: Question, status: Status) -> None:
        if not status.word:
            self.fail(ServerGone(f"{self.place} speaks something that is not IMAP: check host, port and security."))
            return
        self.pending_sync_command = None
        self._upgrading = question.name == "STARTTLS" and status.word == "OK"
        self._reader.allowance = ALLOWANCE
        question.status = status
        question.settled.set()
        question.continued.set()
