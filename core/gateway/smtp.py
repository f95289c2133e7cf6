"""Letters out: an SMTP session that says of each letter, honestly, what became of it (RFC 5321, RFC 2920).

aiosmtplib connects, encrypts and logs in (`smtp_opening`); then the session talks over a `Wire` of its own:
one packet for MAIL, RCPT and DATA where the server offers PIPELINING, and where the next letter is known its
packet leaves with the end of this one; one command at a time where not. All rhythms share every rule below, so a
verdict does not depend on what a server offers.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.gateway.smtp_letter import (
    MAX_BODY_LINE,
    Envelope,
    Letter,
    Offers,
    Result,
    Verdict,
    prepare,
)
from core.gateway.smtp_opening import Opening, SmtpServer
from core.gateway.smtp_pipeline import MAX_WORDS, Reply, Wire

if TYPE_CHECKING:
    from core.gateway.login import Login

__all__ = ["MAX_BODY_LINE", "Letter", "Opening", "Result", "SmtpServer", "SmtpSession", "Verdict"]

GOODBYE = 2.0
"""Seconds that a polite QUIT may take."""


class SmtpSession:
    """One open session, for one letter at a time. Made by `open`, or by `of` after single steps."""

    def __init__(self, wire: Wire, server: SmtpServer, offers: Offers) -> None:
        self.pipelining = offers.pipelining
        """Whether the server takes several commands in one packet."""
        self.max_size = offers.max_size
        """Octets the server takes in one letter; 0 when it did not say."""
        self._wire = wire
        self._server = server
        self._offers = offers
        self._busy = False
        self._ahead: tuple[Letter, Envelope] | None = None
        """The letter whose envelope has left already, its replies not read."""

    @classmethod
    async def open(cls, server: SmtpServer, login: Login | None) -> SmtpSession:
        """Connect, encrypt as the server's `security` says, and log in where there is a login.

        Raises `ServerGone`, `ServerBusy`, `LoginRefused` or `TlsFailed`; nothing is left open then.
        """
        opening = Opening(server)
        try:
            await opening.connect()
            await opening.encrypt()
            await opening.greet()
            if login is not None:
                await opening.log_in(login)
            return cls.of(opening)
        except BaseException:
            opening.abort()
            raise

    @classmethod
    def of(cls, opening: Opening) -> SmtpSession:
        """The session of an opening whose steps are done; raises `ServerGone` when it was lost since."""
        return cls(opening.take_over(), opening.server, Offers.of(opening.extensions))

    def __repr__(self) -> str:
        return f"<SmtpSession {self._server.where} {'alive' if self.alive else 'over'}>"

    @property
    def alive(self) -> bool:
        """False once the session may not be used again."""
        return not self._wire.trouble

    @property
    def may_have_left(self) -> bool:
        """Whether the last letter's final dot may have left; for a caller whose `send` was cancelled."""
        wire = self._wire
        # Where commands went with the dot, it may be only they that the kernel has not taken.
        return wire.dot_written and (wire.followed or not wire.unsent)

    async def send(self, letter: Letter, following: Letter | None = None) -> Result:
        """Send one letter; never raises for what a server does. A session that lost its place is not `alive`.

        `following`: the letter of the next `send`, where it is known. Its envelope may leave with the end of this one
        (RFC 2920 3.1), which saves a round trip; nothing else can be done with the session then but to send it or to
        close. Not a byte of what it says leaves before its own `send`.
        Cancelled, it drops the connection and lets the cancellation pass; see `may_have_left`.
        """
        self._take_turn(letter)
        self._wire.dot_written = False
        ahead, self._ahead = self._ahead, None
        try:
            envelope = ahead[1] if ahead is not None else prepare(letter, self._offers, self._server.where)
            if isinstance(envelope, str):
                return _said(Verdict.REFUSED, envelope)
            return await self._deliver(envelope, ahead is not None, following)
        except BaseException:
            # A cancel in mid-letter leaves replies under way that would answer the next letter.
            self._wire.abort()
            raise
        finally:
            self._busy = False

    async def noop(self) -> bool:
        """Ask the server whether it is still there; when it is not, the session is over."""
        self._take_turn()
        try:
            return not self._stale() and await self._simple(b"NOOP\r\n")
        except BaseException:
            self._wire.abort()
            raise
        finally:
            self._busy = False

    async def close(self) -> None:
        """Say QUIT, wait two seconds at most, close; never raises for what a server does."""
        try:
            if self.alive and not self._busy and self._ahead is None:
                async with asyncio.timeout(GOODBYE):
                    self._wire.write(b"QUIT\r\n")
                    await self._wire.replies(1)
        except TimeoutError:
            pass
        finally:
            self._wire.abort()
        await asyncio.wait([self._wire.closed], timeout=GOODBYE)

    # -- the dialogue -------------------------------------------------------------------------------------

    async def _deliver(self, envelope: Envelope, asked: bool, following: Letter | None) -> Result:
        """Ask for everybody (if that was not done ahead), then send the body to those who were granted."""
        if self._wire.trouble or (not asked and self._stale()):
            return self._lost(Verdict.NOT_SENT)
        replies = await (self._wire.replies(len(envelope.commands)) if asked else self._ask(envelope.commands))
        refusal = self._judge(replies, len(envelope.recipients))
        if refusal is not None:
            await self._clear_up(replies, len(envelope.commands))
            return refusal
        refused = [
            (to, f"{answer.code} {answer.words}"[:MAX_WORDS])
            for to, answer in zip(envelope.recipients, replies[1:-1], strict=True)
            if answer.kind != 2
        ]
        return await self._send_body(envelope.body, (*envelope.hopeless, *refused), following)

    async def _ask(self, commands: list[bytes]) -> list[Reply]:
        """The replies to an envelope: to one packet, or singly and then no further than makes sense."""
        wire = self._wire
        if self.pipelining:
            wire.write(b"".join(commands))
            return await wire.replies(len(commands))
        replies: list[Reply] = []
        for number, command in enumerate(commands, start=1):
            if number == len(commands) and all(reply.kind != 2 for reply in replies[1:]):
                break
            wire.write(command)
            got = await wire.replies(1)
            replies += got
            if not got or got[0].code == 421 or replies[0].kind != 2:
                break
        return replies

    def _judge(self, replies: list[Reply], recipients: int) -> Result | None:
        """What the replies to the envelope mean for the letter; None when its body may go."""
        if not replies:
            return self._lost(Verdict.NOT_SENT)
        mail, answers, data = replies[0], replies[1 : 1 + recipients], replies[1 + recipients :]
        if mail.kind != 2:
            return self._negative(mail)
        if len(answers) == recipients and all(answer.kind in (4, 5) for answer in answers):
            # One recipient that may be tried again keeps the letter from being refused for good.
            return self._negative(min(answers, key=lambda answer: answer.kind))
        for answer in answers:
            if answer.kind == 3 or answer.code == 421:
                return self._negative(answer)
        if not data:
            return self._lost(Verdict.NOT_SENT)
        if data[0].kind != 3:
            return self._negative(data[0])
        return self._lost(Verdict.NOT_SENT) if self._stale() else None

    async def _send_body(self, body: bytes, refused: tuple[tuple[str, str], ...], following: Letter | None) -> Result:
        wire = self._wire
        await wire.write_body(body, self._envelope_ahead(following))
        answers = await wire.replies(1)
        if not wire.dot_written:
            # The server spoke or went away in mid-body: what it says then can only be a refusal.
            wire.abort(f"the server broke off the letter: {answers[0].words}" if answers else "")
            refusal = bool(answers) and answers[0].kind in (4, 5)
            return _negative_of(answers[0]) if refusal else self._lost(Verdict.NOT_SENT)
        if not answers or answers[0].kind == 3:
            wire.abort("the server answered the letter with neither yes nor no")
            return self._lost(Verdict.IN_DOUBT if self.may_have_left else Verdict.NOT_SENT)
        if answers[0].kind == 2:
            return Result(Verdict.ACCEPTED, answers[0].code, answers[0].words, refused)
        return self._negative(answers[0])

    def _envelope_ahead(self, following: Letter | None) -> bytes:
        """The commands of the next letter's envelope, remembered as asked; nothing where they have to wait."""
        if following is None or not self.pipelining:
            return b""
        envelope = prepare(following, self._offers, self._server.where)
        if isinstance(envelope, str):
            return b""
        self._ahead = (following, envelope)
        return b"".join(envelope.commands)

    async def _clear_up(self, replies: list[Reply], asked: int) -> None:
        """After a refused envelope, bring the session back to where a letter may begin, or end it."""
        wire = self._wire
        if wire.trouble:
            return
        if any(reply.code == 421 for reply in replies):
            wire.abort("the server closed the session")
        elif len(replies) < asked or replies[-1].kind != 3:
            await self._simple(b"RSET\r\n")
        elif replies[0].kind != 2 or any(answer.kind == 2 for answer in replies[1:-1]):
            # The server waits for a body, and a lone dot could pass for an empty letter to somebody.
            wire.abort("the server asked for a letter that it had refused")
        else:
            # Nobody was granted and it waits for a body all the same: a lone dot ends that (RFC 2920 3.1).
            wire.write(b".\r\n")
            answers = await wire.replies(1)
            if not answers or answers[0].code == 421 or answers[0].kind == 3:
                wire.abort("the server did not end an empty letter")

    async def _simple(self, command: bytes) -> bool:
        """A command that wants a 2xx; anything else ends the session."""
        self._wire.write(command)
        answers = await self._wire.replies(1)
        if answers and answers[0].kind == 2 and not self._stale():
            return True
        self._wire.abort("the server refused a command that it must know")
        return False

    # -- what things mean ---------------------------------------------------------------------------------

    def _take_turn(self, letter: Letter | None = None) -> None:
        if self._busy:
            raise RuntimeError("one SMTP session was asked to do two things at once")
        if self._ahead is not None and self._ahead[0] != letter and self.alive:
            raise RuntimeError("an SMTP session that had asked for one letter was given another")
        self._busy = True

    def _stale(self) -> bool:
        """Whether the stream is over, or holds words that nobody asked for (a 421 when idle, say)."""
        if self._wire.unasked:
            self._wire.abort("the server spoke without being asked")
        return bool(self._wire.trouble)

    def _negative(self, reply: Reply) -> Result:
        """A 4xx or 5xx; a 421 ends the session too. Anything else makes no sense here: not sent, hang up."""
        if reply.kind not in (4, 5):
            self._wire.abort(f"the server answered out of turn: {reply.code} {reply.words}")
            return self._lost(Verdict.NOT_SENT)
        if reply.code == 421:
            self._wire.abort("the server closed the session")
        return _negative_of(reply)

    def _lost(self, verdict: Verdict) -> Result:
        """The stream is of no more use: close it, and say why."""
        self._wire.abort()
        return _said(verdict, f"{self._server.where}: {self._wire.trouble}")


def _negative_of(reply: Reply) -> Result:
    return Result(Verdict.DEFERRED if reply.kind == 4 else Verdict.REFUSED, reply.code, reply.words)


def _said(verdict: Verdict, words: str) -> Result:
    """A result that rests on our words, with code 0."""
    return Result(verdict, 0, words[:MAX_WORDS])
