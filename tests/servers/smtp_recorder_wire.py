"""One client of the SMTP recorder: a small, correct server, and what it does wrong on request."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STAGES = ("greeting", "ehlo", "mail", "rcpt", "data", "body", "dot", "recorded", "rset", "noop", "quit")
_PATH = re.compile(rb"<([^>]*)>(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """What to do at a stage instead of what a good server does.

    `action` is one or more of these, with ` ; ` between: a reply (`451 4.3.0 later`), `slow SECONDS`,
    `garbage`, `close`, `reset`, `hang`. After `slow` alone the right reply follows. The stage `body` comes
    when the first octets of a letter arrive, `dot` when it is whole and not yet recorded, `recorded` when it
    is recorded and the 250 has not left.
    """

    stage: str
    action: str
    match: str = ""
    """Regular expression: the sender at `mail`, the recipient at `rcpt`, any granted recipient later."""
    times: int = -1
    """How often it happens; without end when negative."""

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"{self.stage!r} is no stage; there are {', '.join(STAGES)}")


@dataclass(frozen=True, slots=True)
class Received:
    """A letter the recorder has accepted; `raw` is as it was before dot-stuffing."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    parameters: str
    """What stood behind the sender on the MAIL line."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What the server offers, and where it is odd without being broken."""

    pipelining: bool = True
    size: int = 0
    eight_bit: bool = True
    utf8: bool = True
    ehlo: bool = True
    """False: it only knows HELO."""
    patient: bool = False
    """True: it answers DATA with 354 although nobody was granted."""
    keywords: tuple[str, ...] = ()
    """Further lines of its answer to EHLO, `AUTH PLAIN` perhaps."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What it says to commands by their beginning (empty: to an empty line); `{line}` is the command itself."""

    def offers(self) -> list[str]:
        """The keywords of the answer to EHLO."""
        lines = ["PIPELINING"] if self.pipelining else []
        lines += [f"SIZE {self.size}"] if self.size else ["SIZE"]
        lines += ["8BITMIME"] if self.eight_bit else []
        lines += ["SMTPUTF8"] if self.utf8 else []
        return [*lines, *self.keywords]


class Host(Protocol):
    """What a wire asks of the recorder it belongs to."""

    faults: list[Fault]
    manners: Manners
    lines: list[bytes]
    keep: bool
    connections: int
    open_wires: set[RecorderWire]

    def fault(self, stage: str, texts: Sequence[str]) -> Fault | None: ...
    def record(self, received: Received) -> None: ...
    def gone(self, wire: RecorderWire) -> None: ...


class RecorderWire(asyncio.Protocol):
    """One client. Replies go through a queue, so that delays and hang-ups keep their place among them."""

    def __init__(self, recorder: Host) -> None:
        self._recorder = recorder
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._scanned = 0
        self._in_body = False
        self._body_seen = False
        self._deaf = False
        self._queue: list[bytes | float | str] = []
        self._waiting = False
        self._reset()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._recorder.open_wires.add(self)
        self._recorder.connections += 1
        self._answer("greeting", b"220 recorder ESMTP")
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deaf = True
        self._recorder.gone(self)

    def hang_up(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while not self._deaf and (self._take_body() if self._in_body else self._take_line()):
            pass
        self._flush()

    # -- commands -----------------------------------------------------------------------------------------

    def _reset(self) -> None:
        self._sender: str | None = None
        self._parameters = ""
        self._granted: list[str] = []

    def _take_line(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        if self._recorder.keep:
            self._recorder.lines.append(line)
        verb = line[:4].upper()
        if verb == b"MAIL":
            self._mail(line)
        elif verb == b"RCPT":
            self._rcpt(line)
        elif verb == b"DATA":
            self._data()
        else:
            self._other(verb, line)
        return True

    def _mail(self, line: bytes) -> None:
        found = _PATH.search(line)
        sender, parameters = (found[1], found[2]) if found else (b"", b"")
        text = sender.decode("utf-8", "replace")
        if self._answer("mail", b"250 2.1.0 Ok", [text]):
            self._sender, self._parameters = text, parameters.decode("utf-8", "replace").strip()

    def _rcpt(self, line: bytes) -> None:
        if self._sender is None:
            self._queue.append(b"503 5.5.1 Error: need MAIL command\r\n")
            return
        found = _PATH.search(line)
        text = (found[1] if found else b"").decode("utf-8", "replace")
        if self._answer("rcpt", b"250 2.1.5 Ok", [text]):
            self._granted.append(text)

    def _data(self) -> None:
        if not self._granted and not self._recorder.manners.patient:
            if not self._faulty("data", []):
                self._queue.append(b"554 5.5.1 Error: no valid recipients\r\n")
        elif self._answer("data", b"354 End data with <CR><LF>.<CR><LF>", self._granted):
            self._in_body, self._body_seen, self._scanned = True, False, 0

    def _other(self, verb: bytes, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        for beginning, answer in self._recorder.manners.answers.items():
            if text.startswith(beginning) if beginning else not text:
                self._queue.append(answer.replace("{line}", text).encode() + b"\r\n")
                return
        if verb == b"EHLO":
            manners = self._recorder.manners
            lines = ["recorder", *manners.offers()]
            marked = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
            self._answer("ehlo", "\r\n".join(marked).encode() if manners.ehlo else b"502 5.5.2 Error: what?")
        elif verb == b"HELO":
            self._queue.append(b"250 recorder\r\n")
        elif verb == b"RSET":
            self._reset()
            self._answer("rset", b"250 2.0.0 Ok")
        elif verb == b"NOOP":
            self._answer("noop", b"250 2.0.0 Ok")
        elif verb == b"QUIT":
            self._answer("quit", b"221 2.0.0 Bye")
            self._queue.append("close")
            self._deaf = True
        else:
            self._queue.append(b"502 5.5.2 Error: command not recognized\r\n")

    # -- the letter ---------------------------------------------------------------------------------------

    def _take_body(self) -> bool:
        buffer = self._buffer
        if not buffer:
            return False
        if not self._body_seen:
            self._body_seen = True
            if self._faulty("body", self._granted):
                return True
        if buffer.startswith(b".\r\n"):
            end, skip = 0, 3
        else:
            end, skip = buffer.find(b"\r\n.\r\n", self._scanned) + 2, 3
            if end < 2:
                self._scanned = max(0, len(buffer) - 4)
                return False
        raw = bytes(buffer[:end])
        del buffer[: end + skip]
        self._in_body = False
        self._whole(raw)
        return True

    def _whole(self, raw: bytes) -> None:
        if raw.startswith(b"."):
            raw = raw[1:]
        raw = raw.replace(b"\r\n.", b"\r\n")
        sender, parameters, granted = self._sender or "", self._parameters, tuple(self._granted)
        self._reset()
        if not granted:
            self._answer("dot", b"554 5.5.1 Error: no valid recipients")
        elif not self._faulty("dot", granted):
            self._recorder.record(Received(sender, granted, raw, parameters))
            self._answer("recorded", b"250 2.0.0 Ok: recorded", granted)

    # -- answers ------------------------------------------------------------------------------------------

    def _answer(self, stage: str, reply: bytes, texts: Sequence[str] = ()) -> bool:
        """The right reply unless a fault takes its place; True when the one given is of the right kind."""
        if self._faulty(stage, texts):
            said = self._queue[-1]
            return isinstance(said, bytes) and said[:1] == reply[:1]
        self._queue.append(reply + b"\r\n")
        return True

    def _faulty(self, stage: str, texts: Sequence[str]) -> bool:
        """Queue what a fault wants here; True when that takes the place of the right reply."""
        fault = self._recorder.fault(stage, texts) if self._recorder.faults else None
        if fault is None:
            return False
        instead = False
        for step in fault.action.split(" ; "):
            word, _, rest = step.partition(" ")
            if word == "slow":
                self._queue.append(float(rest))
                continue
            instead = True
            if word in ("close", "reset", "hang"):
                self._queue.append(word)
                self._deaf = True
            elif word == "garbage":
                self._queue.append(b"\xff\xfe what is \x1b[31mthis?\r\n")
            else:
                self._queue.append(step.encode() + b"\r\n")
        return instead

    def _flush(self) -> None:
        """Write what is queued, up to a delay or an end."""
        transport = self._transport
        if transport is None or self._waiting:
            return
        out = bytearray()
        while self._queue:
            item = self._queue.pop(0)
            if isinstance(item, bytes):
                out += item
                continue
            if out:
                transport.write(bytes(out))
                out.clear()
            if isinstance(item, float):
                self._waiting = True
                asyncio.get_running_loop().call_later(item, self._go_on)
                return
            self._end(transport, item)
            return
        if out:
            transport.write(bytes(out))

    def _go_on(self) -> None:
        self._waiting = False
        self._flush()

    def _end(self, transport: asyncio.Transport, how: str) -> None:
        self._queue.clear()
        if how == "close":
            transport.close()
        elif how == "reset":
            transport.abort()
        else:
            transport.pause_reading()
