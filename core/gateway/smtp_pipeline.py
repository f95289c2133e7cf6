"""The byte stream of one SMTP session once it is open: commands out, whole replies in (RFC 5321, RFC 2920).

aiosmtplib reads one reply per command and drops what comes between; a pipelined group brings several replies,
and an honest verdict needs to know whether the final dot has left this process. So the transport is taken
over from it after the login, and every letter travels over a `Wire`.
"""

from __future__ import annotations

import asyncio
import re
from functools import lru_cache
from typing import NamedTuple

from core.text import one_line

MAX_LINE = 4096
"""Octets of one reply line; RFC 5321 allows 512."""
MAX_REPLY = 32 * 1024
"""Octets of one reply with all its continuation lines."""
MAX_WORDS = 500
"""Characters kept of a server's words."""
CHUNK = 256 * 1024
"""Octets of a letter's body handed to the transport at a time."""

_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?")


class Reply(NamedTuple):
    """One reply of the server: its code, and its words as they came, lines joined with a newline."""

    code: int
    raw: bytes

    @property
    def kind(self) -> int:
        """First digit: 2 done, 3 go on, 4 not now, 5 no."""
        return self.code // 100

    @property
    def words(self) -> str:
        """What the server said: harmless, one line, at most 500 characters, without the code."""
        return harmless_words(self.raw)


class Wire(asyncio.Protocol):
    """Reads replies and writes commands on a transport it has taken over.

    It never raises for what the server does: when the stream ends, is silent for `timeout` seconds or stops
    being SMTP, `trouble` says so, `replies` returns what had come before, and the wire is of no further use.
    """

    def __init__(self, transport: asyncio.Transport, timeout: float) -> None:
        self.trouble = ""
        """Empty while the stream can be used."""
        self.unsent = False
        """True while (and after a loss: when) octets wait in the transport that the kernel has not taken."""
        self.dot_written = False
        """True once the last piece of a body, the one with the final dot, was handed to the transport."""
        self.followed = False
        """Whether commands of the next letter were handed over in the same piece as that dot."""
        self.closed = asyncio.get_running_loop().create_future()
        """Done when the transport is gone."""
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._timeout = timeout
        self._tail = b""
        self._lines: list[bytes] = []
        self._reply_size = 0
        self._replies: list[Reply] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        # With a low mark of nothing, `unsent` stays up until the kernel has taken the last octet. (With a
        # high mark of zero asyncio's TLS transport would raise and lower it on every write.)
        transport.set_write_buffer_limits(high=1, low=0)
        transport.set_protocol(self)
        if transport.is_closing():
            self._fail("the server closed the connection")

    # -- what asyncio calls -------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Cut what came into replies; wake whoever waits once enough are there."""
        if self.trouble:
            return
        lines = (self._tail + data).split(b"\n")
        self._tail = lines.pop()
        before = len(self._replies)
        for line in lines:
            if not self._take_line(line.rstrip(b"\r")):
                return
        if len(self._tail) > MAX_LINE:
            self._fail(f"the server sent a line of more than {MAX_LINE} octets")
        elif len(self._replies) >= self._wanted or any(reply.code == 421 for reply in self._replies):
            self._wake()
        elif len(self._replies) > before:
            self._deadline = self._loop.time() + self._timeout

    def eof_received(self) -> bool:
        """Close our side too: half-open SMTP has no use."""
        self._fail("the server closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone; nobody may be left waiting."""
        self._fail("the connection was lost")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """The kernel takes no more for now."""
        self.unsent = True

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        self.unsent = False
        if self._wanted == 0:
            self._wake()

    # -- what a session calls -----------------------------------------------------------------------------

    @property
    def unasked(self) -> bool:
        """True when something came that answers nothing: the place in the stream is not known."""
        return bool(self._replies or self._lines or self._tail)

    def write(self, data: bytes | memoryview) -> None:
        """Hand octets to the transport; nothing happens on a wire in trouble."""
        if not self.trouble:
            self._transport.write(data)

    async def replies(self, count: int) -> list[Reply]:
        """The next `count` replies; fewer when the stream ended or a 421 said that it will."""
        if len(self._replies) < count and not self.trouble:
            await self._wait(count)
        got = self._replies[:count]
        del self._replies[:count]
        return got

    async def write_body(self, body: bytes, then: bytes = b"") -> None:
        """Write a letter's body with its final dot, and `then` behind it; `dot_written` tells if it came to that.

        A long body goes out in pieces, each after the kernel took the one before: a server that stalls,
        refuses or goes away in the middle never gets the dot, and that letter was certainly not accepted.
        """
        start = 0
        if len(body) > CHUNK:
            view = memoryview(body)
            while len(body) - start > CHUNK:
                self.write(view[start : start + CHUNK])
                start += CHUNK
                if self.unsent and not self.trouble:
                    await self._wait(0)
                if self.trouble or self.unasked:
                    return
            body = body[start:]
        if not self.trouble:
            self.dot_written, self.followed = True, bool(then)
            self.write(body + then)

    def abort(self, trouble: str = "") -> None:
        """Drop the connection now; octets still in the transport never leave. The first trouble is kept."""
        self._fail(trouble or "the session was closed")
        self._transport.abort()

    # -- inside -------------------------------------------------------------------------------------------

    def _take_line(self, line: bytes) -> bool:
        """Add one line to the reply in the making; False when it cannot be SMTP."""
        if not self._lines and len(line) <= MAX_LINE and (reply := _alone(line)) is not None:
            self._replies.append(reply)
            return True
        match = _REPLY_LINE.fullmatch(line) if len(line) <= MAX_LINE else None
        if match is None:
            self._fail(f"the server sent what is not SMTP: {harmless_words(line, 80) or 'an empty line'}")
            return False
        code, mark, words = match.groups()
        self._reply_size += len(line)
        if self._reply_size > MAX_REPLY or (self._lines and self._lines[0] != code):
            self._fail("the server sent a reply that never ends or that contradicts itself")
            return False
        if not self._lines:
            self._lines.append(code)
        self._lines.append(words or b"")
        if mark != b"-":
            self._replies.append(Reply(int(code), b"\n".join(self._lines[1:])))
            self._lines.clear()
            self._reply_size = 0
        return True

    async def _wait(self, wanted: int) -> None:
        """Until `wanted` replies came (0: until all that was written has left), or trouble or silence."""
        self._wanted = wanted
        self._deadline = self._loop.time() + self._timeout
        # One timer serves many waits: it looks at the deadline when it fires, so a wait need not set its own.
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline, self._look_at_the_time)
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _look_at_the_time(self) -> None:
        self._timer = None
        if self._waiter is None or self.trouble:
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look_at_the_time)
        else:
            self._fail(f"the server said nothing for {self._timeout:g} seconds")

    def _fail(self, trouble: str) -> None:
        if not self.trouble:
            self.trouble = trouble
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


@lru_cache(maxsize=100)
def _alone(line: bytes) -> Reply | None:
    """A reply of one line, as nearly all are, the same ones for each letter; None for every other line."""
    match = _REPLY_LINE.fullmatch(line)
    return Reply(int(match[1]), match[3] or b"") if match is not None and match[2] != b"-" else None


@lru_cache(maxsize=100)
def harmless_words(raw: bytes, limit: int = MAX_WORDS) -> str:
    """A server's octets as one harmless line of `limit` characters at most."""
    return one_line(raw[:MAX_REPLY].decode("utf-8", "replace"), limit)
